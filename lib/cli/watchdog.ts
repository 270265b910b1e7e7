/**
 * Finds out whether the daemon is well, and sees to it that it is.
 *
 * One that hangs is killed, not asked to stop: who hangs does not hear it, and one that still heard it would take its
 * routes with it. A killed daemon leaves them in the kernel, and its successor goes on from there.
 */
import { parseCommandLine } from "../config/command_line.ts";
import type { Ping } from "../control_protocol.ts";
import type { Ms } from "../core/types.ts";
import { durationText } from "../duration_text.ts";
import type { LockLook, PortHolder } from "../host/daemon_look.ts";
import type { Started } from "../host/detached.ts";
import { pingFault } from "../ping_fault.ts";
import type { StartNote } from "../start_note.ts";
import {
  recentStarts,
  restMs,
  type StartRecord,
  withoutStart,
  withStart,
} from "../start_record.ts";

/** A daemon may answer so slowly, in ms. */
export const ANSWER_MS: Ms = 2000;
/** What passes within so long was no fault: a daemon that starts or stops, a network that comes up; in ms. */
const PASSING_MS: Ms = 5000;
/** How often it is asked meanwhile, in ms. */
const AGAIN_MS: Ms = 250;
/** A killed process is gone after so long, in ms. */
const KILLED_MS: Ms = 3000;
/** A daemon that was started answers within so long, in ms... */
const START_MS: Ms = 10_000;
/** ...and is asked as often as that. */
const START_AGAIN_MS: Ms = 50;

/** What came of a ping. */
export type Pinged =
  | { readonly kind: "answer"; readonly ping: Ping }
  /** Nobody listens. */
  | { readonly kind: "absent" }
  /** Somebody does, but says nothing in time, or nothing that makes sense. */
  | { readonly kind: "silent" }
  /** It answers that it will not. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "forbidden"; readonly reason: string };

/** What the watchdog does its work with. */
export interface WatchdogParts {
  /** That of the daemon that is looked after. */
  readonly runDir: string;
  ping(): Promise<Pinged>;
  lookAtLock(waitMs?: Ms): Promise<LockLook>;
  /** Who has the daemon's UDP port. */
  portHolders(): Promise<readonly PortHolder[]>;
  /** The kernel's name of a process; null: it cannot be told. */
  programOf(pid: number): Promise<string | null>;
  /** The words that a process was started with; none: that cannot be told. */
  wordsOf(pid: number): Promise<readonly string[]>;
  /** The kernel's name of our own program, which is the daemon's too. */
  ownProgram(): string;
  /** Null, or why it could not be done. */
  kill(pid: number): string | null;
  start(): Started | { readonly reason: string };
  readRecord(): StartRecord;
  /** What cannot be written is done without; so with the note. */
  writeRecord(record: StartRecord): void;
  /** Leaves word to the daemon that is started next. */
  writeNote(note: StartNote): void;
  now(): Ms;
  /** Milliseconds since 1970. */
  wallNow(): number;
  delay(delayMs: Ms): Promise<void>;
}

/** What is to be told, if anything. */
export type Outcome =
  | { readonly kind: "well" }
  /** It is well again. */
  | { readonly kind: "started"; readonly text: string }
  /** `isTold`: it was told before. */
  | { readonly kind: "failed"; readonly text: string; readonly isTold: boolean }
  | { readonly kind: "forbidden"; readonly text: string };

/** What is wrong, once that is sure. */
interface Trouble {
  /** In a clause. */
  readonly text: string;
  /** Whether there is a process to be ended first. */
  readonly isAlive: boolean;
  /** Its pid, if it said so itself. */
  readonly pid: number | null;
  /** Whether it did not stop by itself: it died, or has to be killed. */
  readonly isDeath: boolean;
}

/** The quick look, with which a run ends nearly always. Null: it must be looked at closer. */
export async function glance(parts: WatchdogParts): Promise<Outcome | null> {
  const pinged = await parts.ping();
  if (pinged.kind === "answer") return pingFault(pinged.ping) === null ? { kind: "well" } : null;
  return pinged.kind === "forbidden" ? { kind: "forbidden", text: pinged.reason } : null;
}

/** Looks closer, and mends what it can. One at a time: the caller holds a lock. */
export async function mend(parts: WatchdogParts): Promise<Outcome> {
  const trouble = await lastingTrouble(parts);
  if (!("isAlive" in trouble)) return trouble;
  const record = parts.readRecord();
  const rest = restMs(record, parts.wallNow());
  if (rest > 0) return resting(parts, record, rest, trouble);
  const stopped = await stop(parts, trouble);
  if (stopped.kind === "failed") return failed(`${trouble.text}; ${stopped.text}`);
  const { pid } = stopped;
  const startsBeforeRest = record.isRestTold ? record.startedAt.length : 0;
  if (pid !== null || startsBeforeRest > 0) {
    const killed = pid === null ? null : { pid, fault: trouble.text };
    parts.writeNote({ killed, startsBeforeRest });
  }
  const begun = pid === null ? trouble.text : `${trouble.text}; pid ${pid} killed`;
  return await start(parts, begun, trouble.isDeath);
}

function failed(text: string): Outcome {
  return { kind: "failed", text, isTold: false };
}

/** Asks until it is sure what is wrong, or nothing is. */
async function lastingTrouble(parts: WatchdogParts): Promise<Trouble | Outcome> {
  const giveUpAt = parts.now() + PASSING_MS;
  for (;;) {
    const pinged = await parts.ping();
    if (pinged.kind === "forbidden") return { kind: "forbidden", text: pinged.reason };
    // For the second time: the glance found out nothing either.
    if (pinged.kind === "silent") return hanging("does not answer");
    const trouble = await troubleOf(parts, pinged);
    if (trouble === null) return { kind: "well" };
    const isSure = !trouble.isAlive || parts.now() >= giveUpAt;
    if (isSure && pinged.kind === "refused") return failed(trouble.text);
    if (isSure) return trouble;
    await parts.delay(AGAIN_MS);
  }
}

function hanging(how: string): Trouble {
  return { text: `faild ${how}`, isAlive: true, pid: null, isDeath: true };
}

/** What a ping shows; null: nothing is wrong. */
async function troubleOf(parts: WatchdogParts, pinged: Pinged): Promise<Trouble | null> {
  if (pinged.kind === "answer") {
    const { ping } = pinged;
    const fault = pingFault(ping);
    if (fault === null) return null;
    return { text: `faild is not well: ${fault}`, isAlive: true, pid: ping.pid, isDeath: true };
  }
  if (pinged.kind === "refused") return hanging(`lets nobody ask how it is: ${pinged.reason}`);
  const lock = await parts.lookAtLock();
  if (lock.kind === "failed") {
    return hanging(`may run: its lock cannot be looked at: ${lock.reason}`);
  }
  if (lock.kind === "held") return hanging("does not listen");
  const lost = await lostDaemon(parts);
  if (typeof lost === "number") {
    return { text: "faild has lost its run directory", isAlive: true, pid: lost, isDeath: true };
  }
  const isDeath = lock.leftPid !== undefined;
  return { text: "faild did not run", isAlive: false, pid: null, isDeath };
}

/** A daemon that is none of ours: it was told another run directory. */
interface Stranger {
  readonly pid: number;
  readonly runDir: string;
}

/** Where the run directory was removed, a daemon has a lock that nobody sees, and still its port: its pid. */
async function lostDaemon(parts: WatchdogParts): Promise<number | Stranger | null> {
  const own = parts.ownProgram();
  let stranger: Stranger | null = null;
  for (const { pid, program } of await parts.portHolders()) {
    if (program !== own) continue;
    const { command, runDir } = await errandOf(parts, pid);
    // A probe has the port for as long as it runs.
    if (command !== null) continue;
    if (runDir === null || runDir === parts.runDir) return pid;
    stranger = { pid, runDir };
  }
  return stranger;
}

/** What the words say that a process of our program was started with. */
interface Errand {
  /** Null: none, it is a daemon. */
  readonly command: string | null;
  /** Null: they do not say. */
  readonly runDir: string | null;
}

async function errandOf(parts: WatchdogParts, pid: number): Promise<Errand> {
  const [, ...words] = await parts.wordsOf(pid);
  const line = parseCommandLine(words, { runDirFromEnvironment: undefined });
  const runDir = "given" in line ? line.given.get("runDir")?.value : undefined;
  return {
    command: line.kind === "command" ? line.name : null,
    runDir: typeof runDir === "string" ? runDir : null,
  };
}

function resting(
  parts: WatchdogParts,
  record: StartRecord,
  rest: Ms,
  trouble: Trouble,
): Outcome {
  const starts = recentStarts(record, parts.wallNow());
  const text = `${trouble.text}, though it was started ${starts} times within 10 min; ` +
    `it is left alone for ${durationText(rest)} (--now starts it at once)`;
  if (!record.isRestTold) parts.writeRecord({ ...record, isRestTold: true });
  return { kind: "failed", text, isTold: record.isRestTold };
}

type Stopped =
  /** The pid of what was killed; null: there was nothing to kill. */
  | { readonly kind: "stopped"; readonly pid: number | null }
  | { readonly kind: "failed"; readonly text: string };

/** Ends what hangs, or is in the way. */
async function stop(parts: WatchdogParts, trouble: Trouble): Promise<Stopped> {
  const lost = await lostDaemon(parts);
  if (!trouble.isAlive) {
    if (lost === null || typeof lost === "number") return { kind: "stopped", pid: null };
    // Somebody runs it on purpose, and the two would take each other's routes away.
    const text = `it is not started: pid ${lost.pid}, a faild with run directory ${lost.runDir}, ` +
      "has its port";
    return { kind: "failed", text };
  }
  const lock = await parts.lookAtLock();
  if (lock.kind === "failed") {
    return { kind: "failed", text: `its lock cannot be looked at: ${lock.reason}` };
  }
  const pid = (lock.kind === "held" ? lock.pid ?? trouble.pid : null) ?? lost;
  if (typeof pid !== "number") {
    if (lock.kind === "free") return { kind: "stopped", pid: null };
    return { kind: "failed", text: "it holds its lock, but its pid is not known: kill it by hand" };
  }
  // A pid may have been written by a process that is gone, and be another's by now.
  const program = await parts.programOf(pid);
  if (program !== parts.ownProgram()) {
    if (program === null && await isGone(parts)) return { kind: "stopped", pid: null };
    const who = program === null ? "is gone, and somebody else holds its lock" : `is ${program}`;
    return { kind: "failed", text: `it is not killed: pid ${pid} ${who}` };
  }
  const { command } = await errandOf(parts, pid);
  if (command !== null) {
    return { kind: "failed", text: `its lock is held by faild ${command}, pid ${pid}` };
  }
  const refused = parts.kill(pid);
  if (refused !== null) return { kind: "failed", text: `pid ${pid} cannot be killed: ${refused}` };
  if (await isGone(parts)) return { kind: "stopped", pid };
  return {
    kind: "failed",
    text: `pid ${pid} was killed ${durationText(KILLED_MS)} ago, and lives`,
  };
}

/** How it ended, its last words without the name that they begin with, as ours do. */
function plain(end: string | null): string {
  return String(end).replace(": faild: ", ": ");
}

async function isGone(parts: WatchdogParts): Promise<boolean> {
  const giveUpAt = parts.now() + KILLED_MS;
  if ((await parts.lookAtLock(KILLED_MS)).kind !== "free") return false;
  // Its port, too, or its successor could not open its sockets.
  while (typeof await lostDaemon(parts) === "number") {
    if (parts.now() >= giveUpAt) return false;
    await parts.delay(START_AGAIN_MS);
  }
  return true;
}

/** Starts it, and waits until it answers. A start that succeeds does not count where nobody had died. */
async function start(parts: WatchdogParts, why: string, isDeath: boolean): Promise<Outcome> {
  parts.writeRecord(withStart(parts.readRecord(), parts.wallNow()));
  const startedAt = parts.now();
  const started = parts.start();
  if ("reason" in started) return failed(`${why}; ${started.reason}`);
  const { pid, ended } = started;
  let end: string | null = null;
  ended.then((how) => end = how);
  while (parts.now() < startedAt + START_MS) {
    // Asked after the end was seen: another one that was started meanwhile is as good.
    const isOver = end !== null;
    const pinged = await parts.ping();
    if (pinged.kind === "answer") {
      if (!isDeath) parts.writeRecord(withoutStart(parts.readRecord()));
      const took = durationText(parts.now() - startedAt);
      const text = `${why}; started as pid ${pinged.ping.pid}, up after ${took}`;
      return { kind: "started", text };
    }
    if (isOver) {
      return failed(`${why}; started as pid ${pid}, but it ended ${plain(end)}`);
    }
    await Promise.race([parts.delay(START_AGAIN_MS), ended]);
  }
  const limit = durationText(START_MS);
  return failed(`${why}; started as pid ${pid}, but it does not answer within ${limit}`);
}
