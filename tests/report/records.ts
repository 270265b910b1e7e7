/** Events and samples as a daemon keeps them, for tests of what reads them. */
import type { Notice, PathName, RouteAction } from "../../lib/core/types.ts";
import { parseEvent, type PastEvent } from "../../lib/events.ts";
import { jsonLine, type LogRecord } from "../../lib/log_line.ts";
import { noticeText } from "../../lib/notice_text.ts";
import type { Records } from "../../lib/report/history.ts";
import { parseSample, type Sample, type SampledPath, sampleLine } from "../../lib/samples.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** A moment that every test calls the beginning. */
export const BEGIN = Date.UTC(2026, 10, 20, 6, 0, 0);

/** What a daemon keeps, line by line: each line is written and read back as in life. */
export class Diary {
  readonly events: PastEvent[] = [];
  readonly samples: Sample[] = [];

  constructor(readonly node = "node1") {}

  /** @param atMs since the beginning */
  record(record: LogRecord, atMs: number): this {
    const event = parseEvent(jsonLine(record, BEGIN + atMs));
    if (event === null) throw new Error(`No event: ${record.text}`);
    this.events.push(event);
    return this;
  }

  notice(notice: Notice, atMs: number): this {
    return this.record(noticeText(notice), atMs);
  }

  start(atMs: number, version = "0.1.0"): this {
    const fields = { version, node: this.node };
    return this.record(
      { level: "info", event: "start", text: `faild ${version} started`, fields },
      atMs,
    );
  }

  stop(atMs: number): this {
    return this.record({ level: "info", event: "stop", text: "faild stopped", fields: {} }, atMs);
  }

  sample(paths: readonly SampledPath[], atMs: number): this {
    const sample = parseSample(sampleLine(paths, BEGIN + atMs));
    if (sample === null) throw new Error("No sample");
    this.samples.push(sample);
    return this;
  }

  get records(): Records {
    return { events: this.events, samples: this.samples, broken: 0 };
  }
}

export const ON_A: PathName = { node: "node2", network: "A", address: "192.168.1.2" };
export const ON_B: PathName = { node: "node2", network: "B", address: "192.168.2.2" };

/** Its traffic goes over the other of the networks A and B now. */
export function moved({ network, address }: PathName): RouteAction {
  const host = address.split(".").at(-1);
  return network === "A"
    ? { kind: "moved", address, gateway: `192.168.2.${host}`, network: "B" }
    : { kind: "moved", address, gateway: `192.168.1.${host}`, network: "A" };
}

/** Node2 is lost on A, its traffic moved to B. */
export function down(path = ON_A, actions: readonly RouteAction[] = [moved(path)]): Notice {
  const cause = { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 161 } as const;
  return { kind: "path-down", path, cause, actions, tookMs: 3 };
}

/** It is back after a time. */
export function up(downMs: number, path = ON_A, actions?: readonly RouteAction[]): Notice {
  const restored = { kind: "restored", address: path.address, network: path.network } as const;
  return {
    kind: "path-up",
    path,
    good: 10,
    downMs,
    roundTripMs: 0.2,
    hold: null,
    actions: actions ?? [restored],
    tookMs: 2,
  };
}

/** A path as it is sampled. */
export function sampledPath(
  { node, network, address }: PathName,
  facts: Partial<SampledPath> = {},
): SampledPath {
  return { node, network, address, state: "up", roundTripMs: 0.2, loss: 0, ...facts };
}
