/** Runs a program for a hook: without a shell, with an environment of its own, and for a bounded time. */
import type { HookCall, RunningHook } from "../hooks.ts";
import { failureReason } from "./failure.ts";
import { modeText } from "./files.ts";

/** Where a program finds others; nothing of our own environment is handed on. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Bytes kept of what it says on standard error: the last ones. */
const MOST_SAID = 300;
/** What it started may keep its standard error open; so long is waited for last words, in ms. */
const LAST_WORDS_MS = 100;
/** Rights of the group and of others to write. */
const OTHERS_WRITE = 0o022;
/** In a folder that all may write, with this beside it each may only rename his own. */
const ALL_WRITE = 0o002;
const STICKY = 0o1000;

/** Why a program must not be run: anybody but its owner could put another one in its place. Null: it may. */
export function programProblem(path: string): string | null {
  try {
    const { isFile, mode } = Deno.statSync(path);
    if (!isFile) return "it is no regular file";
    if (mode === null || (mode & OTHERS_WRITE) !== 0) {
      return `it must be writable by its owner only (chmod go-w), its mode is ${modeText(mode)}`;
    }
    return openFolder(path) ?? openFolder(Deno.realPathSync(path));
  } catch (error) {
    return failureReason(error);
  }
}

/** Tells of a folder on the way to `path` in which everybody can replace what is in it; null: there is none. */
function openFolder(path: string): string | null {
  for (let end = path.lastIndexOf("/"); end >= 0; end = path.lastIndexOf("/", end - 1)) {
    const folder = path.slice(0, end) || "/";
    const { mode } = Deno.statSync(folder);
    if (mode === null || (mode & (ALL_WRITE | STICKY)) === ALL_WRITE) {
      return `${folder} must not be writable by all (chmod o-w), its mode is ${modeText(mode)}`;
    }
    if (end === 0) break;
  }
  return null;
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
