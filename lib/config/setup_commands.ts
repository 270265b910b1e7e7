/** The commands that set a machine up. */

import type { Command, CommandFlag } from "./command.ts";
import { askingFailures, UNUSABLE_CONFIGURATION } from "./command_words.ts";
import { EXIT } from "./exit_code.ts";

const DRY_RUN_FLAG: CommandFlag = {
  short: null,
  long: "dry-run",
  argument: null,
  help: "Show everything, and change nothing.",
};

const ROOT_FLAG: CommandFlag = {
  short: null,
  long: "root",
  argument: "DIR",
  value: { kind: "path", default: null },
  help: "Put all paths below this folder, and start and stop nothing: for an image of a machine.",
};

const NO_RIGHT_TO_FILES = "no permission to write a file, or to change routes";

/** In the order in which they are shown. */
export const SETUP_COMMANDS = [
  {
    name: "init",
    summary: "Write a commented configuration file for this machine, with its networks filled in.",
    details: "It makes this host a requestor, and keeps events in /var/log, where they outlive a " +
      "restart of the machine. A file that is there already is never overwritten.",
    argument: null,
    flags: [{
      short: "o",
      long: "output",
      argument: "FILE",
      help: "Write to this file instead of /etc/faild.yaml; - is standard output.",
    }],
    takes: "nothing",
    exits: [
      [EXIT.ok, "written"],
      [EXIT.general, "the file is there already, or the interfaces cannot be read"],
      [EXIT.permission, "no permission to write the file"],
    ],
    examples: [
      ["faild init", "write /etc/faild.yaml"],
      ["faild init -o -", "look at it first"],
    ],
  },
  {
    name: "install",
    summary: "Place the program with all that belongs to it, and have it started and kept running.",
    details:
      "Shows each file before it places it: the program, /etc/faild.yaml where there is none, " +
      "the manual pages, the completions of shells, the rotation of the log, and a hardened unit of " +
      "systemd or lines for cron. Nothing that is there and differs is overwritten unasked. What was " +
      "placed is remembered in /var/lib/faild/installed.json. The install of another version is an " +
      "upgrade: the daemon that runs goes on unless the new one finds the configuration right, and " +
      "then is replaced. A rest of the watchdog after repeated starts is over with it.",
    argument: null,
    flags: [
      {
        short: null,
        long: "systemd",
        argument: null,
        help: "Have systemd run the daemon. This is what happens where systemd runs.",
      },
      {
        short: null,
        long: "cron",
        argument: null,
        help: "Have cron look after the daemon each minute, by faild watchdog.",
      },
      DRY_RUN_FLAG,
      {
        short: null,
        long: "force",
        argument: null,
        help: "Overwrite files that differ; never the configuration.",
      },
      {
        short: null,
        long: "prefix",
        argument: "DIR",
        value: { kind: "path", default: "/usr/local" },
        help: "Place program and pages below this folder.",
      },
      {
        ...ROOT_FLAG,
        help: `${ROOT_FLAG.help} Its configuration, where there is none, names no networks.`,
      },
    ],
    takes: "nothing",
    exits: [
      [EXIT.ok, "installed, and running; with --root: installed"],
      [
        EXIT.general,
        "something is in the way, the daemon does not start, or nothing here looks after it: " +
        "neither systemd nor cron runs",
      ],
      [EXIT.permission, NO_RIGHT_TO_FILES],
      [EXIT.config, UNUSABLE_CONFIGURATION],
    ],
    examples: [
      ["faild install --dry-run", "see what would be placed"],
      ["faild install --cron", "install on a machine without systemd"],
    ],
  },
  {
    name: "uninstall",
    summary: "Stop the daemon, and remove what install placed and what the daemon left.",
    details: "Routes, files and folders are gone afterwards, but for what people made or chose a " +
      "place for, which is kept, and named: a configuration that was written or changed by hand, the " +
      "keys, and the log and the events for which that configuration names a file.",
    argument: null,
    flags: [DRY_RUN_FLAG, ROOT_FLAG],
    takes: "nothing",
    exits: [
      [EXIT.ok, "nothing is left but what is named as kept"],
      [EXIT.general, "the daemon cannot be stopped, or something cannot be removed"],
      [EXIT.permission, NO_RIGHT_TO_FILES],
    ],
    examples: [["faild uninstall --dry-run", "see what would be removed"]],
  },
  {
    name: "man",
    summary: "Print a manual page: faild(8), or faild.yaml(5) on the configuration file.",
    details: "The page is for man, e.g. by man -l.",
    argument: { name: "SECTION", words: ["8", "5"], needed: false, many: false },
    flags: [],
    takes: "nothing",
    exits: [[EXIT.ok, "printed"]],
    examples: [["faild man 5", "print the page on the configuration file"]],
  },
  {
    name: "completions",
    summary: "Print what a shell needs to complete the commands and flags of faild.",
    details: "What is printed for bash, zsh or fish asks in its turn for networks or nodes: the " +
      "names that the running daemon knows, a line each, those left out that a shell would have " +
      "to quote.",
    argument: {
      name: "WHAT",
      words: ["bash", "zsh", "fish", "networks", "nodes"],
      needed: true,
      many: false,
    },
    flags: [],
    takes: "place",
    exits: [
      [EXIT.ok, "printed"],
      ...askingFailures("the daemon does not answer"),
    ],
    examples: [
      ["faild completions bash", "print those for bash, which can be sourced"],
      ["faild completions networks", "print what can be drained"],
    ],
  },
  {
    name: "help",
    summary: "Explain a command, or without one the program.",
    details: null,
    argument: { name: "COMMAND", words: null, needed: false, many: false },
    flags: [],
    takes: "nothing",
    exits: [[EXIT.ok, "explained"]],
    examples: [["faild help check", "explain check; faild check --help does the same"]],
  },
] as const satisfies readonly Command[];
