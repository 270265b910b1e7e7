/** A machine for tests of the commands. It notes in its diary, in order, whatever is opened, taken, given back and closed. */
import { parse } from "@std/yaml";
import type { Host, Ip } from "../../lib/cli/host.ts";
import { keyIds } from "../../lib/cli/keys.ts";
import { main } from "../../lib/cli/main.ts";
import type { Keys } from "../../lib/config/key_file.ts";
import type { TextFile } from "../../lib/host/files.ts";
import type { LockResult } from "../../lib/host/lock.ts";
import type { Ran } from "../../lib/host/program.ts";
import type { SignalHandlers } from "../../lib/host/signals.ts";
import type { HookCall } from "../../lib/hooks.ts";
import type { LogRecord } from "../../lib/log_line.ts";
import { FakeControls } from "../fakes/control_pipe.ts";
import { FakeKernel } from "../fakes/kernel.ts";
import { FakeDisk } from "./fake_disk.ts";
import { FakeRecords } from "./fake_records.ts";
import { FakeUdpHost, settle } from "../shells/fake_udp.ts";

/** What a command came to. */
export interface Outcome {
  readonly exit: number;
  readonly out: string;
  readonly error: string;
}

/** The lines by which the commands find out whether they may change routes: they leave nothing behind. */
const TRIAL = /^route (replace|del) (?:blackhole )?255\.255\.255\.254\/32 table 245 proto 245$/;

export class FakeHost implements Host {
  args: readonly string[] = [];
  readonly pid = 4711;
  build: Host["build"] = { version: "0.1.0", deno: "2.9.6", v8: "14.0", target: "x86_64-linux" };
  readonly udp = new FakeUdpHost();
  /** Two LANs, and the right to change routes. */
  readonly kernel = new FakeKernel();
  readonly diary: string[] = [];
  readonly files = new Map<string, TextFile>();
  /** Files that hold keys. */
  readonly secrets = new Map<string, TextFile>();
  /** The ids of all keys in use, as often as they were set. */
  readonly keysInUse: (readonly number[])[] = [];
  /** Every moment that the daemon wanted to be woken at: one for each event that it took. */
  readonly alarms: (number | null)[] = [];
  readonly variables = new Map<string, string>();
  readonly log: LogRecord[] = [];
  /** What stands in the way; null: nothing. */
  ipFailure: string | null = null;
  logFailure: string | null = null;
  logProblem: string | null = null;
  lockFailure: Exclude<LockResult, { kind: "locked" }> | null = null;
  signals: SignalHandlers | null = null;
  #out = "";
  #error = "";
  #wake = () => {};

  constructor() {
    for (const [name, cidr] of [["ethA", "192.168.1.1/24"], ["ethB", "192.168.2.1/24"]] as const) {
      this.kernel.addLink(name);
      this.kernel.addAddress(name, cidr);
    }
  }

  /** Runs a command line to its end. */
  async faild(...args: string[]): Promise<Outcome> {
    this.args = args;
    const exit = await main(this);
    // Sockets that were closed at the end are free a turn later.
    await settle();
    return { exit, out: this.#out, error: this.#error };
  }

  /** Waits until the diary has this entry. */
  async until(entry: string): Promise<void> {
    while (!this.diary.includes(entry)) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  readonly executable = "/opt/faild";
  readonly disk = new FakeDisk();
  get placer() {
    return this.disk;
  }
  /** Programs that were run, in order; they say nothing, and end well. */
  readonly programs: string[] = [];
  programAnswer: (line: string) => Ran = () => ({ kind: "ended", code: 0, output: "", errors: "" });
  runProgram = (program: string, args: readonly string[]) => {
    const line = [program, ...args].join(" ");
    this.programs.push(line);
    this.#note(`ran ${line}`);
    return Promise.resolve(this.programAnswer(line));
  };
  terminate = (pid: number): string | null => {
    this.#note(`asked ${pid} to stop`);
    this.lockFailure = null;
    return null;
  };

  /** The sockets that daemons opened for those who ask them. */
  controls = new FakeControls();
  listenControl: Host["listenControl"] = (path, group) => this.controls.listen(path, group);
  connectControl: Host["connectControl"] = (path) => this.controls.connect(path);

  /** Why no group can be let ask; null: each can. */
  groupFailure: string | null = null;
  groupProblem = (_group: string) => this.groupFailure;

  readonly records = new FakeRecords();
  /** Null: standard output is read to its end; else so many more texts are taken. */
  readsLeft: number | null = null;
  isOnTerminal = false;
  wallMs = Date.UTC(2026, 10, 22, 12);
  emit = (text: string) => {
    if (this.readsLeft !== null && --this.readsLeft < 0) return false;
    this.#out += text;
    return true;
  };
  isTerminal = () => this.isOnTerminal;
  openTerminal: Host["openTerminal"] = () => {
    throw new Error("This machine has no terminal to take over");
  };
  wallNow = () => this.wallMs;
  boundedFile = (path: string) => this.records.boundedFile(path);
  followFile = (path: string) => this.records.followFile(path);
  replaceFile = (path: string, text: string) => this.records.replaceFile(path, text);
  discardFile = (path: string) => void this.records.written.delete(path);
  serveMetrics: Host["serveMetrics"] = (listen, make) => this.records.serveMetrics(listen, make);

  /** Nobody else runs, and nothing can be started, unless a test says otherwise. */
  daemons: Host["daemons"] = {
    lookAtLock: () => Promise.resolve({ kind: "free" }),
    portHolders: () => Promise.resolve([]),
    programOf: () => Promise.resolve(null),
    wordsOf: () => Promise.resolve([]),
    variableOf: () => Promise.resolve(undefined),
    ownProgram: () => "faild",
    kill: (pid) => {
      this.#note(`killed ${pid}`);
      return null;
    },
    start: (program, args) => {
      this.#note(`started ${[program, ...args].join(" ")}`);
      return { reason: "Cannot run it: this is a test" };
    },
  };
  /** Programs of hooks that were run; they end well and at once. */
  readonly hookCalls: HookCall[] = [];
  hooks: Host["hooks"] = {
    start: (call) => {
      this.hookCalls.push(call);
      return { ended: Promise.resolve(null), kill: () => {} };
    },
    programProblem: () => null,
  };
  /** What the service manager was told. */
  readonly serviceMessages: string[] = [];
  openServiceSocket: Host["openServiceSocket"] = (target) => ({
    kind: "open",
    datagrams: {
      send: (text) => {
        this.#note(`service message ${this.serviceMessages.push(`${target}: ${text}`)}`);
      },
      flushed: () => Promise.resolve(),
      close: () => this.#note("service socket closed"),
    },
  });
  monotonicUs = () => Promise.resolve(null);

  hostname = () => "host1";
  environment = (name: string) => this.variables.get(name);
  readTextFile = (path: string): TextFile => this.files.get(path) ?? { kind: "missing" };
  readSecretFile = (path: string): TextFile => this.secrets.get(path) ?? { kind: "missing" };
  logPathProblem = () => this.logProblem;
  loadYaml = () => Promise.resolve(parse);
  out = (text: string) => void (this.#out += text);
  error = (text: string) => void (this.#error += text);
  now = () => this.udp.nowMs;
  random = () => ({ fraction: () => 0.5, bits64: () => 42n });
  alarm = () => ({ wakeAt: (atMs: number | null) => void this.alarms.push(atMs) });

  /** Every signature is the byte of its key's id, over and over. */
  createSealer: Host["createSealer"] = (keys) => {
    let current = keys;
    const use = (wanted: Keys) => {
      current = wanted;
      this.keysInUse.push(keyIds(wanted));
    };
    use(keys);
    return Promise.resolve({
      get keyId() {
        return current.signing;
      },
      mac: (keyId) => current.secrets.has(keyId) ? new Uint8Array(32).fill(keyId) : null,
      replace: (wanted) => {
        const before = current;
        use(wanted);
        return before;
      },
    });
  };

  openLog: Host["openLog"] = ({ file }) => {
    if (this.logFailure !== null) return { kind: "failed", reason: this.logFailure };
    this.#note(`log opened: ${file ?? "standard error"}`);
    const log = {
      write: (record: LogRecord) => {
        this.log.push(record);
        this.#note(`logged ${record.event}`);
      },
      place: () => ({ kind: "log", file, lost: 0, trouble: null } as const),
      settle: () => void this.records.settled.push("log"),
      reopen: () => this.#note("log reopened"),
      close: () => this.#note("log closed"),
    };
    return { kind: "open", log };
  };

  lockRunDir = (runDir: string): Promise<LockResult> => {
    if (this.lockFailure !== null) return Promise.resolve(this.lockFailure);
    this.#note(`locked ${runDir}`);
    const lock = { release: () => this.#note("unlocked") };
    return Promise.resolve({ kind: "locked", lock });
  };

  startIp = (): Ip => {
    this.#note("ip started");
    return {
      exchange: async (changes, shows) => {
        if (this.ipFailure !== null) return { kind: "failed", reason: this.ipFailure };
        const isTrial = changes.length > 0 && changes.every((line) => TRIAL.test(line));
        if (!isTrial) return await this.kernel.exchange(changes, shows);
        this.#note("rights tried");
        const reason = "RTNETLINK answers: Operation not permitted";
        const refused = this.kernel.isPrivileged
          ? []
          : changes.map((_, line) => ({ line, reason }));
        return { kind: "done", shown: [], refused };
      },
      renew: () => this.#note("ip renewed"),
      close: () => Promise.resolve(this.#note("ip closed")),
    };
  };

  watchKernel: Host["watchKernel"] = () => {
    this.#note("kernel watched");
    return { close: () => Promise.resolve(this.#note("kernel no longer watched")) };
  };

  listenForSignals = (handlers: SignalHandlers) => {
    this.signals = handlers;
  };

  #note(entry: string): void {
    this.diary.push(entry);
    this.#wake();
  }
}
