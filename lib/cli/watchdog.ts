/**
 * Finds out whether the daemon is well, and sees to it that it is.
 *
 * One that hangs is killed, not asked to stop: who hangs does not hear it, and one that still heard it would take its
 * routes with it. A killed daemon leaves them in the kernel, and its successor goes on from there. One that works, but
 * cannot have its routes or its sockets as it wants them, is left alone: see lib/ping_fault.ts. So is one whose
 * configuration or keys are not fit to start another one by now: it goes on with those that it has.
 */
import { parseCommandLine } from "../config/command_line.ts";
import { DEFAULT_CONFIG_FILE } from "../config/options.ts";
import type { Ms } from "../core/types.ts";
import { durationText } from "../duration_text.ts";
import type { LockLook, PortHolder } from "../host/daemon_look.ts";
import type { Started } from "../host/detached.ts";
import { type Condition, conditionFault } from "../ping_fault.ts";
import type { StartNote } from "../start_note.ts";
import {
  recentStarts,
  restMs,
  type StartRecord,
  withFault,
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
  | { readonly kind: "answer"; readonly ping: Condition }
  /** Nobody listens. */
  | { readonly kind: "absent" }
  /** Somebody does, but says nothing in time, or nothing that makes sense. */
  | { readonly kind: "silent" }
  /** It answers that it will not, or what nobody understands. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "forbidden"; readonly reason: string };

/** What the watchdog does its work with. */
export interface WatchdogParts {
  /** That of the daemon that is looked after. */
  readonly runDir: string;
  /** The configuration file that leads to it, or would; null: a flag does, or the environment. */
  readonly configFile: string | null;
  /** What keeps a daemon from being started: the configuration, or the keys, cannot be used; null: they can. */
  readonly unusable: string | null;
  ping(): Promise<Pinged>;
  lookAtLock(waitMs?: Ms): Promise<LockLook>;
  /** Who has the daemon's UDP port. */
  portHolders(): Promise<readonly PortHolder[]>;
  /** The kernel's name of a process; null: it cannot be told. */
  programOf(pid: number): Promise<string | null>;
  /** The words that a process was started with; none: that cannot be told. */
  wordsOf(pid: number): Promise<readonly string[]>;
  /** What its environment said of the run directory; undefined: nothing, or that cannot be told. */
  runDirVariableOf(pid: number): Promise<string | undefined>;
  /** The kernel's name of our own program, which is the daemon's too. */
  ownProgram(): string;
  /** Null, or why it could not be done. */
  kill(pid: number): string | null;
  start(): Started | { readonly reason: string };
  readRecord(): StartRecord;
  /** False: it cannot be written, and is done without. */
  writeRecord(record: StartRecord): boolean;
  /** Leaves word to the daemon that is started next, if that can be done. */
  writeNote(note: StartNote): void;
  now(): Ms;
  /** Milliseconds since 1970. */
  wallNow(): number;
  delay(delayMs: Ms): Promise<void>;
}

/** What is to be told, if anything. */
export type Outcome =
  | { readonly kind: "well" }
  /** It runs again... */
  | { readonly kind: "started"; readonly text: string }
  /** ...or by itself is as it should be. */
  | { readonly kind: "recovered"; readonly text: string }
  /** `isTold`: it was told before. */
  | { readonly kind: "failed"; readonly text: string; readonly isTold: boolean }
  /** The same, where configuration or keys cannot be used. */
  | { readonly kind: "unusable"; readonly text: string; readonly isTold: boolean }
  | { readonly kind: "forbidden"; readonly text: string };

/** What is wrong, once that is sure. */
interface Trouble {
  /** In a clause. */
  readonly text: string;
  /** Whether there is a process to be ended first, or one that is to be left alone. */
  readonly process: "none" | "hangs" | "works";
  /** Its pid, if it said so itself. */
  readonly pid: number | null;
  /** Whether it did not stop by itself: it died, or has to be killed. */
  readonly isDeath: boolean;
}

/** The quick look, with which a run ends nearly always. Null: it must be looked at closer. */
export async function glance(
  parts: Pick<WatchdogParts, "ping" | "readRecord" | "unusable">,
): Promise<Outcome | null> {
  const pinged = await parts.ping();
  if (pinged.kind === "forbidden") return { kind: "forbidden", text: pinged.reason };
  if (pinged.kind !== "answer" || conditionFault(pinged.ping) !== null) return null;
  if (parts.unusable !== null) return null;
  // Who was told of a fault is to be told of its end.
  return parts.readRecord().toldFault === null ? { kind: "well" } : null;
}

/** Looks closer, and mends what it can. One at a time: the caller holds a lock. */
export async function mend(parts: WatchdogParts): Promise<Outcome> {
  const trouble = await lastingTrouble(parts);
  const record = parts.readRecord();
  const { unusable } = parts;
  if ("kind" in trouble) {
    if (trouble.kind !== "well") return trouble;
    return unusable === null ? recovered(parts, record) : leftAlone(parts, record, null);
  }
  if (trouble.process === "works") return leftAlone(parts, record, trouble.text);
  if (unusable !== null) {
    const text = `${trouble.text}; another one cannot be started: ${unusable}`;
    return { kind: "unusable", text, isTold: false };
  }
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

function recovered(parts: WatchdogParts, record: StartRecord): Outcome {
  // What cannot be forgotten would be told again and again.
  const isNews = record.toldFault !== null && parts.writeRecord({ ...record, toldFault: null });
  return isNews ? { kind: "recovered", text: "faild is well again" } : { kind: "well" };
}

/**
 * Nothing is done, and each fault is told once.
 *
 * @param fault what is wrong with the daemon; null: only that no other one could be started
 */
function leftAlone(parts: WatchdogParts, record: StartRecord, fault: string | null): Outcome {
  const { unusable } = parts;
  const text = [
    ...(fault === null ? [] : [fault]),
    ...(unusable === null ? [] : [`faild could not be started anew: ${unusable}`]),
  ].join("; ");
  const after = withFault(record, text);
  const isTold = after === record;
  if (!isTold) parts.writeRecord(after);
  const kind = unusable === null ? "failed" : "unusable";
  return { kind, text: `${text}; it works at that, and is left alone`, isTold };
}

/** Asks until it is sure what is wrong, or nothing is. */
async function lastingTrouble(parts: WatchdogParts): Promise<Trouble | Outcome> {
  const giveUpAt = parts.now() + PASSING_MS;
  let isSilent = false;
  for (;;) {
    const pinged = await parts.ping();
    if (pinged.kind === "forbidden") return { kind: "forbidden", text: pinged.reason };
    if (pinged.kind === "silent") {
      // Once is no proof: it may just have answered the glance.
      if (isSilent) return hanging("does not answer");
      isSilent = true;
      continue;
    }
    isSilent = false;
    const trouble = await troubleOf(parts, pinged);
    if (trouble === null) return { kind: "well" };
    if (trouble.process === "none" || parts.now() >= giveUpAt) return trouble;
    await parts.delay(AGAIN_MS);
  }
}

function hanging(how: string): Trouble {
  return { text: `faild ${how}`, process: "hangs", pid: null, isDeath: true };
}

/** What a ping shows; null: nothing is wrong. */
async function troubleOf(parts: WatchdogParts, pinged: Pinged): Promise<Trouble | null> {
  if (pinged.kind === "answer") {
    const { ping } = pinged;
    const fault = conditionFault(ping);
    if (fault === null) return null;
    const process = fault.isHang ? "hangs" : "works";
    return { text: `faild is not well: ${fault.text}`, process, pid: ping.pid, isDeath: true };
  }
  if (pinged.kind === "refused") {
    return { ...hanging(`lets nobody ask how it is: ${pinged.reason}`), process: "works" };
  }
  const lock = await parts.lookAtLock();
  if (lock.kind === "failed") {
    return hanging(`may run: its lock cannot be looked at: ${lock.reason}`);
  }
  if (lock.kind === "held") return hanging("does not listen");
  const lost = await lostDaemon(parts);
  if (typeof lost === "number") {
    return { ...hanging("has lost its run directory"), pid: lost };
  }
  const isDeath = lock.leftPid !== undefined;
  return { text: "faild did not run", process: "none", pid: null, isDeath };
}

/** A daemon that is none of ours: it was told another run directory, or another configuration that may name one. */
interface Stranger {
  readonly pid: number;
  /** "run directory /run/other". */
  readonly mark: string;
}

/** Where the run directory was removed, a daemon has a lock that nobody sees, and still its port: its pid. */
async function lostDaemon(parts: WatchdogParts): Promise<number | Stranger | null> {
  const own = parts.ownProgram();
  let stranger: Stranger | null = null;
  for (const { pid, program } of await parts.portHolders()) {
    if (program !== own) continue;
    const { command, runDir, configFile } = await errandOf(parts, pid);
    // A probe has the port for as long as it runs.
    if (command !== null) continue;
    if (runDir === null ? configFile === parts.configFile : runDir === parts.runDir) return pid;
    const mark = runDir === null ? `configuration ${configFile}` : `run directory ${runDir}`;
    stranger = { pid, mark };
  }
  return stranger;
}

/** What the words and the environment say that a process of our program was started with. */
interface Errand {
  /** Null: none, it is a daemon. */
  readonly command: string | null;
  /** Null: they do not say; then its configuration does, or it is the default. */
  readonly runDir: string | null;
  readonly configFile: string;
}

async function errandOf(parts: WatchdogParts, pid: number): Promise<Errand> {
  const [, ...words] = await parts.wordsOf(pid);
  const line = parseCommandLine(words, {
    runDirFromEnvironment: await parts.runDirVariableOf(pid),
  });
  const isRead = "given" in line;
  const runDir = isRead ? line.given.get("runDir")?.value : undefined;
  return {
    command: line.kind === "command" ? line.name : null,
    runDir: typeof runDir === "string" ? runDir : null,
    configFile: (isRead ? line.configFile : null) ?? DEFAULT_CONFIG_FILE,
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
  if (trouble.process === "none") {
    if (lost === null || typeof lost === "number") return { kind: "stopped", pid: null };
    // Somebody runs it on purpose, and the two would take each other's routes away.
    const text = `it is not started: pid ${lost.pid}, a faild with ${lost.mark}, has its port`;
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
