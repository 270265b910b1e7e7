/** Two days with three nodes, a switch that died, a lossy cable, a flapping port, and a daemon that was not there. */
import type { PathName } from "../../lib/core/types.ts";
import type { Records } from "../../lib/report/history.ts";
import type { SampledPath } from "../../lib/samples.ts";
import { BEGIN, Diary, down, HOUR, MINUTE, moved, sampledPath, up } from "./records.ts";

const END = 48 * HOUR;

function pathTo(host: number, network: "A" | "B"): PathName {
  const lan = network === "A" ? 1 : 2;
  return { node: `node${host}`, network, address: `192.168.${lan}.${host}` };
}

const PATHS = [2, 3, 4].flatMap((host) => [pathTo(host, "A"), pathTo(host, "B")]);
const LOSSY = { path: pathTo(3, "B"), from: 20 * HOUR, to: 23 * HOUR };
const FLAPPING = { path: pathTo(4, "A"), from: 40 * HOUR };
const FLAP_MS = 4 * MINUTE;
const FLAP_DOWN_MS = 45_000;
const DOWN = { path: pathTo(2, "B"), from: 47.5 * HOUR };
const AWAY = { from: 30 * HOUR, to: 31.5 * HOUR };
const CUT = { from: 9 * HOUR + 17 * MINUTE, to: 9 * HOUR + 58 * MINUTE };

/** The records of these two days, and the end of them. */
export function twoDays(): { readonly records: Records; readonly nowMs: number } {
  const diary = new Diary("node1").start(0);
  for (let at = 10_000; at < END; at += MINUTE) {
    if (!isWithin(at, AWAY)) diary.sample(PATHS.map((path, i) => sampleAt(at, path, i)), at);
  }
  cut(diary);
  lossy(diary);
  diary.stop(AWAY.from).start(AWAY.to, "0.1.1");
  flapping(diary);
  diary.notice({ kind: "repaired", what: ["the route for 192.168.1.4"], tookMs: 5 }, 42 * HOUR);
  diary.notice(down(DOWN.path), DOWN.from);
  return { records: diary.records, nowMs: BEGIN + END };
}

function isWithin(at: number, { from, to }: { readonly from: number; readonly to: number }) {
  return at >= from && at < to;
}

function sampleAt(at: number, path: PathName, i: number): SampledPath {
  const wave = Math.sin(at / HOUR / 3 + i) ** 2;
  const spike = (at / MINUTE + 37 * i) % 401 < 1 ? 1.5 : 0;
  const isDown = (path.network === "A" && isWithin(at, CUT)) ||
    (path.address === DOWN.path.address && at >= DOWN.from) ||
    (path.address === FLAPPING.path.address && isFlapDown(at));
  if (isDown) return sampledPath(path, { state: "down", roundTripMs: null, loss: 1 });
  const roundTripMs = 0.15 + 0.1 * wave + spike;
  const isLossy = path.address === LOSSY.path.address && isWithin(at, LOSSY);
  if (isLossy) return sampledPath(path, { state: "lossy", roundTripMs, loss: 0.2 + 0.15 * wave });
  const isHeld = path.address === FLAPPING.path.address && at >= FLAPPING.from &&
    at < FLAPPING.from + 2 * HOUR;
  return sampledPath(path, { state: isHeld ? "held" : "up", roundTripMs });
}

/** The port is down for 45 seconds, five times. */
function isFlapDown(at: number): boolean {
  const after = at - FLAPPING.from;
  return after >= 0 && after < 5 * FLAP_MS && after % FLAP_MS < FLAP_DOWN_MS;
}

function cut(diary: Diary): void {
  const cause = { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 2900 } as const;
  const counts = { peers: 3, refused: 0, tookMs: 4 };
  const silent = { kind: "network-silent", network: "A", cause, moved: 3, stayed: 0 } as const;
  const downMs = CUT.to - CUT.from;
  const heard = { kind: "network-heard", network: "A", restored: 3, held: 0, downMs } as const;
  diary.notice({ ...silent, ...counts }, CUT.from).notice({ ...heard, ...counts }, CUT.to);
}

function lossy(diary: Diary): void {
  const { path, from, to } = LOSSY;
  const other = { network: "A", loss: 0 };
  const left = { kind: "path-lossy", path, loss: 0.27, by: "us", other } as const;
  const restored = { kind: "restored", address: path.address, network: "B" } as const;
  diary.notice({ ...left, actions: [moved(path)], tookMs: 3 }, from)
    .notice(
      { kind: "path-clean", path, loss: 0.01, hold: null, actions: [restored], tookMs: 2 },
      to,
    );
}

function flapping(diary: Diary): void {
  const { path, from } = FLAPPING;
  for (let i = 0; i < 5; i++) {
    const at = from + i * FLAP_MS;
    diary.notice(down(path), at).notice(up(FLAP_DOWN_MS, path), at + FLAP_DOWN_MS);
  }
}
