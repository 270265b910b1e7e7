/** What doctor concludes from the way that the kernel takes to a network. No permissions are needed. */
import { assert, assertEquals } from "@std/assert";
import { judgeWay, neighbourOn, type Way } from "../../lib/core/diagnosis_lan.ts";
import { downPath, pathStatus, peerView } from "../shells/overviews.ts";
import { networkOf } from "./builders.ts";

const ROUTING = { table: 245, rulePriority: 3245, protocol: 245 };
const A = { ...networkOf("A"), interfaceName: "eth0", address: "192.168.1.1", prefixLength: 24 };
const MENDED = "ip route replace 192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.1";

const shown = (route: object): Way => ({ kind: "shown", text: JSON.stringify([route]) });
const CONNECTED = { dst: "192.168.1.0/24", dev: "eth0", protocol: "2", scope: "253", flags: [] };
const MOVED = { dst: "192.168.1.2", gateway: "192.168.2.2", dev: "eth1", protocol: "245" };
const THROUGH_A_GATEWAY = { gateway: "192.168.2.9", dev: "eth1", flags: [] };

const WAYS: readonly (readonly [string, Way, string, string | null])[] = [
  ["by the interface of the network", shown(CONNECTED), "none", null],
  ["by a part of its subnet", shown({ ...CONNECTED, dst: "192.168.1.0/28" }), "none", null],
  ["by our own table", shown({ ...MOVED, table: "245" }), "none", null],
  ["to this machine", shown({ type: "local", dst: "192.168.1.2", dev: "lo" }), "none", null],
  ["nowhere", { kind: "none", reason: "Network is unreachable" }, "problem", MENDED],
  ["by the default route", shown({ dst: "default", ...THROUGH_A_GATEWAY }), "problem", MENDED],
  [
    "by a router on the network",
    shown({ dst: "default", gateway: "192.168.1.254", dev: "eth0" }),
    "problem",
    MENDED,
  ],
  ["by a larger subnet", shown({ dst: "192.168.0.0/16", dev: "tun0" }), "problem", MENDED],
  [
    "by a route of somebody else with our number, in another table",
    shown({ ...MOVED, table: "9" }),
    "problem",
    "ip route show to match 192.168.1.2",
  ],
  [
    "by a more exact route",
    shown({ dst: "192.168.1.0/25", ...THROUGH_A_GATEWAY }),
    "problem",
    "ip route show to match 192.168.1.2",
  ],
  ["unheard of", { kind: "unknown", reason: "there is no ip" }, "unknown", null],
  ["in words that make no sense", { kind: "shown", text: "[]x" }, "unknown", null],
  ["not at all", { kind: "shown", text: "[]" }, "unknown", null],
];

for (const [title, way, level, remedy] of WAYS) {
  Deno.test(`The way to a network is judged: ${title}`, () => {
    const finding = judgeWay(A, "192.168.1.2", way, ROUTING);
    assertEquals([finding?.level ?? "none", finding?.remedy ?? null], [level, remedy]);
  });
}

Deno.test("A way that is wrong is told with the route that is taken", () => {
  const text = (way: Way) => judgeWay(A, "192.168.1.2", way, ROUTING)?.text;
  assertEquals(
    text({ kind: "none", reason: "Network is unreachable" }),
    "The kernel has no route to 192.168.1.0/24 of network A (192.168.1.2: Network is " +
      "unreachable): only probes get there",
  );
  assertEquals(
    text(shown({ dst: "default", ...THROUGH_A_GATEWAY })),
    "Traffic for 192.168.1.2 on network A leaves by the route default via 192.168.2.9 dev eth1, " +
      "not by eth0",
  );
});

Deno.test("Asked for is a peer whose traffic we did not move, on the LAN itself", () => {
  const peers = [
    peerView(2, [downPath({ address: "192.168.1.2" })]),
    peerView(3, [pathStatus({ network: "B", address: "192.168.1.3" })]),
    peerView(4, [pathStatus({ address: "10.0.0.4" })]),
    peerView(5, [pathStatus({ address: "192.168.1.5" })]),
  ];
  assertEquals(neighbourOn(A, peers), "192.168.1.5");
});

Deno.test("Where no peer is known any address will do that a neighbour can have", () => {
  const of = (address: string, prefixLength: number) =>
    neighbourOn({ ...A, address, prefixLength }, []);
  assertEquals(of("192.168.1.1", 24), "192.168.1.2");
  assertEquals(of("192.168.1.9", 24), "192.168.1.1");
  assertEquals(of("192.168.1.6", 30), "192.168.1.5");
  assertEquals(of("192.168.1.6", 31), "192.168.1.7");
  assertEquals(of("192.168.1.7", 31), "192.168.1.6");
  assertEquals(of("192.168.1.7", 32), null);
  assert(of("255.255.255.253", 30) !== null);
});
