/** Whether a firewall of this machine lets inquiries in. */
import { type Finding, fine, problem, untold } from "./diagnosis.ts";
import { type Inbound, type Passage, passageThrough, type Ruleset } from "./firewall.ts";
import { readIptables } from "./firewall_iptables.ts";
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
  readonly iptables: RulesShown;
}

const CHECK = "firewall";

/** Judges the way of an inquiry from each LAN to the port. */
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
  const findings = networks.flatMap((network) => judgeNetwork(shown, { network, port }));
  if (findings.length > 0) return findings;
  return [fine(CHECK, `No firewall of this machine drops UDP port ${port} on our networks`)];
}

/** Two sets of rules may be there, and both must let it pass; nothing is said where they do. */
function judgeNetwork({ nft, iptables }: FirewallShown, packet: Inbound): Finding[] {
  const { network: { interfaceName }, port } = packet;
  const inputs = [
    { program: "nft", shown: nft, read: readNft },
    { program: "iptables", shown: iptables, read: readIptables },
  ];
  const passages = inputs.flatMap(({ program, shown, read }) => {
    if (shown.kind !== "shown" || (program === "iptables" && shown.text.trim() === "")) return [];
    const rules: Ruleset | null = read(shown.text, packet);
    const passage: Passage = rules === null
      ? { kind: "unclear", by: `what ${program} shows` }
      : passageThrough(rules);
    return [{ program, passage }];
  });
  const where = `UDP port ${port} on ${interfaceName}`;
  for (const { program, passage } of passages) {
    if (passage.kind !== "dropped") continue;
    const text = `The firewall drops ${where}: ${program}, chain ${passage.by}`;
    return [problem(CHECK, text, openingOf(program, passage.by, packet))];
  }
  for (const { passage } of passages) {
    if (passage.kind !== "unclear") continue;
    const text = `Cannot tell whether the firewall lets ${where} in: chain ${passage.by}`;
    return [untold(CHECK, text, `nft list ruleset; let UDP port ${port} in`)];
  }
  return [];
}

/** The command that lets inquiries in, until the next start: how it is kept is the distribution's matter. */
function openingOf(program: string, chain: string, { network, port }: Inbound): string {
  const { interfaceName } = network;
  return program === "nft"
    ? `nft insert rule ${chain} iifname ${interfaceName} udp dport ${port} accept`
    : `iptables -I INPUT -i ${interfaceName} -p udp --dport ${port} -j ACCEPT`;
}
