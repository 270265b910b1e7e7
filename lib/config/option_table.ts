/**
 * The one table of options. Flags, YAML keys, defaults, ranges and help text exist here only: the command line, the
 * configuration file, `--help` and the tests of config.example.yaml all read them from here.
 */

import type { AuthMode } from "../core/types.ts";
import type { Option } from "./options.ts";

/** In order of weight. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** How a line of the log can look. */
export const LOG_FORMATS = ["text", "json"] as const;

/** In order of strictness. */
const AUTH_MODES: readonly AuthMode[] = ["off", "permissive", "enforce"];

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
    id: "logSyslog",
    key: "log.syslog",
    flag: null,
    kind: "switch",
    default: false,
    help: "Send the log to the syslog of this machine too.",
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
    id: "confirmInterval",
    key: "confirm-interval",
    flag: null,
    kind: "number",
    whole: false,
    unit: "s",
    ranges: [[0.01, 3600]],
    default: null,
    derived: "the interval",
    help: "Time between the inquiries that confirm a first miss, sent to that peer only. " +
      "At most the interval.",
  },
  {
    id: "answerWaitFloor",
    key: "answer-wait.floor",
    flag: null,
    kind: "number",
    whole: false,
    unit: "s",
    ranges: [[0.001, 3600]],
    default: null,
    derived: "half the interval, but at most 0.15 s, confirm-interval and answer-wait.ceiling",
    help: "An answer is waited for at least so long, however fast the answers before it were.",
  },
  {
    id: "answerWaitCeiling",
    key: "answer-wait.ceiling",
    flag: null,
    kind: "number",
    whole: false,
    unit: "s",
    ranges: [[0.001, 3600]],
    default: null,
    derived: "three quarters of the interval, but at least answer-wait.floor",
    help: "An answer is waited for at most so long, however slow the answers before it were. " +
      "At most the interval.",
  },
  {
    id: "lossWindow",
    key: "loss.window",
    flag: null,
    kind: "number",
    whole: true,
    unit: null,
    ranges: [[0, 0], [20, 1000]],
    default: 60,
    help: "Inquiries over which the loss of a path is measured. 0: loss is no reason to leave one.",
  },
  {
    id: "lossLeaveAbove",
    key: "loss.leave-above",
    flag: null,
    kind: "number",
    whole: false,
    unit: "%",
    ranges: [[1, 99]],
    default: 25,
    help: "A path that loses more is left for one that loses much less.",
  },
  {
    id: "lossReturnBelow",
    key: "loss.return-below",
    flag: null,
    kind: "number",
    whole: false,
    unit: "%",
    ranges: [[0.1, 99]],
    default: 5,
    help: "Its traffic returns to such a path once it loses less. Must be below loss.leave-above.",
  },
  {
    id: "holdDownLimit",
    key: "hold-down.limit",
    flag: null,
    kind: "number",
    whole: false,
    unit: "s",
    ranges: [[0, 86400]],
    default: 300,
    help:
      "The longest time for which traffic is kept from a path that works again, but went down " +
      "often lately. 0: it never is.",
  },
  {
    id: "holdDownQuiet",
    key: "hold-down.quiet",
    flag: null,
    kind: "number",
    whole: false,
    unit: "s",
    ranges: [[0.1, 86400]],
    default: 60,
    help: "For each such time without going down, one time that the path went down is forgotten.",
  },
  {
    id: "failback",
    key: "failback",
    flag: null,
    kind: "failback",
    default: "auto",
    help:
      "When traffic returns to a path that works again: by itself (auto), only when it is asked " +
      "for by the signal USR2 or nothing else works (manual), or once the path was up for so many " +
      "seconds (after).",
  },
  {
    id: "stopGrace",
    key: "stop-grace",
    flag: null,
    kind: "number",
    whole: false,
    unit: "s",
    ranges: [[0, 3600]],
    default: 30,
    help: "For so long peers are asked to leave their routes alone when this daemon is stopped, " +
      "e.g. to be started anew. 0: they are told nothing.",
  },
  {
    id: "authMode",
    key: "auth.mode",
    flag: null,
    kind: "choice",
    choices: AUTH_MODES,
    default: "off",
    help: "Whether packets are signed: not at all, ours are and others are used without, or all " +
      "must be.",
  },
  {
    id: "authKeyFile",
    key: "auth.key-file",
    flag: null,
    kind: "path",
    default: null,
    help:
      "File of the keys (full path), readable by its owner only; needed unless auth.mode is off.",
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
      "Directory of the lock, the control socket and the events. Two daemons on one machine need two, and different ports and routing numbers.",
  },
  {
    id: "controlGroup",
    key: "control.group",
    flag: null,
    kind: "group",
    default: null,
    help: "Group whose members may ask and steer the daemon, as its owner may.",
  },
  {
    id: "eventsFile",
    key: "events.file",
    flag: null,
    kind: "path",
    default: null,
    help: "Keep the events in this file (full path), and the samples for faild report beside it. " +
      "Default: events.jsonl in the run directory, which a restart of the machine empties.",
  },
  {
    id: "metricsFile",
    key: "metrics.file",
    flag: null,
    kind: "path",
    default: null,
    help:
      "Write the metrics to this file (full path) too, for the text collector of a node exporter.",
  },
  {
    id: "metricsListen",
    key: "metrics.listen",
    flag: null,
    kind: "listen",
    default: null,
    help: "Serve the metrics by HTTP on this address and port, e.g. 127.0.0.1:9345.",
  },
];
