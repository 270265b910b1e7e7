/** The daemon's socket for those who ask it, and the way to it. */
import type { ControlConnection, ControlListener } from "../control_server.ts";
import { failureReason } from "./failure.ts";
import { readTextFile } from "./files.ts";

/** Its owner and its group may ask. */
const MODE = 0o660;
const GROUPS = "/etc/group";
const MAX_GROUPS_BYTES = 4 * 1024 * 1024;
/** Connections are so many at most that accepting them fails when descriptors run out; it is tried again. */
const RETRY_MS = 1000;

/** What came of opening the socket. */
export type ControlOpened =
  | {
    readonly kind: "open";
    readonly listener: ControlListener;
    /** Why the group may not ask though it should; null: nothing is wrong. */
    readonly problem: string | null;
  }
  | { readonly kind: "failed"; readonly reason: string };

/** What came of asking for a connection. */
export type ControlConnected =
  | { readonly kind: "connected"; readonly connection: ControlConnection }
  /** Nobody listens there. */
  | { readonly kind: "absent" }
  /** We may not. */
  | { readonly kind: "forbidden"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Opens the socket at `path`. Who calls holds the lock of the run directory, so what is there already is left over from
 * a predecessor. It is made where only its owner gets, and gets its name when its rights are right: nobody else can ever
 * have used it.
 *
 * @param group the name of the group that may ask too; null: none
 */
export function listenControl(path: string, group: string | null): ControlOpened {
  const folder = `${path}.new`;
  const draft = `${folder}/s`;
  let listener: Deno.UnixListener | null = null;
  try {
    clear(folder, { recursive: true });
    Deno.mkdirSync(folder, { mode: 0o700 });
    listener = Deno.listen({ transport: "unix", path: draft });
    Deno.chmodSync(draft, MODE);
    const { gid } = Deno.statSync(draft);
    const problem = group === null ? null : giveToGroup(draft, group);
    Deno.renameSync(draft, path);
    return { kind: "open", listener: new Listener(listener, path, gid), problem };
  } catch (error) {
    listener?.close();
    return { kind: "failed", reason: failureReason(error) };
  } finally {
    clear(folder, { recursive: true });
  }
}

/** Connects to the socket at `path`. */
export async function connectControl(path: string): Promise<ControlConnected> {
  try {
    const connection = await Deno.connect({ transport: "unix", path });
    return { kind: "connected", connection: new Connection(connection) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) {
      return { kind: "absent" };
    }
    const reason = failureReason(error);
    return error instanceof Deno.errors.PermissionDenied
      ? { kind: "forbidden", reason }
      : { kind: "failed", reason };
  }
}

/** The number of a group in the text of a group file; null: there is no such group. */
export function groupIdIn(text: string, group: string): number | null {
  for (const line of text.split("\n")) {
    const [name, , id] = line.split(":");
    if (name === group && id !== undefined && /^\d{1,10}$/.test(id)) return Number(id);
  }
  return null;
}

/** Why a group cannot be let ask, as far as that can be told without a socket; null: nothing is in the way. */
export function groupProblem(group: string): string | null {
  return groupId(group) === null ? `there is no such group in ${GROUPS}` : null;
}

function groupId(group: string): number | null {
  const read = readTextFile(GROUPS, MAX_GROUPS_BYTES);
  return read.kind === "text" ? groupIdIn(read.text, group) : null;
}

function giveToGroup(path: string, group: string): string | null {
  const id = groupId(group);
  if (id === null) return `Cannot let group ${group} ask: ${groupProblem(group)}`;
  const reason = changeGroup(path, id);
  return reason === null ? null : `Cannot let group ${group} ask: ${reason}`;
}

function changeGroup(path: string, id: number): string | null {
  try {
    Deno.chownSync(path, null, id);
    return null;
  } catch (error) {
    return failureReason(error);
  }
}

function clear(path: string, options: Deno.RemoveOptions = {}): void {
  try {
    Deno.removeSync(path, options);
  } catch {
    // What is in the way is told of by what it is in the way of.
  }
}

class Listener implements ControlListener {
  readonly #listener: Deno.UnixListener;
  readonly #path: string;
  /** The group that the socket was made with. */
  readonly #ownGroup: number | null;
  #closed = false;

  constructor(listener: Deno.UnixListener, path: string, ownGroup: number | null) {
    this.#listener = listener;
    this.#path = path;
    this.#ownGroup = ownGroup;
  }

  regroup(group: string | null): string | null {
    if (group !== null) return giveToGroup(this.#path, group);
    return this.#ownGroup === null ? null : changeGroup(this.#path, this.#ownGroup);
  }

  async accept(): Promise<ControlConnection | null> {
    while (!this.#closed) {
      try {
        return new Connection(await this.#listener.accept());
      } catch {
        if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return null;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clear(this.#path);
    this.#listener.close();
  }
}

class Connection implements ControlConnection {
  readonly #connection: Deno.UnixConn;
  #closed = false;

  constructor(connection: Deno.UnixConn) {
    this.#connection = connection;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    try {
      return await this.#connection.read(buffer);
    } catch {
      return null;
    }
  }

  async write(bytes: Uint8Array): Promise<boolean> {
    try {
      let left = bytes;
      while (left.length > 0) left = left.subarray(await this.#connection.write(left));
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }
}
