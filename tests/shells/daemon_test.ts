/** The loop with scripted parts around a real machine: what it performs, in which order, and when it reads the interfaces. */
import { assert, assertEquals } from "@std/assert";
import type { Link } from "../../lib/core/ip_json.ts";
import { selectNetworks } from "../../lib/core/inventory.ts";
import { Machine } from "../../lib/core/machine.ts";
import type { Effect, Settings } from "../../lib/core/types.ts";
import { Daemon } from "../../lib/daemon.ts";
import type { LinksResult } from "../../lib/links.ts";
import type { LogRecord } from "../../lib/log_line.ts";
import { noticeText } from "../../lib/notice_text.ts";
import type { SocketProblem } from "../../lib/udp_hub.ts";
import { settle } from "./fake_udp.ts";
import { settingsOf } from "../core/builders.ts";

const SETTINGS: Settings = settingsOf({ restoreAfter: 10, nodeName: "node1" });

const RANDOM = { fraction: () => 0.5, bits64: () => 7n };
const NOTHING_LEFT = { rules: 0, routes: new Map(), foreign: 0 };

function link(index: number, name: string, address: string, flags = ["UP", "LOWER_UP"]): Link {
  const broadcast = address.replace(/\d+$/, "255");
  return {
    index,
    name,
    flags: ["BROADCAST", ...flags],
    addresses: [{ address, prefixLength: 24, broadcast, secondary: false, scope: 0 }],
  };
}

const ETH1 = link(2, "eth1", "192.168.1.1");
const ETH2 = link(3, "eth2", "192.168.2.1");

/** A daemon whose reads of the interfaces are answered when the test says so. */
class Bench {
  readonly diary: string[] = [];
  readonly log: LogRecord[] = [];
  readonly daemon: Daemon;
  unopened: readonly SocketProblem[] = [];
  keepProblem: string | null = null;
  nowMs = 0;
  wakeAtMs = -1;
  #reads: ((result: LinksResult) => void)[] = [];

  constructor(machine = new Machine(SETTINGS, RANDOM, NOTHING_LEFT, 0, null)) {
    this.daemon = new Daemon(machine, SETTINGS, {
      now: () => this.nowMs,
      wakeAt: (atMs) => this.wakeAtMs = atMs,
      syncSockets: (networks, port) => {
        this.diary.push(`sockets ${networks.map(({ name }) => name).join(" ")} ${port}`);
        return Promise.resolve(this.unopened);
      },
      send: (network, to, port) => this.diary.push(`send ${network} ${to}:${port}`),
      requestRoutes: (generation) => this.diary.push(`routes ${generation}`),
      readLinks: () => {
        this.diary.push("look");
        return new Promise((resolve) => this.#reads.push(resolve));
      },
      interfacesChanged: () => this.diary.push("interfaces changed"),
      keepDrained: (networks) => {
        this.diary.push(`drained ${networks.join(" ")}`);
        return this.keepProblem;
      },
      log: (record) => {
        this.log.push(record);
        this.diary.push(`log ${record.event}`);
      },
      linePlaces: () => [],
      hookFailures: () => 0,
    });
  }

  /** Answers the one read that is under way, and lets everything run that follows from it. */
  async answer(result: LinksResult | readonly Link[]): Promise<void> {
    assertEquals(this.#reads.length, 1, "one read at a time is under way");
    this.#reads.pop()?.("failed" in result || "links" in result ? result : { links: result });
    await settle();
  }

  /** How many reads were begun. */
  get looks(): number {
    return this.diary.filter((entry) => entry === "look").length;
  }

  /** Moves the time to the deadline, and wakes the daemon. */
  ring(): void {
    assert(this.wakeAtMs >= this.nowMs, "the deadline lies in the past");
    this.nowMs = this.wakeAtMs;
    this.daemon.tick();
  }

  /** What was done since the last call. */
  news(): string[] {
    return this.diary.splice(0);
  }
}

/** A bench that has found its two networks. */
async function running(): Promise<Bench> {
  const bench = new Bench();
  bench.daemon.tick();
  await bench.answer([ETH1, ETH2]);
  bench.news();
  return bench;
}

Deno.test("the first tick looks; the networks have their sockets before the machine hears of them", async () => {
  const bench = new Bench();
  bench.daemon.tick();
  assertEquals(bench.diary[0], "look");
  await bench.answer([ETH1, ETH2]);
  const sockets = bench.diary.indexOf("sockets eth1 eth2 32453");
  const ready = bench.diary.indexOf("log network-ready");
  const sent = bench.diary.filter((entry) => entry.startsWith("send"));
  assert(sockets > 0 && sockets < ready, bench.diary.join("\n"));
  assertEquals(sent, ["send eth1 192.168.1.255:32453", "send eth2 192.168.2.255:32453"]);
});

/** How the diary has an effect. */
function entryOf(effect: Effect): string {
  switch (effect.kind) {
    case "send":
      return `send ${effect.network} ${effect.to}:${effect.port}`;
    case "route":
      return `routes ${effect.generation}`;
    case "look":
      return "look";
    case "notice":
      return `log ${noticeText(effect.notice).event}`;
  }
}

Deno.test("all effects are performed, in the order in which the machine gives them", async () => {
  const twin = new Machine(SETTINGS, RANDOM, NOTHING_LEFT, 0, null);
  const found = { kind: "networks", ...selectNetworks([ETH1, ETH2], []) } as const;
  const first = twin.handle({ kind: "tick" }, 0).map(entryOf);
  const second = twin.handle(found, 0).map(entryOf);
  assert(second.length >= 4, second.join("\n"));
  const bench = new Bench();
  bench.daemon.tick();
  assertEquals(bench.news(), first);
  await bench.answer([ETH1, ETH2]);
  assertEquals(bench.news(), ["sockets eth1 eth2 32453", ...second]);
});

Deno.test("the next wake is the machine's deadline, and every wake sets it anew", async () => {
  const bench = await running();
  const first = bench.wakeAtMs;
  assert(first > bench.nowMs);
  bench.ring();
  assert(bench.wakeAtMs > first);
});

Deno.test("looks that are asked for while one is under way are one look after it", async () => {
  const bench = await running();
  for (let i = 0; i < 5; i++) {
    bench.nowMs += 50;
    bench.daemon.take({ kind: "kernel-changed" });
  }
  assertEquals(bench.looks, 1);
  await bench.answer([ETH1, ETH2]);
  assertEquals(bench.looks, 2, "the interfaces may have changed after they were read");
  await bench.answer([ETH1, ETH2]);
  assertEquals(bench.looks, 2);
});

Deno.test("interfaces that cannot be read are told once, and once more after they could be", async () => {
  const bench = await running();
  const look = async (result: LinksResult) => {
    bench.nowMs += 1000;
    bench.daemon.take({ kind: "kernel-changed" });
    await bench.answer(result);
    return bench.log.splice(0).filter(({ event }) => event === "links-unreadable")
      .map(({ text }) => text);
  };
  const text = "Cannot read interfaces: ip died";
  assertEquals(await look({ failed: "ip died" }), [text]);
  assertEquals(await look({ failed: "ip died" }), []);
  assertEquals(await look({ failed: "ip is gone" }), ["Cannot read interfaces: ip is gone"]);
  assertEquals(await look({ failed: "ip died" }), [text]);
  assertEquals(await look({ links: [ETH1, ETH2] }), []);
  assertEquals(await look({ failed: "ip died" }), [text]);
});

Deno.test("a failed look leaves networks and sockets as they are", async () => {
  const bench = await running();
  bench.nowMs += 1000;
  bench.daemon.take({ kind: "kernel-changed" });
  bench.news();
  await bench.answer({ failed: "ip died" });
  assertEquals(bench.news(), ["log links-unreadable"]);
  assertEquals(bench.daemon.snapshot().networks.map(({ name }) => name), ["eth1", "eth2"]);
});

Deno.test("ip is told of interfaces that came, went or were made anew, and of nothing else", async () => {
  const bench = await running();
  const isTold = async (...links: Link[]) => {
    bench.nowMs += 1000;
    bench.daemon.take({ kind: "kernel-changed" });
    bench.news();
    await bench.answer(links);
    return bench.news().includes("interfaces changed");
  };
  assertEquals(await isTold(ETH1, ETH2), false, "nothing changed");
  assertEquals(await isTold(ETH1, link(3, "eth2", "192.168.7.1")), false, "another address");
  assertEquals(await isTold(ETH1, link(3, "eth2", "192.168.7.1", ["UP"])), false, "no carrier");
  assertEquals(await isTold(ETH1), true, "one is gone");
  assertEquals(await isTold(ETH1, ETH2), true, "it is back");
  assertEquals(await isTold(ETH1, link(9, "eth2", "192.168.2.1")), true, "another of its name");
});

Deno.test("the first look is no change of interfaces", async () => {
  const bench = new Bench();
  bench.daemon.tick();
  await bench.answer([ETH1, ETH2]);
  assert(!bench.diary.includes("interfaces changed"));
});

Deno.test("a socket that cannot be opened is told as a problem of its network", async () => {
  const bench = new Bench();
  bench.unopened = [{ name: "eth2", reason: "its port is in use", isOwn: false }];
  bench.daemon.tick();
  await bench.answer([ETH1, ETH2]);
  const problems = bench.log.filter(({ event }) => event === "network-problem");
  assertEquals(problems.map(({ text }) => text.includes("its port is in use")), [true]);
});

Deno.test("a network on which we cannot send is unusable, and its problem is told once", async () => {
  const bench = new Bench();
  const reason = "its port is in use";
  bench.unopened = [{ name: "eth2", reason, isOwn: true }];
  bench.daemon.tick();
  await bench.answer([ETH1, ETH2]);
  const networks = () =>
    bench.daemon.snapshot().networks.map(({ name, usable, reason }) => ({ name, usable, reason }));
  const eth1 = { name: "eth1", usable: true, reason: undefined };
  assertEquals(networks(), [eth1, { name: "eth2", usable: false, reason }]);
  const look = async () => {
    bench.nowMs += 1000;
    bench.daemon.take({ kind: "kernel-changed" });
    await bench.answer([ETH1, ETH2]);
  };
  await look();
  assertEquals(bench.log.filter(({ event }) => event === "network-problem").length, 1);
  assertEquals(bench.log.filter(({ event }) => event === "network-unusable").length, 1);
  bench.unopened = [];
  await look();
  assertEquals(networks(), [eth1, { name: "eth2", usable: true, reason: undefined }]);
});

Deno.test("a network that only hears no broadcasts stays usable", async () => {
  const bench = new Bench();
  bench.unopened = [{ name: "eth2", reason: "its port is in use", isOwn: false }];
  bench.daemon.tick();
  await bench.answer([ETH1, ETH2]);
  assertEquals(bench.daemon.snapshot().networks.map(({ usable }) => usable), [true, true]);
});

Deno.test("a network without carrier keeps that for its reason, whatever its socket says", async () => {
  const bench = new Bench();
  bench.unopened = [{ name: "eth2", reason: "its port is in use", isOwn: true }];
  bench.daemon.tick();
  await bench.answer([ETH1, link(3, "eth2", "192.168.2.1", ["UP"])]);
  assertEquals(bench.daemon.snapshot().networks[1]?.reason, "no carrier");
});

/** A machine that has something left to say, and remembers when it was asked for it. */
class Telling extends Machine {
  readonly askedAt: number[] = [];

  override farewell(now: number): Effect[] {
    this.askedAt.push(now);
    return [
      { kind: "send", network: "eth1", to: "192.168.1.255", port: 32453, bytes: new Uint8Array(1) },
      { kind: "notice", notice: { kind: "no-network" } },
    ];
  }
}

Deno.test("at its stop a daemon says goodbye and tells what waited for its outcome, once", () => {
  const machine = new Telling(SETTINGS, RANDOM, NOTHING_LEFT, 0, null);
  const bench = new Bench(machine);
  bench.nowMs = 77;
  bench.daemon.stop();
  assertEquals(bench.news(), ["send eth1 192.168.1.255:32453", "log no-network"]);
  bench.daemon.stop();
  assertEquals([bench.news(), machine.askedAt], [[], [77]]);
});

Deno.test("after its stop a daemon performs nothing, whatever comes", async () => {
  const bench = await running();
  bench.nowMs += 1000;
  bench.daemon.take({ kind: "kernel-changed" });
  bench.daemon.stop();
  bench.news();
  const wakeAtMs = bench.wakeAtMs;
  await bench.answer([ETH1]);
  bench.nowMs += 60_000;
  bench.daemon.tick();
  bench.daemon.take({ kind: "kernel-changed" });
  await settle();
  assertEquals(bench.news(), []);
  assertEquals(bench.wakeAtMs, wakeAtMs);
});

Deno.test("what is drained is kept for the next daemon when it changes, and again where that failed", async () => {
  const bench = await running();
  const kept = () => bench.news().filter((entry) => entry.startsWith("drained"));
  assertEquals(bench.daemon.drain("nowhere", true), null);
  assertEquals(kept(), []);
  assertEquals(bench.daemon.drain("eth1", true), { changed: true, problem: null });
  assertEquals(kept(), ["drained eth1"]);
  bench.daemon.drain("eth1", true);
  assertEquals(kept(), [], "that is nothing new");
  bench.keepProblem = "the disk is full";
  assertEquals(bench.daemon.drain("eth1", false)?.problem, "the disk is full");
  bench.keepProblem = null;
  assertEquals(bench.daemon.drain("eth1", false)?.problem, null);
  assertEquals(kept(), ["drained ", "drained "]);
});

Deno.test("a drained network that gets another name by the configuration is kept by that", async () => {
  const bench = await running();
  bench.daemon.drain("eth1", true);
  bench.news();
  const networks = [{ name: "blue", interfaceName: "eth1" }, {
    name: "eth2",
    interfaceName: "eth2",
  }];
  bench.daemon.adapt({ ...SETTINGS, networks });
  await bench.answer([ETH1, ETH2]);
  assert(bench.news().includes("drained blue"));
  assertEquals(bench.daemon.networkNames.toSorted(), ["blue", "eth2"]);
});
