import { assertEquals, assertMatch } from "@std/assert";
import type { Hook, HookTopic } from "../../lib/config/yaml_hooks.ts";
import { type HookCall, Hooks } from "../../lib/hooks.ts";
import type { LogFields, LogRecord } from "../../lib/log_line.ts";
import { settle } from "./fake_udp.ts";

const PROGRAM = "/etc/faild/hook";

function hook(on: readonly HookTopic[], run = [PROGRAM]): Hook {
  return { on, run, timeoutMs: 10_000 };
}

function record(event: string, fields: LogFields = {}): LogRecord {
  return { level: "warning", event, text: `${event} happened`, fields };
}

function down(node: string, fields: LogFields = {}): LogRecord {
  return record("path-down", { node, network: "A", address: "192.168.1.2", ...fields });
}

/** One program that runs until it is told to end. */
interface Running {
  readonly call: HookCall;
  end(reason?: string): Promise<void>;
  killed: boolean;
}

/** A host whose programs end when a test says so. */
class Stage {
  nowMs = 0;
  problem: string | null = null;
  readonly started: Running[] = [];
  readonly log: LogRecord[] = [];
  readonly hooks: Hooks;
  #ring = () => {};

  constructor(...hooks: readonly Hook[]) {
    this.hooks = new Hooks(hooks, {
      start: (call) => this.#start(call),
      programProblem: () => this.problem,
      now: () => this.nowMs,
      wallNow: () => 0,
      delay: () => new Promise((resolve) => this.#ring = resolve),
      log: (record) => this.log.push(record),
    });
  }

  #start(call: HookCall) {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    const running: Running = {
      call,
      killed: false,
      end: (reason) => {
        resolve(reason ?? null);
        return settle();
      },
    };
    this.started.push(running);
    return { ended: promise, kill: () => void (running.killed = true) };
  }

  /** The time that `close()` gives is over. */
  ring(): void {
    this.#ring();
  }

  /** What was started, as "event of node". */
  get runs(): string[] {
    return this.started.map(({ call: { environment } }) =>
      `${environment.FAILD_EVENT} ${environment.FAILD_NODE}`
    );
  }

  async endAll(): Promise<void> {
    for (let i = 0; i < this.started.length; i++) await this.started[i]!.end();
  }
}

Deno.test("a program is told of its event by standard input and environment", async () => {
  const stage = new Stage(hook(["path"], [PROGRAM, "-x", "two words"]));
  stage.hooks.take(down("node2"));
  await settle();
  const [{ call }] = stage.started as [Running];
  assertEquals(call.run, [PROGRAM, "-x", "two words"]);
  assertEquals(call.limitMs, 10_000);
  assertEquals(call.environment, {
    FAILD_EVENT: "path-down",
    FAILD_NODE: "node2",
    FAILD_NETWORK: "A",
    FAILD_ADDRESS: "192.168.1.2",
    FAILD_TEXT: "path-down happened",
  });
  const { time: _, ...rest } = JSON.parse(call.input);
  assertEquals(rest, {
    level: "warning",
    event: "path-down",
    node: "node2",
    network: "A",
    address: "192.168.1.2",
    text: "path-down happened",
  });
  assertMatch(call.input, /^[^\n]*\n$/);
});

const TOPICS: readonly (readonly [LogRecord, readonly HookTopic[]])[] = [
  [down("n"), ["path"]],
  [down("n", { actions: [{ kind: "stays", address: "a", why: "none" }] }), ["path"]],
  [down("n", { actions: [{ kind: "moved", address: "a" }] }), ["path", "route"]],
  [record("path-up", { actions: [{ kind: "restored", address: "a" }] }), ["path", "route"]],
  [record("one-way"), ["path"]],
  [record("network-silent", { moved: 0, refused: 0 }), ["network"]],
  [record("network-silent", { moved: 2, refused: 0 }), ["network", "route"]],
  [record("network-ready"), ["network"]],
  [record("drained"), ["network"]],
  [record("rerouted", { actions: [{ kind: "moved", address: "a" }] }), ["route"]],
  [record("degraded"), ["route"]],
  [record("adopted-removed"), ["route"]],
  [record("node-found"), ["node"]],
  [record("same-name"), ["node"]],
  [record("start"), ["daemon"]],
  [record("reloaded"), ["daemon"]],
  [record("dropped"), []],
  [record("hook-failed"), []],
];

for (const [event, topics] of TOPICS) {
  const about = `${event.event} ${JSON.stringify(event.fields)}`;
  Deno.test(`the hooks of ${topics.join(", ") || "nothing"} are run on ${about}`, () => {
    const all: HookTopic[] = ["path", "network", "route", "node", "daemon"];
    const run = all.filter((topic) => {
      const stage = new Stage(hook([topic]));
      stage.hooks.take(event);
      return stage.started.length === 1;
    });
    assertEquals(run, all.filter((topic) => topics.includes(topic)));
  });
}

Deno.test("a hook on several topics of one event is run once, several hooks in their order", async () => {
  const stage = new Stage(hook(["path", "route"], ["/a"]), hook(["route"], ["/b"]));
  stage.hooks.take(down("n", { actions: [{ kind: "moved" }] }));
  await stage.endAll();
  assertEquals(stage.started.map(({ call }) => call.run), [["/a"], ["/b"]]);
});

Deno.test("a peer's events come one after the other, while those of others go on", async () => {
  const stage = new Stage(hook(["path"]));
  for (const node of ["a", "a", "b", "a"]) stage.hooks.take(down(node));
  stage.hooks.take(record("path-up", { node: "a" }));
  assertEquals(stage.runs, ["path-down a", "path-down b"]);
  await stage.started[0]!.end();
  assertEquals(stage.runs.slice(2), ["path-down a"]);
  await stage.endAll();
  assertEquals(stage.runs.slice(2), ["path-down a", "path-down a", "path-up a"]);
});

Deno.test("what is about no single peer waits for all before it, and all after it wait", async () => {
  const stage = new Stage(hook(["path", "network"]));
  stage.hooks.take(down("a"));
  stage.hooks.take(record("network-silent", { network: "A" }));
  stage.hooks.take(down("b"));
  assertEquals(stage.runs, ["path-down a"]);
  await stage.started[0]!.end();
  assertEquals(stage.runs, ["path-down a", "network-silent "]);
  await stage.started[1]!.end();
  assertEquals(stage.runs, ["path-down a", "network-silent ", "path-down b"]);
});

Deno.test("four run at once, and the next begins when one ends", async () => {
  const stage = new Stage(hook(["path"]));
  for (let i = 0; i < 10; i++) stage.hooks.take(down(`node${i}`));
  assertEquals(stage.started.length, 4);
  await stage.started[2]!.end();
  assertEquals(stage.runs.at(-1), "path-down node4");
  assertEquals(stage.started.length, 5);
});

Deno.test("a thousand wait; what is more is dropped and told once a minute", async () => {
  const stage = new Stage(hook(["path"]));
  for (let i = 0; i < 1011; i++) stage.hooks.take(down("a"));
  assertEquals(stage.log.map(({ event, fields }) => [event, fields.count]), [["hook-dropped", 1]]);
  stage.nowMs = 60_000;
  stage.hooks.take(down("a"));
  assertEquals(stage.log.map(({ fields }) => fields.count), [1, 10]);
  assertEquals(stage.hooks.failures, 11);
  await stage.endAll();
  assertEquals(stage.started.length, 1001);
});

Deno.test("failures of a hook are logged once a minute, with how many there were", async () => {
  const stage = new Stage(hook(["path"]), hook(["path"], ["/other"]));
  const fail = async (count: number) => {
    for (let i = 0; i < count; i++) stage.hooks.take(down(`node${i}`));
    for (let i = 0; i < stage.started.length; i++) await stage.started[i]!.end("exit status 1: no");
  };
  await fail(3);
  assertEquals(stage.log.map(({ text }) => text), [
    `Hook ${PROGRAM} failed on path-down: exit status 1: no`,
    "Hook /other failed on path-down: exit status 1: no",
  ]);
  assertEquals(stage.hooks.failures, 6);
  stage.nowMs = 60_000;
  await fail(1);
  assertMatch(stage.log[2]!.text, /no; so did 2 runs since the last such line$/);
});

Deno.test("a program that must not be run is not, each time", async () => {
  const stage = new Stage(hook(["path"]));
  stage.problem = "its mode is 0777";
  stage.hooks.take(down("a"));
  await settle();
  assertEquals(stage.started, []);
  assertEquals(stage.log[0]!.text, `Hook ${PROGRAM} failed on path-down: its mode is 0777`);
  stage.problem = null;
  stage.hooks.take(down("a"));
  assertEquals(stage.runs, ["path-down a"]);
});

Deno.test("other hooks are run after a replacement", () => {
  const stage = new Stage(hook(["path"]));
  stage.hooks.replace([hook(["node"])]);
  stage.hooks.take(down("a"));
  stage.hooks.take(record("node-found", { node: "a" }));
  assertEquals(stage.runs, ["node-found a"]);
});

Deno.test("the end waits for what runs and waits, and no longer than it may", async () => {
  const quick = new Stage(hook(["daemon"]));
  quick.hooks.take(record("stop"));
  const closed = quick.hooks.close();
  await quick.endAll();
  await closed;
  assertEquals([quick.log, quick.started[0]!.killed], [[], false]);

  const slow = new Stage(hook(["path", "daemon"]));
  slow.hooks.take(down("a"));
  slow.hooks.take(record("stop"));
  const late = slow.hooks.close();
  slow.ring();
  await late;
  assertEquals(slow.started.map(({ killed }) => killed), [true]);
  assertMatch(slow.log[0]!.text, /^2 hooks had no time to end/);
  slow.hooks.take(down("a"));
  assertEquals(slow.started.length, 1);
});
