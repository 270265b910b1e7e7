/** What a peer says of our packets, beside that it does not hear us: that we do not answer, or nothing at all. */
import { assertEquals } from "@std/assert";
import { at, Bench, FakePeer, sendsIn } from "./builders.ts";

const T = 1000;

/** A machine that judges by answers, and a slower requestor that answers on both networks. */
function pair(): { bench: Bench; peer: FakePeer } {
  const peer = new FakePeer(2, ["A", "B"], true);
  peer.intervalMs = 4 * T;
  const bench = new Bench({ peers: [peer] });
  bench.advance(5 * T);
  return { bench, peer };
}

Deno.test("Rule W97: who is not answered, though it hears the peer, says so at once on the other network", () => {
  const { bench, peer } = pair();
  peer.answersOn.delete("A");
  const sent = [];
  for (let i = 0; i < 8; i++) {
    sent.push(...sendsIn(bench.advance(T / 2)).filter(({ packet }) => packet.kind === "state"));
    bench.feed(peer.inquiry("A"));
  }
  assertEquals(bench.path("A").health, "down");
  const onB = sent.filter(({ network }) => network === "B");
  assertEquals(onB.map(({ packet }) => [packet.lossy, packet.unheard]), [
    [[{ address: at("A", 2), percent: 100 }], []],
  ]);
  peer.answersOn.add("A");
  bench.advance(10 * T);
  const [inquiry] = sendsIn(bench.advance(T)).filter(({ network }) => network === "B");
  assertEquals(inquiry?.packet.lossy.every(({ percent }) => percent < 100), true);
});

Deno.test("Rule W97: the path of whoever is not answered is down, until it does not say so any more", () => {
  const { bench, peer } = pair();
  const lossy = [{ address: at("A", 1), percent: 100 }];
  bench.feed(peer.statement("B", { lossy }));
  assertEquals([bench.path("A").health, bench.path("A").cause?.kind], ["down", "peer-unanswered"]);
  assertEquals([...bench.wanted.routes.keys()], [at("A", 2)]);
  peer.says = { lossy };
  bench.advance(20 * T);
  assertEquals(bench.path("A").health, "down");
  peer.says = {};
  bench.advance(20 * T);
  assertEquals([bench.path("A").health, bench.path("A").loss], ["up", 0]);
});

Deno.test("Rule W97: to lose nearly all is no reason by itself to take a path down", () => {
  const { bench, peer } = pair();
  bench.feed(peer.statement("B", { lossy: [{ address: at("A", 1), percent: 99 }] }));
  assertEquals(bench.path("A").health, "up");
});

Deno.test("Rule W98: who goes on not to list us does not hear us, though it does not complain", () => {
  const bench = new Bench();
  const peer = new FakePeer(2, ["A", "B"], true);
  const inquire = (heard: [] | null) => {
    bench.feed(peer.inquiry("B"));
    bench.feed(peer.inquiry("A", { heard }));
    bench.advance(T);
  };
  for (let i = 0; i < 5; i++) inquire(null);
  assertEquals(bench.path("A").health, "up");
  for (let i = 0; i < 5; i++) inquire([]);
  assertEquals(bench.path("A").health, "up");
  inquire([]);
  assertEquals([bench.path("A").health, bench.path("A").cause?.kind], ["down", "peer-deaf"]);
  for (let i = 0; i < 4; i++) inquire(null);
  assertEquals(bench.path("A").health, "up");
});

Deno.test("Rule W98: of what waited in the socket for long, however much it is, nothing follows", () => {
  const bench = new Bench();
  const peer = new FakePeer(2, ["A", "B"], true);
  for (let i = 0; i < 5; i++) {
    for (const network of ["A", "B"]) bench.feed(peer.inquiry(network));
    bench.advance(T);
  }
  for (let i = 0; i < 50; i++) bench.feed(peer.inquiry("A", { heard: [] }));
  assertEquals(bench.path("A").health, "up");
});

Deno.test("Rule W98: two inquiries that leave us out, with a pause of the peer between them, prove nothing", () => {
  const bench = new Bench();
  const peer = new FakePeer(2, ["A", "B"], true);
  const inquire = (heard: [] | null) => {
    for (const network of ["A", "B"]) bench.feed(peer.inquiry(network, { heard }));
    bench.advance(T);
  };
  inquire(null);
  inquire([]);
  bench.advance(20 * T);
  bench.feed(peer.inquiry("A", { heard: [] }));
  assertEquals(bench.path("A").dead, null);
  for (let i = 0; i < 3; i++) inquire(null);
  assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
  assertEquals([...bench.wanted.routes.keys()], []);
});

Deno.test("Rule W98: who leaves us out on all networks moves no traffic, though it says so of one first", () => {
  const bench = new Bench();
  const peer = new FakePeer(2, ["A", "B"], true);
  const inquire = (heard: [] | null) => {
    for (const network of ["A", "B"]) {
      bench.feed(peer.inquiry(network, { heard }));
      assertEquals([...bench.wanted.routes.keys()], []);
    }
    bench.advance(T);
  };
  for (let i = 0; i < 5; i++) inquire(null);
  for (let i = 0; i < 6; i++) inquire([]);
  assertEquals([bench.path("A").health, bench.path("B").health], ["down", "down"]);
  for (let i = 0; i < 4; i++) inquire(null);
  assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
});
