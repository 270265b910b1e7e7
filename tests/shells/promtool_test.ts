/** The metrics and alert rules as Prometheus itself judges them. Where there is no promtool these tests are skipped, and say so. */
import { assert, assertEquals } from "@std/assert";
import { type MetricsFormat, MetricsPage } from "../../lib/metrics_text.ts";
import { downPath, networkView, pathStatus, peerView, statusOf } from "./overviews.ts";

const PROMTOOL = "promtool";
const ignore = !isHere();
const SKIPPED = ignore ? ` (skipped: ${PROMTOOL} is not here)` : "";

function isHere(): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${PROMTOOL}`).isFile;
    } catch {
      return false;
    }
  });
}

/** A page with all metrics, and with names that need escapes. */
function pageIn(format: MetricsFormat): string {
  const counters = { ...statusOf().counters, drops_bad_signature: 4, drops_unsigned: 1 };
  const networks = [networkView(), networkView({ name: 'B"\\x', interfaceName: "eth1" })];
  const page = new MetricsPage(statusOf({ counters, networks }), format);
  const unknown = pathStatus({ network: "B", health: "unknown", changed: null, roundTripMs: null });
  page.add([peerView(2, [downPath(), unknown]), peerView(3, [pathStatus()], 'a"b\\c\n')]);
  return page.text();
}

/** Runs promtool; what it says where it finds fault, else nothing. */
async function faults(args: readonly string[], input = ""): Promise<string> {
  const command = new Deno.Command(PROMTOOL, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  return success ? "" : new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test({
  name: `promtool finds no fault with the metrics${SKIPPED}`,
  ignore,
  fn: async () => assertEquals(await faults(["check", "metrics"], pageIn("prometheus")), ""),
});

Deno.test({
  name: `Prometheus reads the metrics as OpenMetrics${SKIPPED}`,
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    // It wants times here.
    const timed = pageIn("openmetrics").replace(/^([^#\n].*)$/gm, "$1 1700000000");
    await Deno.writeTextFile(`${folder}/page`, timed);
    const args = [
      "tsdb",
      "create-blocks-from",
      "openmetrics",
      `${folder}/page`,
      `${folder}/blocks`,
    ];
    const found = await faults(args);
    await Deno.remove(folder, { recursive: true });
    assertEquals(found, "");
  },
});

Deno.test({
  name: `promtool finds no fault with the alert rules${SKIPPED}`,
  ignore,
  fn: async () => {
    const { pathname } = new URL("../../docs/alerts.yaml", import.meta.url);
    assertEquals(await faults(["check", "rules", pathname]), "");
  },
});

Deno.test({
  name: `the alerts ring when they should, and no sooner${SKIPPED}`,
  ignore,
  fn: async () => {
    const { pathname } = new URL("alert_cases.yaml", import.meta.url);
    assertEquals(await faults(["test", "rules", pathname]), "");
  },
});

Deno.test({
  name: `promtool finds no fault with what the dashboard asks for${SKIPPED}`,
  ignore,
  fn: async () => {
    const dashboard = await Deno.readTextFile(new URL("../../docs/grafana.json", import.meta.url));
    const asked = dashboard.match(/(?<="expr": )"(?:[^"\\]|\\.)*"/g) ?? [];
    assert(asked.length > 10);
    const rules = asked.map((text, i) => {
      const expr = JSON.parse(text).replaceAll("$__rate_interval", "5m");
      return { record: `dashboard:${i}`, expr };
    });
    const file = await Deno.makeTempFile({ suffix: ".yaml" });
    // JSON is YAML too.
    await Deno.writeTextFile(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    const found = await faults(["check", "rules", file]);
    await Deno.remove(file);
    assertEquals(found, "");
  },
});
