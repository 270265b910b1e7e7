/**
 * What the example file and the manual page of the configuration say beyond the help of the table of options, and the
 * order in which they say it.
 */

import type { ListKey, OptionId, Value } from "./options.ts";

/** The order of keys, headings of keys and lists in the example file. */
export const ORDER: readonly string[] = [
  "requestor",
  "interval",
  "fail-after",
  "restore-after",
  "confirm-interval",
  "answer-wait",
  "loss",
  "hold-down",
  "failback",
  "stop-grace",
  "port",
  "log",
  "node",
  "networks",
  "peers",
  "allow",
  "auth",
  "control",
  "events",
  "metrics",
  "hooks",
  "routing",
  "run-dir",
];

/** What the keys below a heading have in common. */
export const GROUPS: Readonly<Record<string, string>> = {
  "answer-wait": "How many seconds an answer is waited for: as long as answers took lately, but " +
    "within these bounds.",
  loss: "A path that loses packets, but never enough in a row, is left for one of the same peer " +
    "that loses much less.",
  "hold-down": "A path that goes down often gets its traffic back later and later.",
  log: "Where the log goes, and how much of it there is.",
  auth: "Signed packets, so that nobody without the key can forge one.",
  control:
    "Who may use the commands that ask and steer a running daemon, such as status and drain.",
  events: "What happened and what was measured, for faild events and faild report: kept across " +
    "restarts of the daemon, and with a file outside /run also of the machine. Bounded to about 4 " +
    "MiB.",
  metrics: "Metrics for Prometheus, beside those that faild metrics prints.",
  routing: "The mark by which everything of this daemon in the kernel is known, and removed. " +
    "Change a number only where another program uses it. A second daemon on one machine needs " +
    "three others, and another port and run-dir: what carries the protocol number of a daemon, it " +
    "takes for its own and removes.",
};

/** What else is to be known of an option or a list. */
export const DETAILS: Readonly<Partial<Record<OptionId | ListKey["key"], string>>> = {
  interval: "Inquiries are sent a little early at random, 75 to 100 % of the interval apart.",
  failAfter:
    "A smaller interval with a larger count finds a cut as fast, and is less often wrong " +
    "on a lossy LAN.",
  confirmInterval: "A cut is found faster so, and the idle LAN carries no packet more.",
  stopGrace: "If it is started anew within that time, no route of theirs moves, and it puts back " +
    "those of its own that the stop removed.",
  node: 'Up to 63 bytes of letters, digits, "-", "." and "_".',
  authMode: "off: no packet is signed. permissive: ours are, and those of others are used in any " +
    "case, which the log tells; with it all nodes get their keys one after the other. enforce: " +
    "what is not signed is dropped.",
  authKeyFile:
    "A line for each key: its id (1 to 255), blanks, and 32 to 128 hexadecimal digits. " +
    "The first line signs, every line is accepted; the signal HUP makes a running daemon read the " +
    "file anew.",
  runDir: "The environment variable FAILD_RUN_DIR sets it too. See routing above.",
  networks: "By itself it takes no loopback, and no interface that is by its name a container's, " +
    "a bridge's or a tunnel's.",
  peers: "Their addresses lie on the networks above, up to 16 for each.",
  allow: "A name can be claimed by anybody unless packets are signed.",
  hooks: "on: a list of path, network, route, node, daemon. run: the full path of a program and " +
    "its arguments; there is no shell. timeout: it is ended after so many seconds, 0.1 to 300, " +
    "10 where nothing is said. The program and the folders above it must belong to root or to the " +
    "user of faild, and be writable by nobody else.",
};

/** Where events outlive a restart of the machine: what the file of a machine sets. */
export const LASTING_EVENTS_FILE = "/var/log/faild-events.jsonl";

/** What the example shows of an option that has no default. */
export const SHOWN: Readonly<Partial<Record<OptionId, Value>>> = {
  confirmInterval: 1,
  answerWaitFloor: 0.15,
  answerWaitCeiling: 0.75,
  logFile: "/var/log/faild.log",
  node: "host1",
  authKeyFile: "/etc/faild.keys",
  controlGroup: "adm",
  eventsFile: LASTING_EVENTS_FILE,
  metricsFile: "/var/lib/prometheus/node-exporter/faild.prom",
  metricsListen: "127.0.0.1:9345",
};

/** What the example shows of a list: its lines below the key. */
export const ENTRIES: Readonly<Record<ListKey["key"], readonly string[]>> = {
  networks: ["- name: A", "  interface: eth0", "- name: B", "  subnet: 192.168.2.0/24"],
  peers: ["- node: host7", "  addresses: [192.168.1.7, 192.168.2.7]"],
  allow: ["- host7", "- 192.168.1.8", "- 192.168.2.0/24"],
  hooks: [
    "- on: [path, network]",
    "  run: [/usr/local/bin/tell-somebody, --brief]",
    "  timeout: 10",
  ],
};
