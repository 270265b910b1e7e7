/**
 * How long what may take at most, in ms; the invariants hold the machine to these.
 *
 * t is the interval, f and s the two counts, w the wait for an answer (never over 0.75 t), L the lateness of a wake
 * and D the drain that a late wake may cause before anybody is judged. Everything that waits for a timer pays L + D
 * on top, so the longest spacing of two inquiries is t + L + D. Jitter only shortens it.
 */
import { drainMs } from "../../lib/core/awareness.ts";
import { answerWaitCeilingMs } from "../../lib/core/timing.ts";
import type { Ms } from "../../lib/core/types.ts";
import { type Host, LONGEST_ERRAND_MS } from "./host.ts";
import { LONGEST_WORK_MS } from "./switcher.ts";
import type { World } from "./world.ts";

/** The core's own periods: reconciling, looking at the interfaces, the longest retry, waiting for adoption. */
export const RECONCILE_MS = 5000;
export const LOOK_MS = 5000;
export const RETRY_MAX_MS = 30_000;
export const ADOPTION_MS = 30_000;
/** A transition is told after this time even if the kernel did not answer. */
export const TELL_MS = 1000;

/** L: by how much a wake of this host can be late, what it handles before counted in. */
export function latenessMs(host: Host): Ms {
  // Handling takes time as well: a full buffer of every network at worst, in tests some tens of datagrams.
  return host.tempo.lateMs + 100 * host.tempo.costMs;
}

/** t + L + D: the longest spacing of two inquiries of a host, or of two judgements of its about silence. */
export function spacingMs(host: Host, intervalMs: Ms = host.settings.intervalMs): Ms {
  return intervalMs + latenessMs(host) + drainMs(intervalMs);
}

/** w + L + D: from an inquiry to the verdict on it. */
export function verdictMs(host: Host, intervalMs: Ms = host.settings.intervalMs): Ms {
  return answerWaitCeilingMs(intervalMs) + latenessMs(host) + drainMs(intervalMs);
}

/**
 * From a cut to the moment when `host` by itself takes the path to `peer` down: f (t + L + D) + w + L + D. A requestor
 * goes by its own interval, a mere responder by that of the peer, who owes it the inquiries.
 */
export function detectionMs(host: Host, peer: Host): Ms {
  const { requestor, intervalMs, failAfter } = host.settings;
  const t = requestor ? intervalMs : peer.settings.intervalMs;
  return failAfter * spacingMs(host, t) + verdictMs(host, t);
}

/**
 * How much longer traffic may stay on a dead path because the evidence against it is older than the good news of the
 * other path: until one more inquiry, sent since, went unanswered, t + w. A mere responder does not know when an
 * inquiry was sent, only that it is a whole interval overdue; and the complaint of a peer is as old as the longer of
 * both intervals when it comes. So for it one interval more, and the longer one. Where the path itself comes back just
 * then, packets in which the peer still complains prove nothing either way, for up to one interval of the peer.
 */
export function newerEvidenceMs(host: Host, peer: Host): Ms {
  const { requestor, intervalMs } = host.settings;
  if (requestor) return spacingMs(host) + verdictMs(host) + spacingMs(peer);
  const t = Math.max(intervalMs, peer.settings.intervalMs);
  return 2 * spacingMs(host, t) + verdictMs(host, t) + spacingMs(peer);
}

/** A request to the switcher: the one under way first, then ours; the report waits for our attention. */
export function applyMs(host: Host): Ms {
  return 2 * (LONGEST_WORK_MS + latenessMs(host));
}

/**
 * From the mending of a path to its restoration at `host`: first the peer must hear us again and stop complaining
 * (one interval of its own), then s good packets must come, the first within an interval.
 */
export function restorationMs(host: Host, peer: Host): Ms {
  const t = host.settings.requestor ? host.settings.intervalMs : peer.settings.intervalMs;
  const { restoreAfter } = host.settings;
  return spacingMs(peer) + verdictMs(peer) + (restoreAfter + 1) * spacingMs(host, t) +
    2 * longestWayMs() + applyMs(host);
}

/** The longest time that word of something takes to the peer: packets of the sender's turn, and the way. */
export function longestWayMs(): Ms {
  return LONGEST_WAY_MS;
}

/** LANs of simulated worlds are built so that a datagram never takes longer, troubles aside. */
export const LONGEST_WAY_MS: Ms = 20;

/**
 * The time after which a world that nobody touches any more stands still: interfaces were looked at, kernels
 * repaired, the dead found dead and the living restored.
 */
export function settlingMs(world: World): Ms {
  let longest = 0;
  for (const host of world.hosts.values()) {
    for (const peer of world.hosts.values()) {
      if (host === peer) continue;
      longest = Math.max(
        longest,
        detectionMs(host, peer) + newerEvidenceMs(host, peer) + restorationMs(host, peer),
      );
    }
  }
  return LOOK_MS + LONGEST_ERRAND_MS + RECONCILE_MS + longest;
}

/** How long a freeze may last so that nobody can miss f packets in a row: (f - 1) of the shortest spacings. */
export function harmlessFreezeMs(world: World): Ms {
  let shortest = Infinity;
  for (const { settings } of world.hosts.values()) {
    shortest = Math.min(shortest, (settings.failAfter - 1) * 0.75 * settings.intervalMs);
  }
  return 0.95 * shortest;
}
