/** What went wrong once, or could have been better, each as small as it can be shown. */
import { assertEquals } from "@std/assert";
import { Stage } from "./stage.ts";
import { wordsOf } from "./script.ts";

/** Plays the commands; returns what was said after the last one. */
function lastOf(commands: readonly string[]): readonly string[] {
  const stage = new Stage();
  return commands.map((command) => stage.perform(wordsOf(command))).at(-1) ?? [];
}

function containing(lines: readonly string[], text: string): string[] {
  return lines.filter((line) => line.includes(text));
}

const PAIR = [
  "node a requestor A=192.168.1.1 B=192.168.2.1",
  "node b A=192.168.1.2 B=192.168.2.2",
  "skip 5s",
];

Deno.test({
  name: "a daemon restarted at once with fewer networks is no second node with its address",

  fn: () => {
    const said = lastOf([...PAIR, "stop b", "start b only B", "advance 3s"]);
    assertEquals(containing(said, "claimed by two nodes"), []);
  },
});

Deno.test({
  name: "a decision that a newer one replaced before it was tried is not told as refused",

  fn: () => {
    const said = lastOf([
      "node a requestor A=192.168.1.1 B=192.168.2.1 C=192.168.3.1 restore-after=1",
      "node b A=192.168.1.2 B=192.168.2.2 C=192.168.3.2 restore-after=1",
      "skip 5s",
      "ip-slow a 300ms",
      "carrier a A down",
      "advance 20ms",
      "carrier a B down",
      "advance 20ms",
      "carrier a A up",
      "advance 5s",
    ]);
    assertEquals(containing(said, "could not be changed"), []);
  },
});

Deno.test({
  name: "a route that the kernel dropped and that is put back is told",

  fn: () => {
    const lost = [...PAIR, "cut A", "advance 5s", "link a B down", "advance 3s", "link a B up"];
    const said = lastOf([...lost, "advance 6s"]);
    assertEquals(containing(said, "kernel  + 192.168.1.2").length, 1);
    assertEquals(containing(said, "the route for 192.168.1.2 was deleted").length, 1);
  },
});

Deno.test({
  name:
    "with every other LAN dead, traffic does not wait for the s-th good packet of the one that is back",

  fn: () => {
    const patient = PAIR.map((line) => line.startsWith("node") ? `${line} restore-after=10` : line);
    const dead = [...patient, "cut A", "advance 5s", "cut B", "advance 5s", "mend A"];
    const said = lastOf([...dead, "advance 4s", "traffic"]);
    assertEquals(containing(said, "lost"), []);
  },
});

Deno.test({
  name: "a node restarted with another address leaves no route for the one it had before",
  fn: () => {
    const commands = [
      "node a requestor A=192.168.1.1 B=192.168.2.1",
      "node b A=192.168.1.2 B=192.168.2.2",
      "skip 5s",
      "cut A",
      "advance 5s",
      "kill b",
      "address b A 192.168.1.77",
      "advance 5s",
      "start b",
      "mend A",
      "advance 60s",
      "routes",
    ];
    const stage = new Stage();
    const said = commands.map((command) => stage.perform(wordsOf(command)));
    assertEquals(said.at(-1)?.[0]?.trim(), "75.000 a has rule");
  },
});
