/** Waiting for a condition, never for luck. */

/** Resolves after so many milliseconds. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How long and how often a condition is looked at, in milliseconds. */
export interface Patience {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/**
 * Looks until `probe` gives something other than null, and returns it. Throws after `timeoutMs`, naming
 * `what` and, where `evidence` is given, what there was instead.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | null> | T | null,
  patience: Patience = {},
  evidence: () => string = () => "",
): Promise<T> {
  const { timeoutMs = 5_000, everyMs = 15 } = patience;
  const end = performance.now() + timeoutMs;
  while (true) {
    const found = await probe();
    if (found !== null) return found;
    if (performance.now() >= end) {
      const seen = evidence();
      throw new Error(
        `Waited ${timeoutMs} ms in vain for ${what}${seen === "" ? "" : `; ${seen}`}`,
      );
    }
    await delay(everyMs);
  }
}
