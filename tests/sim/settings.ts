/** How the daemons of a simulated world are set up where nothing else is said: as a real one without configuration. */
import { answerWaitCeilingMs, answerWaitFloorMs } from "../../lib/core/timing.ts";
import type { Settings } from "../../lib/core/types.ts";

/** The settings of a requestor, 1 s, 3 misses, 3 good packets, with these of its own; waits follow from the intervals. */
export function settingsOf(own: Partial<Settings> = {}): Settings {
  const intervalMs = own.intervalMs ?? 1000;
  const confirmIntervalMs = own.confirmIntervalMs ?? intervalMs;
  const floorMs = answerWaitFloorMs(intervalMs, confirmIntervalMs);
  return {
    requestor: true,
    intervalMs,
    confirmIntervalMs,
    answerWait: { floorMs, ceilingMs: Math.max(answerWaitCeilingMs(intervalMs), floorMs) },
    loss: { window: 100, leaveAbove: 0.2, returnBelow: 0.05 },
    holdDown: { limitMs: 300_000, quietMs: 60_000 },
    failback: { kind: "auto" },
    stopGraceMs: 30_000,
    auth: "off",
    allow: null,
    failAfter: 3,
    restoreAfter: 3,
    port: 32453,
    nodeName: "",
    networks: [],
    peers: [],
    routing: { table: 245, rulePriority: 3245, protocol: 245 },
    ...own,
  };
}
