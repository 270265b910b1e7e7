import { assertEquals } from "@std/assert";
import { deadWay } from "../../lib/core/direction.ts";

Deno.test("the table: what came here lately, and what the peer says", () => {
  const heard = { lastPacketAt: 900 };
  const silent = { lastPacketAt: 700 };
  assertEquals(deadWay({ ...heard, peerDeaf: false }, 1000, 200), null);
  assertEquals(deadWay({ ...heard, peerDeaf: true }, 1000, 200), "to-peer");
  assertEquals(deadWay({ ...silent, peerDeaf: false }, 1000, 200), "from-peer");
  assertEquals(deadWay({ ...silent, peerDeaf: true }, 1000, 200), "both");
});

Deno.test("lately includes its very end, and who never sent anything was not heard lately", () => {
  assertEquals(deadWay({ lastPacketAt: 800, peerDeaf: true }, 1000, 200), "to-peer");
  assertEquals(deadWay({ lastPacketAt: 799, peerDeaf: true }, 1000, 200), "both");
  assertEquals(deadWay({ lastPacketAt: null, peerDeaf: false }, 1000, 200), "from-peer");
});
