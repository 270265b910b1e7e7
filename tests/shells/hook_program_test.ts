import { assert, assertEquals, assertMatch } from "@std/assert";
import { programProblem, startHook } from "../../lib/host/hook_program.ts";
import type { HookCall } from "../../lib/hooks.ts";
import { waitFor } from "../netns/wait.ts";

/** Runs a script in a folder of its own; what it leaves in `out` there is the answer. */
async function withScript(
  body: string,
  use: (call: HookCall, read: () => string, path: string) => Promise<void>,
): Promise<void> {
  const dir = Deno.makeTempDirSync();
  try {
    const path = `${dir}/hook`;
    Deno.writeTextFileSync(path, `#!/bin/sh\nout=${dir}/out\n${body}`, { mode: 0o755 });
    const call = {
      run: [path, "one", "two words", "$HOME; `id`"],
      environment: { FAILD_EVENT: "path-down", FAILD_TEXT: "$(id)" },
      input: '{"event":"path-down"}\n',
      limitMs: 10_000,
    };
    await use(call, () => Deno.readTextFileSync(`${dir}/out`), path);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test("a program gets its words as they are, the event, and no other environment", async () => {
  const body =
    `{ for word; do echo "$word"; done; cat; pwd; env | grep -v -E '^(_|PWD|OLDPWD|SHLVL)=' | sort; } >$out\n`;
  await withScript(body, async (call, read) => {
    assertEquals(await startHook(call).ended, null);
    const lines = read().trimEnd().split("\n");
    assertEquals(lines.slice(0, 5), ["one", "two words", "$HOME; `id`", call.input.trim(), "/"]);
    assertEquals(lines.slice(5), [
      "FAILD_EVENT=path-down",
      "FAILD_TEXT=$(id)",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]);
  });
});

Deno.test("a failure says how it ended and what it said last", async () => {
  await withScript("exec <&-; echo first >&2; echo last >&2; exit 3\n", async (call) => {
    assertEquals(await startHook(call).ended, "exit status 3: last");
  });
  await withScript("kill -9 $$\n", async (call) => {
    assertEquals(await startHook(call).ended, "SIGKILL");
  });
});

Deno.test("a program that is not there, or none, is a failure", async () => {
  await withScript("", async (call, _, path) => {
    assertMatch(await startHook({ ...call, run: [`${path}-gone`] }).ended ?? "", /No such file/);
    Deno.chmodSync(path, 0o644);
    assertMatch(await startHook(call).ended ?? "", /Permission denied/);
  });
});

Deno.test("one that takes too long is ended with all that it started", async () => {
  await withScript("sleep 600 &\necho $! >$out\nsleep 600\n", async (call, read) => {
    // Long enough for a shell to start, however busy the machine is.
    const began = performance.now();
    assertEquals(await startHook({ ...call, limitMs: 1500 }).ended, "it was ended after 1.5 s");
    assert(performance.now() - began < 10_000);
    const pid = Number(read());
    await waitFor("its child to end", () => isRunning(pid) ? null : true);
  });
});

Deno.test("one that ends while what it started goes on is done", async () => {
  await withScript("sleep 600 &\necho $! >$out\n", async (call, read) => {
    assertEquals(await startHook(call).ended, null);
    const pid = Number(read());
    assert(isRunning(pid));
    Deno.kill(pid, "SIGKILL");
  });
});

Deno.test("a program that anybody but its owner may write must not be run", async () => {
  await withScript("", (_, __, path) => {
    for (const [mode, shown] of [[0o775, "0775"], [0o757, "0757"], [0o777, "0777"]] as const) {
      Deno.chmodSync(path, mode);
      const rule = "it must be writable by its owner only (chmod go-w)";
      assertEquals(programProblem(path), `${rule}, its mode is ${shown}`);
    }
    Deno.chmodSync(path, 0o755);
    assertEquals(programProblem(path), null);
    assertEquals(programProblem(`${path}-gone`), "No such file or directory");
    assertEquals(programProblem(path.slice(0, path.lastIndexOf("/"))), "it is no regular file");
    return Promise.resolve();
  });
});

Deno.test("a program in a folder where others could replace it must not be run", async () => {
  await withScript("", (_, __, path) => {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const [link, inner] = [`${folder}/link`, `${folder}/inner`];
    Deno.mkdirSync(inner);
    Deno.symlinkSync(path, `${inner}/hook`);
    Deno.symlinkSync(inner, link);
    const rule = (place: string, mode = "0777") =>
      `${place} must be writable by its owner only (chmod go-w), its mode is ${mode}`;
    Deno.chmodSync(inner, 0o777);
    assertEquals(programProblem(`${inner}/hook`), rule(inner), "it holds the link");
    assertEquals(programProblem(`${link}/hook`), rule(link));
    Deno.chmodSync(inner, 0o2775);
    assertEquals(programProblem(`${inner}/hook`), rule(inner, "2775"), "a group is others too");
    Deno.chmodSync(inner, 0o1777);
    assertEquals(programProblem(`${link}/hook`), null, "only the owner of the link may replace it");
    Deno.chmodSync(folder, 0o777);
    assertEquals(programProblem(path), rule(folder));
    return Promise.resolve();
  });
});

Deno.test({
  name:
    "a program that somebody else than root and we owns, or by a link or a folder, must not be run",
  // Only root can give files away.
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await withScript("", (_, __, path) => {
      const folder = path.slice(0, path.lastIndexOf("/"));
      const link = `${folder}/link`;
      Deno.symlinkSync(path, link);
      const rule = (place: string) =>
        `${place} must belong to root or to the user of faild (chown), its owner is uid 4711`;
      assertEquals(programProblem(link), null);
      Deno.chownSync(path, 4711, null);
      assertEquals(programProblem(path), rule("it"));
      Deno.chownSync(path, 0, null);
      Deno.chownSync(folder, 4711, null);
      assertEquals(programProblem(path), rule(folder));
      Deno.chownSync(folder, 0, null);
      const changed = new Deno.Command("chown", { args: ["-h", "4711", link] }).outputSync();
      assert(changed.success);
      assertEquals(programProblem(link), rule(link));
      assertEquals(programProblem(path), null);
      return Promise.resolve();
    });
  },
});

/** A zombie waits for its new parent only. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
