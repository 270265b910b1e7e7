/** What doctor concludes from the networks and paths of a running daemon. No permissions are needed. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Finding } from "../../lib/core/diagnosis.ts";
import { isLonely, judgePaths, judgeSending, judgeUse } from "../../lib/core/diagnosis_paths.ts";
import type { DaemonTold } from "../../lib/core/diagnosis_peers.ts";
import type { PathStatus } from "../../lib/core/overview.ts";
import type { DownCause } from "../../lib/core/types.ts";
import { daemonTold, downPath, networkView, pathStatus, peerView } from "../shells/overviews.ts";

const onB = (number: number, facts = {}) =>
  pathStatus({ network: "B", address: `192.168.2.${number}`, over: "B", ...facts });
const A = networkView();
const B = networkView({ name: "B", interfaceName: "eth1", address: "192.168.2.1" });
const OUR_OWN: DownCause = { kind: "own-network", reason: "no carrier" };

const WELL = daemonTold({ networks: [A, B], peers: [peerView(2, [pathStatus(), onB(2)])] });

function down(cause: DownCause | null, facts: Partial<PathStatus> = {}) {
  return downPath({ cause, changed: { to: "down", cause, agoMs: 12_400 }, ...facts });
}

/** What is not fine, as "level: text"; whatever is wrong comes with a way to look further, and nothing else does. */
function said(findings: readonly Finding[]): string[] {
  for (const { level, text, remedy } of findings) {
    assertEquals(remedy === null, level === "ok", text);
  }
  return findings.filter(({ level }) => level !== "ok").map(({ level, text }) =>
    `${level}: ${text}`
  );
}

Deno.test("Where every path is up, or was up a moment after the start, nothing is wrong", () => {
  assertEquals(judgePaths(WELL), [
    { check: "paths", level: "ok", text: "2 paths to 1 node, none down", remedy: null },
  ]);
  const unheard = [pathStatus({ health: "unknown" }), onB(2, { health: "unknown" })];
  const fresh = { ...WELL, uptimeMs: 3000, peers: [peerView(2, unheard)] };
  assertEquals(said(judgePaths(fresh)), []);
});

Deno.test("A path that is down is a problem, with its node, its address, since when and why", () => {
  const cause = { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 9 } as const;
  const peers = [peerView(2, [down(cause), onB(2)]), peerView(3, [pathStatus(), onB(3)])];
  assertEquals(said(judgePaths({ ...WELL, peers })), [
    "problem: 1 path on A is down: node2 (192.168.1.2) for 12 s, it does not answer",
  ]);
});

Deno.test("A LAN that is dead for all peers is one problem, which names the LAN", () => {
  const cause = { kind: "peer-deaf", lastGoodAgoMs: null } as const;
  const peers = Array.from(
    { length: 7 },
    (_, i) => peerView(i + 2, [down(cause), onB(i + 2)]),
  );
  const [finding, ...others] = judgePaths({ ...WELL, peers });
  assertEquals([finding?.level, others], ["problem", []]);
  assertMatch(finding?.text ?? "", /^All 7 paths on A are down: node2 .*hear us; .* and 2 more$/);
  assertEquals(finding?.remedy, "look after cable, switch and VLAN of A; faild probe A");
});

Deno.test("Where peers say that their own interface is unusable, their hosts are to be looked at, not the LAN", () => {
  const theirs = (number: number) =>
    peerView(number, [down({ kind: "peer-network" }), onB(number)]);
  const [finding, ...others] = judgePaths({ ...WELL, peers: [theirs(2), theirs(3)] });
  assertEquals([finding?.level, others], ["problem", []]);
  assertMatch(finding?.text ?? "", /^All 2 paths .*, it says that its own interface is unusable; /);
  assertEquals(
    finding?.remedy,
    "look after cable and interface of node2, node3, and run faild doctor there; faild probe A",
  );
});

Deno.test("What a peer has drained is told of as planned, and hides no path that is down", () => {
  const drained = peerView(2, [down({ kind: "peer-drained" }, { drainedByPeer: true }), onB(2)]);
  assertEquals(judgePaths({ ...WELL, peers: [drained] }), [{
    check: "paths",
    level: "ok",
    text: "1 path on A is drained at the other end, for maintenance: node2 (192.168.1.2)",
    remedy: null,
  }]);
  const both = [drained, peerView(3, [down(null), onB(3)])];
  assertEquals(said(judgePaths({ ...WELL, peers: both })), [
    "problem: 1 path on A is down: node3 (192.168.1.2) for 12 s, for an unknown reason",
  ]);
});

Deno.test("A peer without any path that works is a problem of its own, but not one that stops", () => {
  const lost = peerView(2, [down(OUR_OWN), { ...down(OUR_OWN), network: "B" }]);
  assertEquals(said(judgePaths({ ...WELL, peers: [lost] })), [
    "problem: node2 cannot be reached over any network in use, so routes stay as they are",
  ]);
  const [stopping] = judgePaths({ ...WELL, peers: [...WELL.peers, { ...lost, stopping: true }] });
  assertEquals(
    [stopping?.level, stopping?.text],
    ["ok", "2 paths to 1 node, none down; 1 node said to stop, and not judged"],
  );
});

Deno.test("A peer that was named and never heard is told of, once there was time to hear it", () => {
  const peers = [peerView(2, [pathStatus(), onB(9, { health: "unknown" })])];
  const [text = "", ...others] = said(judgePaths({ ...WELL, peers }));
  assertMatch(
    text,
    /^warning: 1 path on B is of nodes that were never heard there: node2 \(.*9\)$/,
  );
  assertEquals(others, []);
});

Deno.test("A path that loses too much is a warning", () => {
  const peers = [peerView(2, [pathStatus({ lossy: true, loss: 0.4 }), onB(2)])];
  assertEquals(said(judgePaths({ ...WELL, peers })), [
    "warning: 1 path on A loses too many packets: node2 (192.168.1.2)",
  ]);
});

Deno.test("That nobody else is known is a problem once there was time to hear of somebody", () => {
  const alone = { ...WELL, peers: [] };
  assertEquals(said(judgePaths(alone)), ["problem: No other node is known, 60 s after the start"]);
  const dropping = { ...alone, networks: [networkView({ dropped: 4 })] };
  assertMatch(said(judgePaths(dropping))[0] ?? "", /; 4 packets came that could not be used$/);
  const waiting = said(judgePaths({ ...alone, requestor: false }));
  assertMatch(waiting[0] ?? "", /^problem: .*: this node only answers, and nobody asks it$/);
});

Deno.test("Alone is who asked five times in vain or waited five intervals, on a network that is used", () => {
  const cases: readonly (readonly [boolean, Partial<DaemonTold>])[] = [
    [true, {}],
    [false, { networks: [networkView({ sent: 4 })] }],
    [true, { networks: [networkView({ sent: 4 }), networkView({ sent: 5 })], uptimeMs: 300 }],
    [false, { networks: [networkView({ usable: false })] }],
    [false, { networks: [] }],
    [true, { requestor: false, uptimeMs: 10_000 }],
    [false, { requestor: false, uptimeMs: 9999 }],
    [false, { requestor: false, uptimeMs: 10_000, intervalMs: 3000 }],
    [false, { requestor: false, networks: [networkView({ usable: false })] }],
  ];
  for (const [expected, facts] of cases) {
    assertEquals(isLonely({ ...WELL, ...facts }, 0), expected, JSON.stringify(facts));
    assertEquals(isLonely({ ...WELL, ...facts }, 1), false);
  }
});

Deno.test("Where all only answer nobody asks, which is a problem; one requestor is enough", () => {
  const other = { ...peerView(2, [pathStatus()]), requestor: false };
  const nobody = { ...WELL, requestor: false, peers: [other] };
  assertMatch(said(judgePaths(nobody))[0] ?? "", /^problem: Nobody asks: /);
  assertEquals(said(judgePaths({ ...nobody, requestor: true })), []);
  assertEquals(said(judgePaths({ ...nobody, peers: [other, peerView(3, [])] })), []);
});

Deno.test("A network that is not used is a problem, a drained one a warning with whose traffic stays", () => {
  const gone = networkView({ usable: false, reason: "UDP port 32453 is in use" });
  const none = new Set<string>();
  assertEquals(said(judgeUse({ ...WELL, networks: [gone, B] }, none)), [
    "problem: The daemon does not use network A: UDP port 32453 is in use",
  ]);
  assertEquals(judgeUse({ ...WELL, networks: [gone, B] }, new Set(["A"])), []);
  const drained = networkView({ usable: false, reason: "drained", drained: true });
  const moved = [peerView(2, [down(OUR_OWN), onB(2)])];
  assertEquals(said(judgeUse({ ...WELL, networks: [drained, B], peers: moved }, none)), [
    "warning: Network A is drained: no traffic goes over it until it is undrained",
  ]);
  const stays = [peerView(2, [{ ...down(OUR_OWN), over: "A" }])];
  const bound = { ...WELL, networks: [drained], peers: stays };
  assertEquals(said(judgeUse(bound, none)), [
    "warning: Network A is drained, but traffic of node2 stays on it, as no other path works",
  ]);
  assertEquals(said(judgePaths(bound)), [], "it is no outage");
});

Deno.test("Sends that fail now are a problem, those of the past a warning, and none are neither", () => {
  const of = (sent: number, sendFailures: number) => [networkView({ sent, sendFailures })];
  assertEquals(said(judgeSending(of(80, 19), of(84, 22))), [
    "problem: Packets cannot be sent on A: 3 of the last 4 failed",
  ]);
  assertEquals(said(judgeSending(of(80, 1), of(84, 1))), [
    "warning: 1 packet of 84 could not be sent on A since the start, none of them just now",
  ]);
  assertEquals(judgeSending(of(80, 0), of(84, 0)), []);
  assertEquals(judgeSending([], of(84, 3)), [], "it came just now");
  assert(judgeSending(of(1, 1), [networkView({ usable: false, sendFailures: 2 })]).length === 0);
});
