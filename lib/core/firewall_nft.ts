/** The rules of nftables, as `nft -j list ruleset` shows them (libnftables-json). */
import { type Entry, isEntry } from "./diagnosis.ts";
import {
  allOf,
  anyOf,
  type FirewallChain,
  type FirewallRule,
  isFrom,
  isInterface,
  isTo,
  not,
  type Packet,
  type Ruleset,
  type Truth,
  truthOf,
  type Verdict,
  type Way,
} from "./firewall.ts";

/** The hooks that a packet passes, in their order. */
const HOOKS: Readonly<Record<Way, readonly unknown[]>> = {
  in: ["ingress", "prerouting", "input"],
  out: ["output", "postrouting", "egress"],
};
/** Chains at these see the packets of their devices only. */
const DEVICE_HOOKS: readonly unknown[] = ["ingress", "egress"];
const FAMILIES: readonly unknown[] = ["ip", "inet", "netdev"];
const UDP: readonly unknown[] = ["udp", 17];
/** Statements that decide nothing. */
const INERT = new Set(["counter", "log", "comment", "mangle", "meta", "ct", "notrack", "quota"]);

/** Targets of iptables that let a packet go on, and those that end its way. What others do is not known. */
const PASSING_TARGETS = new Set(["LOG", "NFLOG", "MARK", "CONNMARK", "CT", "TCPMSS", "TRACE"]);
const ENDING_TARGETS = new Set(["REJECT", "DROP"]);

/**
 * Reads the answer of nft as it concerns one packet; null: it is none.
 *
 * @param known tables of the family "ip" that another program shows better, and which are left out
 * @param plain the same rules in nft's own words: before 1.0.8 only these say which devices a chain is of
 */
export function readNft(
  text: string,
  packet: Packet,
  known: ReadonlySet<string>,
  plain: string,
): Ruleset | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  const list = isEntry(parsed) ? parsed["nftables"] : null;
  if (!Array.isArray(list)) return null;
  const objects = list.filter(isEntry);
  const reader = new NftReader(objects, packet);
  const devices = devicesIn(plain);
  const chains = new Map<string, FirewallChain>();
  const entries: { readonly chain: FirewallChain; readonly order: number }[] = [];
  for (const { chain } of objects) {
    if (!isEntry(chain) || !FAMILIES.includes(chain["family"])) continue;
    if (chain["family"] === "ip" && known.has(String(chain["table"]))) continue;
    const hook = HOOKS[packet.way].indexOf(chain["hook"]);
    const policy = hook < 0 ? null : chain["policy"] === "drop" ? "drop" : "accept";
    const key = keyOf(chain, String(chain["name"]));
    const read = { name: key, policy, rules: reader.rulesOf(chain) } as const;
    chains.set(key, read);
    const isSeen = isOfDevice(chain, devices.get(key), packet);
    const isFilter = hook >= 0 && chain["type"] === "filter" && isSeen !== "no";
    if (isFilter && isSeen === "maybe") {
      entries.push({ chain: doubted(read), order: orderOf(hook, chain) });
    } else if (isFilter) entries.push({ chain: read, order: orderOf(hook, chain) });
  }
  entries.sort((a, b) => a.order - b.order);
  return { entries: entries.map(({ chain }) => chain), chains };
}

function orderOf(hook: number, chain: Entry): number {
  return hook * 1e10 + Number(chain["prio"] ?? 0);
}

/** The devices of chains, by family, table and name, in what nft writes for people. */
function devicesIn(plain: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let table = "";
  let chain = "";
  for (const line of plain.split("\n")) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
    chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
    const [, one, many] = / hook \w+ device(?: (\S+)|s = \{([^{}]*)\}) /.exec(line) ?? [];
    const names = (one ?? many)?.match(/[^\s,"]+/g);
    if (names !== undefined && names !== null) found.set(`${table} ${chain}`, names);
  }
  return found;
}

/** Whether a chain sees the packets of the device that ours uses. */
function isOfDevice(
  { dev, hook }: Entry,
  told: readonly string[] | undefined,
  packet: Packet,
): Truth {
  if (!DEVICE_HOOKS.includes(hook)) return "yes";
  const names = typeof dev === "string" ? [dev] : Array.isArray(dev) ? dev : told;
  if (names === undefined) return "maybe";
  return anyOf(names.map((name) => isInterface(String(name), packet, "*", packet.way)));
}

/** A chain of which nobody knows whether it sees our packet. */
function doubted({ name, policy, rules }: FirewallChain): FirewallChain {
  const last: FirewallRule = { truth: "maybe", verdict: { kind: "drop" } };
  return {
    name,
    policy: "accept",
    rules: [
      ...rules.map((rule) => rule.truth === "yes" ? { ...rule, truth: "maybe" as const } : rule),
      ...(policy === "drop" ? [last] : []),
    ],
  };
}

function keyOf({ family, table }: Entry, chain: string): string {
  return `${family} ${table} ${chain}`;
}

class NftReader {
  readonly #objects: readonly Entry[];
  readonly #packet: Packet;

  constructor(objects: readonly Entry[], packet: Packet) {
    this.#objects = objects;
    this.#packet = packet;
  }

  rulesOf(chain: Entry): FirewallRule[] {
    const key = keyOf(chain, String(chain["name"]));
    return this.#objects.flatMap(({ rule }) => {
      if (!isEntry(rule) || keyOf(rule, String(rule["chain"])) !== key) return [];
      const { expr } = rule;
      return Array.isArray(expr) ? this.#read(rule, expr.filter(isEntry)) : [];
    });
  }

  /** A rule has conditions and, at its end, one verdict or a map of them. */
  #read(rule: Entry, statements: readonly Entry[]): FirewallRule[] {
    const truths: Truth[] = [];
    let mayDrop = false;
    for (const statement of statements) {
      const [name = ""] = Object.keys(statement);
      const verdict = verdictIn(statement, rule);
      if (verdict !== null) return [{ truth: allOf(truths), verdict }];
      if (name === "vmap") return this.#map(rule, statement[name], truths);
      if (name === "match") truths.push(this.#match(statement[name], rule));
      else if (name === "xt" && isPassing(statement[name])) continue;
      else if (!INERT.has(name)) {
        truths.push("maybe");
        mayDrop ||= name === "xt" && !isMatch(statement[name]);
      }
    }
    return mayDrop ? [{ truth: allOf(truths), verdict: { kind: "drop" } }] : [];
  }

  #map(rule: Entry, map: unknown, truths: readonly Truth[]): FirewallRule[] {
    const pairs = isEntry(map) ? this.#elements(map["data"], rule) : null;
    return (pairs ?? []).flatMap((pair): FirewallRule[] => {
      if (!Array.isArray(pair) || !isEntry(pair[1]) || !isEntry(map)) return [];
      const verdict = verdictIn(pair[1], rule);
      const truth = allOf([...truths, this.#holds(map["key"], pair[0], rule)]);
      return verdict === null ? [] : [{ truth, verdict }];
    });
  }

  #match(match: unknown, rule: Entry): Truth {
    if (!isEntry(match)) return "maybe";
    const holds = this.#holds(match["left"], match["right"], rule);
    if (match["op"] === "!=") return not(holds);
    return match["op"] === "==" || match["op"] === "in" ? holds : "maybe";
  }

  #holds(left: unknown, right: unknown, rule: Entry): Truth {
    const elements = this.#elements(right, rule);
    if (elements === null) return "maybe";
    return anyOf(elements.map((each) => this.#equals(left, each)));
  }

  /** What the right side lists; null: that is not known. */
  #elements(right: unknown, { family, table }: Entry): readonly unknown[] | null {
    if (isEntry(right) && Array.isArray(right["set"])) return right["set"];
    if (Array.isArray(right)) return right;
    if (typeof right !== "string" || !right.startsWith("@")) return [right];
    for (const object of this.#objects) {
      const set = object["set"] ?? object["map"];
      if (!isEntry(set) || set["name"] !== right.slice(1)) continue;
      if (set["family"] !== family || set["table"] !== table) continue;
      return Array.isArray(set["elem"]) ? set["elem"] : [];
    }
    return null;
  }

  #equals(left: unknown, right: unknown): Truth {
    if (!isEntry(left)) return "maybe";
    const { meta, ct, payload } = left;
    if (isEntry(right) && isEntry(right["elem"])) return this.#equals(left, right["elem"]["val"]);
    if (isEntry(meta)) return this.#meta(meta["key"], right);
    if (isEntry(ct)) return ct["key"] === "state" ? truthOf(right === "new") : "maybe";
    return isEntry(payload) ? this.#payload(payload, right) : "maybe";
  }

  #meta(key: unknown, right: unknown): Truth {
    switch (key) {
      case "iifname":
      case "iif":
        return this.#interface(right, "in");
      case "oifname":
      case "oif":
        return this.#interface(right, "out");
      case "l4proto":
        return truthOf(UDP.includes(right));
      case "nfproto":
        return truthOf(right === "ipv4");
      case "protocol":
        return truthOf(right === "ip");
      default:
        return "maybe";
    }
  }

  #interface(right: unknown, way: Way): Truth {
    return typeof right === "string" ? isInterface(right, this.#packet, "*", way) : "maybe";
  }

  #payload({ protocol, field }: Entry, right: unknown): Truth {
    if (protocol === "ip" && field === "protocol") return truthOf(UDP.includes(right));
    if (protocol === "ip" && field === "saddr") return this.#address(right, isFrom);
    if (protocol === "ip" && field === "daddr") return this.#address(right, isTo);
    if (protocol === "ip" || protocol === "ether") return "maybe";
    // Whatever is asked of another protocol's header is not true of ours.
    if (protocol !== "udp" && protocol !== "th") return "no";
    // Daemons send from their port; who asks in passing may come from another.
    const isOurs = field === "dport" || (field === "sport" && this.#packet.way === "out");
    return isOurs ? this.#isPort(right) : "maybe";
  }

  #isPort(right: unknown): Truth {
    const { port } = this.#packet;
    if (typeof right === "number") return truthOf(right === port);
    const range = isEntry(right) ? right["range"] : null;
    if (!Array.isArray(range)) return "maybe";
    return truthOf(port >= Number(range[0]) && port <= Number(range[1]));
  }

  #address(right: unknown, judge: typeof isFrom): Truth {
    if (typeof right === "string") return judge(right, this.#packet);
    const prefix = isEntry(right) ? right["prefix"] : null;
    return isEntry(prefix) ? judge(`${prefix["addr"]}/${prefix["len"]}`, this.#packet) : "maybe";
  }
}

/** The target of iptables that a statement is, which nft shows by its name only; "": it is none, or not named. */
function targetIn(xt: unknown): string {
  return isEntry(xt) && xt["type"] === "target" ? String(xt["name"]) : "";
}

function isMatch(xt: unknown): boolean {
  return isEntry(xt) && xt["type"] === "match";
}

function isPassing(xt: unknown): boolean {
  return PASSING_TARGETS.has(targetIn(xt));
}

function verdictIn(statement: Entry, rule: Entry): Verdict | null {
  if ("accept" in statement) return { kind: "accept" };
  // What is forwarded to another device at once does not arrive either.
  if (["drop", "reject", "fwd"].some((each) => each in statement)) return { kind: "drop" };
  if (ENDING_TARGETS.has(targetIn(statement["xt"]))) return { kind: "drop" };
  if ("return" in statement) return { kind: "return" };
  for (const kind of ["jump", "goto"] as const) {
    const target = statement[kind];
    if (isEntry(target)) return { kind, chain: keyOf(rule, String(target["target"])) };
  }
  return null;
}
