/** `faild check`: what would run here, without starting it. Opens no socket and changes nothing. */
import type { Configuration } from "../config/merge.ts";
import { selectNetworks } from "../core/inventory.ts";
import { checkText, type KeysNow } from "./check.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { keyIds, readKeys } from "./keys.ts";
import { linksHere } from "./links_here.ts";

/** Prints the plan; the configuration is known to be right, but not yet the keys that it names. */
export async function check(configuration: Configuration, host: Host): Promise<ExitCode> {
  const { settings, log, keyFile } = configuration;
  const keys = keyFile === null ? null : keysNow(keyFile, host);
  if (settings.auth !== "off" && keys?.kind === "unusable") {
    for (const reason of keys.reasons) complain(host, reason);
    return EXIT.config;
  }
  const unusable = hookProblems(configuration, host);
  if (unusable.length > 0) {
    for (const reason of unusable) complain(host, reason);
    return EXIT.config;
  }
  const links = await linksHere(host);
  if (links === null) return EXIT.general;
  const logProblem = log.file === null ? null : host.logPathProblem(log.file);
  const { networks, problems } = selectNetworks(links, settings.networks);
  host.out(checkText(configuration, { networks, problems, keys, logProblem }));
  return EXIT.ok;
}

function keysNow(file: string, host: Host): KeysNow {
  const read = readKeys(file, host);
  return "keys" in read
    ? { kind: "usable", ids: keyIds(read.keys) }
    : { kind: "unusable", reasons: read.problems };
}

/** The hooks whose programs would not be run, each program once. */
function hookProblems({ hooks }: Configuration, host: Host): string[] {
  const programs = new Set(hooks.map(({ run: [program = ""] }) => program));
  return [...programs].flatMap((program) => {
    const problem = host.hooks.programProblem(program);
    return problem === null ? [] : [`Cannot use hook ${program}: ${problem}`];
  });
}
