/**
 * Who is listened to, where that is restricted: nodes of certain names, and addresses of certain subnets.
 *
 * Without signatures a name is only a claim, and so is the source of a datagram. What the list keeps out then are
 * strangers that mean no harm, such as a second installation on the same LAN.
 */
import { contains, parseCidr, parseV4, type Subnet } from "./address.ts";
import type { Address, AllowList } from "./types.ts";

/** Some IPv4 addresses: those whose value divided by `size`, rounded down, is `index`. */
interface Block4 {
  readonly size: number;
  readonly index: number;
}

/** The list, made ready to be asked for every packet. */
export class Allowance {
  /** Null: everybody is listened to. */
  readonly #names: ReadonlySet<string> | null;
  readonly #blocks: Block4[] = [];
  readonly #subnets6: Subnet[] = [];

  /** Throws RangeError on a subnet that is none: whoever read the configuration has checked it. */
  constructor(list: AllowList | null) {
    this.#names = list === null ? null : new Set(list.names);
    for (const text of list?.subnets ?? []) this.#add(text);
  }

  #add(text: string): void {
    const subnet = parseCidr(text);
    if (subnet === null) {
      throw new RangeError(`Cannot use subnet: must be ADDRESS/LENGTH, is ${JSON.stringify(text)}`);
    }
    const value = parseV4(subnet.network);
    if (value === null) return void this.#subnets6.push(subnet);
    const size = 2 ** (32 - subnet.prefixLength);
    this.#blocks.push({ size, index: value / size });
  }

  /**
   * Whether a node of this name may send from this address, or have it beside the one it sends from: a node that is on the
   * list by its name may have any, another one only those that are on the list.
   */
  admits(name: string, address: Address): boolean {
    return this.#names === null || this.#names.has(name) || this.#holds(address);
  }

  #holds(address: Address): boolean {
    const value = parseV4(address);
    if (value === null) return this.#subnets6.some((each) => contains(each, address));
    return this.#blocks.some(({ size, index }) => Math.floor(value / size) === index);
  }
}
