import { assertEquals } from "@std/assert";
import { conditionFault, pingFault } from "../../lib/ping_fault.ts";
import { networkView } from "./overviews.ts";

const WELL = { uptimeMs: 60_000, loopAgoMs: 15_000, sockets: true, routes: null };

Deno.test("only a loop that stands still is a reason to start a daemon anew", () => {
  const amiss = { ...WELL, sockets: false, routes: "ip is gone" };
  assertEquals(pingFault(WELL), null);
  assertEquals(pingFault(amiss)?.isHang, false);
  assertEquals(pingFault({ ...WELL, routes: "ip is gone" })?.isHang, false);
  const hanging = { text: "its loop has not turned for 16 s", isHang: true };
  assertEquals(pingFault({ ...amiss, loopAgoMs: 16_000 }), hanging);
});

Deno.test("a daemon that has just started is given time for its sockets and routes", () => {
  const young = { ...WELL, uptimeMs: 9999, sockets: false, routes: "ip is gone" };
  assertEquals(pingFault(young), null);
  assertEquals(pingFault({ ...young, loopAgoMs: 15_001 })?.isHang, true);
});

Deno.test("a daemon without any network works, and is not well; one that has just started is given time", () => {
  const who = { ...WELL, version: "0.1.0", pid: 4711 };
  assertEquals(conditionFault({ ...who, networks: [networkView({ usable: false })] }), null);
  const fault = { text: "there is no network to work on", isHang: false };
  assertEquals(conditionFault({ ...who, networks: [] }), fault);
  assertEquals(conditionFault({ ...who, networks: [], uptimeMs: 9999 }), null);
  assertEquals(conditionFault({ ...who, networks: [], loopAgoMs: 15_001 })?.isHang, true);
});
