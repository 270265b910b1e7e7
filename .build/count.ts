/** Adds up what test runs left behind: the report each wrote (JUnit's XML) and the exit status it ended with. */

/** What one run of tests, or several together, came to. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One run: its name, its report if it wrote one, and its exit status. */
export interface Run {
  readonly name: string;
  readonly report?: string;
  readonly status: number;
}

/** All runs together, and what is to be said about those that did not end as they should. */
export interface Total extends Count {
  readonly complaints: readonly string[];
}

const SUITE = /<testsuite [^>]*>([\s\S]*?)<\/testsuite>/g;
const CASE = /<testcase name="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g;
/** How the report joins a test's title and that of a step of it. */
const STEP = " &gt; ";

/** True if a title is that of a step: some shorter part of it, up to a joint, is the title of a test of the same file. */
function isStep(title: string, titles: ReadonlySet<string>): boolean {
  for (let at = title.indexOf(STEP); at >= 0; at = title.indexOf(STEP, at + 1)) {
    if (titles.has(title.slice(0, at))) return true;
  }
  return false;
}

/** Counts the tests in a report. A step is part of its test, which fails with it, so steps are not counted. */
export function countReport(report: string): Count {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const [, suite = ""] of report.matchAll(SUITE)) {
    const cases = [...suite.matchAll(CASE)];
    const titles = new Set(cases.map(([, title = ""]) => title));
    for (const [, title = "", outcome = ""] of cases) {
      if (isStep(title, titles)) continue;
      if (outcome.includes("<failure") || outcome.includes("<error")) count.failed++;
      else if (outcome.includes("<skipped")) count.skipped++;
      else count.passed++;
    }
  }
  return count;
}

/**
 * Adds runs up. A run that wrote no report, that ended badly though no test of it failed, or that ran nothing counts as
 * one failure, so that no run can vanish from the sum.
 */
export function total(runs: readonly Run[]): Total {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const complaints: string[] = [];
  for (const { name, report, status } of runs) {
    const { passed, failed, skipped } = countReport(report ?? "");
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
    const reason = report === undefined
      ? "left no report"
      : passed + failed + skipped === 0
      ? "ran no test"
      : status !== 0 && failed === 0
      ? "ended badly though no test failed"
      : undefined;
    if (reason === undefined) continue;
    sum.failed++;
    complaints.push(`tests/${name} ${reason} (exit status ${status})`);
  }
  return { ...sum, complaints };
}

/** The closing line. */
export function summary({ passed, failed, skipped }: Count): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
