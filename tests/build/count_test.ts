import { assertEquals } from "@std/assert";
import { countReport, summary, total } from "../../.build/count.ts";

/** A report as the test runner writes it, of one file with these cases. */
function reportOf(...cases: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="9" failures="9" errors="0" time="0.014">
    <testsuite name="./a_test.ts" tests="9" disabled="0" errors="0" failures="9">
${cases.join("\n")}
    </testsuite>
</testsuites>
`;
}

function caseOf(name: string, outcome = ""): string {
  return `        <testcase name="${name}" classname="./a_test.ts" time="0.001" line="1" col="6">
            ${outcome}
        </testcase>`;
}

const FAILURE = '<failure message="Uncaught Error: x">Error: x &lt;/testcase&gt;</failure>';

Deno.test("A report is counted by tests that passed, failed and were skipped", () => {
  const report = reportOf(
    caseOf("one"),
    caseOf("two", FAILURE),
    caseOf("three", "<skipped/>"),
    caseOf("four"),
  );
  assertEquals(countReport(report), { passed: 2, failed: 1, skipped: 1 });
});

Deno.test("Steps are part of their test, and not counted beside it", () => {
  const report = reportOf(
    caseOf("one", FAILURE),
    caseOf("one &gt; step", FAILURE),
    caseOf("one &gt; step &gt; inner"),
    caseOf("a &gt; b"),
  );
  assertEquals(countReport(report), { passed: 1, failed: 1, skipped: 0 });
});

Deno.test("Tests of several files and several runs are added up", () => {
  const one = reportOf(caseOf("one")) + reportOf(caseOf("one"), caseOf("one &gt; step"));
  const sum = total([{ name: "a", status: 0, report: one }, {
    name: "b",
    status: 1,
    report: reportOf(caseOf("two", FAILURE)),
  }]);
  assertEquals(sum, { passed: 2, failed: 1, skipped: 0, complaints: [] });
});

Deno.test("A run that was ended before it could report counts as a failure", () => {
  assertEquals(total([{ name: "a", status: 124 }]), {
    passed: 0,
    failed: 1,
    skipped: 0,
    complaints: ["tests/a left no report (exit status 124)"],
  });
});

Deno.test("A run that ended badly though its tests passed counts as a failure", () => {
  const sum = total([{ name: "a", status: 1, report: reportOf(caseOf("one")) }]);
  assertEquals([sum.passed, sum.failed], [1, 1]);
  assertEquals(sum.complaints, ["tests/a ended badly though no test failed (exit status 1)"]);
});

Deno.test("A run that ran nothing counts as a failure", () => {
  const sum = total([{ name: "a", status: 0, report: reportOf() }]);
  assertEquals([sum.passed, sum.failed, sum.complaints.length], [0, 1, 1]);
});

Deno.test("The closing line names skipped tests only where there are any", () => {
  assertEquals(summary({ passed: 3, failed: 0, skipped: 0 }), "3 passed, 0 failed");
  assertEquals(summary({ passed: 3, failed: 1, skipped: 2 }), "3 passed, 1 failed, 2 skipped");
});
