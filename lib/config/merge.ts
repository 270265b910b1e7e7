/** Puts the sources together, defaults < environment < flags < YAML, and remembers where each value came from. */

import { MAX_NAME_BYTES, refusedCharacter } from "../core/node_name.ts";
import type { Settings } from "../core/types.ts";
import {
  type Given,
  type LogFormat,
  type LogLevel,
  type OptionId,
  OPTIONS,
  type Sourced,
  type Value,
  type Values,
} from "./options.ts";
import type { Problem } from "./problem.ts";
import { readYaml, type YamlFile } from "./yaml_file.ts";

/** Where the log goes and how much of it there is. */
export interface LogSettings {
  /** Full path; null: standard error. */
  readonly file: string | null;
  /** What is of less weight is not logged. */
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** A flag, or a variable of the environment, that the YAML file overrode. */
export interface Overridden {
  /** Of the value that does not count, e.g. "flag -t". */
  readonly origin: string;
  readonly value: Value;
  readonly key: string;
  readonly by: Sourced<Value>;
}

/** Where each value came from, as in `Sourced`. */
export type Origins = Readonly<Record<OptionId | "networks" | "peers", string>>;

/** All that a daemon needs to know before it starts. */
export interface Configuration {
  readonly settings: Settings;
  readonly runDir: string;
  readonly log: LogSettings;
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
  const chosen = new Map<OptionId, Sourced<Value>>();
  const overridden: Overridden[] = [];
  for (const option of OPTIONS) {
    const { id, key } = option;
    const flag = given.get(id);
    const file = content?.given.get(id);
    if (flag !== undefined && file !== undefined) overridden.push({ ...flag, key, by: file });
    chosen.set(id, file ?? flag ?? { value: option.default, origin: "default" });
  }
  // The table and the checks against it see to it that each value has its option's type.
  const value = <Id extends OptionId>(id: Id) => chosen.get(id)?.value as Values[Id];
  const origins = Object.fromEntries([...chosen].map(([id, { origin }]) => [id, origin]));
  return {
    kind: "configuration",
    configuration: {
      settings: {
        requestor: value("requestor"),
        intervalMs: millisecondsOf(value("interval")),
        failAfter: value("failAfter"),
        restoreAfter: value("restoreAfter"),
        port: value("port"),
        nodeName: value("node") ?? nodeNameOf(hostname),
        networks: content?.networks?.value ?? [],
        peers: content?.peers?.value ?? [],
        routing: {
          table: value("table"),
          rulePriority: value("rulePriority"),
          protocol: value("protocol"),
        },
      },
      runDir: value("runDir"),
      log: { file: value("logFile"), level: value("logLevel"), format: value("logFormat") },
      file: yaml?.file ?? null,
      origins: {
        ...origins as Record<OptionId, string>,
        networks: content?.networks?.origin ?? "default",
        peers: content?.peers?.origin ?? "default",
      },
      overridden,
    },
  };
}

/** One line for the log, e.g. "flag -t 1 is overridden by interval 0.5 (/etc/faild.yaml:3)". */
export function overriddenText({ origin, value, key, by }: Overridden): string {
  const flag = value === true ? origin : `${origin} ${value}`;
  return `${flag} is overridden by ${key} ${by.value} (${by.origin})`;
}

/** Seconds to milliseconds, to the microsecond: 0.07 s are 70 ms, and not 70.00000000000001. */
function millisecondsOf(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
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
