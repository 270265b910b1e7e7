import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { verdictOf, verdictText } from "../../lib/cli/health.ts";
import { type StatusData, statusJson } from "../../lib/cli/status_data.ts";
import { statusText } from "../../lib/cli/status_text.ts";
import type { PeerView } from "../../lib/control_protocol.ts";
import { dead, networkOf, networksOf } from "../core/builders.ts";
import { type Host, Town } from "../core/town.ts";
import { schemaFaults } from "../fakes/json_schema.ts";

const FAST = { intervalMs: 100, restoreAfter: 3 };
const STATUS_SCHEMA = schema("status");
const HEALTH_SCHEMA = schema("health");

function schema(name: string): Readonly<Record<string, unknown>> {
  return JSON.parse(
    Deno.readTextFileSync(new URL(`../../docs/schema/${name}.json`, import.meta.url)),
  );
}

/** The state of a host as a command gets it: over the wire, as JSON. */
function dataOf(town: Town, host: Host): StatusData {
  const peers: PeerView[] = [];
  for (let from = 0;;) {
    const slice = host.machine.peers(from, 25, town.now);
    const last = slice.at(-1);
    if (last === undefined) break;
    peers.push(...slice);
    from = last.number + 1;
  }
  const status = {
    ...host.machine.overview(town.now),
    version: "0.1.0",
    pid: 4711,
    uptimeMs: town.now,
    loopAgoMs: 12,
    sockets: true,
    routes: host.machine.degraded,
    events: 3,
    lastEventAgoMs: 65_000,
    lines: [{ kind: "events", file: "/run/faild/events.jsonl", lost: 0, trouble: null }],
  };
  return JSON.parse(JSON.stringify({ status, peers }));
}

function faults(data: StatusData): string[] {
  return schemaFaults(JSON.parse(JSON.stringify(statusJson(data))), STATUS_SCHEMA);
}

Deno.test("whatever happens on the LANs, the JSON fits its schema, and no line of the text breaks", () => {
  const happening = fc.record({
    kind: fc.constantFrom("cut", "mend", "lose", "drain", "undrain", "pull", "plug", "stop"),
    network: fc.constantFrom("A", "B"),
    way: fc.constantFrom("*>*", "1>2", "2>1", "3>*"),
    ms: fc.integer({ min: 0, max: 3000 }),
  });
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 6 }), (happenings) => {
      const town = new Town();
      const failback = { kind: "manual" } as const;
      const one = town.add(1, ["A", "B"], { ...FAST, failback });
      const two = town.add(2, ["A", "B"], FAST);
      town.add(3, ["A", "B"], { ...FAST, requestor: false });
      town.advance(1500);
      for (const { kind, network, way, ms } of happenings) {
        if (kind === "cut") town.cuts.add(`${network} ${way}`);
        if (kind === "mend") town.cuts.clear();
        if (kind === "lose") town.losses.set(`${network} ${way}`, 0.4);
        if (kind === "drain" || kind === "undrain") {
          town.feed(one, { kind: "drain", network, on: kind === "drain" });
        }
        if (kind === "pull") town.feed(one, networksOf(dead("A"), networkOf("B")));
        if (kind === "plug") town.feed(one, networksOf(networkOf("A"), networkOf("B")));
        if (kind === "stop" && !two.isGone) town.stop(two);
        town.advance(ms);
        const data = dataOf(town, one);
        assertEquals(faults(data), []);
        const verdict = verdictOf(data.status);
        const { health, reasons, figures } = verdict;
        const json = { health: health.toLowerCase(), code: 0, reasons, figures };
        assertEquals(schemaFaults(json, HEALTH_SCHEMA), []);
        assertEquals(verdictText(verdict).split("\n").length, 2);
        for (const { paths } of data.peers) {
          for (const path of paths) seen.add(path.routeReason ?? path.health);
        }
        for (const line of statusText(data, { coloured: false }).split("\n")) {
          assertEquals(line, line.trimEnd());
        }
      }
    }),
    { numRuns: 60, seed: 7 },
  );
  for (const each of ["up", "down", "held"]) assert(seen.has(each), `${each} was never shown`);
});

Deno.test("the schema is strict: what is missing, too much or of another type is found", () => {
  const town = new Town();
  const one = town.add(1, ["A", "B"], FAST);
  town.add(2, ["A", "B"], FAST);
  town.advance(1500);
  const data = dataOf(town, one);
  assertEquals(faults(data), []);
  const { node: _, ...rest } = data.status;
  assertEquals(faults({ ...data, status: rest as StatusData["status"] }), ["$.node is missing"]);
  const more = { ...data.status, more: 1 };
  assertEquals(faults({ ...data, status: more }), ["$.more is not in the schema"]);
  const [peer] = data.peers as readonly [PeerView];
  const [path] = peer.paths;
  const wrong = { ...peer, paths: [{ ...path, health: "fine" }] } as unknown as PeerView;
  assertEquals(faults({ ...data, peers: [wrong] }), ["$.peers[0].paths[0].health is fine"]);
});

/** Two hosts, of which the first has lost the second on A. */
function halfDead(): StatusData {
  const town = new Town();
  const one = town.add(1, ["A", "B"], FAST);
  town.add(2, ["A", "B"], FAST);
  town.advance(1500);
  town.cuts.add("A 2>1");
  town.advance(2000);
  return dataOf(town, one);
}

Deno.test("the text shows networks, paths and routes with their reasons in aligned columns", () => {
  const lines = statusText(halfDead(), { coloured: false }).split("\n");
  assertMatch(
    lines[0] ?? "",
    /^node1: faild 0\.1\.0, requestor and responder, interval 100 ms, up /,
  );
  assertEquals(lines[1], "1 peer; last event 1 min 5 s ago, 3 since the start");
  assertEquals(lines[2], "routes are as wanted");
  const heads = lines.filter((line) => /^[A-Z ]{20,}$/.test(line));
  assertEquals(heads.map((line) => line.split(/ {2,}/)), [
    ["NETWORK", "INTERFACE", "ADDRESS", "STATE", "PATHS", "SENT", "RECEIVED"],
    ["PEER", "NETWORK", "ADDRESS", "STATE", "HEARD", "RTT", "LOSS", "SINCE", "REMARK"],
    ["ROUTE FOR", "OF", "OVER", "GATEWAY", "WHY"],
  ]);
  const table = lines.slice(lines.indexOf(heads[1] ?? ""));
  const column = table[0]?.indexOf("STATE") ?? -1;
  assertEquals([table[1]?.slice(column, column + 4), table[2]?.slice(column, column + 2)], [
    "down",
    "up",
  ]);
  assertMatch(table[1] ?? "", /^node2 +A +10\.1\.0\.2 +down +/);
  assertMatch(table[2] ?? "", /^ +B +10\.2\.0\.2 +up +both ways +/);
  assertMatch(lines.join("\n"), /^10\.1\.0\.2 +node2 on A +B +10\.2\.0\.2 +the path is down: /m);
});

Deno.test("what a peer has drained is shown so, until the peer says otherwise", () => {
  const town = new Town();
  const one = town.add(1, ["A", "B"], FAST);
  const two = town.add(2, ["A", "B"], FAST);
  town.advance(1500);
  const text = () => statusText(dataOf(town, one), { coloured: false });
  town.feed(two, { kind: "drain", network: "A", on: true });
  town.advance(1000);
  assertMatch(text(), /^A +.* 0 up, 1 drained +/m);
  assertMatch(text(), /^node2 +A +10\.1\.0\.2 +drained .* drained there for maintenance/m);
  assertMatch(text(), /^10\.1\.0\.2 .* the path is down: drained there for maintenance$/m);
  town.cuts.add("A 2>1").add("A 1>2");
  town.feed(two, { kind: "drain", network: "A", on: false });
  town.advance(1000);
  assertMatch(text(), /^A +.* 0 up, 1 down +/m);
  assertMatch(text(), /^node2 +A +10\.1\.0\.2 +down .* nothing arrives either way/m);
});

Deno.test("colours are added around the same text, and only where they are wanted", () => {
  const data = halfDead();
  const coloured = statusText(data, { coloured: true });
  const codes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
  assertEquals(coloured.replace(codes, ""), statusText(data, { coloured: false }));
  assert((coloured.match(codes)?.length ?? 0) > 10);
});

Deno.test("names from other machines cannot move the cursor or break a line", () => {
  const data = halfDead();
  const [peer] = data.peers as readonly [PeerView];
  const text = statusText({ ...data, peers: [{ ...peer, node: "evil\n\x1b[2J" }] }, {
    coloured: false,
  });
  assert(text.includes("evil\\u000a\\u001b[2J"));
});

Deno.test("the verdict is the gravest that holds, with every reason", () => {
  const { status } = halfDead();
  assertEquals(verdictOf(status).health, "WARNING");
  assertEquals(verdictOf(status).reasons, ["1 path down"]);
  const alone = {
    ...status,
    peers: { known: 2, unreachable: 1, stopping: 0, unasked: 0 },
    degraded: "busy | x",
  };
  const verdict = verdictOf(alone);
  assertEquals(verdict.health, "CRITICAL");
  assertEquals(verdict.reasons, [
    "routes are not as wanted: busy | x",
    "1 peer unreachable",
    "1 path down",
  ]);
  assertMatch(
    verdictText(verdict),
    /^CRITICAL: routes are not as wanted: busy \/ x; .* \| peers=2 /,
  );
});

Deno.test("without networks and peers there is something to read all the same", () => {
  const town = new Town();
  const one = town.add(1, [], FAST);
  town.advance(10);
  const text = statusText(dataOf(town, one), { coloured: false });
  assertMatch(text, /No network to work on/);
  assertMatch(text, /No peer was heard yet/);
});
