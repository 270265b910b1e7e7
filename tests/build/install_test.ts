import { assertEquals } from "@std/assert";

const TOP = new URL("../../", import.meta.url).pathname;

/** Runs make without building anything; returns its exit status. */
async function make(...args: readonly string[]): Promise<number> {
  const { code } = await new Deno.Command("make", {
    args: ["--silent", "--old-file=dist/faild", ...args],
    cwd: TOP,
    env: { MAKEFLAGS: "" },
    stdout: "null",
  }).output();
  return code;
}

/** Every file below a folder, with its mode. */
function filesBelow(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return filesBelow(path, `${prefix}${name}/`);
    return [`${prefix}${name} ${((Deno.statSync(path).mode ?? 0) & 0o777).toString(8)}`];
  }).sort();
}

Deno.test("Installing puts two files below the chosen folders, and uninstalling removes them and nothing else", async () => {
  const place = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${place}/opt/faild/sbin`, { recursive: true });
    Deno.writeTextFileSync(`${place}/opt/faild/sbin/other`, "");
    Deno.chmodSync(`${place}/opt/faild/sbin/other`, 0o600);
    assertEquals(await make("install", `DESTDIR=${place}`, "PREFIX=/opt/faild"), 0);
    assertEquals(filesBelow(place), [
      "opt/faild/sbin/faild 755",
      "opt/faild/sbin/other 600",
      "opt/faild/share/doc/faild/config.example.yaml 644",
    ]);
    assertEquals(await make("uninstall", `DESTDIR=${place}`, "PREFIX=/opt/faild"), 0);
    assertEquals(filesBelow(place), ["opt/faild/sbin/other 600"]);
  } finally {
    Deno.removeSync(place, { recursive: true });
  }
});

Deno.test("The program says the version that deno.json names, in an empty environment", async () => {
  const manifest: unknown = JSON.parse(Deno.readTextFileSync(`${TOP}deno.json`));
  const { version } = manifest as { readonly version: string };
  const { code, stdout } = await new Deno.Command(`${TOP}dist/faild`, {
    args: ["--version"],
    clearEnv: true,
    stdout: "piped",
  }).output();
  assertEquals([code, new TextDecoder().decode(stdout).split("\n")[0]], [0, `faild ${version}`]);
});
