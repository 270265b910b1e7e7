/**
 * Makes the kernel's routes what they shall be, and says what they then are.
 *
 * One request at a time is worked on; while it is, the newest other one waits. A request is one exchange with `ip`
 * where the last report still holds (the steps and the read-back together), or where nothing has to be done; where the
 * read-back shows that somebody else changed something it is one more. Nothing is believed but what was read.
 */
import { parseActual, type Parsed } from "./core/ip_json.ts";
import {
  type ExchangeResult,
  type Mark,
  type Refusal,
  renderStep,
  showActual,
  showActualEverywhere,
} from "./core/ip_text.ts";
import { plan, type Step, sweepPlan } from "./core/route_plan.ts";
import type { ActualRoutes, HostRoute, Ms, RouteReport, WantedRoutes } from "./core/types.ts";

/** Carries lines to `ip`: first the changes, then the shows, each of which is answered by a line of JSON. */
export type Exchange = (
  changes: readonly string[],
  shows: readonly string[],
) => Promise<ExchangeResult>;

/** What a switcher works with, and whom it tells. */
export interface RouteSwitcherOptions {
  readonly exchange: Exchange;
  readonly mark: Mark;
  /** The monotonic clock. */
  now(): Ms;
  /** A request was worked on, with whatever success. */
  report(report: RouteReport): void;
  /** `ip` itself failed: nothing is known of the kernel now. */
  failed(generation: number, reason: string): void;
}

/** What was refused, in the words of `ip`. */
export type Refused = RouteReport["refused"][number];

/** What came of removing everything; `left` is read back, and holds what could not be removed. */
export type SweepResult =
  | {
    readonly kind: "swept";
    /** What there was before. */
    readonly found: ActualRoutes;
    /** Rules and routes removed. */
    readonly removed: number;
    readonly left: ActualRoutes;
    readonly refused: readonly Refused[];
  }
  | { readonly kind: "failed"; readonly reason: string };

/** Steps are planned anew from the read-back so often; what is amiss after that is left to the next request. */
const MOST_ROUNDS = 2;
/** A sweep is begun anew so often where `ip` fails: each time it is another process. */
const MOST_SWEEPS = 3;

interface Request {
  readonly generation: number;
  readonly wanted: WantedRoutes;
  readonly askedAt: Ms;
}

type Failed = { readonly kind: "failed"; readonly reason: string };

/** What was read after some lines, and which of them were refused. */
interface ReadBack {
  readonly kind: "read";
  readonly actual: ActualRoutes;
  readonly refused: readonly Refusal[];
}

/** What came of working towards a state; `actual` is read back. */
export interface Reached {
  readonly kind: "reached";
  readonly actual: ActualRoutes;
  readonly refused: readonly Refused[];
  readonly changes: number;
}

/** The only one who changes routes. */
export class RouteSwitcher {
  readonly #options: RouteSwitcherOptions;
  /** What was last read; null: nothing yet, or `ip` failed since. */
  #known: ActualRoutes | null = null;
  #waiting: Request | null = null;
  #running: Promise<void> | null = null;
  #isSweeping = false;

  constructor(options: RouteSwitcherOptions) {
    this.#options = options;
  }

  /**
   * Asks for a state; the outcome is told by `report` or `failed`. A request that still waits is replaced and never
   * told of. After sweep() nothing is taken any more.
   */
  request(generation: number, wanted: WantedRoutes): void {
    if (this.#isSweeping) return;
    this.#waiting = { generation, wanted, askedAt: this.#options.now() };
    this.#running ??= this.#work();
  }

  /** Reads everything of ours, in all tables; for the start, before the first request. */
  async read(): Promise<Parsed<ActualRoutes>> {
    const read = await this.#exchange([], showActualEverywhere(this.#options.mark));
    return read.kind === "read"
      ? { kind: "value", value: read.actual }
      : { kind: "error", reason: read.reason };
  }

  /**
   * Puts routes of a predecessor into force again; for the start, between `read` and the first request. Where one of
   * ours stands for the same address, that stays.
   *
   * @param left what was read
   */
  async putBack(routes: Iterable<HostRoute>, left: ActualRoutes): Promise<Reached | Failed> {
    const { mark } = this.#options;
    const gone = [...routes].filter(({ address }) => !left.routes.has(address));
    const wanted = {
      routes: new Map(gone.map((route) => [route.address, route])),
      keep: new Set(left.routes.keys()),
      forgetNeighbours: [],
    };
    const replan = (seen: ActualRoutes) => plan(wanted, seen, mark.routing);
    return await this.#reach(replan(left), left, showActualEverywhere(mark), replan);
  }

  /**
   * Removes everything of ours, once the request under way is done; one that waits is dropped. Where `ip` fails it is
   * tried again: nobody else removes what one failure would leave.
   */
  async sweep(): Promise<SweepResult> {
    this.#isSweeping = true;
    this.#waiting = null;
    await this.#running;
    let swept = await this.#sweepOnce();
    for (let sweep = 2; swept.kind === "failed" && sweep <= MOST_SWEEPS; sweep++) {
      swept = await this.#sweepOnce();
    }
    return swept;
  }

  async #sweepOnce(): Promise<SweepResult> {
    const shows = showActualEverywhere(this.#options.mark);
    const found = await this.#exchange([], shows);
    if (found.kind === "failed") return found;
    const reached = await this.#reach(sweepPlan(found.actual), found.actual, shows, sweepPlan);
    if (reached.kind === "failed") return reached;
    const { actual, changes, refused } = reached;
    return { kind: "swept", found: found.actual, removed: changes, left: actual, refused };
  }

  async #work(): Promise<void> {
    while (this.#waiting !== null) {
      const request = this.#waiting;
      this.#waiting = null;
      await this.#fulfil(request);
    }
    this.#running = null;
  }

  async #fulfil({ generation, wanted, askedAt }: Request): Promise<void> {
    const { mark, now, report, failed } = this.#options;
    const shows = this.#known === null ? showActualEverywhere(mark) : showActual(mark);
    let steps = this.#known === null ? [] : plan(wanted, this.#known, mark.routing);
    let actual = this.#known;
    let found: ActualRoutes | null = null;
    if (actual === null || steps.length === 0) {
      // Nothing is known to do: then it is time to look.
      const read = await this.#exchange([], shows);
      if (read.kind === "failed") return failed(generation, read.reason);
      actual = found = read.actual;
      steps = plan(wanted, actual, mark.routing);
    }
    // A flush leaves no trace, so a plan would ask for it for ever.
    const lasting = { ...wanted, forgetNeighbours: [] };
    const replan = (seen: ActualRoutes) => plan(lasting, seen, mark.routing);
    const reached = await this.#reach(steps, actual, shows, replan);
    if (reached.kind === "failed") return failed(generation, reached.reason);
    const { refused, changes } = reached;
    const tookMs = now() - askedAt;
    report({ generation, actual: reached.actual, refused, changes, found, tookMs });
  }

  /** Takes the steps, reads what came of them, and takes those that are then still to take. */
  async #reach(
    first: readonly Step[],
    from: ActualRoutes,
    shows: readonly string[],
    replan: (actual: ActualRoutes) => readonly Step[],
  ): Promise<Reached | Failed> {
    const refused = new Map<string, string>();
    let steps = first;
    let actual = from;
    let changes = 0;
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      const written = this.#linesOf(steps, refused);
      if (written.length === 0) break;
      const read = await this.#exchange(written.map(({ line }) => line), shows);
      if (read.kind === "failed") return read;
      const reasons = new Map(read.refused.map(({ line, reason }) => [line, reason]));
      for (const [i, { line, isAdvisory }] of written.entries()) {
        if (isAdvisory) continue;
        const reason = reasons.get(i);
        if (reason === undefined) changes += 1;
        else refused.set(line, reason);
      }
      actual = read.actual;
      steps = replan(actual);
    }
    return { kind: "reached", actual, changes, refused: this.#stillRefused(steps, refused) };
  }

  /** The lines for the steps. One that was refused is not written again; one that cannot be written is refused here. */
  #linesOf(
    steps: readonly Step[],
    refused: Map<string, string>,
  ): { readonly line: string; readonly isAdvisory: boolean }[] {
    return steps.flatMap((step) => {
      const isAdvisory = step.kind === "neighbour-flush";
      const rendered = renderStep(step, this.#options.mark);
      if (rendered.kind === "line") {
        return refused.has(rendered.line) ? [] : [{ line: rendered.line, isAdvisory }];
      }
      if (!isAdvisory) refused.set(rendered.step, rendered.reason);
      return [];
    });
  }

  /** What was refused and is still amiss: a deletion of what had gone by itself is not. */
  #stillRefused(steps: readonly Step[], refused: ReadonlyMap<string, string>): Refused[] {
    return steps.flatMap((step) => {
      const rendered = renderStep(step, this.#options.mark);
      const text = rendered.kind === "line" ? rendered.line : rendered.step;
      const reason = refused.get(text);
      return reason === undefined ? [] : [{ step: text, reason }];
    });
  }

  async #exchange(
    changes: readonly string[],
    shows: readonly string[],
  ): Promise<ReadBack | Failed> {
    this.#known = null;
    const result = await this.#options.exchange(changes, shows);
    if (result.kind === "failed") return result;
    const parsed = parseActual(result.shown, this.#options.mark);
    if (parsed.kind === "error") return { kind: "failed", reason: parsed.reason };
    this.#known = parsed.value;
    return { kind: "read", actual: parsed.value, refused: result.refused };
  }
}
