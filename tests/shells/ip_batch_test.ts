/** The batch against programs that behave as `ip` does, well or badly. The real one: tests/netns. */

import { assertEquals } from "@std/assert";
import { IpBatch, type IpBatchOptions } from "../../lib/host/ip_batch.ts";
import { IpProcess } from "../../lib/host/ip_process.ts";

/** Reads lines as `ip -batch -` does; knows shows, refusals, and what a test adds. */
function program(cases = "", before = ""): string {
  return `${before}
n=0
while read -r line; do
  n=$((n + 1))
  case $line in
    ${cases}
    'link show dev ..') echo 'Device ".." does not exist.' >&2; echo "Command failed -:$n" >&2 ;;
    'show '*) echo "[\\"\${line#show }\\"]" ;;
    'refused '*) echo "\${line#refused }" >&2; echo "Command failed -:$n" >&2 ;;
  esac
done`;
}

/** Runs a test with a batch on a shell program. */
async function withBatch(
  script: string,
  test: (batch: IpBatch) => Promise<void>,
  options: IpBatchOptions = {},
): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "faild-ip-" });
  await Deno.writeTextFile(path, script);
  const batch = new IpBatch({ command: ["/bin/sh", path], ...options });
  try {
    await test(batch);
  } finally {
    await batch.close();
    await Deno.remove(path);
  }
}

function done(shown: readonly string[], refused: readonly (readonly [number, string])[] = []) {
  return {
    kind: "done" as const,
    shown,
    refused: refused.map(([line, reason]) => ({ line, reason })),
  };
}

Deno.test("Batch: changes and shows of several exchanges go through one process", () =>
  withBatch(program(), async (batch) => {
    const all = await Promise.all([
      batch.exchange(["change"], ["show a", "show b"]),
      batch.exchange([], ["show c"]),
      batch.exchange(["change"], []),
      batch.exchange([], []),
    ]);
    assertEquals(all, [done([`["a"]`, `["b"]`]), done([`["c"]`]), done([]), done([])]);
    assertEquals(batch.starts, 1);
  }));

Deno.test("Batch: refusals are told by their line, with all that was said of them", () =>
  withBatch(program('two) echo one >&2; echo two >&2; echo "Command failed -:$n" >&2 ;;'), async (
    batch,
  ) => {
    await batch.exchange(["change", "change"], ["show a"]);
    assertEquals(
      await batch.exchange(["refused no", "change", "two"], ["show a"]),
      done([`["a"]`], [[0, "no"], [2, "one; two"]]),
    );
  }));

Deno.test("Batch: after a refusal the process is a new one, which remembers no interfaces", () =>
  withBatch(program(), async (batch) => {
    await batch.exchange(["refused no"], []);
    assertEquals(await batch.exchange([], ["show a"]), done([`["a"]`]));
    await batch.exchange([], ["show b"]);
    assertEquals(batch.starts, 2);
    batch.renew();
    assertEquals(await batch.exchange([], ["show c"]), done([`["c"]`]));
    assertEquals(batch.starts, 3);
  }));

Deno.test("Batch: an answer may come later than the last refusal", () =>
  withBatch(program("'show late') (sleep 0.05; echo '[]') & ;;"), async (batch) => {
    assertEquals(await batch.exchange([], ["show late"]), done(["[]"]));
  }));

Deno.test("Batch: a process that dies at work is a failure in its words, and the next is started", () =>
  withBatch(program("die) echo 'What is that?' >&2; exit 3 ;;"), async (batch) => {
    assertEquals(await batch.exchange(["die"], ["show a"]), {
      kind: "failed",
      reason: "ip ended with exit status 3: What is that?",
    });
    assertEquals(await batch.exchange([], ["show a"]), done([`["a"]`]));
    assertEquals(batch.starts, 2);
  }));

const LAST = `'show last') echo '[]'; last=1 ;;
    'link show dev ..') echo "Command failed -:$n" >&2; [ -z "$last" ] || exit 0 ;;`;

Deno.test("Batch: a process that died while idle is replaced without a failure", () =>
  withBatch(program(LAST), async (batch) => {
    assertEquals(await batch.exchange([], ["show last"]), done(["[]"]));
    assertEquals(await batch.exchange([], ["show b"]), done([`["b"]`]));
    assertEquals(batch.starts, 2);
  }));

Deno.test("Batch: a process that hangs is killed in time, and the next is started", () =>
  withBatch(program("hang) exec sleep 60 ;;"), async (batch) => {
    const [first, second] = await Promise.all([
      batch.exchange(["hang"], ["show a"]),
      batch.exchange([], ["show b"]),
    ]);
    assertEquals(first, { kind: "failed", reason: "ip did not answer within 2 s" });
    assertEquals(second, done([`["b"]`]));
  }, { timeoutMs: 2_000 }));

const NO_TABLE = `'show none') printf '['; echo 'Error: ipv4: FIB table does not exist.' >&2
      echo 'Dump terminated' >&2; echo "Command failed -:$n" >&2 ;;`;

Deno.test("Batch: a table that never was is empty, whatever its show leaves behind", () =>
  withBatch(program(NO_TABLE), async (batch) => {
    const shows = ["show a", "show none", "show none", "show b"];
    assertEquals(await batch.exchange([], shows), done([`["a"]`, "[]", "[]", `["b"]`]));
    assertEquals(await batch.exchange([], ["show none"]), done(["[]"]));
    assertEquals(await batch.exchange([], ["show none", "show c"]), done(["[]", `["c"]`]));
    assertEquals(batch.starts, 1);
  }));

Deno.test("Batch: a show that fails otherwise is a failure, since the rest cannot be told apart", () =>
  withBatch(program(), async (batch) => {
    assertEquals(await batch.exchange([], ["refused Dump terminated", "show b"]), {
      kind: "failed",
      reason: "ip could not show what it was asked: Dump terminated",
    });
    assertEquals(await batch.exchange([], ["show b"]), done([`["b"]`]));
  }));

Deno.test("Batch: an answer that nobody asked for is a failure", () =>
  withBatch(program("chatter) echo '[]' ;;"), async (batch) => {
    assertEquals(await batch.exchange(["chatter"], ["show a"]), {
      kind: "failed",
      reason: "ip said more than it was asked",
    });
    assertEquals(await batch.exchange([], ["show b"]), done([`["b"]`]));
  }));

Deno.test("Batch: an answer without end is a failure", () =>
  withBatch(program("'show endless') exec tr '\\0' x </dev/zero ;;"), async (batch) => {
    assertEquals(await batch.exchange([], ["show endless"]), {
      kind: "failed",
      reason: "the answer of ip is longer than 16777216 bytes",
    });
  }));

Deno.test("Batch: an answer of many pieces is put together", () =>
  withBatch(program("'show long') seq -s, 100000 ;;"), async (batch) => {
    const result = await batch.exchange([], ["show long"]);
    const numbers = result.kind === "done" ? result.shown[0]?.split(",") : [];
    assertEquals([numbers?.length, numbers?.at(-1)], [100000, "100000"]);
  }));

Deno.test("Batch: more than can wait is refused, the others are served", () =>
  withBatch(program(), async (batch) => {
    const all = Array.from({ length: 18 }, () => batch.exchange([], ["show a"]));
    const kinds = (await Promise.all(all)).map(({ kind }) => kind);
    assertEquals(kinds.filter((kind) => kind === "done").length, 16);
    assertEquals(await all[17], {
      kind: "failed",
      reason: "Cannot run ip: more than 16 batches are waiting",
    });
  }));

Deno.test("Batch: the ip of BusyBox is recognised", () =>
  withBatch("echo 'BusyBox v1.35.0 multi-call binary.' >&2; seq 9 >&2; exit 1", async (batch) => {
    assertEquals(await batch.exchange([], ["show a"]), {
      kind: "failed",
      reason: "Cannot use /bin/sh: it is BusyBox's, which has no -batch; install iproute2",
    });
  }));

Deno.test("Batch: a program that is missing, or is none, is named", async () => {
  const missing = new IpBatch({ command: ["/nowhere/ip"] });
  assertEquals(await missing.exchange([], []), {
    kind: "failed",
    reason: "Cannot run ip: there is no /nowhere/ip; install iproute2",
  });
  await missing.close();
  const directory = new IpBatch({ command: ["/etc"] });
  const result = await directory.exchange([], []);
  assertEquals(result.kind === "failed" && result.reason.startsWith("Cannot run /etc: "), true);
  await directory.close();
});

Deno.test("Batch: closing waits for the exchange under way, and takes no more", () =>
  withBatch(program(), async (batch) => {
    const last = batch.exchange([], ["show a"]);
    await batch.close();
    assertEquals(await last, done([`["a"]`]));
    const reason = "Cannot run ip: it was closed";
    assertEquals(await batch.exchange([], ["show a"]), { kind: "failed", reason });
  }));

Deno.test("Batch: a process whose output does not end is given up, and closing has a bound", async () => {
  const dir = await Deno.makeTempDir({ prefix: "faild-ip-" });
  // What it started keeps its output open, and it does not end with its input.
  const before = `sleep 20 & echo $! >${dir}/pid`;
  const script = `${program("", before)}; exec sleep 60`;
  const process = new IpProcess("/bin/sh", ["-c", script, "ip"]);
  assertEquals(await process.run([], ["show a"], 5000), done([`["a"]`]));
  await process.close();
  const isGivenUp = process.alive;
  try {
    Deno.kill(Number(await Deno.readTextFile(`${dir}/pid`)), "SIGKILL");
  } catch {
    // It has ended by itself, which is what must not be waited for.
  }
  assertEquals(await process.run([], [], 5000), {
    kind: "ended",
    reason: "ip ended by SIGKILL",
  });
  await Deno.remove(dir, { recursive: true });
  assertEquals(isGivenUp, true);
});
