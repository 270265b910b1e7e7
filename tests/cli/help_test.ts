import { assert, assertEquals } from "@std/assert";
import { COMMANDS, EXTRA_FLAGS, NETWORKS, OPTIONS, PEERS } from "../../lib/config/options.ts";
import { rangeText } from "../../lib/config/values.ts";
import { MAX_COLUMNS } from "../../lib/cli/columns.ts";
import { EXIT, EXIT_MEANING } from "../../lib/cli/exit_code.ts";
import { helpText } from "../../lib/cli/help.ts";

const GOLDEN = `Usage: faild [-r] [-t SECONDS] [-f COUNT] [-s COUNT] [-p PORT] [-l PATH]
             [--run-dir DIR] [-c FILE]
       faild check|cleanup [the same flags]
       faild --help | --version

Keeps the traffic between hosts flowing when one of the LANs that connect them
fails. Each host runs faild. A requestor sends inquiries by UDP broadcast on
every LAN, and every faild answers them. When a host no longer answers on one
LAN, the traffic for its address there is routed over another, and it returns
when the LAN works again. faild stays in the foreground.

Commands:
  check                      Check flags and configuration, and show what would
                             run. Opens no socket.
  cleanup                    Remove the routes and the rule of a daemon that no
                             longer runs.

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
      --run-dir DIR          Directory of the lock. Two daemons on one machine
                             need two, and different ports and routing numbers.
                             Default /run/faild.
  -c, --config FILE          Read this YAML file instead of /etc/faild.yaml,
                             which is read if it exists. Its values override
                             flags.
  -h, --help                 Show this text.
  -V, --version              Show the version, and what it was built with.

Configuration file (YAML):
  Read from the file of -c, else from /etc/faild.yaml if it exists. A value in
  the file overrides the flag of the same meaning. config.example.yaml
  documents every key. These have no flag:
  networks                   LANs to use, in order of preference, each by its
                             interface or its subnet. Without this list all
                             that are up are used, in order of name.
  peers                      Nodes that broadcast does not reach; they are
                             probed by unicast.
  log.level                  How much is logged. debug, info, warning, error;
                             default info.
  log.format                 Lines of text, or one JSON object per line. text,
                             json; default text.
  node                       Name of this node in logs, a label only. Default:
                             the host name.
  routing.table              Routing table that holds the routes of this daemon
                             and nothing else. 1 to 252 or 256 to 4294967295,
                             default 245.
  routing.rule-priority      Priority of the policy rule that leads into the
                             routing table. 1 to 32765, default 3245.
  routing.protocol           Protocol number that marks the routes and the rule
                             of this daemon. 5 to 255, default 245.

Files and environment:
  /etc/faild.yaml            The configuration file, if there is no -c.
  /run/faild/                The lock that keeps a second daemon from starting.
  FAILD_RUN_DIR              Sets the run directory where --run-dir does not.

Signals:
  TERM, INT                  Remove all routes and the rule of this daemon, and
                             stop.
  HUP                        Close the log file and open it again.
  USR1                       Write the whole state to the log.

Exit codes:
  0   done, or stopped as asked
  1   failed, e.g. another faild holds the run directory
  2   wrong flag, argument or value
  4   no permission to change routes (CAP_NET_ADMIN)
  6   the configuration file cannot be used

Examples:
  faild -r                          ask and answer on all LANs, log to standard
                                    error
  faild -r -t 0.05 -s 100           find a cut within 0.2 s, restore after 5 s
  faild -r -l /var/log/faild.log    log to a file
  faild check -c ./faild.yaml       try a configuration before it is used
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
      assert(
        flowing.includes(
          `${help} ${rangeText({ flag, key, help, ...option })}, default ${option.default}.`,
        ),
      );
    }
  }
  for (const { long, help } of EXTRA_FLAGS) {
    assert(flowing.includes(`--${long}`) && flowing.includes(help));
  }
  for (const { key, help } of [NETWORKS, PEERS]) assert(flowing.includes(`${key} ${help}`));
  for (const { name, help } of COMMANDS) assert(flowing.includes(`${name} ${help}`));
});

Deno.test("every exit code is explained, and no number stands for two", () => {
  const codes: readonly number[] = Object.values(EXIT);
  assertEquals(EXIT_MEANING.map(([code]): number => code), codes);
  assertEquals(new Set(codes).size, codes.length);
  assertEquals(codes, [0, 1, 2, 4, 6]);
});
