/**
 * The route switcher of a simulated host: one request at a time, the newest other one waits, what it reports is read
 * back. It can be slow, its steps can be refused, and it can fail altogether.
 */
import { type Mark, renderStep } from "../../lib/core/ip_text.ts";
import { plan, type Step, sweepPlan } from "../../lib/core/route_plan.ts";
import type {
  ActualRoutes,
  Event,
  Ms,
  RouteReport,
  Routing,
  WantedRoutes,
} from "../../lib/core/types.ts";
import type { KernelChange, SimKernel } from "./kernel.ts";
import type { Prng } from "./prng.ts";
import type { Timeline } from "./timeline.ts";

/** What is wrong with a switcher; the host owns it, as it outlives a process. */
export interface SwitcherTrouble {
  /** Further steps that are refused, and in what words. */
  refusals: number;
  refusal: string;
  /** Added to every request. */
  extraMs: Ms;
  /** Why it cannot work at all; null: it can. */
  failure: string | null;
}

interface Request {
  readonly generation: number;
  readonly wanted: WantedRoutes;
  readonly askedAt: Ms;
}

/** How long a request takes when all is well: from these ms, up to so many more. */
const WORK_MS = 1;
const WORK_JITTER_MS = 2;
/** A read-back is followed by so many further attempts. */
const ROUNDS = 2;

/** The longest that a request takes when all is well, in ms. */
export const LONGEST_WORK_MS: Ms = 2 * (WORK_MS + WORK_JITTER_MS);

/** The only one who changes a simulated kernel on purpose. */
export class SimSwitcher {
  readonly #timeline: Timeline;
  readonly #random: Prng;
  readonly #kernel: SimKernel;
  readonly #mark: Mark;
  readonly #trouble: SwitcherTrouble;
  readonly #report: (event: Event) => void;
  readonly #changed: (changes: readonly KernelChange[]) => void;
  #known: ActualRoutes | null = null;
  #waiting: Request | null = null;
  #isBusy = false;
  #beganTroubled = false;
  #isDead = false;

  constructor(
    parts: {
      readonly timeline: Timeline;
      readonly random: Prng;
      readonly kernel: SimKernel;
      readonly routing: Routing;
      readonly port: number;
      readonly trouble: SwitcherTrouble;
      readonly report: (event: Event) => void;
      readonly changed: (changes: readonly KernelChange[]) => void;
    },
  ) {
    this.#timeline = parts.timeline;
    this.#random = parts.random;
    this.#kernel = parts.kernel;
    this.#mark = { routing: parts.routing, port: parts.port };
    this.#trouble = parts.trouble;
    this.#report = parts.report;
    this.#changed = parts.changed;
  }

  /** Whether something is wrong with it, or was when the request under way began. */
  get isTroubled(): boolean {
    return isTroubled(this.#trouble) || (this.#isBusy && this.#beganTroubled);
  }

  /** Whether a request is under way. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Asks for a state. */
  request(generation: number, wanted: WantedRoutes): void {
    this.#waiting = { generation, wanted, askedAt: this.#timeline.now };
    if (!this.#isBusy) this.#work();
  }

  /** The process was killed: what was not yet written never will be. */
  die(): void {
    this.#isDead = true;
  }

  /** The process ends: everything of ours is removed, once the request under way can do no more. */
  sweep(): void {
    this.die();
    this.#take(sweepPlan(this.#kernel.read()), new Map());
  }

  #work(): void {
    const request = this.#waiting;
    this.#waiting = null;
    this.#isBusy = request !== null;
    if (request === null) return;
    this.#beganTroubled = isTroubled(this.#trouble);
    const half = () =>
      WORK_MS + WORK_JITTER_MS * this.#random.fraction() + this.#trouble.extraMs / 2;
    this.#timeline.after(half(), () => {
      if (this.#isDead) return;
      const outcome = this.#fulfil(request);
      this.#timeline.after(half(), () => {
        if (this.#isDead) return;
        this.#report(outcome(this.#timeline.now));
        this.#work();
      });
    });
  }

  /** Does the work; what it returns makes the event that tells of it. */
  #fulfil(request: Request): (now: Ms) => Event {
    const { generation, wanted, askedAt } = request;
    const { failure } = this.#trouble;
    if (failure !== null) {
      this.#known = null;
      return () => ({ kind: "routes-failed", generation, reason: failure });
    }
    const { routing } = this.#mark;
    let steps = this.#known === null ? [] : plan(wanted, this.#known, routing);
    let found: ActualRoutes | null = null;
    if (steps.length === 0) {
      found = this.#kernel.read();
      steps = plan(wanted, found, routing);
    }
    const refused = new Map<string, string>();
    let changes = 0;
    for (let round = 0; round < ROUNDS && steps.length > 0; round++) {
      changes += this.#take(steps, refused);
      steps = plan({ ...wanted, forgetNeighbours: [] }, this.#kernel.read(), routing);
    }
    const still = steps.flatMap((step) => {
      const reason = refused.get(this.#textOf(step));
      return reason === undefined ? [] : [{ step: this.#textOf(step), reason }];
    });
    this.#known = this.#kernel.read();
    const report: Omit<RouteReport, "tookMs"> = {
      generation,
      actual: this.#known,
      refused: still,
      changes,
      found,
    };
    return (now) => ({ kind: "routes", report: { ...report, tookMs: now - askedAt } });
  }

  /** Takes the steps that were not refused before; returns how many changed something. */
  #take(steps: readonly Step[], refused: Map<string, string>): number {
    const changes: KernelChange[] = [];
    let count = 0;
    for (const step of steps) {
      const text = this.#textOf(step);
      if (refused.has(text)) continue;
      const isRefused = this.#trouble.refusals > 0 && step.kind !== "neighbour-flush";
      if (isRefused) this.#trouble.refusals -= 1;
      const outcome = isRefused ? { refused: this.#trouble.refusal } : this.#kernel.take(step);
      if ("refused" in outcome) {
        refused.set(text, outcome.refused);
        continue;
      }
      if (step.kind !== "neighbour-flush") count += 1;
      if (outcome.changed !== null) changes.push(outcome.changed);
    }
    if (changes.length > 0) this.#changed(changes);
    return count;
  }

  /** The line that would be written for a step. */
  #textOf(step: Step): string {
    const rendered = renderStep(step, this.#mark);
    if (rendered.kind !== "line") throw new Error(`cannot be written: ${rendered.step}`);
    return rendered.line;
  }
}

function isTroubled({ refusals, failure, extraMs }: SwitcherTrouble): boolean {
  return refusals > 0 || failure !== null || extraMs > 0;
}
