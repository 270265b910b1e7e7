/** Whether a firewall of this machine lets inquiries in, and ours out. */
import { type Finding, fine, problem, untold } from "./diagnosis.ts";
import { type Packet, type Passage, passageThrough, type Ruleset } from "./firewall.ts";
import { readIptables, tablesSharedWithNft } from "./firewall_iptables.ts";
import { readNft } from "./firewall_nft.ts";
import type { Network } from "./types.ts";

/** What a program said that lists rules. */
export type RulesShown =
  | { readonly kind: "shown"; readonly text: string }
  /** There is no such program. */
  | { readonly kind: "missing" }
  | { readonly kind: "refused"; readonly reason: string };

/** The answers to `nft -j list ruleset` and to `iptables-save`. */
export interface FirewallShown {
  readonly nft: RulesShown;
  /** The answer to `nft list ruleset`, where that has to be known too; "": it has not. */
  readonly nftPlain: string;
  readonly iptables: RulesShown;
}

const CHECK = "firewall";

/** Judges the way of an inquiry from each LAN to the port, and of our packets to each LAN. */
export function judgeFirewall(
  shown: FirewallShown,
  networks: readonly Network[],
  port: number,
): Finding[] {
  const { nft, iptables } = shown;
  if (nft.kind === "missing" && iptables.kind === "missing") {
    return [
      untold(CHECK, "Cannot tell what a firewall drops: there is no nft and no iptables-save"),
    ];
  }
  const refused = [nft, iptables].find((each) => each.kind === "refused");
  if (refused?.kind === "refused" && nft.kind !== "shown") {
    const text = `Cannot tell what a firewall drops: ${refused.reason}`;
    return [untold(CHECK, text, "run this as root")];
  }
  const findings = networks.flatMap((network) => [
    ...judgePacket(shown, { network, port, way: "in" }),
    ...judgePacket(shown, { network, port, way: "out" }),
  ]);
  if (findings.length > 0) return findings;
  return [fine(CHECK, `No firewall of this machine drops UDP port ${port} on our networks`)];
}

/** Two sets of rules may be there, and both must let it pass; nothing is said where they do. */
function judgePacket({ nft, nftPlain, iptables }: FirewallShown, packet: Packet): Finding[] {
  const { network: { interfaceName }, port, way } = packet;
  const shared = tablesSharedWithNft(iptables.kind === "shown" ? iptables.text : "");
  const inputs = [
    { program: "nft", shown: nft, read: (text: string) => readNft(text, packet, shared, nftPlain) },
    { program: "iptables", shown: iptables, read: (text: string) => readIptables(text, packet) },
  ];
  const passages = inputs.flatMap(({ program, shown, read }) => {
    if (shown.kind !== "shown" || (program === "iptables" && shown.text.trim() === "")) return [];
    const rules: Ruleset | null = read(shown.text);
    // Once is enough for what is no rules at all.
    if (rules === null && way === "out") return [];
    const passage: Passage = rules === null
      ? { kind: "unclear", by: `what ${program} shows` }
      : passageThrough(rules);
    return [{ program, passage }];
  });
  const where = `UDP port ${port} on ${interfaceName}`;
  for (const { program, passage } of passages) {
    if (passage.kind !== "dropped") continue;
    const which = way === "in" ? where : `${where}, on its way out`;
    const text = `The firewall drops ${which}: ${program}, chain ${passage.by}`;
    return [problem(CHECK, text, openingOf(program, passage.by, packet))];
  }
  for (const { passage } of passages) {
    if (passage.kind !== "unclear") continue;
    const text = `Cannot tell whether the firewall lets ${where} ${way}: chain ${passage.by}`;
    return [untold(CHECK, text, `nft list ruleset; let UDP port ${port} ${way}`)];
  }
  return [];
}

/** The command that lets a packet pass, until the next start: how it is kept is the distribution's matter. */
function openingOf(program: string, chain: string, { network, port, way }: Packet): string {
  const { interfaceName } = network;
  const letter = way === "in" ? "i" : "o";
  if (program === "nft") {
    return `nft insert rule ${chain} ${letter}ifname ${interfaceName} udp dport ${port} accept`;
  }
  const [table, name] = chain.split(" ");
  const place = table === "filter" ? "" : `-t ${table} `;
  return `iptables ${place}-I ${name} -${letter} ${interfaceName} -p udp --dport ${port} -j ACCEPT`;
}
