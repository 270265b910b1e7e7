import { assert, assertEquals } from "@std/assert";
import {
  MAX_SAMPLED_PATHS,
  parseSample,
  sampled,
  type SampledPeer,
  sampleLine,
  samplesPath,
} from "../../lib/samples.ts";

type Facts = Partial<Pick<SampledPeer["paths"][number], "lossy" | "routeReason">>;

function peer(number: number, facts: Facts = {}): SampledPeer {
  const measured = { roundTripMs: 0.21, loss: 0 };
  const path = { health: "up", lossy: false, routeReason: null, ...measured, ...facts } as const;
  return {
    node: `node${number}`,
    paths: [
      { ...path, network: "A", address: `192.168.1.${number}` },
      { ...path, network: "B", address: `192.168.2.${number}`, health: "down", loss: 1 },
    ],
  };
}

Deno.test("the samples lie beside the events, under a name of their own", () => {
  const paths = ["/run/faild/events.jsonl", "/var/log/faild.json", "/e", "/x.d/e"].map(samplesPath);
  assertEquals(paths, [
    "/run/faild/events.samples.jsonl",
    "/var/log/faild.samples.jsonl",
    "/e.samples.jsonl",
    "/x.d/e.samples.jsonl",
  ]);
});

Deno.test("a sample reads back as it was written, times in microseconds", () => {
  const paths = sampled([peer(2), peer(3, { routeReason: "held" })]);
  assertEquals(parseSample(sampleLine(paths, 1234)), { wallMs: 1234, paths });
  assertEquals(paths[2], {
    node: "node3",
    network: "A",
    address: "192.168.1.3",
    state: "held",
    roundTripMs: 0.21,
    loss: 0,
  });
  const fine = paths.map((path) => ({ ...path, roundTripMs: 0.123456 }));
  const read = parseSample(sampleLine(fine, 0))?.paths.map(({ roundTripMs }) => roundTripMs);
  assertEquals(read, [0.123, 0.123, 0.123, 0.123]);
});

Deno.test("a path that works is held or lossy by what keeps its traffic away", () => {
  const states = (facts: Facts) => sampled([peer(2, facts)]).map(({ state }) => state);
  assertEquals(states({}), ["up", "down"]);
  assertEquals(states({ routeReason: "held" }), ["held", "down"]);
  assertEquals(states({ routeReason: "returning" }), ["up", "down"]);
  assertEquals(states({ lossy: true, routeReason: "lossy" }), ["lossy", "down"]);
  assertEquals(states({ lossy: true }), ["lossy", "down"]);
});

Deno.test("no more than 64 paths are sampled, and no peer is looked at beyond them", () => {
  let looked = 0;
  function* crowd(): Generator<SampledPeer> {
    for (let number = 1; number <= 200; number++) {
      looked++;
      yield peer(number);
    }
  }
  assertEquals(sampled(crowd()).length, MAX_SAMPLED_PATHS);
  assertEquals(looked, 33);
});

Deno.test("a day of four paths fits into one generation of the file", () => {
  const line = sampleLine(sampled([peer(2), peer(3)]), Date.UTC(2026, 10, 22));
  assert(line.length * 24 * 60 < 1024 * 1024, `${line.length} bytes`);
});

Deno.test("nasty names are cut and made printable, and break no line", () => {
  const nasty = { ...peer(2), node: `\u202e\n${"x".repeat(1000)}` };
  const line = sampleLine(sampled([nasty]), 0);
  assertEquals(line.split("\n").length, 2);
  assert(line.length < 700);
  assert(!line.includes("\u202e"));
});

Deno.test("torn and foreign lines are no samples", () => {
  const broken = [
    sampleLine(sampled([peer(2)]), 0).slice(0, -5),
    "{}",
    '{"time":"1970-01-01T00:00:00Z","paths":7}',
    '{"time":"1970-01-01T00:00:00Z","paths":[7]}',
    '{"time":"1970-01-01T00:00:00Z","paths":[["n","A","1.2.3.4","fine",1,0]]}',
    '{"time":"1970-01-01T00:00:00Z","paths":[["n","A","1.2.3.4","up",-1,0]]}',
    '{"time":"1970-01-01T00:00:00Z","paths":[["n","A","1.2.3.4","up",1]]}',
  ];
  assertEquals(broken.filter((each) => parseSample(each) !== null), []);
});
