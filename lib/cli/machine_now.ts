/** The machine as a configuration meets it: looked at alike for `check`, at the start of a daemon, and at a reload. */
import type { Configuration } from "../config/merge.ts";
import { selectNetworks } from "../core/inventory.ts";
import type { Network, NetworkProblem } from "../core/types.ts";
import type { LinksResult } from "../links.ts";
import type { Host } from "./host.ts";
import { keyIds, readKeys } from "./keys.ts";

/** The machine as it is: what the daemon would find. */
export interface MachineNow {
  /** Why the interfaces could not be read; null: they were. */
  readonly linksProblem: string | null;
  /** As the inventory found them. */
  readonly networks: readonly Network[];
  readonly problems: readonly NetworkProblem[];
  /** Null: no key file was named. */
  readonly keys: KeysNow | null;
  /** Why the log cannot be written, as far as can be told; null: nothing is in the way. */
  readonly logProblem: string | null;
  /** Why the group that may ask the daemon cannot be let; null: it can, or there is none. */
  readonly groupProblem: string | null;
  /** Programs of hooks that would not be run, and why not, each once. */
  readonly hookProblems: readonly { readonly program: string; readonly reason: string }[];
}

/** The key file. */
export type KeysNow =
  | {
    readonly kind: "usable";
    /** All that would be accepted; the first would sign. */
    readonly ids: readonly number[];
  }
  /** It could not be used. */
  | { readonly kind: "unusable"; readonly reasons: readonly string[] };

/** Looks at all that a configuration names. Opens no socket, and changes nothing. */
export function machineNow(
  { settings, log, keyFile, control, hooks }: Configuration,
  links: LinksResult,
  host: Host,
): MachineNow {
  const found = "links" in links
    ? selectNetworks(links.links, settings.networks)
    : { networks: [], problems: [] };
  const programs = new Set(hooks.map(({ run: [program = ""] }) => program));
  return {
    linksProblem: "failed" in links ? links.failed : null,
    networks: found.networks,
    problems: found.problems,
    keys: keyFile === null ? null : keysNow(keyFile, host),
    logProblem: log.file === null ? null : host.logPathProblem(log.file),
    groupProblem: control.group === null ? null : host.groupProblem(control.group),
    hookProblems: [...programs].flatMap((program) => {
      const reason = host.hooks.programProblem(program);
      return reason === null ? [] : [{ program, reason }];
    }),
  };
}

function keysNow(file: string, host: Host): KeysNow {
  const read = readKeys(file, host);
  return "keys" in read
    ? { kind: "usable", ids: keyIds(read.keys) }
    : { kind: "unusable", reasons: read.problems };
}
