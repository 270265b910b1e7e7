/**
 * The one table of options. Flags, YAML keys, defaults, ranges and help text exist here only: the command line, the
 * configuration file, `--help` and the tests of config.example.yaml all read them from here.
 */

import { MAX_INTERFACES } from "../core/packet.ts";

/** In order of weight. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** How much the log says; each level includes those after it. */
export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_FORMATS = ["text", "json"] as const;

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
  readonly logFile: string | null;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Null: the host's name. */
  readonly node: string | null;
  readonly table: number;
  readonly rulePriority: number;
  readonly protocol: number;
  readonly runDir: string;
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
    readonly default: number;
  }
  | { readonly kind: "choice"; readonly choices: readonly string[]; readonly default: string }
  /** A full path, so that it means the same to a daemon, to cron and to a person in some other directory. */
  | { readonly kind: "path"; readonly default: string | null }
  | { readonly kind: "name"; readonly default: null };

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

/** All options, in the order in which they are shown. */
export const OPTIONS: readonly Option[] = [
  {
    id: "requestor",
    key: "requestor",
    flag: { short: "r", long: "requestor", argument: null },
    kind: "switch",
    default: false,
    help:
      "Send inquiries too. Without it this node only answers them, and judges others by theirs.",
  },
  {
    id: "interval",
    key: "interval",
    flag: { short: "t", long: "interval", argument: "SECONDS" },
    kind: "number",
    whole: false,
    unit: "s",
    ranges: [[0.01, 3600]],
    default: 1,
    help: "Time between two inquiries on a network. Decimals are allowed.",
  },
  {
    id: "failAfter",
    key: "fail-after",
    flag: { short: "f", long: "fail-after", argument: "COUNT" },
    kind: "number",
    whole: true,
    unit: null,
    ranges: [[1, 1000]],
    default: 3,
    help: "Missed packets in a row after which a path is down and its traffic is moved.",
  },
  {
    id: "restoreAfter",
    key: "restore-after",
    flag: { short: "s", long: "restore-after", argument: "COUNT" },
    kind: "number",
    whole: true,
    unit: null,
    ranges: [[1, 100000]],
    default: 10,
    help: "Good packets in a row after which a path is up again and its traffic returns.",
  },
  {
    id: "port",
    key: "port",
    flag: { short: "p", long: "port", argument: "PORT" },
    kind: "number",
    whole: true,
    unit: null,
    ranges: [[1, 65535]],
    default: 32453,
    help: "UDP port, the same on all nodes.",
  },
  {
    id: "logFile",
    key: "log.file",
    flag: { short: "l", long: "log-file", argument: "PATH" },
    kind: "path",
    default: null,
    help: "Append the log to this file (full path) instead of standard error.",
  },
  {
    id: "logLevel",
    key: "log.level",
    flag: null,
    kind: "choice",
    choices: LOG_LEVELS,
    default: "info",
    help: "How much is logged.",
  },
  {
    id: "logFormat",
    key: "log.format",
    flag: null,
    kind: "choice",
    choices: LOG_FORMATS,
    default: "text",
    help: "Lines of text, or one JSON object per line.",
  },
  {
    id: "node",
    key: "node",
    flag: null,
    kind: "name",
    default: null,
    help: "Name of this node in logs, a label only. Default: the host name.",
  },
  {
    id: "table",
    key: "routing.table",
    flag: null,
    kind: "number",
    whole: true,
    unit: null,
    // 0 means "unspecified"; 253 to 255 are the kernel's default, main and local tables.
    ranges: [[1, 252], [256, 4294967295]],
    default: 245,
    help: "Routing table that holds the routes of this daemon and nothing else.",
  },
  {
    id: "rulePriority",
    key: "routing.rule-priority",
    flag: null,
    kind: "number",
    whole: true,
    unit: null,
    // After the local table (0), before the main table (32766).
    ranges: [[1, 32765]],
    default: 3245,
    help: "Priority of the policy rule that leads into the routing table.",
  },
  {
    id: "protocol",
    key: "routing.protocol",
    flag: null,
    kind: "number",
    whole: true,
    unit: null,
    // 0 to 4 belong to the kernel, to ICMP redirects and to routes made by hand.
    ranges: [[5, 255]],
    default: 245,
    help: "Protocol number that marks the routes and the rule of this daemon.",
  },
  {
    id: "runDir",
    key: "run-dir",
    flag: { short: null, long: "run-dir", argument: "DIR" },
    kind: "path",
    default: "/run/faild",
    help:
      "Directory of the lock. Two daemons on one machine need two, and different ports and routing numbers.",
  },
];

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

/** A list in the YAML file whose entries are mappings. */
export interface ListKey {
  readonly key: "networks" | "peers";
  readonly maximum: number;
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

/** The words of the command line that are not flags. */
export const COMMANDS: readonly { readonly name: "check" | "cleanup"; readonly help: string }[] = [
  {
    name: "check",
    help: "Check flags and configuration, and show what would run. Opens no socket.",
  },
  {
    name: "cleanup",
    help: "Remove the routes and the rule of a daemon that no longer runs.",
  },
];

const BY_ID: ReadonlyMap<OptionId, Option> = new Map(OPTIONS.map((each) => [each.id, each]));

/** The option with this name. */
export function optionOf(id: OptionId): Option {
  const option = BY_ID.get(id);
  if (option === undefined) throw new Error(`No option ${id} in the table`);
  return option;
}
