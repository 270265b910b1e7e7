import { assertEquals } from "@std/assert";
import { Lan, nextSequence } from "../../lib/core/lan.ts";
import { dead, networkOf } from "./builders.ts";

function lan(): Lan {
  return new Lan(networkOf("A"), 0, 5);
}

Deno.test("a network is usable while it is there and can send", () => {
  const [up, down] = [lan(), new Lan(dead("A"), 0, 5)];
  assertEquals([up.usable, down.usable], [true, false]);
  up.present = false;
  assertEquals(up.usable, false);
});

Deno.test("inquiries are numbered from 1 and the latest is the open one", () => {
  const a = lan();
  assertEquals(a.latest, null);
  assertEquals(a.open(7n, 0, 100), { sequence: 1, nonce: 7n, sentAt: 100, spreadMs: 0 });
  assertEquals(a.open(8n, 0, 200).sequence, 2);
  assertEquals(a.latest, { sequence: 2, nonce: 8n, sentAt: 200, spreadMs: 0 });
});

Deno.test("after the largest sequence number comes 1, for 0 is none", () => {
  assertEquals([0, 1, 0xfffffffe, 0xffffffff].map(nextSequence), [1, 2, 0xffffffff, 1]);
});

Deno.test("an answer matches by number and nonce, and both must be right", () => {
  const a = lan();
  a.open(7n, 0, 100);
  a.open(8n, 0, 200);
  assertEquals(a.match(1, 7n)?.sentAt, 100);
  assertEquals(a.match(2, 8n)?.sentAt, 200);
  assertEquals([a.match(1, 8n), a.match(2, 7n), a.match(3, 8n), a.match(0, 0n)], [
    null,
    null,
    null,
    null,
  ]);
});

Deno.test("the last 64 inquiries are remembered and no more", () => {
  const a = lan();
  for (let i = 1; i <= 100; i++) a.open(BigInt(i), 0, i);
  assertEquals(a.match(36, 36n), null);
  for (let i = 37; i <= 100; i++) assertEquals(a.match(i, BigInt(i))?.sentAt, i);
});

Deno.test("with the last missing answer nothing is left to judge", () => {
  const a = lan();
  Object.assign(a, { unanswered: 2, judgeAt: 300 });
  a.answered();
  assertEquals([a.unanswered, a.judgeAt], [1, 300]);
  a.answered();
  assertEquals([a.unanswered, a.judgeAt], [0, Infinity]);
});
