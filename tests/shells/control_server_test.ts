import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  ANSWER_MS,
  type Controlled,
  MAX_CLIENTS,
  MAX_REQUEST_BYTES,
  parseRequest,
  type PeerView,
  type Reloaded,
  REQUEST_MS,
  type Status,
} from "../../lib/control_protocol.ts";
import { ControlServer } from "../../lib/control_server.ts";
import { type PipeEnd, PipeListener } from "../fakes/control_pipe.ts";
import { settle } from "./fake_udp.ts";

const PING = {
  version: "0.1.0",
  pid: 7,
  uptimeMs: 1,
  loopAgoMs: 0,
  sockets: true,
  routes: null,
};

function peerView(number: number): PeerView {
  const node = `node${number}`;
  return { number, node, requestor: true, intervalMs: 1000, stopping: false, paths: [] };
}

/** A daemon that notes what it is told, and a clock that stands still until it is moved. */
class Served {
  readonly listener: PipeListener;
  readonly told: string[] = [];
  peers: readonly PeerView[] = [];
  /** How many peers were looked at in each turn. */
  readonly slices: number[] = [];
  reloaded: Reloaded | Promise<Reloaded> = {
    changed: ["interval"],
    keyIds: [2, 1],
    warnings: ["w"],
  };
  nowMs = 0;
  /** How long it takes to look at a slice. */
  sliceMs = 0;
  /** How often the loop had its turn. */
  pauses = 0;
  readonly #alarms = new Set<{ atMs: number | null; ring: () => void }>();

  constructor(room?: number) {
    this.listener = new PipeListener(room);
    const controlled: Controlled = {
      overview: () => ({ node: "own", ...PING }) as unknown as Status,
      ping: () => PING,
      peers: (from, count) => {
        const slice = this.peers.filter(({ number }) => number >= from).slice(0, count);
        this.slices.push(slice.length);
        this.nowMs += this.sliceMs;
        return slice;
      },
      failback: () => {
        this.told.push("failback");
        return { held: 2 };
      },
      drain: (network, on) => {
        this.told.push(`${on ? "drain" : "undrain"} ${network}`);
        return Promise.resolve(
          network === "A"
            ? { stays: ["n3"], unapplied: null, changed: on, warning: null }
            : { error: "Cannot use network" },
        );
      },
      reload: () => Promise.resolve(this.reloaded),
    };
    new ControlServer(this.listener, controlled, {
      now: () => this.nowMs,
      alarm: (ring) => {
        const alarm = { atMs: null as number | null, ring };
        this.#alarms.add(alarm);
        return { wakeAt: (atMs) => void (alarm.atMs = atMs) };
      },
      delay: () => {
        this.pauses += 1;
        return Promise.resolve();
      },
    });
  }

  /** Asks, and returns the lines of the answer. */
  async ask(text: string): Promise<Readonly<Record<string, unknown>>[]> {
    const client = this.listener.connect();
    await client.say(text);
    return linesOf(await client.readAll());
  }

  async later(ms: number): Promise<void> {
    this.nowMs += ms;
    for (const { atMs, ring } of this.#alarms) if (atMs !== null && atMs <= this.nowMs) ring();
    await settle();
  }
}

function linesOf(text: string): Readonly<Record<string, unknown>>[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

Deno.test("a ping is answered in one line that ends the answer", async () => {
  const served = new Served();
  assertEquals(await served.ask('{"command":"ping"}\n'), [{ ok: true, ...PING, end: true }]);
});

Deno.test("while a long state is written the daemon has its turn every few milliseconds", async () => {
  const served = new Served();
  served.peers = Array.from({ length: 200 }, (_, i) => peerView(i));
  served.sliceMs = 2;
  await served.ask('{"command":"status"}\n');
  // Eight slices of 2 ms and the empty last one: a pause at first, and then after every second one.
  assertEquals([served.slices.length, served.pauses], [9, 5]);
});

Deno.test("the state comes in slices of 25 peers, none left out", async () => {
  const served = new Served();
  served.peers = Array.from({ length: 60 }, (_, i) => peerView(3 * i + 1));
  const [first, ...others] = await served.ask('{"command":"status"}\n');
  assertEquals(first?.["node"], "own");
  assertEquals(served.slices, [25, 25, 10, 0]);
  const numbers = others.slice(0, -1).flatMap(({ peers }) =>
    (peers as PeerView[]).map((each) => each.number)
  );
  assertEquals(numbers, served.peers.map(({ number }) => number));
  assertEquals(others.at(-1), { ok: true, end: true });
});

Deno.test("what the daemon is told reaches it, and what it refuses is said", async () => {
  const served = new Served();
  assertEquals(await served.ask('{"command":"drain","network":"A"}\n'), [
    { ok: true, stays: ["n3"], unapplied: null, changed: true, warning: null, end: true },
  ]);
  assertEquals(await served.ask('{"command":"undrain","network":"Z"}\n'), [
    { ok: false, error: "Cannot use network", end: true },
  ]);
  assertEquals(await served.ask('{"command":"failback"}\n'), [{ ok: true, held: 2, end: true }]);
  assertEquals(served.told, ["drain A", "undrain Z", "failback"]);
  assertEquals(await served.ask('{"command":"reload"}\n'), [
    { ok: true, changed: ["interval"], keyIds: [2, 1], warnings: ["w"], end: true },
  ]);
  served.reloaded = { errors: ["one", "two"] };
  assertEquals(await served.ask('{"command":"reload"}\n'), [
    { ok: false, error: "one", errors: ["one", "two"], end: true },
  ]);
});

Deno.test("whatever is no request is answered by one line that says why, and the next one is served", async () => {
  const served = new Served();
  const cases = [
    ["\n", /must be one JSON object/],
    ["[]\n", /must be one JSON object/],
    ["null\n", /must be one JSON object/],
    ["{}\n", /must be one of ping, .*, is missing/],
    ['{"command":"dance"}\n', /is "dance"/],
    ['{"command":["ping"]}\n', /is missing/],
    ['{"command":"drain"}\n', /Cannot use network/],
    ['{"command":"drain","network":7}\n', /Cannot use network/],
    ["x".repeat(MAX_REQUEST_BYTES), /at most 4096 bytes/],
  ] as const;
  for (const [text, reason] of cases) {
    const answer = await served.ask(text);
    assertEquals([answer.length, answer[0]?.["ok"], answer[0]?.["end"]], [1, false, true], text);
    assertMatch(String(answer[0]?.["error"]), reason);
  }
  assertEquals(served.told, []);
  assertEquals((await served.ask('{"command":"ping"}\n')).length, 1);
});

Deno.test("any bytes at all lead to one refusal or to a request that is meant", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
      const read = parseRequest(text);
      if ("error" in read) assert(read.error.startsWith("Cannot use "));
      else assertEquals(JSON.parse(text).command, read.command);
    }),
    { numRuns: 500 },
  );
});

Deno.test("a fault in what is asked for is told to who asked, and the next one is served", async () => {
  const served = new Served();
  served.reloaded = null as unknown as typeof served.reloaded;
  const [answer] = await served.ask('{"command":"reload"}\n');
  assertEquals([answer?.["ok"], answer?.["end"]], [false, true]);
  assertMatch(String(answer?.["error"]), /^Cannot answer: /);
  assertEquals((await served.ask('{"command":"ping"}\n'))[0]?.["ok"], true);
});

Deno.test("a request may come in pieces, and what follows its line is not read", async () => {
  const served = new Served();
  const client = served.listener.connect();
  for (const piece of ['{"comm', 'and":', '"ping"}', '\n{"command":"failback"}\n']) {
    await client.say(piece);
    await settle();
  }
  assertEquals(linesOf(await client.readAll()).length, 1);
  assertEquals(served.told, []);
});

Deno.test("who says nothing for five seconds is dropped without an answer", async () => {
  const served = new Served();
  const client = served.listener.connect();
  await client.say('{"command":');
  await settle();
  await served.later(REQUEST_MS - 1);
  assertEquals(served.listener.accepted[0]?.isClosed, false);
  await served.later(1);
  assertEquals(served.listener.accepted[0]?.isClosed, true);
  assertEquals(await client.readAll(), "");
});

Deno.test("who does not read the answer is dropped, and the daemon is not asked for more than it takes", async () => {
  const served = new Served(1000);
  served.peers = Array.from({ length: 1000 }, (_, i) => peerView(i));
  const client = served.listener.connect();
  await client.say('{"command":"status"}\n');
  await settle();
  assert(served.slices.length <= 2, `${served.slices.length} slices were made`);
  await served.later(ANSWER_MS);
  assertEquals(served.listener.accepted[0]?.isClosed, true);
  assert(served.slices.length <= 2);
});

Deno.test("a reload may take longer than an answer may take to be read", async () => {
  const served = new Served();
  const { promise, resolve } = Promise.withResolvers<Reloaded>();
  served.reloaded = promise;
  const client = served.listener.connect();
  await client.say('{"command":"reload"}\n');
  await settle();
  await served.later(2 * ANSWER_MS);
  resolve({ changed: ["peers"], keyIds: null, warnings: [] });
  assertEquals(linesOf(await client.readAll()), [{
    ok: true,
    changed: ["peers"],
    keyIds: null,
    warnings: [],
    end: true,
  }]);
});

Deno.test("sixteen are served at one time, one more is told so, and has its turn when one of them goes", async () => {
  const served = new Served();
  const clients: PipeEnd[] = [];
  for (let i = 0; i < MAX_CLIENTS; i++) clients.push(served.listener.connect());
  await settle();
  const [refused] = await served.ask('{"command":"ping"}\n');
  assertEquals([refused?.["ok"], refused?.["end"]], [false, true]);
  assertMatch(String(refused?.["error"]), /16 others/);
  clients[3]?.close();
  await settle();
  assertEquals((await served.ask('{"command":"ping"}\n'))[0]?.["ok"], true);
});
