import { assert, assertEquals, assertMatch } from "@std/assert";
import { authOf } from "../../lib/core/wire.ts";
import type { SignalHandlers } from "../../lib/host/signals.ts";
import { settle } from "../shells/fake_udp.ts";
import { FakeHost, type Outcome } from "./fake_host.ts";

const FILE = "/etc/faild.keys";

/** A line of a key file. */
function key(id: number): string {
  return `${id} ${id.toString(16).padStart(2, "0").repeat(32)}\n`;
}

/** A requestor with keys that has sent its first inquiries. */
async function signing(
  text: string,
): Promise<{ host: FakeHost; signals: SignalHandlers; ended: Promise<Outcome> }> {
  const host = new FakeHost();
  const auth = `auth: {mode: enforce, key-file: ${FILE}}\n`;
  host.files.set("/c", { kind: "text", text: `requestor: true\n${auth}` });
  host.secrets.set(FILE, { kind: "text", text });
  const ended = host.faild("-c", "/c");
  await host.until("logged network-ready");
  await settle();
  const { signals } = host;
  if (signals === null) throw new Error("no signal is listened for");
  return { host, signals, ended };
}

Deno.test("packets are signed with the first key of the file, which the first line names", async () => {
  const { host, signals, ended } = await signing(key(3) + key(2));
  assertEquals(host.keysInUse, [[3, 2]]);
  assertMatch(host.log[0]?.text ?? "", /, packets signed with key 3 \(enforce\), /);
  const sent = host.udp.opened.flatMap(({ sent }) => sent);
  assert(sent.length >= 2, `${sent.length} packets`);
  for (const { bytes } of sent) {
    const auth = authOf(bytes);
    assertEquals(auth?.keyId, 3);
    assertEquals(bytes.subarray(auth?.macAt), new Uint8Array(32).fill(3));
  }
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
});

Deno.test("without keys no packet is signed, and no key is asked for", async () => {
  const host = new FakeHost();
  const ended = host.faild("-r");
  await host.until("logged network-ready");
  await settle();
  const sent = host.udp.opened.flatMap(({ sent }) => sent);
  assertEquals([sent.map(({ bytes }) => authOf(bytes)), host.keysInUse], [[null, null], []]);
  host.signals?.stop("SIGTERM");
  await ended;
});

Deno.test("HUP makes the daemon use the keys that the file has now, and says which in one line", async () => {
  const { host, signals, ended } = await signing(key(1));
  host.secrets.set(FILE, { kind: "text", text: key(2) + key(1) });
  const before = host.diary.length;
  signals.reload();
  await settle();
  assertEquals(host.diary.slice(before), ["log reopened", "logged reloaded"]);
  assertEquals(host.keysInUse, [[1], [2, 1]]);
  assertEquals(
    host.log.at(-1)?.text,
    "Reloaded /c: keys changed; packets are signed with key 2, accepted with 2, 1",
  );
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
});

Deno.test("a key file that is wrong in any line changes nothing, and the reason is one line without a secret", async () => {
  const { host, signals, ended } = await signing(key(1));
  const open = "must be open to its owner only (chmod 600), its mode is 0644";
  const cases = [
    [{ kind: "text", text: `${key(2)}3 abcdefabcdef\n` }, /^Cannot use secret of key 3: .*:2\)$/],
    [{ kind: "text", text: "" }, /^Cannot use number of keys: /],
    [{ kind: "failed", reason: open }, /its mode is 0644$/],
    [{ kind: "missing" }, /^Cannot read \/etc\/faild\.keys: No such file$/],
  ] as const;
  for (const [file, reason] of cases) {
    host.secrets.set(FILE, file);
    const before = host.diary.length;
    signals.reload();
    await settle();
    assertEquals(host.diary.slice(before), ["log reopened", "logged reload-refused"]);
    const told = host.log.at(-1);
    assertEquals(told?.level, "error");
    const [, said = ""] = told?.text.split("Nothing is changed by the reload: ") ?? [];
    assertMatch(said, reason);
    assert(!said.includes("abcdef"));
  }
  assertEquals(host.keysInUse, [[1]]);
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
});

Deno.test("the goodbye goes out before the sockets close, signed like everything", async () => {
  const { host, signals, ended } = await signing(key(9));
  const before = host.udp.opened.map(({ sent }) => sent.length);
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
  const said = host.udp.opened.flatMap(({ sent }, i) => sent.slice(before[i] ?? 0));
  assertEquals(said.map(({ to }) => to), ["192.168.1.255", "192.168.2.255"]);
  for (const { bytes } of said) assertEquals(authOf(bytes)?.keyId, 9);
  assertEquals(host.udp.openAddresses(), []);
});
