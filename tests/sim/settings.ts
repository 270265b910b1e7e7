/** How the daemons of a simulated world are set up where nothing else is said: as a real one without configuration. */
import type { Settings } from "../../lib/core/types.ts";
import { settingsOf as settingsOfTests } from "../core/builders.ts";

/** The settings of a requestor, 1 s, 3 misses, 3 good packets, with these of its own; waits follow from the intervals. */
export function settingsOf(own: Partial<Settings> = {}): Settings {
  return settingsOfTests({ restoreAfter: 3, nodeName: "", ...own });
}
