import { assertEquals, assertMatch } from "@std/assert";
import { verdictOf, verdictText } from "../../lib/cli/health.ts";
import type { Status } from "../../lib/control_protocol.ts";
import { networkView, statusOf } from "../shells/overviews.ts";

const NONE = { up: 0, down: 0, unknown: 0, held: 0, lossy: 0, drainedByPeer: 0 };
const ALONE = { known: 0, unreachable: 0, stopping: 0, unasked: 0 };
const LOST = { known: 1, unreachable: 1, stopping: 0, unasked: 0 };

/** The network A, and B as well, with these paths. */
function lans(a: Partial<Status["networks"][number]>, b: Partial<Status["networks"][number]> = {}) {
  return [networkView(a), networkView({ name: "B", interfaceName: "eth1", ...b })];
}
const drained = (down: number) =>
  ({ usable: false, reason: "drained", drained: true, paths: { ...NONE, down } }) as const;

function said(facts: Partial<Status>): string {
  const { health, reasons } = verdictOf(statusOf(facts));
  return `${health}: ${reasons.join("; ")}`;
}

Deno.test("Nobody else is a warning, once there was time to hear of somebody", () => {
  const empty = { peers: ALONE, networks: [networkView({ paths: NONE, sent: 60 })] };
  assertEquals(said(empty), "WARNING: no other node is known, 1 min 2 s after the start");
  assertEquals(said({ ...empty, requestor: false }), said(empty));
  const fresh = { peers: ALONE, uptimeMs: 900, networks: [networkView({ paths: NONE, sent: 1 })] };
  for (const requestor of [true, false]) {
    assertEquals(said({ ...fresh, requestor }), "OK: 0 peers, 0 paths up, routes are as wanted");
  }
  const unplugged = { usable: false, works: false, reason: "no carrier", paths: NONE, sent: 60 };
  assertEquals(
    said({ peers: ALONE, networks: [networkView(unplugged)] }),
    "CRITICAL: there is no network to work on; A is not used, no carrier",
    "who has no network cannot hear anybody",
  );
});

Deno.test("Peers that nobody inquires any more are a warning: nothing of theirs is found out", () => {
  const paths = { ...NONE, unknown: 2 };
  const peers = { known: 2, unreachable: 0, stopping: 0, unasked: 2 };
  assertEquals(
    said({ peers, networks: lans({ paths }, { paths }) }),
    "WARNING: nobody inquires 2 peers: no failure of theirs is found",
  );
});

Deno.test("A peer that was named is waited for after the start, and then it is out of reach", () => {
  const networks = lans({ paths: { ...NONE, unknown: 1 } }, { paths: { ...NONE, unknown: 1 } });
  assertEquals(said({ networks, peers: LOST, uptimeMs: 2000 }), "WARNING: 1 peer not heard yet");
  assertEquals(said({ networks, peers: LOST }), "CRITICAL: 1 peer unreachable");
  const down = lans({ paths: { ...NONE, down: 1 } });
  assertMatch(said({ networks: down, peers: LOST, uptimeMs: 2000 }), /^CRITICAL: 1 peer unreach/);
});

Deno.test("A drain alone is a warning, also where traffic stays on the network for want of another", () => {
  assertEquals(said({ networks: lans(drained(1)) }), "WARNING: A is not used, drained");
  assertEquals(
    said({ networks: lans(drained(1), { paths: NONE }), peers: LOST }),
    "WARNING: traffic of 1 peer stays on drained A: no other path works; A is not used, drained",
  );
  assertEquals(
    said({ networks: lans(drained(1), drained(1)), peers: LOST }),
    "WARNING: traffic of 1 peer stays on drained A, B: no other path works; " +
      "A is not used, drained; B is not used, drained",
  );
});

Deno.test("What a peer has drained is planned, and what else is down there is not", () => {
  const peers = { known: 2, unreachable: 0, stopping: 0, unasked: 0 };
  const [one, two] = [{ up: 1, down: 1 }, { up: 0, down: 2 }];
  assertEquals(
    said({ peers, networks: lans({ paths: { ...NONE, ...one, drainedByPeer: 1 } }) }),
    "OK: 2 peers, 2 paths up, 1 drained by the peer, routes are as wanted",
  );
  assertEquals(
    said({ peers, networks: lans({ paths: { ...NONE, ...two, drainedByPeer: 1 } }) }),
    "WARNING: 1 path down",
  );
});

Deno.test("A peer that drained one network and is dead on the other is out of reach", () => {
  const drainedThere = { paths: { ...NONE, down: 1, drainedByPeer: 1 } };
  assertEquals(
    said({ networks: lans(drainedThere, { paths: { ...NONE, down: 1 } }), peers: LOST }),
    "CRITICAL: 1 peer unreachable; 1 path down",
  );
  assertEquals(
    said({ networks: lans(drainedThere, drainedThere), peers: LOST }),
    "CRITICAL: 1 peer unreachable",
  );
});

Deno.test("With one network drained, the death of the other one is an outage", () => {
  const networks = lans(drained(1), { paths: { ...NONE, down: 1 } });
  assertEquals(
    said({ networks, peers: LOST }),
    "CRITICAL: 1 peer unreachable; A is not used, drained; 1 path down",
  );
  const unplugged = lans(drained(1), {
    usable: false,
    reason: "no carrier",
    paths: { ...NONE, down: 1 },
  });
  assertMatch(said({ networks: unplugged, peers: LOST }), /^CRITICAL: 1 peer unreachable; /);
  const pulled = lans({ ...drained(1), works: false }, drained(1));
  assertMatch(said({ networks: pulled, peers: LOST }), /^CRITICAL: 1 peer unreachable; /);
});

Deno.test("The line keeps its figures, whatever is told of them", () => {
  const text = verdictText(verdictOf(statusOf({ networks: lans(drained(1)) })));
  assertMatch(text, / \| peers=1 unreachable=0 up=1 down=1 lossy=0 held=0\n$/);
});

Deno.test("Without any network nothing is well, however long it runs", () => {
  for (const uptimeMs of [1000, 100_000]) {
    const text = said({ networks: [], peers: ALONE, uptimeMs });
    assertMatch(text, /^CRITICAL: there is no network to work on/);
  }
});
