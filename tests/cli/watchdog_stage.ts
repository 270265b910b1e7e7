/** A machine for tests of the watchdog. */
import {
  glance,
  mend,
  type Outcome,
  type Pinged,
  type WatchdogParts,
} from "../../lib/cli/watchdog.ts";
import type { Condition } from "../../lib/ping_fault.ts";
import type { LockLook, PortHolder } from "../../lib/host/daemon_look.ts";
import type { StartNote } from "../../lib/start_note.ts";
import { networkView } from "../shells/overviews.ts";
import { NO_STARTS, type StartRecord } from "../../lib/start_record.ts";

const WELL: Condition = {
  version: "0.1.0",
  pid: 100,
  uptimeMs: 60_000,
  loopAgoMs: 20,
  sockets: true,
  routes: null,
  networks: [networkView()],
};
export const SILENT: Pinged = { kind: "silent" };
export const ABSENT: Pinged = { kind: "absent" };

/** The answer of a daemon that is well, but for a change. */
export function answer(change: Partial<Condition> = {}): Pinged {
  return { kind: "answer", ping: { ...WELL, ...change } };
}

/** A machine with one daemon, or none, whose clock runs only while somebody waits. */
export class Stage implements WatchdogParts {
  readonly runDir = "/run/faild";
  configFile: string | null = "/etc/faild.yaml";
  unusable: string | null = null;
  isDiskFull = false;
  nowMs = 0;
  wallMs = 1_000_000_000;
  record: StartRecord = NO_STARTS;
  /** The daemon of now; a killed one leaves an absent one. */
  pinged: (nowMs: number) => Pinged = () => ABSENT;
  lock: LockLook = { kind: "free" };
  holders: PortHolder[] = [];
  programs = new Map<number, string>([[100, "faild"], [101, "faild"]]);
  words = new Map<number, string[]>();
  runDirVariables = new Map<number, string>();
  killRefused: string | null = null;
  diesOfKill = true;
  /** What a daemon that is started does: it answers after so long, or ends at once. */
  answersAfterMs = 300;
  endsWith: string | null = null;
  startRefused: string | null = null;
  readonly killed: number[] = [];
  readonly notes: StartNote[] = [];
  starts = 0;

  ping = () => {
    const pinged = this.pinged(this.nowMs);
    // A daemon that says nothing takes the whole time that it is given.
    if (pinged.kind === "silent") this.nowMs += 2000;
    return Promise.resolve(pinged);
  };
  lookAtLock = (waitMs = 1000) => {
    if (this.lock.kind === "held") this.nowMs += waitMs;
    return Promise.resolve(this.lock);
  };
  portHolders = () => Promise.resolve(this.holders);
  programOf = (pid: number) => Promise.resolve(this.programs.get(pid) ?? null);
  wordsOf = (pid: number) => Promise.resolve(["/opt/faild", ...this.words.get(pid) ?? []]);
  runDirVariableOf = (pid: number) => Promise.resolve(this.runDirVariables.get(pid));
  ownProgram = () => "faild";
  kill = (pid: number) => {
    if (this.killRefused !== null) return this.killRefused;
    this.killed.push(pid);
    if (this.diesOfKill) this.die();
    return null;
  };
  start = () => {
    this.starts++;
    if (this.startRefused !== null) return { reason: this.startRefused };
    const { endsWith } = this;
    if (endsWith !== null) return { pid: 101, ended: Promise.resolve(endsWith) };
    const upAt = this.nowMs + this.answersAfterMs;
    this.pinged = (nowMs) => nowMs >= upAt ? answer({ pid: 101, uptimeMs: 1 }) : ABSENT;
    this.lock = { kind: "held", pid: 101 };
    return { pid: 101, ended: new Promise<string>(() => {}) };
  };
  readRecord = () => this.record;
  writeRecord = (record: StartRecord) => {
    if (!this.isDiskFull) this.record = record;
    return !this.isDiskFull;
  };
  writeNote = (note: StartNote) => void this.notes.push(note);
  now = () => this.nowMs;
  wallNow = () => this.wallMs + this.nowMs;
  delay = (delayMs: number) => {
    this.nowMs += delayMs;
    return Promise.resolve();
  };

  /** The daemon dies without a word. */
  die(): void {
    this.pinged = () => ABSENT;
    this.lock = { kind: "free", leftPid: 100 };
    this.holders = [];
  }

  /** The daemon is stopped, and gives its lock back. */
  end(): void {
    this.die();
    this.lock = { kind: "free" };
  }

  /** One whole run. */
  async run(): Promise<Outcome> {
    return await glance(this) ?? await mend(this);
  }
}
