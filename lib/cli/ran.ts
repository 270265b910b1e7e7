/** What programs have to say for themselves. */
import type { Ran } from "../host/program.ts";

/** Why a program did not do what it was run for, in its own words where it has some. */
export function failureOf(ran: Ran, program: string): string {
  if (ran.kind === "missing") return `there is no ${program}`;
  if (ran.kind === "failed") return ran.reason;
  return ran.errors.trim() || ran.output.trim() || `exit code ${ran.code}`;
}
