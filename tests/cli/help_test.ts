import { assert, assertEquals } from "@std/assert";
import { EXTRA_FLAGS, LISTS, OPTIONS } from "../../lib/config/options.ts";
import type { Command } from "../../lib/config/command.ts";
import { type CommandName, COMMANDS } from "../../lib/config/command_table.ts";
import { rangeText } from "../../lib/config/values.ts";
import { MAX_COLUMNS } from "../../lib/cli/columns.ts";
import { EXIT, EXIT_MEANING } from "../../lib/cli/exit_code.ts";
import { commandHelpText, helpText } from "../../lib/cli/help.ts";

const GOLDEN = `Usage: faild [-r] [-t SECONDS] [-f COUNT] [-s COUNT] [-p PORT] [-l PATH]
             [--run-dir DIR] [-c FILE]
       faild COMMAND [ARGUMENT...] [FLAG...]
       faild help COMMAND
       faild --help | --version

Keeps the traffic between hosts flowing when one of the LANs that connect them
fails. Each host runs faild. A requestor sends inquiries by UDP broadcast on
every LAN, and every faild answers them. When a host no longer answers on one
LAN, the traffic for its address there is routed over another, and it returns
when the LAN works again. faild stays in the foreground.

Commands:
  check         Check flags and configuration, and show what would run. Opens
                no socket.
  cleanup       Remove the routes and the rule of a daemon that no longer runs.
  watchdog      Start the daemon where it does not run, or hangs. Says nothing
                while all is well.
  status        Show the state of the running daemon.
  health        Judge the state of the running daemon in one line, for
                monitoring systems.
  events        Print what happened, from the file that the daemon keeps.
  metrics       Print the metrics of the running daemon for Prometheus.
  report        Write a page about the past: failovers, their causes, and how
                the paths did.
  probe         Ask now and from here who answers on which network.
  doctor        Look at all that failover depends on, and tell how to mend what
                is wrong.
  reload        Make the running daemon read its configuration anew.
  drain         Take a network out of use for maintenance, before anybody
                unplugs it.
  undrain       Take a drained network into use again.
  failback      Call back all traffic that is held elsewhere although its own
                path works.
  init          Write a commented configuration file for this machine, with its
                networks filled in.
  install       Place the program with all that belongs to it, and have it
                started and kept running.
  uninstall     Stop the daemon, and remove what install placed and what the
                daemon left.
  man           Print a manual page: faild(8), or faild.yaml(5) on the
                configuration file.
  completions   Print what a shell needs to complete the commands and flags of
                faild.
  help          Explain a command, or without one the program.

Flags:
  -r, --requestor            Send inquiries too. Without it this node only
                             answers them, and judges others by theirs.
  -t, --interval SECONDS     Time between two inquiries on a network. Decimals
                             are allowed. 0.01 to 3600 s, default 1.
  -f, --fail-after COUNT     Missed packets in a row after which a path is down
                             and its traffic is moved. 1 to 1000, default 3.
  -s, --restore-after COUNT  Good packets in a row after which a path is up
                             again and its traffic returns. 1 to 100000,
                             default 10.
  -p, --port PORT            UDP port, the same on all nodes. 1 to 65535,
                             default 32453.
  -l, --log-file PATH        Append the log to this file (full path) instead of
                             standard error.
      --run-dir DIR          Directory of the lock, the control socket and the
                             events. Two daemons on one machine need two, and
                             different ports and routing numbers. Default
                             /run/faild.
  -c, --config FILE          Read this YAML file instead of /etc/faild.yaml,
                             which is read if it exists. Its values override
                             flags.
  -h, --help                 Show this text.
  -V, --version              Show the version, and what it was built with.

Configuration file (YAML):
  Read from the file of -c, else from /etc/faild.yaml if it exists. A value in
  the file overrides the flag of the same meaning. faild init writes a file
  that explains every key. These have no flag:
  networks                   LANs to use, in order of preference, each by its
                             interface or its subnet. Without this list all
                             that are up are used, in order of name.
  peers                      Nodes that broadcast does not reach; they are
                             probed by unicast.
  allow                      Names, addresses and subnets of the nodes whose
                             packets are used; those of peers are too. Without
                             this list everybody's are.
  hooks                      Programs to run when paths, networks, routes,
                             nodes or the daemon itself change state; each gets
                             the event as JSON on standard input.
  log.level                  How much is logged. debug, info, warning, error;
                             default info.
  log.format                 Lines of text, or one JSON object per line. text,
                             json; default text.
  log.syslog                 Send the log to the syslog of this machine too.
  node                       Name of this node in logs, a label only. Default:
                             the host name.
  confirm-interval           Time between the inquiries that confirm a first
                             miss, sent to that peer only. At most the
                             interval. 0.01 to 3600 s. Default: the interval.
  answer-wait.floor          An answer is waited for at least so long, however
                             fast the answers before it were. 0.001 to 3600 s.
                             Default: half the interval, but at most 0.15 s,
                             confirm-interval and answer-wait.ceiling.
  answer-wait.ceiling        An answer is waited for at most so long, however
                             slow the answers before it were. At most the
                             interval. 0.001 to 3600 s. Default: three quarters
                             of the interval, but at least answer-wait.floor.
  loss.window                Inquiries over which the loss of a path is
                             measured. 0: loss is no reason to leave one. 0 or
                             20 to 1000, default 60.
  loss.leave-above           A path that loses more is left for one that loses
                             much less. 1 to 99 %, default 25.
  loss.return-below          Its traffic returns to such a path once it loses
                             less. Must be below loss.leave-above. 0.1 to 99 %,
                             default 5.
  hold-down.limit            The longest time for which traffic is kept from a
                             path that works again, but went down often lately.
                             0: it never is. 0 to 86400 s, default 300.
  hold-down.quiet            For each such time without going down, one time
                             that the path went down is forgotten. 0.1 to 86400
                             s, default 60.
  failback                   When traffic returns to a path that works again:
                             by itself (auto), only when it is asked for by the
                             signal USR2 or nothing else works (manual), or
                             once the path was up for so many seconds (after).
                             auto, manual, or after 1 to 86400 (seconds);
                             default auto.
  stop-grace                 For so long peers are asked to leave their routes
                             alone when this daemon is stopped, e.g. to be
                             started anew. 0: they are told nothing. 0 to 3600
                             s, default 30.
  auth.mode                  Whether packets are signed: not at all, ours are
                             and others are used without, or all must be. off,
                             permissive, enforce; default off.
  auth.key-file              File of the keys (full path), readable by its
                             owner only; needed unless auth.mode is off.
  routing.table              Routing table that holds the routes of this daemon
                             and nothing else. 1 to 252 or 256 to 4294967295,
                             default 245.
  routing.rule-priority      Priority of the policy rule that leads into the
                             routing table. 1 to 32765, default 3245.
  routing.protocol           Protocol number that marks the routes and the rule
                             of this daemon. 5 to 255, default 245.
  control.group              Group whose members may ask and steer the daemon,
                             as its owner may.
  events.file                Keep the events in this file (full path), and the
                             samples for faild report beside it. Default:
                             events.jsonl in the run directory, which a restart
                             of the machine empties.
  metrics.file               Write the metrics to this file (full path) too,
                             for the text collector of a node exporter.
  metrics.listen             Serve the metrics by HTTP on this address and
                             port, e.g. 127.0.0.1:9345.

Files and environment:
  /etc/faild.yaml            The configuration file, if there is no -c.
  /run/faild/                The run directory: the lock, the control socket
                             and the events.
  FAILD_RUN_DIR              Sets the run directory where --run-dir does not.

Signals:
  TERM, INT                  Remove all routes and the rule of this daemon, and
                             stop.
  HUP                        Read the configuration and the key file anew, and
                             open the log file anew.
  USR1                       Write the whole state to the log.
  USR2                       Move all traffic that is held elsewhere back now.

Exit codes:
  0   done, or stopped as asked
  1   failed, e.g. another faild holds the run directory
  2   wrong flag, argument or value
  4   no permission, e.g. to change routes (CAP_NET_ADMIN)
  6   the configuration file or the key file cannot be used

Examples:
  faild -r                          ask and answer on all LANs, log to standard
                                    error
  faild -r -t 0.05 -s 100           find a cut within 0.2 s, restore after 5 s
  faild -r -l /var/log/faild.log    log to a file
  faild init && faild check         write a configuration for this machine, and
                                    try it
  faild install                     install the program, and have it kept
                                    running
  faild status                      see who is reached over which LAN
  faild cleanup                     take back the routes of a daemon that was
                                    killed
`;

Deno.test("the help text is this", () => {
  assertEquals(helpText(), GOLDEN);
});

Deno.test("the help text fits a terminal of 80 columns", () => {
  for (const line of helpText().split("\n")) {
    assert(line.length <= MAX_COLUMNS, line);
    assertEquals(line, line.trimEnd());
  }
});

/** The text as one line, so that it can be searched whatever the line breaks. */
const flowing = helpText().replaceAll(/\s+/g, " ");

Deno.test("every flag is explained with its range and default, and every key that has no flag", () => {
  for (const { flag, key, help, ...option } of OPTIONS) {
    assert(flowing.includes(help), key);
    const heading = flag === null ? key : `--${flag.long}`;
    assert(helpText().includes(`  ${heading}`) || flowing.includes(`, ${heading}`), heading);
    if (option.kind === "number") {
      const range = rangeText(option);
      const fallback = option.default === null
        ? `. Default: ${option.derived}.`
        : `, default ${option.default}.`;
      assert(flowing.includes(`${help} ${range}${fallback}`), key);
    }
  }
  for (const { long, help } of EXTRA_FLAGS) {
    assert(flowing.includes(`--${long}`) && flowing.includes(help));
  }
  for (const { key, help } of LISTS) assert(flowing.includes(`${key} ${help}`));
  for (const { name, summary } of COMMANDS) assert(flowing.includes(`${name} ${summary}`));
});

Deno.test("no exit code stands for two outcomes, and those of the daemon are explained", () => {
  const codes: readonly number[] = Object.values(EXIT);
  assertEquals(codes, [0, 1, 2, 3, 4, 6, 7]);
  assertEquals(EXIT_MEANING.map(([code]): number => code), [0, 1, 2, 4, 6]);
});

Deno.test("the help on a command is this", () => {
  assertEquals(
    commandHelpText("help"),
    `Usage: faild help [COMMAND]

Explain a command, or without one the program.

Flags:
  -h, --help                 Show this text.

Exit codes:
  0   explained
  2   wrong flag, argument or value

Examples:
  faild help check                  explain check; faild check --help does the
                                    same
`,
  );
});

Deno.test("the help on every command fits a terminal, and explains its flags and exit codes", () => {
  for (const command of COMMANDS as readonly Command[]) {
    const { name, summary, details, flags, takes, exits } = command;
    const text = commandHelpText(name as CommandName);
    for (const line of text.split("\n")) {
      assert(line.length <= MAX_COLUMNS, line);
      assertEquals(line, line.trimEnd());
    }
    const flowing = text.replaceAll(/\s+/g, " ");
    assert(flowing.startsWith(`Usage: faild ${name} `), name);
    assert(flowing.includes(` ${summary} ${details ?? ""}`), name);
    for (const { long, help } of flags) {
      assert(flowing.includes(`--${long}`) && flowing.includes(help));
    }
    for (const [code, meaning] of exits) assert(flowing.includes(` ${code} ${meaning}`), meaning);
    assertEquals(flowing.includes("--run-dir DIR"), takes === "all" || takes === "place", name);
    assertEquals(flowing.includes("--fail-after COUNT"), takes === "all", name);
    assertEquals(flowing.includes("--config FILE"), takes !== "nothing", name);
  }
});
