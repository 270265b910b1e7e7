/** `faild probe` on real hosts: it finds who is there, and nobody takes notice of it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { schemaFaults } from "../fakes/json_schema.ts";
import { attempt, type Outcome } from "./command.ts";
import { Daemon, FAILD, runDirectoryOf } from "./daemon.ts";
import { startGroup, waitForPair } from "./group.ts";
import { type HostName, Lab } from "./lab.ts";
import { event, pathDown } from "./log_events.ts";
import { delay, waitFor } from "./wait.ts";

const SCHEMA = JSON.parse(
  await Deno.readTextFile(new URL("../../docs/schema/probe.json", import.meta.url)),
);
const KEY = `1 ${"0a1b2c3d".repeat(8)}\n`;

function probe(lab: Lab, host: HostName, ...args: string[]): Promise<Outcome> {
  return attempt(lab.onHost(host, [FAILD, "probe", ...args]));
}

/** What it found, as "node network answered/asked". */
async function found(lab: Lab, host: HostName, ...args: string[]) {
  const { code, stdout, stderr } = await probe(lab, host, "--json", ...args);
  assert(stdout !== "", stderr);
  const document = JSON.parse(stdout);
  assertEquals(schemaFaults(document, SCHEMA), []);
  const paths: string[] = document.nodes.flatMap((
    node: { name: string; paths: { network: string; answered: number; asked: number }[] },
  ) => node.paths.map((path) => `${node.name} ${path.network} ${path.answered}/${path.asked}`));
  return { code, paths, samePort: document.samePort as boolean };
}

/** Daemons on h2 and h3 that know each other on both LANs. */
async function startTwo(lab: Lab): Promise<readonly [Daemon, Daemon]> {
  const daemons = [
    await Daemon.start(lab, "h2", { requestor: false, failAfter: 6 }),
    await Daemon.start(lab, "h3", { failAfter: 6 }),
  ] as const;
  for (const lan of lab.cabling.lans) {
    await daemons[0].log.wait(event("node-found", { node: "h3", network: lan }));
    await daemons[1].log.wait(event("node-found", { node: "h2", network: lan }));
  }
  return daemons;
}

/** Asserts that no log has anything of this host, nor of trouble with addresses or packets. */
function assertUnnoticed(
  daemons: readonly Daemon[],
  host: HostName,
  from: readonly number[],
): void {
  for (const [i, { log }] of daemons.entries()) {
    for (const name of ["node-found", "node-restarted", "address-conflict", "dropped"]) {
      assertEquals(
        log.matching(event(name, name === "dropped" ? {} : { node: host }), from[i]),
        [],
      );
    }
  }
}

Deno.test("from a host without a daemon all are found on all LANs, and a cut cable is told of", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const daemons = await startTwo(lab);
  const places = daemons.map(({ log }) => log.count);
  assertEquals(await found(lab, "h1"), {
    code: 0,
    paths: ["h2 ethA 4/4", "h2 ethB 4/4", "h3 ethA 4/4", "h3 ethB 4/4"],
    samePort: true,
  });
  assertUnnoticed(daemons, "h1", places);
  await lab.cutHost("h3", "B");
  await daemons[0].log.wait(pathDown("h3", "B"));
  const { code, stdout } = await probe(lab, "h1", "-n", "2", "-t", "0.2");
  assertEquals(code, 1);
  assertMatch(stdout, /^ethB {2}192\.168\.2\.3 {6}h3 {2}round 1 {2}no answer$/m);
  assertMatch(stdout, /^h3 {4}ethB {5}192\.168\.2\.3 {2}0 of 2 {3}100 % {2}-$/m);
  assert(stdout.includes("\nMissing:\n  h3 on ethB (192.168.2.3): no answer\n"), stdout);
  assertEquals((await found(lab, "h1", "-n", "1", "h2")).code, 0);
  assertEquals((await found(lab, "h1", "-n", "1", "h3")).code, 1);
  assertEquals((await found(lab, "h1", "-n", "1", "ethA")).code, 0);
  await lab.cut("A");
  await lab.cut("B");
  assertEquals((await found(lab, "h1", "-n", "1")).code, 3);
});

Deno.test("beside a daemon another port is used, and the probe is not taken for the daemon's restart", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const daemons = await startTwo(lab);
  const places = daemons.map(({ log }) => log.count);
  assertEquals(await found(lab, "h3", "-n", "3"), {
    code: 0,
    paths: ["h2 ethA 3/3", "h2 ethB 3/3"],
    samePort: false,
  });
  await delay(300);
  assertUnnoticed(daemons, "h3", places);
  for (const [i, { log }] of daemons.entries()) {
    assertEquals(log.matching(event("path-down"), places[i]), []);
  }
});

Deno.test("beside a daemon, what is dead one way is missing although answers come", async () => {
  await using lab = await Lab.create({ hosts: 2 });
  const [, h2] = await startGroup(lab) as [Daemon, Daemon];
  await lab.mute("h1", "A");
  await h2.log.wait(pathDown("h1", "A"));
  await waitForPair(lab, "B");
  const argv = [FAILD, "probe", "-n", "2", "-t", "0.2"];
  const asked = (...env: string[]) => attempt(lab.onHost("h2", ["env", ...env, ...argv]));
  const told = await asked(`FAILD_RUN_DIR=${runDirectoryOf(lab, "h2")}`);
  assertEquals(told.code, 1, told.stdout);
  assert(told.stdout.includes("h1 on ethA (192.168.1.1): down, says the daemon of this host"));
  assert(!told.stdout.includes("Note"), told.stdout);
  // Who may not ask the daemon is told what answers do not prove.
  const untold = await asked(`FAILD_RUN_DIR=${lab.directory}/nowhere`);
  assertMatch(untold.stdout, /^Note: another program has UDP port 32453 here/m);
});

Deno.test("beside a daemon, whom that knows is missing where no answer comes on any LAN", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const [, h3] = await startTwo(lab);
  const h1 = await Daemon.start(lab, "h1");
  for (const lan of lab.cabling.lans) {
    await h1.log.wait(event("node-found", { node: "h3", network: lan }));
    await lab.cutHost("h2", lan);
    await h3.log.wait(pathDown("h2", lan));
  }
  const place = ["-n", "1", "--run-dir", runDirectoryOf(lab, "h3")];
  assertEquals(await found(lab, "h3", ...place), {
    code: 1,
    paths: ["h1 ethA 1/1", "h1 ethB 1/1", "h2 ethA 0/1", "h2 ethB 0/1"],
    samePort: false,
  });
  assertEquals((await found(lab, "h3", ...place, "h2")).code, 1);
  const { stdout } = await probe(lab, "h3", ...place, "h2");
  assertMatch(
    stdout,
    /^ {2}h2 on ethA \(192\.168\.1\.2\): no answer: it cannot be reached, or takes/m,
  );
});

Deno.test("an ordinary user may probe, with the configuration or without", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  await startTwo(lab);
  const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const argv = lab.onHost("h1", [...nobody, FAILD, "probe", "-n", "1"]);
  const { code, stdout, stderr } = await attempt(argv);
  assertEquals(code, 0, stderr);
  assert(stdout.endsWith("2 nodes answered on 2 networks, nobody is missing\n"), stdout);
});

Deno.test("nodes that enforce signatures answer who has their key, and nobody else", async () => {
  await using lab = await Lab.create({ hosts: 2 });
  const keys = `${lab.directory}/keys`;
  await Deno.writeTextFile(keys, KEY, { mode: 0o600 });
  const extra = `auth: {mode: enforce, key-file: ${keys}}\n`;
  const daemon = await Daemon.start(lab, "h2", { extra });
  await daemon.log.wait(event("network-ready", { network: "B" }));
  assertEquals((await found(lab, "h1", "-n", "2", "-t", "0.2")).code, 3);
  const config = `${lab.directory}/h1.yaml`;
  await Deno.writeTextFile(config, extra);
  const { code, paths } = await found(lab, "h1", "-n", "2", "-t", "0.2", "-c", config);
  assertEquals([code, paths], [0, ["h2 ethA 2/2", "h2 ethB 2/2"]]);
});

Deno.test("an interrupt ends it with the summary of what came so far", async () => {
  await using lab = await Lab.create({ hosts: 2 });
  const daemon = await Daemon.start(lab, "h2");
  await daemon.log.wait(event("network-ready", { network: "B" }));
  const [program = "", ...args] = lab.onHost("h1", [FAILD, "probe", "-n", "1000", "-t", "0.1"]);
  const child = new Deno.Command(program, { args, stdout: "piped", stderr: "piped" }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) text += piece;
  })();
  await waitFor("the third round", () => Promise.resolve(text.includes("round 3") ? true : null));
  child.kill("SIGINT");
  const { code } = await child.status;
  await reading;
  await child.stderr.cancel();
  assertEquals(code, 0);
  assertMatch(text, /^h2 {4}ethA {5}192\.168\.1\.2 {2}\d+ of \d+ /m);
  assert(text.endsWith("1 node answered on 2 networks, nobody is missing\n"), text);
});
