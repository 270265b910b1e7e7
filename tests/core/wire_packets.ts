/** Packets of all kinds that keep every rule of the format, for the tests of properties. */
import fc from "fast-check";
import { formatV4, isHostAddress, isUnicast, readAddress } from "../../lib/core/address.ts";
import { runsOf } from "../../lib/core/heard.ts";
import { isNodeName } from "../../lib/core/node_name.ts";
import {
  type AddressRun,
  MAX_GOODBYE_MS,
  MAX_HEARD_BYTES,
  MAX_INTERFACES,
  MAX_LOSSY,
  MAX_UNHEARD,
  type Packet,
  type WireInterface,
} from "../../lib/core/packet.ts";
import type { Address } from "../../lib/core/types.ts";
import type { Envelope } from "../../lib/core/wire.ts";

const bits64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const v4 = fc.nat({ max: 0xffffffff }).map(formatV4);
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) =>
  readAddress(new DataView(bytes.buffer, bytes.byteOffset, 16), 0, 6)
);

function interfaces(address: fc.Arbitrary<Address>, bits: number): fc.Arbitrary<WireInterface> {
  return fc.record({
    address,
    prefixLength: fc.integer({ min: 1, max: bits }),
    usable: fc.boolean(),
    drained: fc.boolean(),
    hearsNobody: fc.boolean(),
  }).filter((each) => isHostAddress(each.address, each.prefixLength));
}

const interfaceLists = fc.uniqueArray(fc.oneof(interfaces(v4, 32), interfaces(v6, 128)), {
  minLength: 1,
  maxLength: MAX_INTERFACES,
  selector: (each) => each.address,
}).map((list) => ipv4First(list, (each) => each.address));

const unheardLists = fc.oneof(
  fc.array(v4.filter(isUnicast), { maxLength: MAX_UNHEARD, size: "max" }),
  fc.array(fc.oneof(v4, v6).filter(isUnicast), { maxLength: 30 }),
).map((list) => ipv4First(list, (address) => address));

function ipv4First<T>(list: readonly T[], addressOf: (item: T) => Address): T[] {
  const isV6 = (item: T) => addressOf(item).includes(":");
  return [...list.filter((item) => !isV6(item)), ...list.filter(isV6)];
}

const names = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter(isNodeName),
);

/** Lawful runs of all kinds, wherever they begin: more than our own lists have. */
const runLists = fc.array(
  fc.tuple(fc.nat({ max: 0xffffffff }), fc.uint8Array({ minLength: 1, maxLength: 40 })),
  { maxLength: 30 },
).map((steps) => {
  const runs: AddressRun[] = [];
  let bytes = 0;
  let end = 0;
  for (const [gap, bits] of steps) {
    // Small gaps as often as large ones.
    const base = end + (gap % 2 === 0 ? gap % 100 : gap);
    bytes += 5 + bits.length;
    if (base + 8 * bits.length > 2 ** 32 || bytes > MAX_HEARD_BYTES) break;
    end = base + 8 * bits.length;
    runs.push({ base, bits });
  }
  return runs;
});
const ownLists = fc.uniqueArray(fc.nat({ max: 0xffffffff }), { maxLength: 60 })
  .map((list) => runsOf(list.sort((a, b) => a - b), MAX_HEARD_BYTES));
const heardLists = fc.oneof(fc.constant(null), runLists, ownLists);

const lossyLists = fc.uniqueArray(
  fc.record({ address: v4.filter(isUnicast), percent: fc.integer({ min: 1, max: 100 }) }),
  { maxLength: MAX_LOSSY, selector: (each) => each.address },
);

const inquiries = fc.oneof(
  fc.record({
    kind: fc.constant("inq" as const),
    sequence: fc.integer({ min: 1, max: 0xffffffff }),
    nonce: bits64,
    direct: fc.boolean(),
    passing: fc.boolean(),
    heard: heardLists,
    spreadPart: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
    goodbyeMs: fc.constant(null),
  }),
  fc.record({
    kind: fc.constant("ack" as const),
    sequence: fc.integer({ min: 1, max: 0xffffffff }),
    nonce: bits64,
    direct: fc.constant(false),
    passing: fc.constant(false),
    heard: fc.constant(null),
    spreadPart: fc.constant(0),
    goodbyeMs: fc.constant(null),
  }),
  fc.record({
    kind: fc.constant("state" as const),
    sequence: fc.constant(0),
    nonce: fc.constant(0n),
    direct: fc.constant(false),
    passing: fc.constant(false),
    heard: fc.constant(null),
    spreadPart: fc.constant(0),
    goodbyeMs: fc.oneof(fc.constant(null), fc.nat({ max: MAX_GOODBYE_MS })),
  }),
);

/** At most so many bytes are left for lists in which IPv6 takes more than there is: those packets are no packets. */
function fits({ interfaces, unheard, heard, lossy }: Packet): boolean {
  const addresses = [...interfaces.map((each) => each.address), ...unheard];
  const bytes = addresses.reduce((sum, each) => sum + (each.includes(":") ? 18 : 6), 0);
  const runs = (heard ?? []).reduce((sum, run) => sum + 5 + run.bits.length, 0);
  return bytes + runs + 5 * lossy.length <= 1000;
}

/** Packets that can be encoded, with a signature too; their lists have IPv4 first. */
export const packets: fc.Arbitrary<Packet> = fc.record({
  inquiry: inquiries,
  requestor: fc.boolean(),
  boot: bits64,
  counter: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  intervalUs: fc.integer({ min: 10_000, max: 3_600_000_000 }),
  failAfter: fc.integer({ min: 1, max: 1000 }),
  name: names,
  place: fc.nat(),
  interfaces: interfaceLists,
  unheard: unheardLists,
  lossy: lossyLists,
}).map(({ inquiry: { spreadPart, ...inquiry }, intervalUs, place, ...rest }): Packet => ({
  ...rest,
  ...inquiry,
  source: rest.interfaces[place % rest.interfaces.length]?.address ?? "",
  intervalMs: intervalUs / 1000,
  spreadMs: Math.floor(spreadPart * intervalUs) / 1000,
})).filter(fits);

/** What may be around a packet: any room, with or without a signature. */
export const envelopes: fc.Arbitrary<Envelope> = fc.record({
  room: fc.oneof(fc.constant(undefined), fc.nat({ max: 1300 })),
  keyId: fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 255 })),
});
