/** What the commands say on standard error. */
import { escapeUnprintable } from "../log_line.ts";
import type { Host } from "./host.ts";

/** Prints one line that begins with the program's name, as whoever reads the output of a script expects it. */
export function complain(host: Pick<Host, "error">, text: string): void {
  host.error(`faild: ${escapeUnprintable(text)}\n`);
}
