import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type MetricsFormat, MetricsPage, type NodeStatus } from "../../lib/metrics_text.ts";
import { readExposition } from "./exposition.ts";
import { METRIC_NAMES } from "./metric_names.ts";
import { downPath, networkView, pathStatus, peerView, statusOf } from "./overviews.ts";

const FORMATS = ["prometheus", "openmetrics"] as const;

const PEERS = [
  peerView(2, [downPath(), pathStatus({ network: "B", address: "192.168.2.2" })]),
  peerView(3, [
    pathStatus({ address: "192.168.1.3", health: "unknown", changed: null, heardByPeer: null }),
  ]),
];

function metricsText(
  status: NodeStatus,
  peers: typeof PEERS,
  format: MetricsFormat,
): string {
  const page = new MetricsPage(status, format);
  page.add(peers);
  return page.text();
}

/** The value of one sample of a page. */
function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}) {
  const [sample, ...others] = readExposition(text, "prometheus").get(name)?.samples.filter(
    ({ labels: found }) => Object.entries(labels).every(([key, value]) => found.get(key) === value),
  ) ?? [];
  assertEquals(others, []);
  return sample?.value;
}

Deno.test("a page is what the standard asks for, in both formats", () => {
  const state = statusOf({ counters: { ...statusOf().counters, drops_bad_signature: 4 } });
  for (const format of FORMATS) {
    const families = readExposition(metricsText(state, PEERS, format), format);
    const names = [...families.values()].flatMap(({ samples }) => samples.map(({ name }) => name));
    assertEquals([...new Set(names)].sort(), [...METRIC_NAMES].sort());
    assert(METRIC_NAMES.size > 30, "the page has the metrics of the node, its networks and paths");
  }
});

Deno.test("only OpenMetrics has an end mark, and declares counters without their ending", () => {
  const page = metricsText(statusOf(), [], "openmetrics");
  assert(page.endsWith("\n# EOF\n"));
  assert(page.includes("\n# TYPE faild_packets_sent counter\nfaild_packets_sent_total 10\n"));
  assert(page.includes("\n# TYPE faild_build info\nfaild_build_info{"));
  const older = metricsText(statusOf(), [], "prometheus");
  assert(!older.includes("EOF"));
  assert(
    older.includes("\n# TYPE faild_packets_sent_total counter\nfaild_packets_sent_total 10\n"),
  );
  assertThrows(() => readExposition(older, "openmetrics"));
});

Deno.test("values are in base units, and a state is a value", () => {
  const text = metricsText(statusOf(), PEERS, "prometheus");
  assertEquals(valueOf(text, "faild_uptime_seconds"), 61.5);
  assertEquals(valueOf(text, "faild_worst_lateness_seconds"), 0.0125);
  const onA = { node: "node2", network: "A", address: "192.168.1.2" };
  const onB = { node: "node2", network: "B", address: "192.168.2.2" };
  assertEquals(valueOf(text, "faild_path_state", onA), 0);
  assertEquals(valueOf(text, "faild_path_state", onB), 1);
  assertEquals(valueOf(text, "faild_path_state", { node: "node3" }), -1);
  assertEquals(valueOf(text, "faild_path_rerouted", onA), 1);
  assertEquals(valueOf(text, "faild_path_drained_by_peer", onA), 0);
  assertEquals(valueOf(text, "faild_path_loss_ratio", onA), undefined);
  assertEquals(valueOf(text, "faild_path_loss_ratio", onB), 0);
  assertEquals(valueOf(text, "faild_path_round_trip_seconds", onB), 0.00021);
  assertEquals(valueOf(text, "faild_path_state_age_seconds", onA), 70);
});

Deno.test("what is not known has no sample", () => {
  const text = metricsText(statusOf(), PEERS, "prometheus");
  assertEquals(valueOf(text, "faild_path_state_age_seconds", { node: "node3" }), undefined);
  assertEquals(
    valueOf(text, "faild_path_heard_by_peer", { node: "node3" }),
    undefined,
  );
  assertEquals(readExposition(text, "prometheus").has("faild_packets_dropped_total"), false);
});

Deno.test("dropped packets are counted by the reasons that the log has", () => {
  const counters = { drops_bad_signature: 4, drops_unsigned: 2 };
  const text = metricsText(statusOf({ counters }), [], "prometheus");
  assertEquals(valueOf(text, "faild_packets_dropped_total", { reason: "bad-signature" }), 4);
  assertEquals(valueOf(text, "faild_packets_dropped_total", { reason: "unsigned" }), 2);
});

Deno.test("lines that were lost are counted by what they belong to, and hooks that failed in all", () => {
  const lines = [
    { kind: "log", file: "/var/log/faild.log", lost: 12, trouble: "No space left on device" },
    { kind: "events", file: "/run/faild/events.jsonl", lost: 0, trouble: null },
  ] as const;
  const text = metricsText(statusOf({ lines, counters: { hook_failures: 2 } }), [], "prometheus");
  assertEquals(valueOf(text, "faild_lines_lost_total", { kind: "log" }), 12);
  assertEquals(valueOf(text, "faild_lines_lost_total", { kind: "events" }), 0);
  assertEquals(valueOf(text, "faild_hook_failures_total"), 2);
});

Deno.test("a page made bit by bit is the same, and each metric stands together", () => {
  const page = new MetricsPage(statusOf(), "openmetrics");
  for (const peer of PEERS) page.add([peer]);
  assertEquals(page.text(), metricsText(statusOf(), PEERS, "openmetrics"));
});

Deno.test("no name, however nasty, breaks a page", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.constantFrom('a"b', "a\\", 'a\\"', "a\nb 1", '"} 1\nx{y="', "\ud800", "\u202e"),
  );
  fc.assert(
    fc.property(nasty, nasty, fc.constantFrom(...FORMATS), (node, name, format) => {
      const state = statusOf({ node, networks: [networkView({ name, interfaceName: node })] });
      const peers = [peerView(2, [pathStatus({ network: name })], node)];
      const text = metricsText(state, peers, format);
      const families = readExposition(text, format);
      const label = families.get("faild_path_state")?.samples[0]?.labels.get("node");
      if (/^[ -~]{0,200}$/.test(node)) assertEquals(label, node);
      assert(label !== undefined && text.isWellFormed());
    }),
    { numRuns: 300 },
  );
});
