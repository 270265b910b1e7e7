/**
 * The rules of the wire format by name: a packet that arrives and breaks one is dropped, one that is to be sent and
 * breaks one is a bug of whoever made it.
 */

/** Every reason to drop a packet, in the order in which they are looked for; explained in docs/WIRE.md. */
export const DROP_REASONS = [
  "too-short",
  "bad-magic",
  "version",
  "too-long",
  "length",
  "type",
  "counter",
  "inquiry-missing",
  "inquiry-unexpected",
  "interval",
  "fail-after",
  "section-end",
  "section-repeated",
  "section-order",
  "name-length",
  "name-text",
  "section-length",
  "too-many-interfaces",
  "too-many-unheard",
  "too-many-lossy",
  "prefix",
  "address",
  "address-repeated",
  "lossy-percent",
  "heard-length",
  "heard-run",
  "heard-order",
  "heard-range",
  "spread",
  "goodbye",
  "auth-length",
  "name-missing",
  "no-interface",
  "source-mark",
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** A broken rule; `value` is short printable ASCII, safe in a log. */
export interface Drop {
  readonly drop: DropReason;
  readonly value: string;
  readonly packet?: never;
}

/** A drop with its value as text. */
export function dropped(drop: DropReason, value: string | number | bigint): Drop {
  return { drop, value: `${value}` };
}

/** The error for a packet that must not be sent; `rule` is a drop, or the field that is at fault. */
export function unlawful(rule: string, value: string | number | bigint): RangeError {
  return new RangeError(`Cannot encode packet: must keep the rule "${rule}", is ${value}`);
}

/** The value; throws RangeError unless it fits an unsigned field: a DataView would cut it silently. */
export function fitting(rule: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most) throw unlawful(rule, value);
  return value;
}

/** The value; throws RangeError unless it fits an unsigned field of 64 bits. */
export function fitting64(rule: string, value: bigint): bigint {
  if (BigInt.asUintN(64, value) !== value) throw unlawful(rule, value);
  return value;
}
