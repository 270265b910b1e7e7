/** The commands that tell how things are, and how they were. */

import type { Command } from "./command.ts";
import {
  askingFailures,
  JSON_FLAG,
  NO_RIGHT_TO_ASK,
  NOT_RUNNING,
  SINCE_FLAG,
  UNUSABLE_CONFIGURATION,
} from "./command_words.ts";
import { EXIT } from "./exit_code.ts";

/** In the order in which they are shown. */
export const ASKING_COMMANDS = [
  {
    name: "status",
    summary: "Show the state of the running daemon.",
    details:
      "Its networks, each peer on each of them, and the routes in force with their reasons. " +
      "With --watch a terminal shows this live until q, Esc or Ctrl-C, the worst peers first; n, s, " +
      "r and l sort by name, state, RTT and loss, the arrows, j, k, PgUp, PgDn, Home and End " +
      "scroll, space holds the view. Each path has curves of the last looks at it. The steps of " +
      "RTT are up to 0.3 ms, 1, 3, 10, 30, 100, 300 ms, and beyond; a cross is a look that missed " +
      "an answer, a dot one that measured no time. Those of loss are up to 2, 5, 10, 25, 50, 75, 95 " +
      "percent, and beyond; a dot is none. g draws digits, for terminals without blocks. Where there " +
      "is no terminal (a pipe, a file, TERM=dumb) each look is printed, with the time above it. " +
      "While the daemon is away, --watch says so and goes on asking.",
    argument: null,
    flags: [
      {
        short: null,
        long: "watch",
        argument: null,
        help: "Go on as often as the daemon asks its peers, every 0.5 to 2 s; with --json each " +
          "look is one line, and what is wrong is said on standard error.",
      },
      JSON_FLAG,
    ],
    takes: "place",
    exits: [
      [EXIT.ok, "a daemon runs; with --watch: it ran at the beginning"],
      [EXIT.general, "the daemon does not answer"],
      [EXIT.stopped, NOT_RUNNING],
      [EXIT.permission, NO_RIGHT_TO_ASK],
      [EXIT.config, UNUSABLE_CONFIGURATION],
    ],
    examples: [
      ["faild status", "see who is reached over which LAN"],
      ["faild status --watch", "watch it, while somebody pulls cables"],
      ["faild status --json", "the same for a program"],
    ],
  },
  {
    name: "health",
    summary: "Judge the state of the running daemon in one line, for monitoring systems.",
    details: "The line begins with OK, WARNING, CRITICAL or UNKNOWN. Figures for curves follow " +
      "behind a bar, as plug-ins of monitoring systems write them.",
    argument: null,
    flags: [JSON_FLAG],
    takes: "place",
    exits: [
      [
        EXIT.ok,
        "all paths are up, but for those that a peer has drained, and the routes are as wanted",
      ],
      [
        EXIT.general,
        "warning: a network or path is down, loses too much, is held or drained, or no other " +
        "node is known",
      ],
      [
        EXIT.usage,
        "critical: routes are not as wanted, a peer is out of reach, no network works, or the " +
        "daemon hangs",
      ],
      [EXIT.stopped, "unknown: no daemon runs, it may not be asked, or the command line is wrong"],
    ],
    misuse: EXIT.stopped,
    examples: [["faild health", "what a monitoring system runs"]],
  },
  {
    name: "events",
    summary: "Print what happened, from the file that the daemon keeps.",
    details:
      "No daemon is needed: the file outlives it. It outlives a restart of the machine, too, " +
      "where events.file puts it on a disk, as the configuration of faild init does; by itself it is " +
      "in the run directory, which such a restart empties.",
    argument: null,
    flags: [
      SINCE_FLAG,
      {
        short: null,
        long: "follow",
        argument: null,
        help: "Go on with what happens from now on, until interrupted.",
      },
      JSON_FLAG,
    ],
    takes: "place",
    exits: [
      [EXIT.ok, "printed"],
      [EXIT.general, "the file cannot be read"],
      [EXIT.permission, "no permission to read the file"],
      [EXIT.config, UNUSABLE_CONFIGURATION],
    ],
    examples: [["faild events --since 2h", "what happened in the last two hours"]],
  },
  {
    name: "metrics",
    summary: "Print the metrics of the running daemon for Prometheus.",
    details: null,
    argument: null,
    flags: [{
      short: null,
      long: "openmetrics",
      argument: null,
      help: "Print them in the format of OpenMetrics.",
    }],
    takes: "place",
    exits: [
      [EXIT.ok, "printed"],
      ...askingFailures("the daemon does not answer"),
    ],
    examples: [["faild metrics", "print what Prometheus would be told"]],
  },
  {
    name: "report",
    summary: "Write a page about the past: failovers, their causes, and how the paths did.",
    details:
      "One self-contained HTML file, made from the files that the daemon keeps; no daemon is " +
      "needed. How much of the time is recorded stands at its head; see faild help events for what " +
      "is kept.",
    argument: null,
    flags: [
      {
        short: "o",
        long: "output",
        argument: "FILE",
        help: "Write to this file, which is replaced; - is standard output. Must be given.",
      },
      SINCE_FLAG,
    ],
    takes: "place",
    exits: [
      [EXIT.ok, "written"],
      [EXIT.general, "a file cannot be read or written"],
      [EXIT.permission, "no permission to read or write a file"],
      [EXIT.config, UNUSABLE_CONFIGURATION],
    ],
    examples: [["faild report --since 7d -o report.html", "a page about the last week"]],
  },
  {
    name: "probe",
    summary: "Ask now and from here who answers on which network.",
    details:
      "Needs no daemon, no configuration and no rights. The arguments name networks to ask " +
      "on, or nodes by name or address to tell of; without any all are asked, and all who answer " +
      "are told of. Beside a daemon, which has the port, the answers come to another port: they " +
      "may be sent by another network than was asked on, or be kept out by a firewall. What the " +
      "daemon knows of a path is told then where it differs, and counts. Whom it knows is known " +
      "here too, and missing where no answer comes; that takes the right to ask it.",
    argument: { name: "NETWORK|NODE", words: null, needed: false, many: true },
    flags: [
      {
        short: "n",
        long: "count",
        argument: "COUNT",
        value: { kind: "number", whole: true, unit: null, ranges: [[1, 1000000]], default: 4 },
        help: "How many times to ask.",
      },
      {
        short: "t",
        long: "interval",
        argument: "SECONDS",
        value: { kind: "number", whole: false, unit: "s", ranges: [[0.05, 3600]], default: 0.5 },
        help: "Time between two inquiries.",
      },
      {
        short: "p",
        long: "port",
        argument: "PORT",
        value: {
          kind: "number",
          whole: true,
          unit: null,
          ranges: [[1, 65535]],
          default: null,
          derived: "that of the configuration",
        },
        help: "UDP port of those who are asked.",
      },
      JSON_FLAG,
    ],
    takes: "place",
    exits: [
      [EXIT.ok, "every node that is known, or was asked for, answers on all networks"],
      [EXIT.general, "one of them misses a network or does not answer, or nobody can be asked"],
      [EXIT.stopped, "nobody answers at all"],
      [EXIT.config, UNUSABLE_CONFIGURATION],
    ],
    examples: [
      ["faild probe", "who is there"],
      ["faild probe -n 100 -t 0.1 eth0", "how much is lost on one LAN"],
    ],
  },
  {
    name: "doctor",
    summary: "Look at all that failover depends on, and tell how to mend what is wrong.",
    details: "Checks the settings of the kernel, programs, rights, rules of others, firewall, " +
      "networks, and whether the daemon runs where it is installed. A daemon that runs is asked " +
      "for its networks, peers and paths. It changes nothing, and needs no daemon.",
    argument: null,
    flags: [JSON_FLAG],
    takes: "all",
    exits: [
      [EXIT.ok, "nothing that keeps failover from working, now or at the next fault"],
      [EXIT.general, "something does, or a path or peer is down"],
      [EXIT.config, UNUSABLE_CONFIGURATION],
    ],
    examples: [["faild doctor", "when failover does not work as it should"]],
  },
] as const satisfies readonly Command[];
