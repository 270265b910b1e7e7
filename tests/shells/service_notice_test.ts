import { assertEquals } from "@std/assert";
import {
  ServiceNotice,
  type ServiceStatus,
  statusText,
  watchdogLimitMs,
} from "../../lib/service_notice.ts";

const CALM: ServiceStatus = {
  networks: 2,
  usableNetworks: 2,
  peers: 3,
  pathsDown: 0,
  degraded: null,
};
const CALM_LINE = "STATUS=2 of 2 networks usable, 3 peers, all paths up";

/** A service manager and a clock that a test moves. */
class Stage {
  nowMs = 0;
  status = CALM;
  fault: string | null = null;
  monotonicUs: number | null = 16_572_190_000;
  wakeAtMs: number | null = null;
  readonly sent: string[] = [];
  readonly notice: ServiceNotice;

  constructor(limitMs: number | null) {
    this.notice = new ServiceNotice({
      send: (message) => this.sent.push(message),
      now: () => this.nowMs,
      wakeAt: (atMs) => this.wakeAtMs = atMs,
      fault: () => this.fault,
      status: () => this.status,
      monotonicUs: () => Promise.resolve(this.monotonicUs),
    }, limitMs);
  }

  /** What was sent since the last call. */
  get news(): string[] {
    return this.sent.splice(0);
  }

  /** Goes to the moment of the next beat. */
  beat(): void {
    this.nowMs = this.wakeAtMs ?? this.nowMs;
    this.notice.beat();
  }
}

Deno.test("it is ready once, with its status, and shows life twice within the limit", () => {
  const stage = new Stage(20_000);
  stage.notice.ready();
  assertEquals(stage.news, [`READY=1\n${CALM_LINE}`]);
  for (const at of [10_000, 20_000, 30_000]) {
    stage.beat();
    assertEquals([stage.nowMs, stage.news], [at, ["WATCHDOG=1"]]);
  }
});

Deno.test("a daemon that is not well shows no life, and does again when it is", () => {
  const stage = new Stage(20_000);
  stage.notice.ready();
  stage.fault = "its loop has not turned for 16 s";
  stage.news;
  stage.beat();
  assertEquals(stage.news, []);
  stage.fault = null;
  stage.beat();
  assertEquals(stage.news, ["WATCHDOG=1"]);
});

Deno.test("where nobody watches, no life is shown, and the status only where it changed", () => {
  const stage = new Stage(null);
  stage.notice.ready();
  stage.news;
  stage.beat();
  assertEquals([stage.nowMs, stage.news], [30_000, []]);
  stage.status = { ...CALM, pathsDown: 1 };
  stage.beat();
  const text = "STATUS=2 of 2 networks usable, 3 peers, 1 path down";
  assertEquals(stage.news, [text]);
});

Deno.test("changes are told together within a second, and never put off", () => {
  const stage = new Stage(20_000);
  stage.notice.ready();
  stage.news;
  stage.nowMs = 5000;
  stage.notice.changed();
  stage.nowMs = 5500;
  stage.notice.changed();
  assertEquals(stage.wakeAtMs, 6000);
  stage.status = { ...CALM, degraded: "ip is gone" };
  stage.beat();
  assertEquals(stage.news, [`WATCHDOG=1\n${CALM_LINE}, degraded: ip is gone`]);
  stage.nowMs = 15_500;
  stage.notice.changed();
  assertEquals(stage.wakeAtMs, 16_000, "the next beat comes earlier than a second from now");
});

Deno.test("a reload is announced with its time, and ends with READY", async () => {
  const stage = new Stage(null);
  stage.notice.ready();
  stage.news;
  await stage.notice.reloading();
  stage.notice.reloaded();
  assertEquals(stage.news, ["RELOADING=1\nMONOTONIC_USEC=16572190000", "READY=1"]);
  stage.monotonicUs = null;
  await stage.notice.reloading();
  assertEquals(stage.news, ["RELOADING=1"]);
});

Deno.test("after STOPPING nothing more is said", async () => {
  const stage = new Stage(20_000);
  stage.notice.ready();
  stage.news;
  const reloading = stage.notice.reloading();
  stage.notice.stopping();
  await reloading;
  stage.notice.reloaded();
  stage.notice.changed();
  stage.notice.beat();
  assertEquals(stage.news, ["STOPPING=1\nSTATUS=stopping"]);
  assertEquals(stage.wakeAtMs, null);
});

Deno.test("before READY nothing is said but that it stops", async () => {
  const stage = new Stage(20_000);
  stage.notice.changed();
  stage.notice.beat();
  await stage.notice.reloading();
  assertEquals(stage.news, []);
  stage.notice.stopping();
  assertEquals(stage.news, ["STOPPING=1\nSTATUS=stopping"]);
});

Deno.test("the status counts what there is", () => {
  const status = { ...CALM, networks: 1, usableNetworks: 0, peers: 1, pathsDown: 2 };
  assertEquals(
    statusText(status),
    "0 of 1 network usable, 1 peer, 2 paths down",
  );
});

Deno.test("the limit is in microseconds; what is none is no limit", () => {
  assertEquals(watchdogLimitMs("30000000"), 30_000);
  for (const text of [undefined, "", "0", "-1", "1e6", "abc", "9".repeat(19)]) {
    assertEquals(watchdogLimitMs(text), null);
  }
});
