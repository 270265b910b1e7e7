import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { METRIC_NAMES } from "./metric_names.ts";

function textOf(name: string): string {
  return Deno.readTextFileSync(new URL(`../../docs/${name}`, import.meta.url));
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new Error("it must be an object");
  return value as Readonly<Record<string, unknown>>;
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) throw new Error("it must be a list");
  return value.map(objectOf);
}

/** The metrics that a text names; the name of the program alone is none. */
function metricsIn(text: string): string[] {
  return [...new Set(text.match(/\bfaild_[a-z_]+/g) ?? [])];
}

Deno.test("the dashboard asks only for metrics that there are", () => {
  const found = metricsIn(textOf("grafana.json"));
  assertEquals(found.filter((name) => !METRIC_NAMES.has(name)), []);
  assert(found.length > 10);
});

Deno.test("every panel of the dashboard says what it shows, and none lies upon another", () => {
  const panels = listOf(objectOf(JSON.parse(textOf("grafana.json")))["panels"]);
  const taken = new Set<string>();
  for (const { title, description, targets, gridPos } of panels) {
    assert(/\.$/.test(String(description)), String(title));
    for (const { expr } of listOf(targets)) assert(metricsIn(String(expr)).length > 0);
    const { x, y, w, h } = objectOf(gridPos) as Readonly<Record<string, number>>;
    for (let column = x ?? 0; column < (x ?? 0) + (w ?? 0); column++) {
      for (let row = y ?? 0; row < (y ?? 0) + (h ?? 0); row++) {
        const cell = `${column} ${row}`;
        assert(!taken.has(cell) && column < 24, `${title}: ${cell}`);
        taken.add(cell);
      }
    }
  }
  assert(panels.length > 8);
});

Deno.test("every alert rests on metrics that there are, and says how bad it is and what to do", () => {
  const groups = listOf(objectOf(parse(textOf("alerts.yaml")))["groups"]);
  const rules = groups.flatMap((group) => listOf(group["rules"]));
  assertEquals(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  for (const { alert, expr, labels, annotations } of rules) {
    const found = metricsIn(String(expr));
    // Only the exporter of a file can tell how old it is.
    assert(found.length > 0 || String(expr).includes("node_textfile_mtime_seconds"), String(alert));
    assertEquals(found.filter((name) => !METRIC_NAMES.has(name)), [], String(alert));
    assert(["critical", "warning", "info"].includes(String(objectOf(labels)["severity"])));
    const { summary, description } = objectOf(annotations);
    assert(String(summary).length > 20 && String(description).length > 20, String(alert));
  }
  assert(rules.length > 8);
});

Deno.test("every alert has a case in which it rings", () => {
  const groups = listOf(objectOf(parse(textOf("alerts.yaml")))["groups"]);
  const alerts = groups.flatMap((group) => listOf(group["rules"])).map(({ alert }) => alert);
  const cases = Deno.readTextFileSync(new URL("alert_cases.yaml", import.meta.url));
  const rung = listOf(objectOf(parse(cases))["tests"])
    .flatMap((each) => listOf(each["alert_rule_test"]))
    .filter(({ exp_alerts }) => listOf(exp_alerts ?? []).length > 0)
    .map(({ alertname }) => alertname);
  assertEquals(new Set(rung), new Set(alerts));
});
