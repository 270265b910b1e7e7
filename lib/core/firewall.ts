/**
 * Whether a firewall lets our packets pass: its rules are gone through as the kernel would, for one packet. What is not
 * understood of a rule may be so or not, and the answer then is that it cannot be told.
 */
import { contains, overlap, parseCidr, type Subnet, subnetOf } from "./address.ts";
import type { Address, Network } from "./types.ts";

/** Whether a rule is about our packet. */
export type Truth = "yes" | "no" | "maybe";

/** What a rule does with a packet that it is about. */
export type Verdict =
  | { readonly kind: "accept" | "drop" | "return" }
  | { readonly kind: "jump" | "goto"; readonly chain: string };

/** A rule, as far as it is about our packet. */
export interface FirewallRule {
  readonly truth: Truth;
  readonly verdict: Verdict;
}

/** A chain of rules. */
export interface FirewallChain {
  /** How people call it. */
  readonly name: string;
  /** What becomes of what no rule decides; null: it goes on behind the jump. */
  readonly policy: "accept" | "drop" | null;
  readonly rules: readonly FirewallRule[];
}

/** The chains that our packet has to pass, all of them, and those that they lead to. */
export interface Ruleset {
  readonly entries: readonly FirewallChain[];
  readonly chains: ReadonlyMap<string, FirewallChain>;
}

/** Which way a packet goes, seen from this machine. */
export type Way = "in" | "out";

/** A packet between two daemons on one network. */
export interface Packet {
  readonly network: Network;
  readonly port: number;
  readonly way: Way;
}

/** What becomes of it. */
export type Passage =
  | { readonly kind: "accepted" }
  | { readonly kind: "dropped"; readonly by: string }
  | { readonly kind: "unclear"; readonly by: string };

/** Chains may lead to each other only so deep (the kernel's own limit is 16). */
const DEEPEST = 32;

/** What becomes of our packet: the first chain that does not let it pass decides. */
export function passageThrough({ entries, chains }: Ruleset): Passage {
  for (const chain of entries) {
    const walk = new Walk(chains);
    const end = walk.through(chain, 0) ?? chain.policy ?? "accept";
    const isClear = end === "drop" ? !walk.mayAccept : !walk.mayDrop;
    if (!isClear) return { kind: "unclear", by: chain.name };
    if (end === "drop") return { kind: "dropped", by: chain.name };
  }
  return { kind: "accepted" };
}

/** One way through a chain and all that it leads to. */
class Walk {
  /** A rule that may be about our packet would accept it. */
  mayAccept = false;
  /** A rule that may be about our packet would drop it. */
  mayDrop = false;
  readonly #chains: ReadonlyMap<string, FirewallChain>;

  constructor(chains: ReadonlyMap<string, FirewallChain>) {
    this.#chains = chains;
  }

  /** What is decided; null: nothing is. */
  through(chain: FirewallChain, depth: number): "accept" | "drop" | null {
    for (const { truth, verdict } of chain.rules) {
      if (truth === "no") continue;
      const end = this.#end(verdict, depth);
      if (truth === "maybe") {
        if (end === "accept") this.mayAccept = true;
        if (end === "drop") this.mayDrop = true;
        continue;
      }
      if (end !== null) return end;
      if (verdict.kind === "return" || verdict.kind === "goto") return null;
    }
    return null;
  }

  #end(verdict: Verdict, depth: number): "accept" | "drop" | null {
    if (verdict.kind === "accept" || verdict.kind === "drop") return verdict.kind;
    if (!("chain" in verdict) || depth >= DEEPEST) return null;
    const target = this.#chains.get(verdict.chain);
    return target === undefined ? null : this.through(target, depth + 1);
  }
}

/** All of them must hold. */
export function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes("no")) return "no";
  return truths.includes("maybe") ? "maybe" : "yes";
}

/** One of them must hold. */
export function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes("yes")) return "yes";
  return truths.includes("maybe") ? "maybe" : "no";
}

/** The contrary. */
export function not(truth: Truth): Truth {
  return truth === "maybe" ? "maybe" : truth === "yes" ? "no" : "yes";
}

/** As a truth. */
export function truthOf(holds: boolean): Truth {
  return holds ? "yes" : "no";
}

/**
 * Whether a packet uses an interface that a name means, at whose end there may be a placeholder.
 *
 * @param way what the rule is about: where packets come in, or where they go out
 */
export function isInterface(
  pattern: string,
  packet: Packet,
  placeholder: "*" | "+",
  way: Way,
): Truth {
  // A packet that goes out came in nowhere, and the other way round.
  if (packet.way !== way) return "no";
  const name = packet.network.interfaceName;
  return truthOf(
    pattern.endsWith(placeholder) ? name.startsWith(pattern.slice(0, -1)) : pattern === name,
  );
}

/** Whether a packet has its source in a subnet or address. */
export function isFrom(text: string, { network, way }: Packet): Truth {
  return way === "in" ? holdsLan(text, network) : holdsAll(text, [network.address]);
}

/** Whether a packet goes to a subnet or address. An inquiry comes to us, or to all. */
export function isTo(text: string, { network, way }: Packet): Truth {
  return way === "out"
    ? holdsLan(text, network)
    : holdsAll(text, [network.address, network.broadcast]);
}

function subnetIn(text: string): Subnet | null {
  return parseCidr(text.includes("/") ? text : `${text}/32`);
}

/** Whether a subnet has every host of our LAN in it. */
function holdsLan(text: string, network: Network): Truth {
  const subnet = subnetIn(text);
  const lan = subnetOf(network.address, network.prefixLength);
  if (subnet === null) return "maybe";
  if (!overlap(subnet, lan)) return "no";
  return subnet.prefixLength <= lan.prefixLength ? "yes" : "maybe";
}

/** Whether a subnet has all of these addresses in it. */
function holdsAll(text: string, addresses: readonly Address[]): Truth {
  const subnet = subnetIn(text);
  if (subnet === null) return "maybe";
  const hits = addresses.map((each) => contains(subnet, each));
  if (hits.every((hit) => !hit)) return "no";
  return hits.every((hit) => hit) ? "yes" : "maybe";
}
