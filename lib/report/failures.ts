/** The failures of a report: what failed, why, what was done about it, and how long it lasted. */
import type { Ms } from "../core/types.ts";
import type { PastEvent } from "../events.ts";
import { counted, percentText } from "../notice_words.ts";
import { actionsText, appliedText, causeText } from "../path_words.ts";
import { actionsField, causeField, numberField, textField } from "./evidence.ts";
import type { Track } from "./tracks.ts";

/** One failure. */
export interface Failure {
  readonly wallMs: number;
  /** The path or the network, e.g. "node2 on A (192.168.1.2)". */
  readonly what: string;
  readonly cause: string;
  readonly done: string;
  /** Whether traffic was moved: a failover. */
  readonly isMoved: boolean;
  /** How long it lasted, or lasts already; null: nothing failed, or that is not known. */
  readonly lastedMs: Ms | null;
  /** Whether it lasts still. */
  readonly isPresent: boolean;
}

/** Whether an event is about something that failed, or made traffic move. */
export function isFailure(event: PastEvent): boolean {
  switch (event.event) {
    case "path-down":
    case "path-lossy":
    case "network-silent":
      return true;
    case "rerouted":
      return isMoved(event);
    default:
      return false;
  }
}

/** The failures among these events, in their order; `tracks` tell how long each lasted. */
export function failuresOf(
  events: readonly PastEvent[],
  tracks: readonly Track[],
  nowMs: number,
): Failure[] {
  const told = toldLengths(events);
  return events.filter(isFailure).map((event) => ({
    wallMs: event.wallMs,
    what: subjectOf(event),
    cause: causeOf(event),
    done: doneAbout(event),
    isMoved: isMoved(event),
    ...told.get(event) ?? lengthOf(event, tracks, nowMs),
  }));
}

function isMoved({ fields }: PastEvent): boolean {
  return (numberField(fields, "moved") ?? 0) > 0 ||
    actionsField(fields).some(({ kind }) => kind === "moved");
}

function subjectOf({ fields }: PastEvent): string {
  const network = textField(fields, "network") ?? "?";
  const node = textField(fields, "node");
  const address = textField(fields, "address");
  if (node !== null) return `${node} on ${network}${address === null ? "" : ` (${address})`}`;
  const peers = numberField(fields, "peers");
  return peers === null ? network : `${network}, all ${counted(peers, "peer")}`;
}

function causeOf({ event, fields, text }: PastEvent): string {
  switch (event) {
    case "path-lossy": {
      const loss = numberField(fields, "loss");
      return loss === null ? text : `${percentText(loss)} of the last inquiries lost`;
    }
    case "rerouted":
      return REASONS[textField(fields, "why") ?? ""] ?? text;
    default: {
      const cause = causeField(fields);
      return cause === null ? text : causeText(cause);
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  "better-path": "there was a better way only now",
  "own-address": "our own address there came, went or changed",
  "hold-ended": "it was held elsewhere no longer",
  "failback": "it was called back",
};

function doneAbout({ event, fields }: PastEvent): string {
  const tookMs = numberField(fields, "tookMs");
  if (event !== "network-silent") return actionsText(actionsField(fields), tookMs);
  const moved = numberField(fields, "moved") ?? 0;
  const stayed = numberField(fields, "stayed") ?? 0;
  const refused = numberField(fields, "refused") ?? 0;
  const said = [
    moved > 0 ? `${counted(moved, "route")} moved, ${appliedText(tookMs)}` : "",
    stayed > 0 ? `${stayed} unmoved for want of another network` : "",
    refused > 0 ? `${refused} refused by the kernel` : "",
  ].filter((part) => part !== "");
  return said.length === 0 ? "no route changes" : said.join("; ");
}

type Length = Pick<Failure, "lastedMs" | "isPresent">;

/**
 * The lengths that the ends of failures tell: those were measured, and no step of the clock is in them. A daemon that
 * was started meanwhile knows of its own share only.
 */
function toldLengths(events: readonly PastEvent[]): ReadonlyMap<PastEvent, Length> {
  const begun = new Map<string, PastEvent>();
  const told = new Map<PastEvent, Length>();
  for (const event of events) {
    const { fields } = event;
    const subject = `${textField(fields, "network")} ${textField(fields, "address") ?? ""}`;
    const lastedMs = numberField(fields, "downMs");
    switch (event.event) {
      case "start":
        begun.clear();
        break;
      case "path-down":
      case "network-silent":
        begun.set(subject, event);
        break;
      case "path-up":
      case "network-heard": {
        const begin = begun.get(subject);
        if (begin !== undefined && lastedMs !== null) {
          told.set(begin, { lastedMs, isPresent: false });
        }
        begun.delete(subject);
      }
    }
  }
  return told;
}

function lengthOf(event: PastEvent, tracks: readonly Track[], nowMs: number): Length {
  if (event.event === "rerouted") return { lastedMs: null, isPresent: false };
  const network = textField(event.fields, "network");
  const address = textField(event.fields, "address");
  const state = event.event === "path-lossy" ? "lossy" : "down";
  let lastedMs: Ms | null = null;
  let isPresent = false;
  for (const track of tracks) {
    if (track.network !== network || (address !== null && track.address !== address)) continue;
    const begun = track.changes.findLastIndex(({ atMs }) => atMs <= event.wallMs);
    if (track.changes[begun]?.state !== state) continue;
    const end = track.changes[begun + 1];
    isPresent ||= end === undefined;
    lastedMs = Math.max(lastedMs ?? 0, (end?.atMs ?? nowMs) - event.wallMs);
  }
  return { lastedMs, isPresent };
}
