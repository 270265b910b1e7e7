/** Processes as /proc shows them: who lives where, what they cost, and how they are ended. */

import { attempt } from "./command.ts";
import { waitFor } from "./wait.ts";

/** Kernel ticks a second in /proc/PID/stat; 100 on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** The fields of /proc/PID/stat that matter here. */
interface ProcessStat {
  readonly parent: number;
  readonly state: string;
  /** CPU time in ms, of itself and of the children it has waited for. */
  readonly cpuMs: number;
  /** Since boot, in ticks: together with the pid it names a process for good. */
  readonly startTicks: number;
}

/** Memory in KiB: resident pages, and the same with shared pages divided among their users. */
export interface Memory {
  readonly rssKib: number;
  readonly pssKib: number;
}

/** A process's entry, or null when there is no such process. */
export function readStat(pid: number): ProcessStat | null {
  let text: string;
  try {
    text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch {
    return null;
  }
  // The name, in parentheses, may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const number = (index: number): number => Number(fields[index - 3]);
  return {
    state: fields[0] ?? "?",
    parent: number(4),
    cpuMs: (number(14) + number(15) + number(16) + number(17)) * 1000 / TICKS_PER_SECOND,
    startTicks: number(22),
  };
}

/** A process and all its descendants. */
export function family(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of Deno.readDirSync("/proc")) {
    const candidate = Number(entry.name);
    if (!Number.isInteger(candidate)) continue;
    const stat = readStat(candidate);
    if (stat === null) continue;
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), candidate]);
  }
  const found = [pid];
  for (let index = 0; index < found.length; index++) {
    found.push(...(children.get(found[index] ?? 0) ?? []));
  }
  return found;
}

/** CPU time in ms that a process and its descendants, the dead ones included, have used. */
export function familyCpuMs(pid: number): number {
  return family(pid).reduce((sum, member) => sum + (readStat(member)?.cpuMs ?? 0), 0);
}

/** Memory of a process and its descendants. */
export function familyMemory(pid: number): Memory {
  let rssKib = 0;
  let pssKib = 0;
  for (const member of family(pid)) {
    rssKib += readKib(`/proc/${member}/status`, "VmRSS");
    pssKib += readKib(`/proc/${member}/smaps_rollup`, "Pss");
  }
  return { rssKib, pssKib };
}

function readKib(path: string, key: string): number {
  try {
    const line = new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(Deno.readTextFileSync(path));
    return Number(line?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** The command line of a process, or null when it is gone or a zombie. */
export function commandLine(pid: number): string | null {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    return text === "" ? null : text;
  } catch {
    return null;
  }
}

/** The processes in a network namespace; none when there is no such namespace. */
export async function namespacePids(namespace: string): Promise<number[]> {
  const { stdout } = await attempt(["ip", "netns", "pids", namespace]);
  return stdout.split("\n").filter((line) => line !== "").map(Number);
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Kills every process in a namespace and waits until they are gone. */
export async function killNamespace(namespace: string): Promise<void> {
  await waitFor(`the end of the processes in ${namespace}`, async () => {
    const pids = await namespacePids(namespace);
    for (const pid of pids) signal(pid, "SIGKILL");
    return pids.length === 0 ? true : null;
  });
}
