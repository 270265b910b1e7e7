/** Units, addresses and LANs: what all the other words are about. */

/** Milliseconds on a monotonic clock whose zero is arbitrary; fractions are kept. */
export type Ms = number;

/** The IP version. IPv6 fits every type here, though no network of that family is opened yet. */
export type Family = 4 | 6;

/** An IP address in its canonical text form, as `lib/core/address.ts` prints it: the key of all maps. */
export type Address = string;

/** The local name of a LAN: from the configuration, or the interface's name where there is none. */
export type NetworkName = string;

/** One LAN as this host can use it now. */
export interface Network {
  readonly name: NetworkName;
  readonly interfaceName: string;
  readonly family: Family;
  /** Our own address on it: the source of everything we send there. */
  readonly address: Address;
  readonly prefixLength: number;
  /** The subnet's broadcast address, where inquiries go. */
  readonly broadcast: Address;
  /** False while the interface has lost its carrier or is administratively down; the address is still there. */
  readonly usable: boolean;
  /** Why it is not usable, e.g. "no carrier"; absent while it is. */
  readonly reason?: string;
}

/** A network that was asked for, or looked promising, and cannot be had; the rule or interface and why. */
export interface NetworkProblem {
  readonly name: NetworkName;
  readonly reason: string;
}
