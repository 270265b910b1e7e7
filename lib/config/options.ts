/**
 * What can be configured: the shape of an option, the flags that are none, and the lists of the YAML file. The options
 * themselves are in option_table.ts.
 */

import { MAX_INTERFACES } from "../core/packet.ts";
import type { AuthMode } from "../core/types.ts";
import { type LOG_FORMATS, LOG_LEVELS, OPTIONS } from "./option_table.ts";

export { LOG_LEVELS, OPTIONS };

/** How much the log says; each level includes those after it. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line for people, or one JSON object for machines. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** What each option holds once it is checked: seconds, counts, names and paths as they are written. */
export interface Values {
  readonly requestor: boolean;
  /** Seconds. */
  readonly interval: number;
  readonly failAfter: number;
  readonly restoreAfter: number;
  readonly port: number;
  /** Seconds; null: the interval. */
  readonly confirmInterval: number | null;
  /** Seconds; null: what follows from interval and confirm-interval. */
  readonly answerWaitFloor: number | null;
  readonly answerWaitCeiling: number | null;
  /** Packets. */
  readonly lossWindow: number;
  /** Percent. */
  readonly lossLeaveAbove: number;
  readonly lossReturnBelow: number;
  /** Seconds. */
  readonly holdDownLimit: number;
  readonly holdDownQuiet: number;
  /** As `parseFailback` reads it. */
  readonly failback: string;
  /** Seconds. */
  readonly stopGrace: number;
  readonly authMode: AuthMode;
  readonly authKeyFile: string | null;
  readonly logFile: string | null;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly logSyslog: boolean;
  /** Null: the host's name. */
  readonly node: string | null;
  readonly table: number;
  readonly rulePriority: number;
  readonly protocol: number;
  readonly runDir: string;
  readonly controlGroup: string | null;
  /** Full path; null: a file in the run directory. */
  readonly eventsFile: string | null;
  readonly metricsFile: string | null;
  /** As `parseListen` reads it. */
  readonly metricsListen: string | null;
}

/** The name of an option in the code. */
export type OptionId = keyof Values;

/** A value of any option. */
export type Value = Values[OptionId];

/** A value and where it was said: "default", "flag -t", "/etc/faild.yaml:12", "environment FAILD_RUN_DIR". */
export interface Sourced<T> {
  readonly value: T;
  readonly origin: string;
}

/** The values that one source gave; what is absent was not given. */
export type Given = ReadonlyMap<OptionId, Sourced<Value>>;

/** What a value must be. */
export type Kind =
  | { readonly kind: "switch"; readonly default: false }
  | {
    readonly kind: "number";
    readonly whole: boolean;
    readonly unit: string | null;
    /** Allowed values, bounds included. */
    readonly ranges: readonly (readonly [number, number])[];
    /** Null: it follows from other options. */
    readonly default: number | null;
    /** What it follows from, in words; only where there is no default. */
    readonly derived?: string;
  }
  | { readonly kind: "choice"; readonly choices: readonly string[]; readonly default: string }
  /** A full path, so that it means the same to a daemon, to cron and to a person in some other directory. */
  | { readonly kind: "path"; readonly default: string | null }
  | { readonly kind: "name"; readonly default: null }
  /** The name of a group of the operating system. */
  | { readonly kind: "group"; readonly default: null }
  /** A loopback address and a TCP port. */
  | { readonly kind: "listen"; readonly default: null }
  /** "auto", "manual", or "after" and seconds. */
  | { readonly kind: "failback"; readonly default: string };

/** How an option is spelled on the command line. */
export interface Flag {
  /** One letter, without its dash. */
  readonly short: string | null;
  /** Without its dashes. */
  readonly long: string;
  /** What stands for the value in the help text; null: the flag takes none. */
  readonly argument: string | null;
}

/** One option. */
export type Option = Kind & {
  readonly id: OptionId;
  /** The path of its key in the YAML file, e.g. "log.file". */
  readonly key: string;
  readonly flag: Flag | null;
  readonly help: string;
};

/** A flag that is no option of the daemon and has no YAML key. */
export type ExtraFlag = Flag & {
  readonly id: "config" | "help" | "version";
  readonly help: string;
};

/** The flags without a YAML key. */
export const EXTRA_FLAGS: readonly ExtraFlag[] = [
  {
    id: "config",
    short: "c",
    long: "config",
    argument: "FILE",
    help:
      "Read this YAML file instead of /etc/faild.yaml, which is read if it exists. Its values override flags.",
  },
  { id: "help", short: "h", long: "help", argument: null, help: "Show this text." },
  {
    id: "version",
    short: "V",
    long: "version",
    argument: null,
    help: "Show the version, and what it was built with.",
  },
];

/** The file that is read without -c, if it exists. */
export const DEFAULT_CONFIG_FILE = "/etc/faild.yaml";

/** The environment variable that sets the run directory. */
export const RUN_DIR_VARIABLE = "FAILD_RUN_DIR";

/** A list in the YAML file. */
export interface ListKey {
  readonly key: "networks" | "peers" | "allow" | "hooks";
  readonly maximum: number;
  /** The keys of an entry that is a mapping; empty: entries are plain text. */
  readonly entryKeys: readonly string[];
  readonly help: string;
}

/** The lists of the YAML file. The limits are far above what one host has, and bound its work. */
export const NETWORKS: ListKey = {
  key: "networks",
  // Each packet tells of all networks of its sender.
  maximum: MAX_INTERFACES,
  entryKeys: ["name", "interface", "subnet"],
  help: "LANs to use, in order of preference, each by its interface or its subnet. " +
    "Without this list all that are up are used, in order of name.",
};

/** Nodes that broadcast does not reach. */
export const PEERS: ListKey = {
  key: "peers",
  maximum: 1000,
  entryKeys: ["node", "addresses"],
  help: "Nodes that broadcast does not reach; they are probed by unicast.",
};

/** Whose packets are used. */
export const ALLOW: ListKey = {
  key: "allow",
  maximum: 4096,
  entryKeys: [],
  help:
    "Names, addresses and subnets of the nodes whose packets are used; those of peers are too. " +
    "Without this list everybody's are.",
};

/** Programs that are run on what happens. */
export const HOOKS: ListKey = {
  key: "hooks",
  maximum: 16,
  entryKeys: ["on", "run", "timeout"],
  help:
    "Programs to run when paths, networks, routes, nodes or the daemon itself change state; each " +
    "gets the event as JSON on standard input.",
};

/** All lists, in the order in which they are shown. */
export const LISTS: readonly ListKey[] = [NETWORKS, PEERS, ALLOW, HOOKS];

const BY_ID: ReadonlyMap<OptionId, Option> = new Map(OPTIONS.map((each) => [each.id, each]));

/** The option with this name. */
export function optionOf(id: OptionId): Option {
  const option = BY_ID.get(id);
  if (option === undefined) throw new Error(`No option ${id} in the table`);
  return option;
}
