import type { Address } from "../core/types.ts";
import type { DatagramSocket, OpenedSocket, Received } from "../udp_hub.ts";
import { failureReason } from "./failure.ts";

/** Opens a UDP socket on an address of ours, or on the broadcast address of a subnet of ours. */
export function openUdpSocket(address: Address, port: number): OpenedSocket {
  try {
    const connection = Deno.listenDatagram({ transport: "udp", hostname: address, port });
    return { kind: "open", socket: new UdpSocket(connection) };
  } catch (error) {
    return { kind: "failed", reason: openProblem(address, port, error) };
  }
}

function openProblem(address: Address, port: number, error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `UDP port ${port} of ${address} is in use by another program`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `${address} is not an address of this host`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `UDP port ${port} of ${address} may not be opened: ${failureReason(error)}`;
  }
  return `UDP port ${port} of ${address} cannot be opened: ${failureReason(error)}`;
}

class UdpSocket implements DatagramSocket {
  readonly #connection: Deno.DatagramConn;
  #closed = false;

  constructor(connection: Deno.DatagramConn) {
    this.#connection = connection;
  }

  async receive(buffer: Uint8Array): Promise<Received> {
    try {
      const [bytes, from] = await this.#connection.receive(buffer);
      const { hostname, port } = from as Deno.NetAddr;
      return { kind: "datagram", bytes, from: hostname, port };
    } catch (error) {
      if (this.#closed) return { kind: "closed" };
      return { kind: "failed", reason: failureReason(error) };
    }
  }

  async send(bytes: Uint8Array, to: Address, port: number): Promise<string | null> {
    try {
      await this.#connection.send(bytes, { transport: "udp", hostname: to, port });
      return null;
    } catch (error) {
      return this.#closed ? "its socket was closed" : failureReason(error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }
}
