/** The metrics and alert rules as Prometheus itself judges them. Where there is no promtool these tests are skipped, and say so. */
import { assertEquals } from "@std/assert";
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
