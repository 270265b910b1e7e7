/** Runs a program for a hook: without a shell, with an environment of its own, and for a bounded time. */
import type { HookCall, RunningHook } from "../hooks.ts";
import { failureReason } from "./failure.ts";
import { modeText } from "./files.ts";
import { folderOf } from "./paths.ts";

/** Where a program finds others; nothing of our own environment is handed on. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Bytes kept of what it says on standard error: the last ones. */
const MOST_SAID = 300;
/** What it started may keep its standard error open; so long is waited for last words, in ms. */
const LAST_WORDS_MS = 100;
/** Rights of the group and of others to write. */
const OTHERS_WRITE = 0o022;
/** In a folder that others may write, with this each may only rename his own. */
const STICKY = 0o1000;
const ROOT = 0;

/**
 * Why a program must not be run: somebody else than root and we could put another one in its place, be it in the file,
 * in a folder on the way to it, or by a link. Null: it may.
 */
export function programProblem(path: string): string | null {
  try {
    const info = Deno.statSync(path);
    if (!info.isFile) return "it is no regular file";
    const problem = changeProblem("it", info, false);
    return problem ?? wayProblem(path) ?? wayProblem(Deno.realPathSync(path));
  } catch (error) {
    return failureReason(error);
  }
}

/** Tells of a folder or a link on the way to `path` by which others can replace it; null: there is none. */
function wayProblem(path: string): string | null {
  for (let place = path; place !== "/"; place = folderOf(place)) {
    const link = Deno.lstatSync(place);
    const folder = folderOf(place);
    const problem = (link.isSymlink ? ownerProblem(place, link) : null) ??
      changeProblem(folder, Deno.statSync(folder), true);
    if (problem !== null) return problem;
  }
  return null;
}

/** Who else than root and we can change a file, or what is in a folder; null: nobody. */
function changeProblem(name: string, info: Deno.FileInfo, isFolder: boolean): string | null {
  const { mode } = info;
  const isOpen = mode === null ||
    ((mode & OTHERS_WRITE) !== 0 && !(isFolder && (mode & STICKY) !== 0));
  if (!isOpen) return ownerProblem(name, info);
  return `${name} must be writable by its owner only (chmod go-w), its mode is ${modeText(mode)}`;
}

function ownerProblem(name: string, { uid }: Deno.FileInfo): string | null {
  if (uid === ROOT || uid === Deno.uid()) return null;
  return `${name} must belong to root or to the user of faild (chown), its owner is uid ${uid}`;
}

/** Starts a program with the event on its standard input. Never throws. */
export function startHook({ run, environment, input, limitMs }: HookCall): RunningHook {
  const [program = "", ...args] = run;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: { PATH, ...environment },
      cwd: "/",
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      // In a process group of its own, so that it can be ended with all that it started.
      detached: true,
    }).spawn();
  } catch (error) {
    return { ended: Promise.resolve(failureReason(error)), kill: () => {} };
  }
  const kill = () => killGroup(child.pid);
  feed(child, input);
  return { ended: end(child, limitMs, kill), kill };
}

/** A program need not read it. */
async function feed(child: Deno.ChildProcess, input: string): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // It has ended, or closed its input.
  }
}

async function end(
  child: Deno.ChildProcess,
  limitMs: number,
  kill: () => void,
): Promise<string | null> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, limitMs);
  const said = listen(child.stderr);
  const { success, code, signal } = await child.status;
  clearTimeout(timer);
  const words = await said.lastWords();
  if (isLate) return `it was ended after ${limitMs / 1000} s`;
  if (success) return null;
  const how = signal === null ? `exit status ${code}` : signal;
  return words === "" ? how : `${how}: ${words}`;
}

/** Reads a stream to its end, and keeps the last of it. */
function listen(stream: ReadableStream<Uint8Array>): { lastWords(): Promise<string> } {
  const reader = stream.getReader();
  let kept = new Uint8Array();
  const read = async () => {
    for (let { value } = await reader.read(); value !== undefined;) {
      const all = new Uint8Array(kept.length + value.length);
      all.set(kept);
      all.set(value, kept.length);
      kept = all.slice(-MOST_SAID);
      ({ value } = await reader.read());
    }
  };
  const done = read().catch(() => {});
  return {
    lastWords: async () => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => timer = setTimeout(resolve, LAST_WORDS_MS));
      await Promise.race([done, late]);
      clearTimeout(timer);
      await reader.cancel().catch(() => {});
      return new TextDecoder().decode(kept).trim().split("\n").at(-1) ?? "";
    },
  };
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
