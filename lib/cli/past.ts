/** What the commands that look back have in common: since when, and what is in the files. */
import type { CommandCall } from "../config/command_line.ts";
import { problemText, shownText } from "../config/problem.ts";
import type { Growth } from "../host/followed_file.ts";
import { parseSince, SINCE_RULE } from "../since.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";

/** What came of --since: milliseconds since 1970, or null where it was not given; or the exit code of a wrong one. */
export type Since = { readonly sinceMs: number | null } | { readonly exit: ExitCode };

/** Reads --since; what is wrong with it goes to standard error. */
export function sinceOf({ flags }: CommandCall, host: Pick<Host, "wallNow" | "error">): Since {
  const text = flags.get("since");
  if (typeof text !== "string") return { sinceMs: null };
  const sinceMs = parseSince(text, host.wallNow());
  if (sinceMs !== null) return { sinceMs };
  const value = `"${shownText(text)}"`;
  complain(
    host,
    problemText({ verb: "use", subject: "--since", rule: SINCE_RULE, value, where: null }),
  );
  return { exit: EXIT.usage };
}

/** Complains of files that could not be read; null: all could. */
export function troubleExit(
  growths: readonly Growth[],
  host: Pick<Host, "error">,
): ExitCode | null {
  let exit: ExitCode | null = null;
  for (const { trouble } of growths) {
    if (trouble === null) continue;
    complain(host, trouble.text);
    exit = trouble.isForbidden ? EXIT.permission : exit ?? EXIT.general;
  }
  return exit;
}
