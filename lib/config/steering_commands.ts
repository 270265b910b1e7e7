/** The commands that tell a running daemon what to do. */

import type { Argument, Command } from "./command.ts";
import { askingFailures } from "./command_words.ts";
import { EXIT } from "./exit_code.ts";

const NETWORK: Argument = { name: "NETWORK", words: null, needed: true, many: false };

/** In the order in which they are shown. */
export const STEERING_COMMANDS = [
  {
    name: "reload",
    summary: "Make the running daemon read its configuration anew.",
    details:
      "All of it is checked first: one error, and nothing changes. What did not change keeps " +
      "its state, and no route changes because of it. run-dir, port, the routing numbers, and " +
      "whether packets are signed at all stay until the daemon is started anew. What is allowed and " +
      "probably not meant is warned of, as faild check does. Of the keys it is told by their ids which " +
      "one signs, which are accepted, and whose secret changed. The log is opened anew too, also " +
      "where the configuration is refused, as its rotation needs. The signal HUP does the same.",
    argument: null,
    flags: [],
    takes: "place",
    exits: [
      [EXIT.ok, "the configuration is in use"],
      ...askingFailures("the daemon does not answer"),
    ],
    examples: [["faild check && faild reload", "try a changed file, then use it"]],
  },
  {
    name: "drain",
    summary: "Take a network out of use for maintenance, before anybody unplugs it.",
    details: "Our traffic and that of the peers leaves it at once, as far as another network " +
      "carries it; the peers are told that it is maintenance, and no fault. Nodes to which no other " +
      "path works are named, with the exit code 1: their traffic stays on it, and to unplug it would " +
      "cut them off. The answer comes when the kernel has the routes. The network stays out of use " +
      "until undrain, also when the daemon is started anew, but not when the machine is.",
    argument: NETWORK,
    flags: [],
    takes: "place",
    exits: [
      [EXIT.ok, "drained, and no traffic to a known node goes over it: it may be unplugged"],
      ...askingFailures(
        "drained, but traffic stays on it, or the kernel has not all routes; or there is no such network, or the daemon does not answer",
      ),
    ],
    examples: [["faild drain A", "before the switch of A is replaced"]],
  },
  {
    name: "undrain",
    summary: "Take a drained network into use again.",
    details: "Traffic returns to it as after a failure: once restore-after good packets came.",
    argument: NETWORK,
    flags: [],
    takes: "place",
    exits: [
      [EXIT.ok, "in use again, or still"],
      ...askingFailures("there is no such network, or the daemon does not answer"),
    ],
    examples: [["faild undrain A", "when the new switch runs"]],
  },
  {
    name: "failback",
    summary: "Call back all traffic that is held elsewhere although its own path works.",
    details:
      "Where failback is manual this is how it returns. Paths that lose too much are left out.",
    argument: null,
    flags: [],
    takes: "place",
    exits: [
      [EXIT.ok, "called back, or nothing was held"],
      ...askingFailures("the daemon does not answer"),
    ],
    examples: [["faild failback", "move all traffic back to where it belongs"]],
  },
] as const satisfies readonly Command[];
