/** `faild check`: what would run here, without starting it. Opens no socket and changes nothing. */
import type { Configuration } from "../config/merge.ts";
import { checkText } from "./check.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { linksHere } from "./links_here.ts";
import { type MachineNow, machineNow } from "./machine_now.ts";

/** Prints the plan, or what a daemon would refuse to start for: the configuration itself is known to be right. */
export async function check(configuration: Configuration, host: Host): Promise<ExitCode> {
  // What needs no interfaces first: who has no `ip` is told of it too.
  const before = machineNow(configuration, { links: [] }, host);
  const refused = refusalOf(configuration, before);
  if (refused !== null) {
    for (const reason of refused.reasons) complain(host, reason);
    return refused.exit;
  }
  const links = await linksHere(host);
  if (links === null) return EXIT.general;
  host.out(checkText(configuration, machineNow(configuration, { links }, host)));
  return EXIT.ok;
}

/** What keeps a daemon from starting, and a reload from being done; null: nothing does. */
function refusalOf(
  { settings, log }: Configuration,
  { keys, logProblem }: MachineNow,
): { readonly reasons: readonly string[]; readonly exit: ExitCode } | null {
  if (settings.auth !== "off" && keys?.kind === "unusable") {
    return { reasons: keys.reasons, exit: EXIT.config };
  }
  // Whoever checks need not be the one who may write there.
  if (logProblem === null || isDenied(logProblem)) return null;
  return { reasons: [`Cannot log to ${log.file}: ${logProblem}`], exit: EXIT.general };
}

function isDenied(reason: string): boolean {
  return /denied|not permitted/i.test(reason);
}
