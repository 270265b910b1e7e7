/**
 * When a node answers an inquiry that asks for answers spread in time, by a rule that both ends know.
 *
 * A socket holds about 260 datagrams that were not read yet. Of a thousand answers that come at once, three quarters
 * are lost; so an inquiry that many will answer says over how long they are to be spread, and each answers at its own
 * point of that time, which follows from its address alone.
 */
import type { Ms } from "./types.ts";

/** So many answers may come at once; several requestors may ask at the same time. */
const AT_ONCE = 50;
/** Time for one answer, in ms: a busy machine takes a tenth of it. */
const ANSWER_MS: Ms = 0.5;

/** Nobody delays an answer for longer than this, in ms, whatever is asked for: it is enough for 4096 nodes. */
export const LONGEST_SPREAD_MS: Ms = 2048;

/** Over how long that many answers to one inquiry are spread: 0, or 0.5 ms for each; half the interval at most. */
export function spreadMs(answers: number, intervalMs: Ms): Ms {
  if (answers <= AT_ONCE) return 0;
  return Math.floor(1000 * Math.min(intervalMs / 2, answers * ANSWER_MS, LONGEST_SPREAD_MS)) / 1000;
}

/**
 * How long after the inquiry the node with this IPv4 address answers: the spread times the FNV-1a hash of the four
 * bytes of its address, as a part of 2^32 (docs/WIRE.md, "What a sender does").
 */
export function answerDelayMs(spread: Ms, address: number): Ms {
  if (spread === 0) return 0;
  let hash = 2166136261;
  for (let shift = 24; shift >= 0; shift -= 8) {
    hash = Math.imul(hash ^ ((address >>> shift) & 0xff), 16777619);
  }
  return Math.min(spread, LONGEST_SPREAD_MS) * ((hash >>> 0) / 2 ** 32);
}
