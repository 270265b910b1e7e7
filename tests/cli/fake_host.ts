/** A machine for tests of the commands. It notes in its diary, in order, whatever is opened, taken, given back and closed. */
import { parse } from "@std/yaml";
import type { Host, Ip } from "../../lib/cli/host.ts";
import { keyIds } from "../../lib/cli/keys.ts";
import { main } from "../../lib/cli/main.ts";
import type { Keys } from "../../lib/config/key_file.ts";
import type { TextFile } from "../../lib/host/files.ts";
import type { LockResult } from "../../lib/host/lock.ts";
import type { SignalHandlers } from "../../lib/host/signals.ts";
import type { LogRecord } from "../../lib/log_line.ts";
import { FakeKernel } from "../fakes/kernel.ts";
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
  readonly build = { version: "0.1.0", deno: "2.9.6", v8: "14.0", target: "x86_64-linux" };
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
      replace: use,
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
