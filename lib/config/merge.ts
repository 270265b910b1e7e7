/** Puts the sources together, defaults < environment < flags < YAML, and remembers where each value came from. */

import { MAX_NAME_BYTES, refusedCharacter } from "../core/node_name.ts";
import type { AllowList, Settings, StaticPeer } from "../core/types.ts";
import { crossProblems } from "./cross_checks.ts";
import {
  type Given,
  type ListKey,
  type LogFormat,
  type LogLevel,
  type OptionId,
  OPTIONS,
  type Sourced,
  type Value,
  type Values,
} from "./options.ts";
import type { Problem } from "./problem.ts";
import { timingOf, trafficOf, type ValueOf } from "./resolve.ts";
import { type Listen, parseListen } from "./values.ts";
import type { Hook } from "./yaml_hooks.ts";
import { readYaml, type YamlContent, type YamlFile } from "./yaml_file.ts";

/** Where the log goes and how much of it there is. */
export interface LogSettings {
  /** Full path; null: standard error. */
  readonly file: string | null;
  /** What is of less weight is not logged. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Whether it goes to the syslog of this machine too. */
  readonly syslog: boolean;
}

/** A flag, or a variable of the environment, that the YAML file overrode. */
export interface Overridden {
  /** Of the value that does not count, e.g. "flag -t". */
  readonly origin: string;
  readonly value: Value;
  readonly key: string;
  readonly by: Sourced<Value>;
}

/** Who may ask and steer the daemon besides its owner. */
export interface ControlSettings {
  /** The name of a group; null: nobody. */
  readonly group: string | null;
}

/** Where what happens is kept. */
export interface EventSettings {
  /** Full path. */
  readonly file: string;
}

/** Where the metrics go without being asked for. */
export interface MetricsSettings {
  /** Full path; null: nowhere. */
  readonly file: string | null;
  /** Null: nobody is listened to. */
  readonly listen: Listen | null;
}

/** The file of the events where none is named. */
const EVENTS_NAME = "events.jsonl";

/** Where each value came from, as in `Sourced`. */
export type Origins = Readonly<Record<OptionId | ListKey["key"], string>>;

/** All that a daemon needs to know before it starts. */
export interface Configuration {
  readonly settings: Settings;
  readonly runDir: string;
  readonly log: LogSettings;
  /** Full path of the file of the keys; null: none was named. */
  readonly keyFile: string | null;
  readonly control: ControlSettings;
  readonly events: EventSettings;
  readonly metrics: MetricsSettings;
  readonly hooks: readonly Hook[];
  /** The YAML file that was read; null: none. */
  readonly file: string | null;
  readonly origins: Origins;
  readonly overridden: readonly Overridden[];
}

/** The sources of a configuration. */
export interface Sources {
  /** What flags and environment gave, from `parseCommandLine`. */
  readonly given: Given;
  readonly yaml: YamlFile | null;
  readonly hostname: string;
}

/** A configuration, or everything that is wrong with the YAML file. */
export type Merged =
  | { readonly kind: "configuration"; readonly configuration: Configuration }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

/** Merges the sources. Never throws, whatever the file holds. */
export function mergeConfiguration({ given, yaml, hostname }: Sources): Merged {
  const content = yaml === null ? null : readYaml(yaml);
  if (content !== null && content.problems.length > 0) {
    return { kind: "problems", problems: content.problems };
  }
  const { chosen, overridden } = choose(given, content);
  // The table and the checks against it see to it that each value has its option's type.
  const value = <Id extends OptionId>(id: Id) => chosen.get(id)?.value as Values[Id];
  const origin = (id: OptionId) => chosen.get(id)?.origin ?? "default";
  const problems = crossProblems(value, origin);
  if (problems.length > 0) return { kind: "problems", problems };
  return {
    kind: "configuration",
    configuration: {
      settings: {
        ...timingOf(value),
        ...trafficOf(value),
        ...nodesOf(content),
        requestor: value("requestor"),
        auth: value("authMode"),
        port: value("port"),
        nodeName: value("node") ?? nodeNameOf(hostname),
        routing: {
          table: value("table"),
          rulePriority: value("rulePriority"),
          protocol: value("protocol"),
        },
      },
      runDir: value("runDir"),
      log: {
        file: value("logFile"),
        level: value("logLevel"),
        format: value("logFormat"),
        syslog: value("logSyslog"),
      },
      keyFile: value("authKeyFile"),
      ...servicesOf(value),
      hooks: content?.hooks?.value ?? [],
      file: yaml?.file ?? null,
      origins: originsOf(chosen, content),
      overridden,
    },
  };
}

/** What the daemon offers beside its work. */
function servicesOf(value: ValueOf): Pick<Configuration, "control" | "events" | "metrics"> {
  const listen = value("metricsListen");
  return {
    control: { group: value("controlGroup") },
    events: { file: value("eventsFile") ?? `${value("runDir")}/${EVENTS_NAME}` },
    // Its check has read it already.
    metrics: { file: value("metricsFile"), listen: listen === null ? null : parseListen(listen) },
  };
}

type Chosen = ReadonlyMap<OptionId, Sourced<Value>>;

/** The value of each option from the source that counts, and what did not count. */
function choose(
  given: Given,
  content: YamlContent | null,
): { readonly chosen: Chosen; readonly overridden: readonly Overridden[] } {
  const chosen = new Map<OptionId, Sourced<Value>>();
  const overridden: Overridden[] = [];
  for (const option of OPTIONS) {
    const { id, key } = option;
    const flag = given.get(id);
    const file = content?.given.get(id);
    if (flag !== undefined && file !== undefined) overridden.push({ ...flag, key, by: file });
    chosen.set(id, file ?? flag ?? { value: option.default, origin: "default" });
  }
  return { chosen, overridden };
}

/** The lists of the file. */
function nodesOf(content: YamlContent | null): Pick<Settings, "networks" | "peers" | "allow"> {
  const peers = content?.peers?.value ?? [];
  const allow = content?.allow?.value ?? null;
  return {
    networks: content?.networks?.value ?? [],
    peers,
    allow: allow === null ? null : withPeers(allow, peers),
  };
}

/** Whoever is configured as a peer is allowed. */
function withPeers({ names, subnets }: AllowList, peers: readonly StaticPeer[]): AllowList {
  const ofPeers = peers.flatMap(({ addresses }) => addresses.map((address) => `${address}/32`));
  return { names, subnets: [...new Set([...subnets, ...ofPeers])] };
}

function originsOf(chosen: Chosen, content: YamlContent | null): Origins {
  const options = Object.fromEntries([...chosen].map(([id, { origin }]) => [id, origin]));
  return {
    ...options as Record<OptionId, string>,
    networks: content?.networks?.origin ?? "default",
    peers: content?.peers?.origin ?? "default",
    allow: content?.allow?.origin ?? "default",
    hooks: content?.hooks?.origin ?? "default",
  };
}

/** One line for the log, e.g. "flag -t 1 is overridden by interval 0.5 (/etc/faild.yaml:3)". */
export function overriddenText({ origin, value, key, by }: Overridden): string {
  const flag = value === true ? origin : `${origin} ${value}`;
  return `${flag} is overridden by ${key} ${by.value} (${by.origin})`;
}

/**
 * The name of a node from its host name. A host may have a name that a node may not, and must be able to start all
 * the same: what is refused becomes a dash, or is left out at the beginning, and what is too long is cut.
 */
export function nodeNameOf(hostname: string): string {
  let name = "";
  for (const character of hostname) {
    const longer = name + (refusedCharacter(name + character) === null ? character : "-");
    // At the beginning a dash is refused too.
    if (refusedCharacter(longer) !== null) continue;
    if (new TextEncoder().encode(longer).length > MAX_NAME_BYTES) break;
    name = longer;
  }
  return name === "" ? "node" : name;
}
