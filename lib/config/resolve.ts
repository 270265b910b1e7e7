/** From the values of the options to the settings of the core: units, and defaults that follow from other values. */

import { answerWaitCeilingMs, answerWaitFloorMs } from "../core/timing.ts";
import type { Settings } from "../core/types.ts";
import type { OptionId, Values } from "./options.ts";
import { millisecondsOf, parseFailback } from "./values.ts";

/** The value of an option, wherever it came from. */
export type ValueOf = <Id extends OptionId>(id: Id) => Values[Id];

/** How often is asked, how long is waited, and how many packets it takes. */
export function timingOf(
  value: ValueOf,
): Pick<
  Settings,
  "intervalMs" | "confirmIntervalMs" | "answerWait" | "failAfter" | "restoreAfter" | "stopGraceMs"
> {
  const intervalMs = millisecondsOf(value("interval"));
  const confirmIntervalMs = millisecondsOf(value("confirmInterval") ?? value("interval"));
  const floor = value("answerWaitFloor");
  const ceiling = value("answerWaitCeiling");
  // A default gives way to a value that somebody chose.
  const floorMs = floor === null
    ? Math.min(
      answerWaitFloorMs(intervalMs, confirmIntervalMs),
      ceiling === null ? Infinity : millisecondsOf(ceiling),
    )
    : millisecondsOf(floor);
  const ceilingMs = ceiling === null
    ? Math.max(answerWaitCeilingMs(intervalMs), floorMs)
    : millisecondsOf(ceiling);
  return {
    intervalMs,
    confirmIntervalMs,
    answerWait: { floorMs, ceilingMs },
    failAfter: value("failAfter"),
    restoreAfter: value("restoreAfter"),
    stopGraceMs: millisecondsOf(value("stopGrace")),
  };
}

/** When the traffic of a path that works is moved, and when it returns. */
export function trafficOf(value: ValueOf): Pick<Settings, "loss" | "holdDown" | "failback"> {
  return {
    loss: {
      window: value("lossWindow"),
      leaveAbove: value("lossLeaveAbove") / 100,
      returnBelow: value("lossReturnBelow") / 100,
    },
    holdDown: {
      limitMs: millisecondsOf(value("holdDownLimit")),
      quietMs: millisecondsOf(value("holdDownQuiet")),
    },
    // Its check has read it already.
    failback: parseFailback(value("failback")) ?? { kind: "auto" },
  };
}
