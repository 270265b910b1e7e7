/** Whether all is well, as monitoring systems ask it: a word, one line, and a code from 0 to 3. */
import type { Status } from "../control_protocol.ts";
import { isLonely, settlingMs } from "../core/diagnosis_paths.ts";
import { troubleText } from "../core/line_loss.ts";
import { durationText } from "../duration_text.ts";
import { escapeUnprintable } from "../log_line.ts";
import { counted, word } from "../notice_words.ts";
import { NO_NETWORK } from "../ping_fault.ts";

/** How well it is, with the code that monitoring plug-ins use for it. */
export const HEALTH_CODES = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;

/** A verdict with its reasons, the gravest first. */
export interface Verdict {
  readonly health: keyof typeof HEALTH_CODES;
  readonly reasons: readonly string[];
  /** Figures for curves. */
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * Judges the state of a daemon. Critical: the routes are not as wanted, a peer cannot be reached at all, or there is no
 * network. Warning: something is amiss that is made up for: a network is not used, a path is down, loses too much, or is
 * held, or nobody else is there. Traffic that stays on a drained network is no outage: nobody unplugged it yet. What a
 * peer has drained is planned, and no fault here: the peer warns of it itself.
 */
export function verdictOf(status: Status): Verdict {
  const { degraded, lines, networks, peers, sockets } = status;
  const sum = (pick: (paths: Status["networks"][number]["paths"]) => number) =>
    networks.reduce((total, { paths }) => total + pick(paths), 0);
  const up = sum((paths) => paths.up);
  const down = sum((paths) => paths.down);
  // Those of a network that is not used are told of by that.
  const downInUse = networks.reduce(
    (total, { usable, paths }) => total + (usable ? paths.down - paths.drainedByPeer : 0),
    0,
  );
  const drained = sum((paths) => paths.drainedByPeer);
  const held = sum((paths) => paths.held);
  const lossy = sum((paths) => paths.lossy);
  const unreached = unreachedText(status);
  const critical = [
    ...(degraded === null ? [] : [`routes are not as wanted: ${word(degraded)}`]),
    ...(unreached?.isOutage === true ? [unreached.text] : []),
    ...(networks.some(({ works }) => works) ? [] : [NO_NETWORK]),
  ];
  const warning = [
    ...(unreached?.isOutage === false ? [unreached.text] : []),
    ...(isLonely(status, peers.known)
      ? [`no other node is known, ${durationText(status.uptimeMs)} after the start`]
      : []),
    ...(peers.unasked === 0 ? [] : [
      `nobody inquires ${counted(peers.unasked, "peer")}: no failure of theirs is found`,
    ]),
    ...networks.filter(({ usable }) => !usable)
      .map(({ name, reason }) => `${word(name)} is not used, ${word(reason ?? "down")}`),
    ...(sockets ? [] : ["not all sockets are open"]),
    ...lines.filter(({ trouble }) => trouble !== null).map((place) => `the ${troubleText(place)}`),
    ...(downInUse === 0 ? [] : [`${counted(downInUse, "path")} down`]),
    ...(lossy === 0 ? [] : [`${counted(lossy, "path")} losing too much`]),
    ...(held === 0 ? [] : [`traffic of ${counted(held, "path")} held elsewhere`]),
  ];
  const planned = drained === 0 ? "" : `${drained} drained by the peer, `;
  const well = `${counted(peers.known, "peer")}, ${counted(up, "path")} up, ${planned}` +
    "routes are as wanted";
  const health = critical.length > 0 ? "CRITICAL" : warning.length > 0 ? "WARNING" : "OK";
  const reasons = health === "OK" ? [well] : [...critical, ...warning];
  const figures = {
    peers: peers.known,
    unreachable: peers.unreachable,
    up,
    down,
    lossy,
    held,
  };
  return { health, reasons, figures };
}

/** Peers without a path that works; null: there are none. */
function unreachedText(
  { networks, peers: { unreachable }, uptimeMs, intervalMs }: Status,
): { readonly text: string; readonly isOutage: boolean } | null {
  if (unreachable === 0) return null;
  const who = counted(unreachable, "peer");
  // Who pulled the cable of a drained network has cut off what stayed there.
  const [drained, others] = [true, false].map((isDrained) =>
    networks.filter((each) => (each.drained && each.works) === isDrained)
  );
  const idle = (others ?? []).reduce((sum, { paths }) => sum + paths.down + paths.unknown, 0);
  if (idle === 0 && (drained ?? []).length > 0) {
    const names = (drained ?? []).map(({ name }) => word(name)).join(", ");
    const text = `traffic of ${who} stays on drained ${names}: no other path works`;
    return { text, isOutage: false };
  }
  const isAnyDown = networks.some(({ paths }) => paths.down > 0);
  return isAnyDown || uptimeMs >= settlingMs(intervalMs)
    ? { text: `${who} unreachable`, isOutage: true }
    : { text: `${who} not heard yet`, isOutage: false };
}

/** The line: "WARNING: 1 path down | peers=2 …", with the figures behind a bar as plug-ins write them. */
export function verdictText({ health, reasons, figures }: Verdict): string {
  const said = escapeUnprintable(reasons.join("; ")).replaceAll("|", "/");
  const curves = Object.entries(figures).map(([name, value]) => `${name}=${value}`).join(" ");
  return curves === "" ? `${health}: ${said}\n` : `${health}: ${said} | ${curves}\n`;
}
