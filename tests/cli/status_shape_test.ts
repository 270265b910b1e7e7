import { assertEquals, assertMatch } from "@std/assert";
import { parsePeers, parseStatus } from "../../lib/cli/status_shape.ts";
import { downPath, networkView, pathStatus, peerView, statusOf } from "../shells/overviews.ts";
import { FakeHost } from "./fake_host.ts";

const SOCKET = "/run/faild/control.sock";
const FOREIGN = "the daemon is another version (0.0.9): restart it";

/** A machine whose daemon says these lines, whatever it is asked. */
function hostSaying(...lines: readonly object[]): FakeHost {
  const host = new FakeHost();
  const listener = host.controls.listen(SOCKET, null);
  if (listener.kind !== "open") throw new Error(listener.reason);
  void (async () => {
    const connection = await listener.listener.accept();
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await connection?.write(new TextEncoder().encode(text));
    connection?.close();
  })();
  return host;
}

/** Whatever a record says, but for some of its parts. */
function without(record: object, ...keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

Deno.test("the answer of another version is a sentence and a code, never a fault", async () => {
  const answers = [
    [{ ok: true, version: "0.0.9", end: true }],
    [{ ...statusOf(), version: "0.0.9", networks: [{}], end: true }],
    [{ ...statusOf(), version: "0.0.9" }, { peers: [{ node: "x" }] }, { end: true }],
  ] as const;
  for (const lines of answers) {
    for (const command of [["status"], ["status", "--watch"], ["status", "--json"], ["metrics"]]) {
      assertEquals(await hostSaying(...lines).faild(...command), {
        exit: 1,
        out: "",
        error: `faild: ${FOREIGN}\n`,
      });
    }
    assertEquals(await hostSaying(...lines).faild("health"), {
      exit: 3,
      out: `UNKNOWN: ${FOREIGN}\n`,
      error: "",
    });
  }
  const nameless = await hostSaying({ end: true }).faild("health");
  assertEquals(nameless.out, "UNKNOWN: the daemon is another version: restart it\n");
  for (const command of [["drain", "A"], ["undrain", "A"], ["failback"], ["reload"]]) {
    const { exit, error } = await hostSaying({ ok: false, end: true }).faild(...command);
    assertEquals(exit, command[0] === "reload" ? 6 : 1);
    assertMatch(error, /^faild: [^\n]+\n$/);
  }
});

Deno.test("an overview without what was added later is no alarm", async () => {
  const paths = { up: 0, down: 1, unknown: 0 };
  const { works: _, ...network } = networkView({ usable: false, drained: true, reason: "drained" });
  const status = {
    ...without(statusOf(), "sockets", "degraded", "adoptedRoutes", "lastEventAgoMs", "lines"),
    networks: [{ ...network, paths }],
    peers: { known: 1, unreachable: 1 },
  };
  const { exit, out } = await hostSaying({ ...status, end: true }).faild("health");
  assertEquals(exit, 1);
  assertMatch(out, /^WARNING: traffic of 1 peer stays on drained A: no other path works/);
  const kept = [peerView(2, [downPath(), pathStatus()]), peerView(3, [])];
  assertEquals(parsePeers(kept), kept);
  assertEquals(parseStatus(statusOf()), statusOf());
});

Deno.test("a state with any part of another kind is none, and none of them ends the program", () => {
  const wrong = [undefined, "x", [], {}, [{}], 1e999];
  const state = statusOf();
  for (const key of Object.keys(without(state, "routes", "counters"))) {
    const taken = wrong.filter((value) => parseStatus({ ...state, [key]: value }) !== null);
    // A text may be any, and there may be no network at all, and no line that anybody keeps.
    const isText = ["version", "node", "degraded"].includes(key);
    assertEquals(taken, isText ? ["x"] : ["networks", "lines"].includes(key) ? [[]] : [], key);
  }
  const [peer] = [peerView(2, [downPath()])];
  for (const key of ["number", "node", "requestor", "intervalMs", "paths"]) {
    assertEquals(parsePeers([without(peer, key)]), null, key);
  }
  for (const key of ["network", "address", "health", "misses", "good", "roundTripMs"]) {
    assertEquals(parsePeers([{ ...peer, paths: [without(downPath(), key)] }]), null, key);
  }
  for (const cause of [{}, 7, { kind: "own-network" }]) {
    assertEquals(parsePeers([{ ...peer, paths: [{ ...downPath(), cause }] }]), null);
  }
  assertEquals(parsePeers("none"), null);
});
