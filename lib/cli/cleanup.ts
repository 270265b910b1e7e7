/** `faild cleanup`: removes what a daemon left that could not clean up after itself. */
import type { Configuration } from "../config/merge.ts";
import { isPermissionProblem } from "../core/ip_text.ts";
import { RouteSwitcher } from "../route_switcher.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host, Ip } from "./host.ts";
import { forgetMoved } from "./moved_routes.ts";
import { lackOfRights, lockOrComplain, whatIsLeft } from "./preconditions.ts";

/** How many rules and routes were removed, or why not all were, which was said. */
type TakenBack = { readonly removed: number } | { readonly exit: ExitCode };

/** Removes everything of ours, unless a daemon runs, and says what that was. */
export async function cleanup(configuration: Configuration, host: Host): Promise<ExitCode> {
  const back = await takeBack(configuration, host);
  if ("exit" in back) return back.exit;
  const { removed } = back;
  host.out(removed === 0 ? "nothing to remove\n" : `${removed} rules and routes removed\n`);
  return EXIT.ok;
}

/** Does it without a word, unless it fails. */
export async function takeBack(configuration: Configuration, host: Host): Promise<TakenBack> {
  const ip = host.startIp();
  try {
    const lack = await lackOfRights(ip, configuration.settings.routing);
    if (lack !== null) {
      complain(host, lack.text);
      return { exit: lack.exit };
    }
    const locked = await lockOrComplain(configuration.runDir, host);
    if ("exit" in locked) return locked;
    forgetMoved(configuration.runDir, host);
    const swept = await sweep(configuration, host, ip);
    locked.lock.release();
    return swept;
  } finally {
    await ip.close();
  }
}

async function sweep({ settings }: Configuration, host: Host, ip: Ip): Promise<TakenBack> {
  const switcher = new RouteSwitcher({
    exchange: (changes, shows) => ip.exchange(changes, shows),
    mark: { routing: settings.routing, port: settings.port },
    now: host.now,
    report: () => {},
    failed: () => {},
  });
  const swept = await switcher.sweep();
  if (swept.kind === "failed") {
    complain(host, `Cannot remove routes: ${swept.reason}`);
    return { exit: EXIT.general };
  }
  const left = whatIsLeft(swept.left);
  if (left.length > 0) {
    const reason = swept.refused[0]?.reason ?? "somebody adds them again";
    complain(host, `Cannot remove ${left.join(", ")}: ${reason}`);
    const isDenied = swept.refused.some(({ reason }) => isPermissionProblem(reason));
    return { exit: isDenied ? EXIT.permission : EXIT.general };
  }
  return { removed: swept.removed };
}
