/**
 * How long what may take at most, in ms; the invariants hold the machine to these.
 *
 * t is the interval, f and s the two counts, w the wait for an answer (never over 0.75 t), L the lateness of a wake
 * and D the drain that a late wake may cause before anybody is judged. Everything that waits for a timer pays L + D
 * on top, so the longest spacing of two inquiries is t + L + D. Jitter only shortens it. Inquiries that confirm a first
 * miss only hasten things, so no bound speaks of them.
 */
import { drainMs } from "../../lib/core/awareness.ts";
import { DIGEST_MS } from "../../lib/core/lan_digest.ts";
import { adoptionMs } from "../../lib/core/route_desk.ts";
import { RECONCILE_MS } from "../../lib/core/route_keeper.ts";
import {
  answerWaitFloorMs,
  detectionMs as promisedMs,
  JITTER_MIN,
  mutualDetectionMs,
} from "../../lib/core/timing.ts";
import type { Ms } from "../../lib/core/types.ts";
import { type Host, LONGEST_ERRAND_MS } from "./host.ts";
import { LONGEST_WORK_MS } from "./switcher.ts";
import { areRelated } from "./traffic.ts";
import type { World } from "./world.ts";

export { RECONCILE_MS } from "../../lib/core/route_keeper.ts";

/** The core's own periods: looking at the interfaces, and the longest pause before a refused step is tried again. */
export const LOOK_MS = 5000;
export const RETRY_MAX_MS = RECONCILE_MS;
/** A transition is told after this time even if the kernel did not answer, and others of its LAN are waited for. */
export const TELL_MS = 1000 + DIGEST_MS;

/** How long an adopted route may wait for its peer, in the most patient host of a world. */
export function longestAdoptionMs(world: World): Ms {
  return Math.max(...[...world.hosts.values()].map(({ settings }) => adoptionMs(settings)));
}

/** L: by how much a wake of this host can be late, what it handles before counted in. */
export function latenessMs(host: Host): Ms {
  // Handling takes time as well: a full buffer of every network at worst, in tests some tens of datagrams.
  return host.tempo.lateMs + crowding(host) * host.tempo.costMs;
}

/** Datagrams that may wait for a host at one time: some for everybody on its LANs. */
function crowding(host: Host): number {
  return 100 + 4 * (host.ports[0]?.lan.ports.length ?? 0);
}

/** t + L + D: the longest spacing of two inquiries of a host, or of two judgements of its about silence. */
export function spacingMs(host: Host, intervalMs: Ms = host.settings.intervalMs): Ms {
  return intervalMs + latenessMs(host) + drainMs(host.settings.intervalMs, latenessMs(host));
}

/** Whether a host judges the peer by its inquiries rather than by its answers: see `isJudgedByInquiries`. */
export function isJudgingByInquiries(host: Host, peer: Host): boolean {
  const { requestor, intervalMs } = host.settings;
  return peer.settings.requestor && (!requestor || peer.settings.intervalMs <= intervalMs);
}

/** The interval of whoever's packets a host judges the peer by, and how many of them may be missing. */
function measure(host: Host, peer: Host): { readonly t: Ms; readonly f: number } {
  const { intervalMs, failAfter } = (isJudgingByInquiries(host, peer) ? peer : host).settings;
  return { t: intervalMs, f: failAfter };
}

/** w + L + D: from an inquiry to the verdict on it. One that should have come is waited for as well, but not so long. */
export function verdictMs(host: Host, peer: Host): Ms {
  const late = latenessMs(host) + drainMs(host.settings.intervalMs, latenessMs(host));
  if (isJudgingByInquiries(host, peer)) return answerWaitFloorMs(peer.settings.intervalMs) + late;
  // Answers to very many are spread over time; even so the verdict comes before the next inquiry.
  return Math.max(host.settings.answerWait.ceilingMs, JITTER_MIN * host.settings.intervalMs) + late;
}

/** From a cut to the moment when `host` by itself takes the path to `peer` down: f (t + L + D) + w + L + D. */
export function detectionMs(host: Host, peer: Host): Ms {
  const { t, f } = measure(host, peer);
  return f * spacingMs(host, t) + verdictMs(host, peer);
}

/**
 * How much longer traffic may stay on a dead path because the evidence against it is older than the good news of the
 * other path: until one more inquiry, sent since, went unanswered, t + w. Who judges by inquiries does not know when one
 * was sent, only that it is a whole interval overdue; and the complaint of a peer is as old as the longer of both
 * intervals when it comes. So for it one interval more, and the longer one. Where the path itself comes back just
 * then, packets in which the peer still complains prove nothing either way, for up to one interval of the peer.
 */
export function newerEvidenceMs(host: Host, peer: Host): Ms {
  if (!isJudgingByInquiries(host, peer)) {
    return spacingMs(host) + verdictMs(host, peer) + spacingMs(peer);
  }
  const t = Math.max(host.settings.intervalMs, peer.settings.intervalMs);
  return 2 * spacingMs(host, t) + verdictMs(host, peer) + spacingMs(peer);
}

/** A request to the switcher: the one under way first, then ours; the report waits for our attention. */
export function applyMs(host: Host): Ms {
  return 2 * (LONGEST_WORK_MS + latenessMs(host));
}

/**
 * From the mending of a path to its restoration at `host`, holds aside: first the peer must hear us again, stop
 * complaining and list us in its inquiries (two intervals), then s good packets must come, the first within an interval.
 * Where packets are signed, one who was silent for long must prove itself first: one interval more.
 */
export function restorationMs(host: Host, peer: Host): Ms {
  const { t } = measure(host, peer);
  const { restoreAfter, auth } = host.settings;
  const proofMs = auth === "enforce" ? spacingMs(host) + spacingMs(peer) : 0;
  return spacingMs(peer) + verdictMs(peer, host) + proofMs +
    (restoreAfter + 2) * spacingMs(host, t) +
    2 * longestWayMs() + applyMs(host);
}

/** The longest time that a path which works is kept from its traffic because it flaps, or because people want so. */
export function longestHoldMs({ settings: { holdDown, failback } }: Host): Ms {
  if (failback.kind === "manual") return Infinity;
  return Math.max(holdDown.limitMs, failback.kind === "after" ? failback.quietMs : 0);
}

/** How long loss is remembered: until every inquiry of a window is a newer one, at both ends. */
export function forgettingMs(host: Host, peer: Host): Ms {
  const { settings } = host;
  return settings.loss.window * spacingMs(host, measure(host, peer).t) + spacingMs(peer);
}

/** The longest time that word of something takes to the peer: packets of the sender's turn, and the way. */
export function longestWayMs(): Ms {
  return LONGEST_WAY_MS;
}

/** LANs of simulated worlds are built so that a datagram never takes longer, troubles aside. */
export const LONGEST_WAY_MS: Ms = 20;

/**
 * The time after which a world that nobody touches any more stands still, holds aside: interfaces were looked at,
 * kernels repaired, the dead found dead and the living restored.
 */
export function settlingMs(world: World): Ms {
  let longest = 0;
  for (const host of world.hosts.values()) {
    for (const peer of world.hosts.values()) {
      if (!areRelated(host, peer)) continue;
      longest = Math.max(
        longest,
        detectionMs(host, peer) + newerEvidenceMs(host, peer) + restorationMs(host, peer),
      );
    }
  }
  return LOOK_MS + LONGEST_ERRAND_MS + RECONCILE_MS + longest;
}

/**
 * How long a freeze may last so that nobody can miss f packets in a row: what the requestors promise as the least time
 * from a cut to its discovery, or (f - 1) of the shortest spacings for who judges by inquiries.
 */
export function harmlessFreezeMs(world: World): Ms {
  let shortest = Infinity;
  for (const { settings } of world.hosts.values()) {
    const byInquiries = (settings.failAfter - 1) * JITTER_MIN * settings.intervalMs;
    const mutual = mutualDetectionMs(settings).atLeast;
    shortest = Math.min(shortest, byInquiries, mutual, promisedMs(settings).atLeast);
  }
  return 0.95 * shortest;
}
