/** Flags and phrases that several commands of the table share. */

import type { CommandFlag } from "./command.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";

/** For programs rather than people. */
export const JSON_FLAG: CommandFlag = {
  short: null,
  long: "json",
  argument: null,
  help: "Print JSON, whose keys stay the same.",
};

/** How far to look back. */
export const SINCE_FLAG: CommandFlag = {
  short: null,
  long: "since",
  argument: "TIME",
  help: "Nothing before this: a time ago (30m, 2h, 3d), a day (2026-11-22), or a time " +
    "(2026-11-22T10:30:00+01:00). Without it everything that is kept.",
};

/** What the exit codes mean in more than one command. */
export const UNUSABLE_CONFIGURATION = "the configuration file or the key file cannot be used";
export const NO_RIGHT_TO_ROUTES = "no permission to change routes (CAP_NET_ADMIN)";
export const NO_RIGHT_TO_ASK = "no permission to ask the daemon";
export const NOT_RUNNING = "no daemon runs";

/** What the codes other than 0 mean to whoever asks the daemon; `general` is what that may have against it. */
export function askingFailures(general: string): readonly (readonly [ExitCode, string])[] {
  return [
    [EXIT.general, general],
    [EXIT.permission, NO_RIGHT_TO_ASK],
    [EXIT.config, UNUSABLE_CONFIGURATION],
    [EXIT.notRunning, NOT_RUNNING],
  ];
}
