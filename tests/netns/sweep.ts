/**
 * Names that tell who made what, so that the leftovers of a run that was killed can be told from the things
 * of one that lives: `faild-PID-START-…`, with the pid of the run and the moment that pid began.
 */

import { attempt, run } from "./command.ts";
import { killNamespace, readStat } from "./processes.ts";

const OWNED_NAME = /^faild-(\d+)-(\d+)-/;

/** The beginning of every name of this run. */
export function ownPrefix(): string {
  const stat = readStat(Deno.pid);
  if (stat === null) throw new Error("Cannot read /proc: is it mounted?");
  return `faild-${Deno.pid}-${stat.startTicks}`;
}

/** Where the directories of all runs are. */
export function temporaryRoot(): string {
  return Deno.env.get("TMPDIR") ?? "/tmp";
}

/** Whether a name was made by a run that is no more. */
function isLeftover(name: string): boolean {
  const match = OWNED_NAME.exec(name);
  if (match === null) return false;
  return readStat(Number(match[1]))?.startTicks !== Number(match[2]);
}

/** Ends the processes in these namespaces and deletes them. */
export async function removeNamespaces(names: readonly string[]): Promise<void> {
  for (const name of names) {
    await killNamespace(name);
    await run(["ip", "netns", "delete", name]);
  }
}

/** All namespaces and directories whose names pass. */
async function remove(isMeant: (name: string) => boolean): Promise<void> {
  const { stdout } = await attempt(["ip", "netns", "list"]);
  const names = stdout.split("\n").map((line) => line.split(" ")[0] ?? "");
  for (const name of names.filter(isMeant)) {
    // Another run may be sweeping at the same time.
    await removeNamespaces([name]).catch(() => {});
  }
  for (const entry of Deno.readDirSync(temporaryRoot())) {
    if (!entry.isDirectory || !isMeant(entry.name)) continue;
    await Deno.remove(`${temporaryRoot()}/${entry.name}`, { recursive: true }).catch(() => {});
  }
}

/** Removes what dead runs left: namespaces with all that runs in them, and directories. */
export function sweepLeftovers(): Promise<void> {
  return remove(isLeftover);
}

/** Removes everything of this run when it is interrupted, and ends it with the shell's code for that. */
export function removeAllWhenInterrupted(): void {
  const codes = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, async () => {
      const own = `${ownPrefix()}-`;
      await remove((candidate) => candidate.startsWith(own));
      Deno.exit(codes[name]);
    });
  }
}
