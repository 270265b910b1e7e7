/**
 * Whom a node hears, in few bytes: the addresses of one network as runs of bits.
 *
 * The hosts of a LAN mostly stand close together, so that one bit for each of them is far less than four bytes. A
 * run is a base address with up to 255 bytes of bits, one bit for each address from the base on.
 */
import { RUN_HEADER_BYTES } from "./wire_sections.ts";
import { type AddressRun, MAX_HEARD_BYTES } from "./packet.ts";

/** A run states its bytes of bits in one byte. */
const MAX_RUN_BYTES = 255;

/**
 * The runs for IPv4 addresses, given as numbers in ascending order; null when they take more than `maxBytes` on the
 * wire. Nobody at all is an empty list, which is not null.
 *
 * Bases are multiples of 8, so that runs neither overlap nor leave the address space. A gap is bridged by bytes of
 * zeros where that is not longer than the base and length of another run. Throws RangeError when the addresses do
 * not ascend.
 */
export function runsOf(addresses: readonly number[], maxBytes: number): AddressRun[] | null {
  const runs: { readonly base: number; readonly bits: number[] }[] = [];
  let bytes = 0;
  let previous = -1;
  for (const address of addresses) {
    if (address <= previous) {
      throw new RangeError(`Cannot list addresses: must ascend, is ${address} after ${previous}`);
    }
    previous = address;
    const last = runs.at(-1);
    const index = last === undefined ? Infinity : Math.floor((address - last.base) / 8);
    if (last !== undefined && joins(last.bits.length, index)) {
      while (last.bits.length <= index) {
        last.bits.push(0);
        bytes += 1;
      }
      last.bits[index] = (last.bits[index] ?? 0) | bitOf(address);
    } else {
      runs.push({ base: 8 * Math.floor(address / 8), bits: [bitOf(address)] });
      bytes += RUN_HEADER_BYTES + 1;
    }
    if (bytes > maxBytes) return null;
  }
  return runs.map(({ base, bits }) => ({ base, bits: Uint8Array.from(bits) }));
}

/** Whether byte `index` goes into a run of `length` bytes rather than into one of its own. */
function joins(length: number, index: number): boolean {
  return index < MAX_RUN_BYTES && index - length <= RUN_HEADER_BYTES;
}

/** The bit of an address in its byte of a run whose base is a multiple of 8: the highest comes first. */
function bitOf(address: number): number {
  return 0x80 >> (address % 8);
}

/** Addresses as an inquiry lists them. */
export interface HeardList {
  /** The addresses as numbers, in the order in which they were met. */
  readonly numbers: readonly number[];
  /** Null: they do not fit. */
  readonly runs: readonly AddressRun[] | null;
}

/** Lists the addresses of these paths; `last` is the list before, which most often is the same. */
export function heardList(
  paths: Iterable<{ readonly number: number | null }>,
  last?: HeardList,
): HeardList {
  const numbers: number[] = [];
  for (const { number } of paths) if (number !== null) numbers.push(number);
  if (last !== undefined && isSameList(numbers, last.numbers)) return last;
  return { numbers, runs: runsOf(numbers.toSorted((a, b) => a - b), MAX_HEARD_BYTES) };
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether an IPv4 address, given as a number, is in one of these runs, whatever their bases are. */
export function isHeard(runs: readonly AddressRun[], address: number): boolean {
  return runs.some(({ base, bits }) => {
    const offset = address - base;
    const byte = bits[Math.floor(offset / 8)];
    return byte !== undefined && (byte & (0x80 >> (offset % 8))) !== 0;
  });
}
