/** The commands that prepare, run and mend the daemon. */

import type { Command } from "./command.ts";
import { NO_RIGHT_TO_ROUTES, UNUSABLE_CONFIGURATION } from "./command_words.ts";
import { EXIT } from "./exit_code.ts";

/** In the order in which they are shown. */
export const DAEMON_COMMANDS = [
  {
    name: "check",
    summary: "Check flags and configuration, and show what would run. Opens no socket.",
    details: "Shows the networks as they are now, who is listened to, all timers with their " +
      "origins, how fast a cut would be found, and warns of what is allowed but probably not meant.",
    argument: null,
    flags: [],
    takes: "all",
    exits: [
      [EXIT.ok, "a daemon could run with it"],
      [EXIT.general, "the interfaces cannot be read, or the log cannot be written"],
      [EXIT.config, UNUSABLE_CONFIGURATION],
    ],
    examples: [["faild check -c ./faild.yaml", "try a configuration before it is used"]],
  },
  {
    name: "cleanup",
    summary: "Remove the routes and the rule of a daemon that no longer runs.",
    details:
      "Removes everything in the kernel that carries the protocol number of the daemon. It " +
      "refuses to while a daemon runs: that one removes them itself when it is stopped. It also " +
      "forgets what a stop removed and a start within stop-grace would put back.",
    argument: null,
    flags: [],
    takes: "all",
    exits: [
      [EXIT.ok, "nothing of the daemon is left in the kernel"],
      [EXIT.general, "a daemon runs, or something cannot be removed"],
      [EXIT.permission, NO_RIGHT_TO_ROUTES],
      [EXIT.config, UNUSABLE_CONFIGURATION],
    ],
    examples: [["faild cleanup", "take back the routes of a daemon that was killed"]],
  },
  {
    name: "watchdog",
    summary: "Start the daemon where it does not run, or hangs. Says nothing while all is well.",
    details:
      "For a line of cron, each minute. One that hangs is killed (SIGKILL): so its routes stay in " +
      "the kernel, and the one that is started next adopts them. The daemon is started with the " +
      "flags given here, and its log tells whom it replaces. One that keeps dying, hanging or " +
      "failing to start is left alone: after 5 such starts within 10 minutes there is none for 5 " +
      "minutes. Each run then exits with 1; cron is told the first time, a terminal each time. " +
      "--now ends that, as faild install does. To start it after it was stopped does not count. " +
      "One that runs, but has no network that works, or not all of its sockets open, or its routes " +
      "not as it wants them, is left alone too, as another one could do no better. So is one whose " +
      "configuration or key file cannot be used by now, and that so could not be started anew. Cron " +
      "is told of each such fault once, and when all is well again.",
    argument: null,
    flags: [{
      short: null,
      long: "now",
      argument: null,
      help: "Start it also where it was to be left alone after repeated starts.",
    }],
    takes: "all",
    exits: [
      [EXIT.ok, "the daemon runs"],
      [
        EXIT.general,
        "it could not be started, is left alone after repeated starts, or is not well",
      ],
      [EXIT.permission, "no permission to look after the daemon"],
      [EXIT.config, UNUSABLE_CONFIGURATION],
    ],
    examples: [
      ["faild watchdog -c /etc/faild.yaml", "what the line of cron runs"],
      ["faild watchdog --now -c /etc/faild.yaml", "try again, once the cause is mended"],
    ],
  },
] as const satisfies readonly Command[];
