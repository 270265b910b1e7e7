import { assertEquals, assertMatch } from "@std/assert";
import type { Outcome } from "../../lib/cli/watchdog.ts";
import { NO_STARTS } from "../../lib/start_record.ts";
import { ABSENT, answer, SILENT, Stage } from "./watchdog_stage.ts";

function textOf(outcome: Outcome): string {
  return "text" in outcome ? outcome.text ?? "" : "";
}

Deno.test("a daemon that is well costs one question, and nothing is said", async () => {
  const stage = new Stage();
  stage.pinged = () => answer();
  assertEquals(await stage.run(), { kind: "well" });
  assertEquals([stage.nowMs, stage.starts, stage.killed], [0, 0, []]);
});

Deno.test("a daemon that does not run is started, and waited for until it answers", async () => {
  const stage = new Stage();
  const outcome = await stage.run();
  assertEquals(outcome.kind, "started");
  assertEquals(textOf(outcome), "faild did not run; started as pid 101, up after 300 ms");
  assertEquals([stage.starts, stage.killed], [1, []]);
});

Deno.test("one that stays silent is killed by the pid of its lock, and started again", async () => {
  const stage = new Stage();
  stage.pinged = () => SILENT;
  stage.lock = { kind: "held", pid: 100 };
  const outcome = await stage.run();
  assertMatch(textOf(outcome), /^faild does not answer; pid 100 killed; started as pid 101/);
  assertEquals([outcome.kind, stage.killed], ["started", [100]]);
});

Deno.test("one that was silent once and answers then is left alone", async () => {
  const stage = new Stage();
  stage.pinged = (nowMs) => nowMs < 2000 ? SILENT : answer();
  stage.lock = { kind: "held", pid: 100 };
  assertEquals(await stage.run(), { kind: "well" });
  assertEquals(stage.killed, []);
});

Deno.test("one that is just starting holds its lock before it listens, and is waited for", async () => {
  const stage = new Stage();
  stage.lock = { kind: "held", pid: 100 };
  stage.pinged = (nowMs) => nowMs < 3000 ? ABSENT : answer({ uptimeMs: 1, sockets: false });
  assertEquals(await stage.run(), { kind: "well" });
  assertEquals([stage.starts, stage.killed], [0, []]);
});

Deno.test("one that holds its lock and never listens is killed", async () => {
  const stage = new Stage();
  stage.lock = { kind: "held", pid: 100 };
  const outcome = await stage.run();
  assertMatch(textOf(outcome), /^faild does not listen; pid 100 killed; started/);
});

/** The fault of one that answers, and hangs. */
const HANG = ["its loop has not turned for 16 s", { loopAgoMs: 16_000 }] as const;
/** The faults of one that works at them. */
const WORKING = [
  ["not all of its sockets are open", { sockets: false }],
  ["its routes are not as they should be: ip is gone", { routes: "ip is gone" }],
  ["there is no network to work on", { networks: [] }],
] as const;

Deno.test("one that answers while its loop stands still is killed where it stays so", async () => {
  const stage = new Stage();
  stage.lock = { kind: "held", pid: 100 };
  stage.pinged = () => answer(HANG[1]);
  const outcome = await stage.run();
  assertMatch(textOf(outcome), /^faild is not well: its loop has not turned for 16 s; pid 100 kil/);
  assertEquals([outcome.kind, stage.killed], ["started", [100]]);
});

Deno.test("a fault at which it works is told once, and so are another one and the end of it", async () => {
  const stage = new Stage();
  stage.lock = { kind: "held", pid: 100 };
  const told: string[] = [];
  const [sockets, routes] = WORKING.map(([, change]) => change);
  for (const change of [sockets, sockets, routes, routes, {}, {}, routes]) {
    stage.pinged = () => answer(change);
    const outcome = await stage.run();
    const isSilent = outcome.kind === "well" || outcome.kind === "failed" && outcome.isTold;
    told.push(isSilent ? `(${outcome.kind})` : textOf(outcome).split(";")[0]!);
  }
  assertEquals(told, [
    "faild is not well: not all of its sockets are open",
    "(failed)",
    "faild is not well: its routes are not as they should be: ip is gone",
    "(failed)",
    "faild is well again",
    "(well)",
    "faild is not well: its routes are not as they should be: ip is gone",
  ]);
  assertEquals([stage.killed, stage.starts], [[], 0]);
});

Deno.test("on a full disk the end of a fault is told once there is room for it", async () => {
  const stage = new Stage();
  stage.record = { ...NO_STARTS, toldFault: "faild is not well" };
  stage.pinged = () => answer();
  stage.isDiskFull = true;
  assertEquals(await stage.run(), { kind: "well" });
  stage.isDiskFull = false;
  assertEquals((await stage.run()).kind, "recovered");
});

Deno.test("one that works at a fault, and is silent once meanwhile, is not killed", async () => {
  const stage = new Stage();
  stage.lock = { kind: "held", pid: 100 };
  let asked = 0;
  stage.pinged = () => asked++ === 1 ? SILENT : answer({ sockets: false });
  assertEquals([(await stage.run()).kind, stage.killed], ["failed", []]);
});

Deno.test("one that hangs after it was told of is killed, and the end of the fault is told all the same", async () => {
  const stage = new Stage();
  stage.lock = { kind: "held", pid: 100 };
  stage.pinged = () => answer({ sockets: false });
  assertEquals((await stage.run()).kind, "failed");
  stage.pinged = () => SILENT;
  assertEquals([(await stage.run()).kind, stage.killed], ["started", [100]]);
  assertEquals((await stage.run()).kind, "recovered");
  assertEquals((await stage.run()).kind, "well");
});

for (const [fault, change] of WORKING) {
  Deno.test(`one that answers is left alone where it stays so, and told of: ${fault}`, async () => {
    const stage = new Stage();
    stage.lock = { kind: "held", pid: 100 };
    stage.pinged = () => answer(change);
    assertEquals(await stage.run(), {
      kind: "failed",
      text: `faild is not well: ${fault}; it works at that, and is left alone`,
      isTold: false,
    });
    assertEquals([stage.killed, stage.starts], [[], 0]);
  });
}

for (const [fault, change] of [HANG, ...WORKING]) {
  Deno.test(`one for which that passes is left alone: ${fault}`, async () => {
    const stage = new Stage();
    stage.lock = { kind: "held", pid: 100 };
    stage.pinged = (nowMs) => answer(nowMs < 4000 ? change : {});
    assertEquals(await stage.run(), { kind: "well" });
    assertEquals(stage.killed, []);
  });
}

Deno.test("a pid that is another program's by now is not killed", async () => {
  const stage = new Stage();
  stage.pinged = () => SILENT;
  stage.lock = { kind: "held", pid: 77 };
  stage.programs.set(77, "sshd");
  const outcome = await stage.run();
  assertEquals(outcome, {
    kind: "failed",
    text: "faild does not answer; it is not killed: pid 77 is sshd",
    isTold: false,
  });
  assertEquals([stage.killed, stage.starts], [[], 0]);
});

Deno.test("a pid that is nobody's by now is not killed, and what holds the lock is waited for", async () => {
  const stage = new Stage();
  stage.pinged = () => SILENT;
  stage.lock = { kind: "held", pid: 78 };
  assertEquals(await stage.run(), {
    kind: "failed",
    text:
      "faild does not answer; it is not killed: pid 78 is gone, and somebody else holds its lock",
    isTold: false,
  });
  const dying = new Stage();
  dying.pinged = () => SILENT;
  dying.lock = { kind: "held", pid: 78 };
  dying.programOf = () => {
    dying.die();
    return Promise.resolve(null);
  };
  assertMatch(textOf(await dying.run()), /^faild does not answer; started as pid 101/);
  assertEquals([stage.killed, stage.starts, dying.killed], [[], 0, []]);
});

Deno.test("a daemon that was told another run directory is left alone, and none is started beside it", async () => {
  const stage = new Stage();
  stage.holders = [{ pid: 100, program: "faild" }];
  stage.words.set(100, ["-r", "--run-dir=/run/other"]);
  assertEquals(await stage.run(), {
    kind: "failed",
    text: "faild did not run; it is not started: pid 100, a faild with run directory /run/other, " +
      "has its port",
    isTold: false,
  });
  assertEquals([stage.killed, stage.starts], [[], 0]);
  stage.words.set(100, ["-r", "--run-dir=/run/faild"]);
  assertMatch(textOf(await stage.run()), /^faild has lost its run directory; pid 100 killed/);
});

Deno.test("a daemon whose run directory another configuration or its environment names is left alone", async () => {
  const stage = new Stage();
  stage.holders = [{ pid: 100, program: "faild" }];
  stage.words.set(100, ["-c", "/etc/second.yaml"]);
  assertMatch(
    textOf(await stage.run()),
    /pid 100, a faild with configuration \/etc\/second.yaml, has/,
  );
  stage.words.set(100, ["-r"]);
  stage.runDirVariables.set(100, "/run/second");
  assertMatch(textOf(await stage.run()), /pid 100, a faild with run directory \/run\/second, has/);
  assertEquals([stage.killed, stage.starts], [[], 0]);
  // The same ones are ours.
  stage.runDirVariables.set(100, "/run/faild");
  stage.words.set(100, ["-c", "/etc/second.yaml"]);
  assertMatch(textOf(await stage.run()), /^faild has lost its run directory; pid 100 killed/);
  const same = new Stage();
  same.holders = [{ pid: 100, program: "faild" }];
  same.words.set(100, ["-c", "/etc/faild.yaml", "-r"]);
  assertMatch(textOf(await same.run()), /^faild has lost its run directory; pid 100 killed/);
  // Ours would have been told its own by a flag, or by the environment.
  const flagged = new Stage();
  flagged.configFile = null;
  flagged.holders = [{ pid: 100, program: "faild" }];
  const text = textOf(await flagged.run());
  assertMatch(text, /pid 100, a faild with configuration \/etc\/faild.yaml, has its port$/);
  assertEquals(flagged.killed, []);
});

Deno.test("where the lock names no pid, the one that has the port is it", async () => {
  const stage = new Stage();
  stage.pinged = () => SILENT;
  stage.lock = { kind: "held", pid: null };
  stage.holders = [{ pid: 50, program: "dnsmasq" }, { pid: 100, program: "faild" }];
  assertMatch(textOf(await stage.run()), /pid 100 killed/);
  const nobody = new Stage();
  nobody.pinged = () => SILENT;
  nobody.lock = { kind: "held", pid: null };
  assertMatch(textOf(await nobody.run()), /its pid is not known/);
  assertEquals(nobody.starts, 0);
});

Deno.test("a daemon whose run directory was removed is found by its port, and replaced", async () => {
  const stage = new Stage();
  stage.holders = [{ pid: 100, program: "faild" }];
  const outcome = await stage.run();
  assertMatch(textOf(outcome), /^faild has lost its run directory; pid 100 killed; started/);
});

Deno.test("a probe has the port too, and is not taken for a daemon", async () => {
  const stage = new Stage();
  stage.holders = [{ pid: 60, program: "faild" }];
  stage.words.set(60, ["probe", "-n", "100"]);
  assertMatch(textOf(await stage.run()), /^faild did not run; started/);
  assertEquals(stage.killed, []);
});

Deno.test("a cleanup that takes long has the lock, and is not killed", async () => {
  const stage = new Stage();
  stage.lock = { kind: "held", pid: 100 };
  stage.words.set(100, ["cleanup", "--run-dir", "/run/faild"]);
  assertEquals(await stage.run(), {
    kind: "failed",
    text: "faild does not listen; its lock is held by faild cleanup, pid 100",
    isTold: false,
  });
  assertEquals(stage.killed, []);
  stage.words.set(100, ["-c", "cleanup", "-r"]);
  assertMatch(textOf(await stage.run()), /pid 100 killed; started/);
});

Deno.test("a program that lives on, or cannot be killed, is told of, and nothing is started", async () => {
  const stage = new Stage();
  stage.pinged = () => SILENT;
  stage.lock = { kind: "held", pid: 100 };
  stage.diesOfKill = false;
  assertMatch(textOf(await stage.run()), /pid 100 was killed 3\S* s ago, and lives$/);
  stage.killRefused = "Operation not permitted";
  assertMatch(textOf(await stage.run()), /pid 100 cannot be killed: Operation not permitted$/);
  assertEquals(stage.starts, 0);
});

Deno.test("a start that fails is told with its reason", async () => {
  const stage = new Stage();
  stage.endsWith = "with exit status 4: faild: Cannot change routes";
  const ended = await stage.run();
  assertEquals(ended, {
    kind: "failed",
    text: "faild did not run; started as pid 101, but it ended with exit status 4: " +
      "Cannot change routes",
    isTold: false,
  });
  stage.startRefused = "Cannot run /opt/faild: No such file or directory";
  assertMatch(textOf(await stage.run()), /^faild did not run; Cannot run/);
});

Deno.test("a start that does not answer in time is a failure", async () => {
  const stage = new Stage();
  stage.answersAfterMs = 60_000;
  assertMatch(textOf(await stage.run()), /started as pid 101, but it does not answer within 10/);
});

Deno.test("a start that ends because another one was quicker is as good", async () => {
  const stage = new Stage();
  const start = stage.start;
  stage.start = () => {
    start();
    return { pid: 102, ended: Promise.resolve("with exit status 1: its lock is held") };
  };
  stage.answersAfterMs = 0;
  assertMatch(textOf(await stage.run()), /started as pid 101, up after/);
});

Deno.test("after five deaths within ten minutes there is a rest of five, told once", async () => {
  const stage = new Stage();
  const kinds: string[] = [];
  for (let minute = 0; minute < 10; minute++) {
    stage.nowMs = minute * 60_000;
    stage.die();
    const outcome = await stage.run();
    kinds.push(outcome.kind === "failed" && outcome.isTold ? "silent" : outcome.kind);
    if (kinds.at(-1) === "failed") {
      assertEquals(
        textOf(outcome),
        "faild did not run, though it was started 5 times within 10 min; it is left alone for " +
          "4 min (--now starts it at once)",
      );
    }
  }
  const rest = ["failed", "silent", "silent", "silent"];
  assertEquals(kinds, [...Array(5).fill("started"), ...rest, "started"]);
  // The daemon that is started then is told why it was away for so long.
  assertEquals(stage.notes, [{ killed: null, startsBeforeRest: 5 }]);
});

Deno.test("a start after a stop does not count, one that is in vain does", async () => {
  const stage = new Stage();
  for (let minute = 0; minute < 9; minute++) {
    stage.nowMs = minute * 60_000;
    stage.end();
    assertEquals((await stage.run()).kind, "started");
    assertEquals(stage.record, NO_STARTS);
  }
  stage.endsWith = "with exit status 1";
  const kinds: string[] = [];
  for (let minute = 9; minute < 15; minute++) {
    stage.nowMs = minute * 60_000;
    stage.end();
    kinds.push((await stage.run()).kind);
  }
  assertEquals([kinds, stage.starts], [Array(6).fill("failed"), 14]);
  assertEquals(stage.record.startedAt.length, 5);
});

Deno.test("a daemon is told whom it replaces, and what was wrong, but not where nobody was killed", async () => {
  const stage = new Stage();
  stage.die();
  await stage.run();
  assertEquals(stage.notes, []);
  stage.pinged = () => SILENT;
  stage.lock = { kind: "held", pid: 100 };
  await stage.run();
  const killed = { pid: 100, fault: "faild does not answer" };
  assertEquals(stage.notes, [{ killed, startsBeforeRest: 0 }]);
});

Deno.test("one that hangs is not killed during the rest", async () => {
  const stage = new Stage();
  stage.record = {
    startedAt: [1, 2, 3, 4, 5].map((each) => stage.wallMs - each),
    isRestTold: false,
    toldFault: null,
  };
  stage.pinged = () => SILENT;
  stage.lock = { kind: "held", pid: 100 };
  assertEquals((await stage.run()).kind, "failed");
  assertEquals([stage.killed, stage.starts], [[], 0]);
});

Deno.test("one that turns us away is alive, and is told of", async () => {
  const stage = new Stage();
  stage.pinged = () => ({ kind: "refused", reason: "Cannot be served: 16 others are" });
  assertEquals(await stage.run(), {
    kind: "failed",
    text: "faild lets nobody ask how it is: Cannot be served: 16 others are; it works at that, " +
      "and is left alone",
    isTold: false,
  });
  assertEquals(stage.killed, []);
});

Deno.test("who may not ask does nothing", async () => {
  const stage = new Stage();
  stage.pinged = () => ({ kind: "forbidden", reason: "Permission denied" });
  assertEquals(await stage.run(), { kind: "forbidden", text: "Permission denied" });
  assertEquals(stage.starts, 0);
});
