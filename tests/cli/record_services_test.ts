import { assert, assertEquals } from "@std/assert";
import { RecordServices } from "../../lib/cli/record_services.ts";
import { parseEvent } from "../../lib/events.ts";
import { readExposition } from "../shells/exposition.ts";
import { METRIC_NAMES } from "../shells/metric_names.ts";
import { settle } from "../shells/fake_udp.ts";
import { statusOf } from "../shells/overviews.ts";
import { FakeHost, type Outcome } from "./fake_host.ts";

const EVENTS = "/run/faild/events.jsonl";
const OFF = { file: null, listen: null };

/** A daemon with this configuration file that has found its networks. */
async function running(
  text: string,
  body: (host: FakeHost) => Promise<void>,
  prepare: (host: FakeHost) => void = () => {},
): Promise<FakeHost> {
  const host = new FakeHost();
  host.files.set("/c", { kind: "text", text });
  prepare(host);
  host.udp.delay = () => Promise.resolve();
  const ended = host.faild("-c", "/c");
  await host.until("logged network-ready");
  await settle();
  await body(host);
  host.signals?.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
  return host;
}

/** Lets the loop turn once, as a packet would. */
async function turn(host: FakeHost): Promise<void> {
  host.signals?.failback();
  await settle();
}

/** Runs a command beside the daemon. */
async function beside(host: FakeHost, ...args: string[]): Promise<Outcome> {
  const asking = new FakeHost();
  asking.controls = host.controls;
  return await asking.faild(...args);
}

function eventsIn(host: FakeHost, path = EVENTS): string[] {
  return host.records.linesOf(path).map((line) => parseEvent(line.trimEnd())?.event ?? "broken");
}

Deno.test("a daemon keeps its events from start to stop, whatever the level of its log", async () => {
  const host = await running("log: {level: error}\n", async () => {});
  const events = eventsIn(host);
  assertEquals([events[0], events.at(-1)], ["start", "stop"]);
  assert(events.includes("network-ready"));
});

Deno.test("a daemon takes samples while its loop turns", async () => {
  const host = await running("requestor: true\n", async (host) => {
    for (let i = 0; i < 3; i++) {
      host.udp.nowMs += 30_000;
      await turn(host);
    }
  });
  assertEquals(host.records.linesOf("/run/faild/events.samples.jsonl").length, 2);
});

Deno.test("what the log and the events owe is tried again once a minute while the loop turns", () => {
  const host = new FakeHost();
  const services = new RecordServices({ events: { file: EVENTS }, metrics: OFF }, host);
  services.tend({ settle: () => void host.records.settled.push("log") });
  let turned = (_now: number) => {};
  services.attach({
    overview: () => statusOf(),
    peers: () => [],
    afterTurns: (told) => turned = told,
  }, () => {});
  for (const now of [0, 10_000, 11_000, 69_999, 70_000]) turned(now);
  assertEquals(host.records.settled, ["log", EVENTS, "log", EVENTS]);
});

Deno.test("the metrics are in their file while the daemon runs, and gone after it", async () => {
  const path = "/run/metrics.prom";
  const host = await running(`metrics: {file: ${path}}\n`, async (host) => {
    host.udp.nowMs += 15_000;
    await turn(host);
    const families = readExposition(host.records.written.get(path) ?? "", "prometheus");
    const networks = families.get("faild_network_usable")?.samples.map(({ labels }) =>
      labels.get("network")
    );
    assertEquals(networks, ["ethA", "ethB"]);
  });
  assertEquals(host.records.written.has(path), false);
});

Deno.test("the metrics are served while the daemon runs", async () => {
  const host = await running("metrics: {listen: '127.0.0.1:9345'}\n", async (host) => {
    const make = host.records.served.get("127.0.0.1:9345");
    assert(readExposition(await make?.("openmetrics") ?? "", "openmetrics").size > 10);
  });
  assertEquals(host.records.served.size, 0);
});

Deno.test("a port that cannot be had is told of, and the daemon does its work", async () => {
  const host = await running(
    "metrics: {listen: '127.0.0.1:9345'}\n",
    (host) => Promise.resolve(assertEquals(host.udp.openAddresses().length, 4)),
    (host) => {
      host.records.listenFailure = "Address already in use";
    },
  );
  const told = host.log.filter(({ event }) => event === "metrics-failed").map(({ text }) => text);
  assertEquals(told, ["Cannot serve metrics on 127.0.0.1 port 9345: Address already in use"]);
});

Deno.test("a port that could not be had is asked for again by a reload", async () => {
  await running(
    "metrics: {listen: '127.0.0.1:9345'}\n",
    async (host) => {
      host.records.listenFailure = null;
      assertEquals((await beside(host, "reload")).exit, 0);
      await settle();
      assertEquals([...host.records.served.keys()], ["127.0.0.1:9345"]);
    },
    (host) => {
      host.records.listenFailure = "Address already in use";
    },
  );
});

Deno.test("of two reloads at once the last one counts, and no listener is left behind", async () => {
  const host = await running("metrics: {listen: '127.0.0.1:9001'}\n", async (host) => {
    const listen = (port: number) => {
      const text = `metrics: {listen: '127.0.0.1:${port}'}\n`;
      host.files.set("/c", { kind: "text", text });
      return beside(host, "reload");
    };
    await Promise.all([listen(9002), listen(9003)]);
    await Promise.all([listen(9004), listen(9005)]);
    await settle();
    assertEquals([...host.records.served.keys()], ["127.0.0.1:9005"]);
  });
  assertEquals(host.records.served.size, 0);
});

Deno.test("a reload moves events and metrics, and leaves alone what is the same", async () => {
  const other = "/var/lib/faild/events.jsonl";
  const host = await running("metrics: {listen: '127.0.0.1:9345'}\n", async (host) => {
    const make = host.records.served.get("127.0.0.1:9345");
    const kept = `metrics: {listen: '127.0.0.1:9345'}\nevents: {file: ${other}}\n`;
    host.files.set("/c", { kind: "text", text: kept });
    assertEquals((await beside(host, "reload")).exit, 0);
    assert(host.records.served.get("127.0.0.1:9345") === make);
    host.files.set("/c", { kind: "text", text: `events: {file: ${other}}\n` });
    assertEquals((await beside(host, "reload")).exit, 0);
    await settle();
    assertEquals(host.records.served.size, 0);
  });
  assertEquals(eventsIn(host).includes("stop"), false);
  assertEquals(eventsIn(host, other).at(-1), "stop");
  const paths = [...host.records.lines.keys()].filter((path) => path.startsWith("/var"));
  assertEquals(paths, [other]);
});

Deno.test("faild metrics prints what the running daemon counts, in both formats", async () => {
  await running("requestor: true\n", async (host) => {
    const plain = await beside(host, "metrics");
    assertEquals([plain.exit, plain.error], [0, ""]);
    const families = readExposition(plain.out, "prometheus");
    assertEquals(families.get("faild_interval_seconds")?.samples[0]?.value, 1);
    assertEquals([...families.keys()].filter((name) => !METRIC_NAMES.has(name)), []);
    const open = await beside(host, "metrics", "--openmetrics");
    assert(readExposition(open.out, "openmetrics").has("faild_build"));
  });
});

Deno.test("every counter of the daemon is a metric", async () => {
  await running("requestor: true\n", async (host) => {
    const status = JSON.parse((await beside(host, "status", "--json")).out);
    const { out } = await beside(host, "metrics");
    const shown = new Set(readExposition(out, "prometheus").keys());
    const names: Readonly<Record<string, string>> = {
      packets_sent: "faild_packets_sent_total",
      late_wakes: "faild_late_wakes_total",
      sleeps: "faild_sleeps_total",
      worst_lateness_ms: "faild_worst_lateness_seconds",
      repairs: "faild_route_repairs_total",
      hook_failures: "faild_hook_failures_total",
    };
    const counters = Object.keys(status.counters).filter((name) => !name.startsWith("drops_"));
    assert(counters.length > 3);
    assertEquals(counters.filter((name) => !shown.has(names[name] ?? name)), []);
  });
});

Deno.test("lines that could not be written are in the state and the metrics, through a move of the file too", async () => {
  const full = "No space left on device";
  const prepare = ({ records }: FakeHost) => {
    records.losses.set(EVENTS, { lost: 4, trouble: full });
    records.losses.set("/v/e.jsonl", { lost: 1, trouble: null });
  };
  await running("log: {level: info}\n", async (host) => {
    const { out } = await beside(host, "status");
    assert(
      out.includes(
        `the last line of the events in ${EVENTS} could not be written: ${full}; 4 lines`,
      ),
      out,
    );
    host.files.set("/c", { kind: "text", text: "events: {file: /v/e.jsonl}\n" });
    assertEquals((await beside(host, "reload")).exit, 0);
    const { lines } = JSON.parse((await beside(host, "status", "--json")).out);
    assertEquals(lines, [
      { kind: "log", file: null, lost: 0, trouble: null },
      { kind: "events", file: "/v/e.jsonl", lost: 5, trouble: null },
      { kind: "samples", file: "/v/e.samples.jsonl", lost: 0, trouble: null },
    ]);
    const metrics = readExposition((await beside(host, "metrics")).out, "prometheus");
    assertEquals(
      metrics.get("faild_lines_lost_total")?.samples.map(({ labels, value }) => [
        labels.get("kind"),
        value,
      ]),
      [["log", 0], ["events", 5], ["samples", 0]],
    );
  }, prepare);
});

Deno.test("faild metrics without a daemon says so, with the code for it", async () => {
  const { exit, out } = await new FakeHost().faild("metrics");
  assertEquals([exit, out], [7, ""]);
});
