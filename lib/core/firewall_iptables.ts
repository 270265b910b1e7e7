/** The rules of iptables, as `iptables-save` writes them. */
import {
  allOf,
  anyOf,
  type FirewallChain,
  type FirewallRule,
  type Inbound,
  isFrom,
  isInterface,
  isTo,
  not,
  type Ruleset,
  type Truth,
  truthOf,
  type Verdict,
} from "./firewall.ts";

/** The chains that an inquiry passes, in their order. */
const ENTRIES: readonly string[] = [
  "raw PREROUTING",
  "mangle PREROUTING",
  "mangle INPUT",
  "filter INPUT",
  "security INPUT",
];

/** Reads what iptables-save wrote as it concerns one packet; null: it is not that. */
export function readIptables(text: string, packet: Inbound): Ruleset | null {
  const chains = new Map<string, FirewallChain & { readonly rules: FirewallRule[] }>();
  let table: string | null = null;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line === "COMMIT") continue;
    if (line.startsWith("*")) {
      table = line.slice(1);
      continue;
    }
    if (table === null) return null;
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (name !== undefined) {
      const ends = policy === "DROP" ? "drop" : policy === "ACCEPT" ? "accept" : null;
      chains.set(`${table} ${name}`, { name: `${table} ${name}`, policy: ends, rules: [] });
      continue;
    }
    const words = wordsOf(line);
    if (words[0] !== "-A") continue;
    const rule = readRule(words.slice(2), table, packet);
    if (rule !== null) chains.get(`${table} ${words[1]}`)?.rules.push(rule);
  }
  const entries = ENTRIES.flatMap((key) => chains.get(key) ?? []);
  return table === null ? null : { entries, chains };
}

/** The words of a line; a comment in quotes is one. */
function wordsOf(line: string): string[] {
  return line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
}

/** Options that have nothing to do with what a rule is about. */
const INERT = new Set(["-m", "--comment", "-c", "--log-prefix", "--log-level", "--reject-with"]);

function readRule(words: readonly string[], table: string, packet: Inbound): FirewallRule | null {
  const truths: Truth[] = [];
  let verdict: Verdict | null = null;
  for (const [i, option] of words.entries()) {
    if (!option.startsWith("-") || INERT.has(option)) continue;
    const next = words[i + 1] ?? "";
    const value = next.startsWith("-") ? "" : next;
    if (option === "-j" || option === "-g") verdict = verdictOf(option, value, table);
    else {
      const truth = judge(option, value, packet);
      truths.push(words[i - 1] === "!" ? not(truth) : truth);
    }
  }
  return verdict === null ? null : { truth: allOf(truths), verdict };
}

/** Null: a target that decides nothing, such as LOG. */
function verdictOf(option: string, target: string, table: string): Verdict | null {
  if (target === "ACCEPT") return { kind: "accept" };
  if (target === "DROP" || target === "REJECT") return { kind: "drop" };
  if (target === "RETURN") return { kind: "return" };
  return { kind: option === "-g" ? "goto" : "jump", chain: `${table} ${target}` };
}

function judge(option: string, value: string, packet: Inbound): Truth {
  switch (option) {
    case "-i":
      return isInterface(value, packet, "+");
    case "-p":
      return truthOf(["udp", "17", "all"].includes(value));
    case "-s":
      return isFrom(value, packet);
    case "-d":
      return isTo(value, packet);
    case "--dport":
    case "--dports":
      return anyOf(value.split(",").map((each) => isPort(each, packet)));
    case "--ctstate":
    case "--state":
      return truthOf(value.split(",").includes("NEW"));
    default:
      return "maybe";
  }
}

function isPort(text: string, { port }: Inbound): Truth {
  const [first = "", last = first] = text.split(":");
  if (!/^\d+$/.test(first) || !/^\d+$/.test(last)) return "maybe";
  return truthOf(port >= Number(first) && port <= Number(last));
}
