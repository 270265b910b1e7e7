/** What the kernel is set to that routes of ours depend on: reverse path filters, and the rules of others. */
import { counted } from "./counted.ts";
import {
  type CheckName,
  entriesIn,
  type Entry,
  type Finding,
  fine,
  problem,
  untold,
  warning,
} from "./diagnosis.ts";
import type { ActualRoutes, Network, Routing } from "./types.ts";

/** As `ip -j netconf` names the values of rp_filter; 0, 1 and 2. */
const RP_FILTERS: readonly string[] = ["off", "strict", "loose"];
const STRICT = 1;

/**
 * Whether reverse path filters would drop what comes by another LAN than its answer would take. What counts is the
 * larger of the values of "all" and of the interface (Linux, ip-sysctl).
 *
 * @param shown the answer to `ip -j netconf show`
 */
export function judgeReversePath(shown: string, networks: readonly Network[]): Finding[] {
  const entries = entriesIn(shown)?.filter(({ family }) => family === "inet");
  if (entries === undefined) {
    return [untold("rp-filter", "Cannot tell how reverse paths are filtered: ip does not say")];
  }
  const valueOf = (name: string) =>
    RP_FILTERS.indexOf(String(entries.find((each) => each["interface"] === name)?.["rp_filter"]));
  const all = valueOf("all");
  const findings = networks.map(({ interfaceName, name }): Finding => {
    const own = valueOf(interfaceName);
    if (own < 0 || all < 0) {
      return untold("rp-filter", `Cannot tell how reverse paths are filtered on ${interfaceName}`);
    }
    const value = Math.max(own, all);
    if (value !== STRICT) {
      const text = `Reverse paths on ${interfaceName} are filtered ${RP_FILTERS[value]}ly`;
      return fine("rp-filter", value === 0 ? `No reverse path filter on ${interfaceName}` : text);
    }
    const why = own === STRICT ? "" : ", by the value of all";
    const text = `rp_filter of ${interfaceName} is strict (1)${why}: when ${name} fails, packets ` +
      "that come over another LAN are dropped until both ends have moved";
    return warning("rp-filter", text, `sysctl -w net.ipv4.conf.${interfaceName}.rp_filter=2`);
  });
  const isFine = findings.every(({ level }) => level === "ok");
  if (!isFine || findings.length === 0) return findings;
  return [fine("rp-filter", "No network of ours has a strict reverse path filter")];
}

/** The rule of the kernel's own table, which is before all others. */
const LOCAL_TABLE = 255;
/** Fields of a rule that select nothing. */
const NO_SELECTORS = new Set(["priority", "src", "table", "protocol", "action", "goto", "flags"]);

/**
 * Rules of others that are asked before ours: what they select never gets to our routes, where they have one for it.
 *
 * @param shown the answer to `ip -N -j rule show`
 */
export function judgeRules(shown: string, { rulePriority, protocol }: Routing): Finding[] {
  const entries = entriesIn(shown);
  if (entries === null) {
    return [untold("rules", "Cannot tell which rules there are: ip does not say")];
  }
  const before = entries.filter((each) =>
    Number(each["priority"]) < rulePriority && Number(each["protocol"] ?? 0) !== protocol &&
    Number(each["table"]) !== LOCAL_TABLE
  );
  if (before.length === 0) {
    return [fine("rules", `No rule of others is asked before ours (priority ${rulePriority})`)];
  }
  const least = Math.min(...before.map((each) => Number(each["priority"])));
  const remedy = least > 1
    ? `set routing.rule-priority below ${least} in the configuration, on this host only`
    : "move that rule behind ours: ip rule add with a higher priority, then ip rule del";
  return before.map((each) => {
    const text = `Rule ${each["priority"]} (${ruleWords(each)}) is asked before ours ` +
      `(${rulePriority})`;
    return selectors(each).length === 0 && each["src"] === "all"
      ? problem("rules", `${text}: no traffic gets to our routes for which it has one`, remedy)
      : warning("rules", `${text}: what it selects may not follow our routes`, remedy);
  });
}

function selectors(rule: Entry): string[] {
  return Object.keys(rule).filter((key) => !NO_SELECTORS.has(key));
}

/** The rule in words like those of `ip rule`, for people. */
function ruleWords(rule: Entry): string {
  const source = rule["srclen"] === undefined
    ? `from ${rule["src"]}`
    : `from ${rule["src"]}/${rule["srclen"]}`;
  const others = selectors(rule).filter((key) => key !== "srclen").map((key) =>
    rule[key] === null ? key : `${key} ${rule[key]}`
  );
  const action = rule["table"] === undefined
    ? String(rule["action"] ?? "no lookup")
    : `lookup ${rule["table"]}`;
  return [source, ...others, action].join(" ");
}

/** What is known of a daemon in the run directory that was looked at. */
export type DaemonState = "running" | "stopped" | "unknown";

/** Whether our rule and routes are in place where a daemon runs, and gone where none does. */
export function judgeOurs(actual: ActualRoutes, daemon: DaemonState, routing: Routing): Finding {
  const check: CheckName = "routes";
  const { table, rulePriority } = routing;
  const stale = (actual.staleRules?.length ?? 0) + (actual.strays?.length ?? 0);
  const rules = actual.rules + (actual.staleRules?.length ?? 0);
  const routes = actual.routes.size + (actual.strays?.length ?? 0);
  if (daemon === "running") {
    if (actual.rules === 0) {
      const text = `The rule ${rulePriority} to table ${table} is missing although a daemon runs`;
      return problem(check, text, "look into its log why it cannot add it; faild status");
    }
    if (actual.rules > 1 || stale > 0 || actual.foreign > 0) {
      const text = `Table ${table} and its rule hold more than the daemon made: ` +
        `${counted(rules, "rule")}, ${counted(stale, "stray")}, ` +
        `${counted(actual.foreign, "route")} of others`;
      return warning(check, text, `ip rule show; ip route show table ${table}`);
    }
    const text = `The rule ${rulePriority} to table ${table} is in place, with ` +
      counted(routes, "route");
    return fine(check, text);
  }
  if (rules + routes === 0) return fine(check, "Nothing of faild is in the kernel, and none runs");
  const left = `${counted(rules, "rule")} and ${
    counted(routes, "route")
  } of faild are in the kernel`;
  return daemon === "stopped"
    ? problem(check, `${left}, though no daemon runs`, "faild cleanup, or start the daemon")
    : untold(check, `${left}; whether a daemon runs cannot be told`, "run this as root");
}
