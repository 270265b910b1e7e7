/** What has to be so before anything of ours is changed: the right to change routes, and nobody else at it. */
import { isPermissionProblem } from "../core/ip_text.ts";
import type { ActualRoutes, Routing } from "../core/types.ts";
import type { RunLock } from "../host/lock.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host, Ip } from "./host.ts";

/** Why routes cannot be changed, with what to do, and the exit code that says so. */
export interface Lack {
  readonly text: string;
  readonly exit: ExitCode;
}

/**
 * Whether `ip` works and may change routes; null: it does. Capabilities cannot be read, so it is tried: a route that
 * no traffic can take comes and goes in our own table. The kernel announces that, which also ends an `ip monitor` of
 * a predecessor that was killed: it would live on until its next announcement finds nobody to read it.
 */
export async function lackOfRights(ip: Ip, routing: Routing): Promise<Lack | null> {
  const route = `blackhole 255.255.255.254/32 table ${routing.table} proto ${routing.protocol}`;
  const tried = await ip.exchange([`route replace ${route}`, `route del ${route}`], []);
  if (tried.kind === "failed") return { text: tried.reason, exit: EXIT.general };
  const refused = tried.refused.find(({ reason }) => isPermissionProblem(reason));
  if (refused === undefined) return null;
  const remedy = "run as root, or give the process CAP_NET_ADMIN as an ambient capability";
  return { text: `Cannot change routes: ${refused.reason}; ${remedy}`, exit: EXIT.permission };
}

/** The lock of a run directory, and the pid that somebody left in it who died with it; null: nobody did. */
interface Locked {
  readonly lock: RunLock;
  readonly leftPid: number | null;
}

/** Takes the lock of the run directory, or says on standard error who has it. */
export async function lockOrComplain(
  runDir: string,
  host: Host,
): Promise<Locked | { readonly exit: ExitCode }> {
  const result = await host.lockRunDir(runDir);
  if (result.kind === "locked") return { lock: result.lock, leftPid: result.leftPid ?? null };
  if (result.kind === "failed") {
    complain(host, result.reason);
    return { exit: result.isDenied ? EXIT.permission : EXIT.general };
  }
  const who = result.pid === null ? "another faild" : `faild with pid ${result.pid}`;
  complain(host, `Cannot use run directory ${runDir}: ${who} holds its lock`);
  return { exit: EXIT.general };
}

/** What of ours is in the kernel, in words. */
export function whatIsLeft(actual: ActualRoutes): string[] {
  const rules = actual.rules + (actual.staleRules?.length ?? 0);
  return [
    ...(rules === 0 ? [] : [`${rules} ${rules === 1 ? "rule" : "rules"}`]),
    ...[...actual.routes.keys()].map((address) => `the route for ${address}`),
    ...(actual.strays ?? []).map((stray) => `the route for ${stray.destination}`),
  ];
}
