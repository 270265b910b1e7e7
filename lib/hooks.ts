/**
 * Programs that are run on what happens. They come after everything else: nothing waits for them, whatever they do, and
 * there is a bound to how many run and wait.
 *
 * The programs of one peer's events are run one after the other, in the order of the events. An event that is about no
 * single peer may stand for those of many: it waits until all before it are done, and all after it wait for it.
 */
import type { Hook } from "./config/yaml_hooks.ts";
import type { Ms } from "./core/types.ts";
import { hookEnvironment, peerOf, topicsOf } from "./hook_topics.ts";
import { escapeUnprintable, jsonLine, type LogRecord } from "./log_line.ts";
import { counted, word } from "./notice_words.ts";

/** Programs that run at the same time. */
const MOST_RUNNING = 4;
/** Runs that wait; more are dropped. */
const MOST_WAITING = 1000;
/** How often the same hook's failures are logged, and drops, in ms. */
const TELL_MS = 60_000;
/** How long the programs of the last events may take once the daemon stops, in ms. */
const GOODBYE_MS = 3000;

const DROPPED = {};

/** A program to run, and what it is told. */
export interface HookCall {
  readonly run: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** One line of JSON, for its standard input. */
  readonly input: string;
  readonly limitMs: Ms;
}

/** A program that was started. */
export interface RunningHook {
  /** Resolves when it has ended: null, or why it failed. Never rejected. */
  readonly ended: Promise<string | null>;
  /** Ends it, and what it has started. */
  kill(): void;
}

/** What hooks need of the host. */
export interface HookParts {
  start(call: HookCall): RunningHook;
  /** Why a program must not be run; null: it may. */
  programProblem(path: string): string | null;
  now(): Ms;
  /** Milliseconds since 1970. */
  wallNow(): number;
  delay(delayMs: Ms): Promise<void>;
  log(record: LogRecord): void;
}

/** One program that is to be run on one event. */
interface Run {
  readonly hook: Hook;
  readonly record: LogRecord;
  readonly input: string;
  /** Null: it is alone. */
  readonly peer: string | null;
}

/** Something that is told once a minute, with how often it happened. */
interface Tally {
  count: number;
  toldAt: Ms;
}

/** The hooks of a running daemon. */
export class Hooks {
  readonly #parts: HookParts;
  readonly #waiting: Run[] = [];
  readonly #running = new Map<Run, RunningHook>();
  /** Of each hook, for as long as there is it, and under `DROPPED` of runs that were dropped. */
  readonly #tallies = new WeakMap<object, Tally>();
  #hooks: readonly Hook[];
  #failures = 0;
  #isStopping = false;
  #idle: (() => void) | null = null;

  constructor(hooks: readonly Hook[], parts: HookParts) {
    this.#hooks = hooks;
    this.#parts = parts;
  }

  /** Other hooks from now on; what runs and waits is not called off. */
  replace(hooks: readonly Hook[]): void {
    this.#hooks = hooks;
  }

  /** Runs that failed or were dropped since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** Runs whatever is to be run on a line of the log, in later turns. */
  take(record: LogRecord): void {
    if (this.#hooks.length === 0 || this.#isStopping) return;
    const topics = topicsOf(record);
    const wanted = this.#hooks.filter(({ on }) => on.some((each) => topics.includes(each)));
    if (wanted.length === 0) return;
    const input = jsonLine(record, this.#parts.wallNow());
    for (const hook of wanted) this.#add({ hook, record, input, peer: peerOf(record) });
    this.#startAll();
  }

  /** Takes nothing more, gives what runs and waits 3 s to come to its end, and ends what is left. */
  async close(): Promise<void> {
    this.#isStopping = true;
    if (this.#running.size > 0) {
      const idle = new Promise<void>((resolve) => this.#idle = resolve);
      await Promise.race([idle, this.#parts.delay(GOODBYE_MS)]);
    }
    const left = this.#waiting.splice(0).length + this.#running.size;
    for (const running of this.#running.values()) running.kill();
    if (left === 0) return;
    const text = `${counted(left, "hook")} had no time to end before the daemon did`;
    this.#tell("hook-dropped", text, { count: left });
  }

  #add(run: Run): void {
    if (this.#waiting.length < MOST_WAITING) {
      this.#waiting.push(run);
      return;
    }
    this.#failures++;
    const count = this.#due(DROPPED);
    if (count === null) return;
    const text = `${counted(count, "run")} of hooks dropped: ${MOST_WAITING} wait already`;
    this.#tell("hook-dropped", text, { count });
  }

  /** Starts whatever need not wait for another. */
  #startAll(): void {
    const busy = new Set<string | null>([...this.#running.keys()].map(({ peer }) => peer));
    if (busy.has(null)) return;
    for (let i = 0; i < this.#waiting.length && this.#running.size < MOST_RUNNING;) {
      const run = this.#waiting[i]!;
      if (run.peer === null && (i > 0 || this.#running.size > 0)) return;
      if (run.peer !== null && busy.has(run.peer)) {
        i++;
        continue;
      }
      busy.add(run.peer);
      this.#waiting.splice(i, 1);
      this.#start(run);
      if (run.peer === null) return;
    }
  }

  async #start(run: Run): Promise<void> {
    const { hook, record, input } = run;
    const [program = ""] = hook.run;
    const problem = this.#parts.programProblem(program);
    const running = problem === null
      ? this.#parts.start({
        run: hook.run,
        environment: hookEnvironment(record),
        input,
        limitMs: hook.timeoutMs,
      })
      : { ended: Promise.resolve(problem), kill: () => {} };
    this.#running.set(run, running);
    const reason = await running.ended;
    this.#running.delete(run);
    if (reason !== null) this.#failed(hook, record, reason);
    this.#startAll();
    if (this.#running.size === 0) this.#idle?.();
  }

  #failed(hook: Hook, { event }: LogRecord, reason: string): void {
    this.#failures++;
    const count = this.#due(hook);
    if (count === null) return;
    const [program = ""] = hook.run;
    const more = count === 1
      ? ""
      : `; so did ${counted(count - 1, "run")} since the last such line`;
    const text = `Hook ${word(program)} failed on ${event}: ${word(reason)}${more}`;
    this.#tell("hook-failed", text, { program, on: event, reason: word(reason), count });
  }

  /** How often it happened since it was told last, if it is to be told now; null: it is not. */
  #due(about: object): number | null {
    const now = this.#parts.now();
    const tally = this.#tallies.get(about) ?? { count: 0, toldAt: -Infinity };
    this.#tallies.set(about, tally);
    tally.count++;
    if (now - tally.toldAt < TELL_MS) return null;
    const { count } = tally;
    tally.count = 0;
    tally.toldAt = now;
    return count;
  }

  #tell(event: string, text: string, fields: LogRecord["fields"]): void {
    this.#parts.log({ level: "error", event, text: escapeUnprintable(text), fields });
  }
}
