/** What --help and the manual page say that is in no table. */

import { DEFAULT_CONFIG_FILE } from "../config/options.ts";

/** What the program is for. */
export const INTRODUCTION =
  "Keeps the traffic between hosts flowing when one of the LANs that connect them fails. Each " +
  "host runs faild. A requestor sends inquiries by UDP broadcast on every LAN, and every faild " +
  "answers them. When a host no longer answers on one LAN, the traffic for its address there is " +
  "routed over another, and it returns when the LAN works again. faild stays in the foreground.";

/** Which source of a value counts. */
export const PRECEDENCE =
  `Read from the file of -c, else from ${DEFAULT_CONFIG_FILE} if it exists. A value in the file ` +
  "overrides the flag of the same meaning. faild init writes a file that explains every key. " +
  "These have no flag:";

/** The signals of a running daemon. */
export const SIGNALS: readonly (readonly [string, string])[] = [
  ["TERM, INT", "Remove all routes and the rule of this daemon, and stop."],
  ["HUP", "Read the configuration and the key file anew, and open the log file anew."],
  ["USR1", "Write the whole state to the log."],
  ["USR2", "Move all traffic that is held elsewhere back now."],
];

/** Command lines, and what they are for. */
export const EXAMPLES: readonly (readonly [string, string])[] = [
  ["faild -r", "ask and answer on all LANs, log to standard error"],
  ["faild -r -t 0.05 -s 100", "find a cut within 0.2 s, restore after 5 s"],
  ["faild -r -l /var/log/faild.log", "log to a file"],
  ["faild init && faild check", "write a configuration for this machine, and try it"],
  ["faild install", "install the program, and have it kept running"],
  ["faild status", "see who is reached over which LAN"],
  ["faild cleanup", "take back the routes of a daemon that was killed"],
];
