/** Asks the daemon for its state again and again, so seldom that it is not disturbed. */
import type { Ms } from "../core/types.ts";
import type { Alarm } from "../host/clock.ts";
import type { AskingHost, NoAnswer } from "./control_client.ts";
import { askStatus, type StatusData } from "./status_data.ts";

/** What is to be watched, and how. */
export interface WatchTask {
  readonly runDir: string;
  /** The daemon's state at the beginning. */
  readonly first: StatusData;
  readonly isJson: boolean;
  readonly coloured: boolean;
}

/** A state, or why there is none. */
export type Looked = StatusData | NoAnswer;

/** As often as the daemon asks its peers, within these bounds, in ms. */
const OFTEN_MS: Ms = 500;
const SELDOM_MS: Ms = 2000;
/** Where nobody answers. */
const RETRY_MS: Ms = 1000;
/** Of the time at most one part in so many is spent on asking, however many peers there are. */
const PARTS = 10;

/** Looks at a daemon until it is ended. */
export class WatchPoll {
  readonly #host: AskingHost;
  readonly #runDir: string;
  readonly #told: (looked: Looked) => void;
  readonly #alarm: Alarm;
  #askingSince: Ms | null = null;
  #isOn = true;

  /** `told` is called with each look after `first`, at which the daemon has shown itself already. */
  constructor(host: AskingHost, runDir: string, first: StatusData, told: (looked: Looked) => void) {
    this.#host = host;
    this.#runDir = runDir;
    this.#told = told;
    this.#alarm = host.alarm(() => void this.#look());
    this.#alarm.wakeAt(host.now() + pauseAfter(first));
  }

  /** Since when an answer is waited for; null: none is. */
  get askingSince(): Ms | null {
    return this.#askingSince;
  }

  /** No more looks; one that is under way is not told of. */
  stop(): void {
    this.#isOn = false;
    this.#alarm.wakeAt(null);
  }

  /** Goes on with a look at once. */
  resume(): void {
    this.#isOn = true;
    if (this.#askingSince === null) this.#alarm.wakeAt(this.#host.now());
  }

  async #look(): Promise<void> {
    const began = this.#host.now();
    this.#askingSince = began;
    const looked = await askStatus(this.#host, this.#runDir);
    this.#askingSince = null;
    if (!this.#isOn) return;
    const now = this.#host.now();
    this.#alarm.wakeAt(
      "kind" in looked
        ? now + RETRY_MS
        : began + Math.max(pauseAfter(looked), PARTS * (now - began)),
    );
    this.#told(looked);
  }
}

/** From the beginning of a look that found this to the next one, in ms. */
function pauseAfter({ status }: StatusData): Ms {
  return Math.min(SELDOM_MS, Math.max(OFTEN_MS, status.intervalMs));
}

/** What is wrong with a look; null: nothing is. */
export function troubleOf(looked: Looked): string | null {
  if (!("kind" in looked)) return null;
  return looked.kind === "refused" ? looked.errors.join("; ") : looked.reason;
}
