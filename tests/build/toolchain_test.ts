/** The build's scripts in a tree of their own, with a package manager that hands out small files and keeps count. */

import { assertEquals, assertStringIncludes } from "@std/assert";

const TOP = new URL("../../", import.meta.url).pathname;
const DENO = "#!/bin/sh\nexit 0\n";
const ESBUILD = "a bundler";
const RUNTIME = "a runtime";

/** Packs whatever is asked for, after writing down what was. */
const NPM = `#!/bin/bash
set -eu
echo "\${@: -1}" >> "$ASKED"
place=$(mktemp -d)
mkdir -p "$place/package/bin" "\${@: -2:1}"
printf '%s' "$DENO_FILE" > "$place/package/deno"
printf '%s' "${ESBUILD}" > "$place/package/bin/esbuild"
printf '%s' "${RUNTIME}, and what was compiled" > "$place/package/program"
tar -czf "\${@: -2:1}/package.tgz" -C "$place" package
rm -r "$place"
echo package.tgz
`;

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The pins of the files above, the same for both architectures. */
async function pins(denoVersion: string): Promise<string> {
  const deno = await sha256(DENO);
  const esbuild = await sha256(ESBUILD);
  return `
deno_version_x86_64=${denoVersion} deno_version_aarch64=${denoVersion}
deno_sha256_x86_64=${deno} deno_sha256_aarch64=${deno}
esbuild_version=0.1.0 esbuild_sha256_x86_64=${esbuild} esbuild_sha256_aarch64=${esbuild}
pair_version=1.0.0 pair_deno_sha256_x86_64=${deno}
pair_denort_package=some-program@1.0.0 pair_denort_member=package/program
pair_denort_bytes=${RUNTIME.length} pair_denort_sha256=${await sha256(RUNTIME)}
`;
}

interface Outcome {
  readonly code: number;
  readonly said: string;
}

/** A tree with a blank in its path, in which the scripts find a package manager of ours. */
class Tree {
  readonly path = Deno.makeTempDirSync({ prefix: "faild build " });
  readonly #asked = `${this.path}/asked`;

  /** Lays the tree. */
  async lay(): Promise<void> {
    Deno.mkdirSync(`${this.path}/.build`);
    for (const name of ["env.sh", "toolchain.sh", "lab.sh"]) {
      Deno.copyFileSync(`${TOP}.build/${name}`, `${this.path}/.build/${name}`);
    }
    for (const name of ["deno.json", "deno.lock", "asked"]) {
      Deno.writeTextFileSync(`${this.path}/${name}`, "");
    }
    this.program("npm", NPM);
    await this.pin("1.2.3");
  }

  /** Puts a program where the scripts look first. */
  program(name: string, text: string): void {
    Deno.mkdirSync(`${this.path}/bin`, { recursive: true });
    Deno.writeTextFileSync(`${this.path}/bin/${name}`, text, { mode: 0o755 });
  }

  /** Pins another version of Deno. */
  async pin(denoVersion: string): Promise<void> {
    Deno.writeTextFileSync(`${this.path}/.build/pins.sh`, await pins(denoVersion));
  }

  /** Runs a script; the package manager hands out this text as Deno. */
  async run(script: string, args: readonly string[], denoFile = DENO): Promise<Outcome> {
    const { code, stderr } = await new Deno.Command("bash", {
      args: [`${this.path}/.build/${script}`, ...args],
      env: {
        PATH: `${this.path}/bin:${Deno.env.get("PATH")}`,
        ASKED: this.#asked,
        DENO_FILE: denoFile,
      },
      stdout: "null",
      stderr: "piped",
    }).output();
    return { code, said: new TextDecoder().decode(stderr) };
  }

  /** The packages that were asked for so far. */
  asked(): string[] {
    return Deno.readTextFileSync(this.#asked).trimEnd().split("\n");
  }

  /** The files that were fetched, as FOLDER/FILE without the hash in the folder's name. */
  fetched(): string[] {
    const folders = [...Deno.readDirSync(`${this.path}/.toolchain`)].filter(({ name }) =>
      /^(deno|esb)/.test(name)
    );
    return folders.flatMap(({ name }) =>
      [...Deno.readDirSync(`${this.path}/.toolchain/${name}`)].map((file) =>
        `${name.replace(/-[0-9a-f]{12}$/, "")}/${file.name}`
      )
    ).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

Deno.test("The toolchain is fetched once, and a second call asks nobody", async () => {
  using tree = new Tree();
  await tree.lay();
  assertEquals((await tree.run("toolchain.sh", ["deno"])).code, 0);
  assertEquals(tree.asked().length, 2);
  assertEquals(tree.fetched(), ["deno-1.2.3/deno", "esbuild-0.1.0/esbuild"]);
  assertEquals(await tree.run("toolchain.sh", ["deno"]), { code: 0, said: "" });
  assertEquals(tree.asked().length, 2);
});

Deno.test("A file whose hash is not the pinned one is refused, named and deleted", async () => {
  using tree = new Tree();
  await tree.lay();
  const { code, said } = await tree.run("toolchain.sh", ["deno"], "something else");
  assertEquals(code, 1);
  assertStringIncludes(said, `must be ${await sha256(DENO)}, is ${await sha256("something else")}`);
  assertEquals(tree.fetched(), []);
  assertEquals([...Deno.readDirSync(`${tree.path}/.toolchain`)].map(({ name }) => name), ["lock"]);
  assertEquals((await tree.run("toolchain.sh", ["deno"])).code, 0);
});

Deno.test("Two builds that start at once fetch each file once", async () => {
  using tree = new Tree();
  await tree.lay();
  const both = await Promise.all([
    tree.run("toolchain.sh", ["deno"]),
    tree.run("toolchain.sh", ["deno"]),
  ]);
  assertEquals(both.map(({ code }) => code), [0, 0]);
  assertEquals(tree.asked().length, 2);
});

Deno.test("A raised pin is fetched, and what it does not change is not", async () => {
  using tree = new Tree();
  await tree.lay();
  await tree.run("toolchain.sh", ["deno"]);
  await tree.pin("1.2.4");
  assertEquals((await tree.run("toolchain.sh", ["deno"])).code, 0);
  assertEquals(tree.asked().length, 3);
  assertEquals(tree.fetched(), ["deno-1.2.3/deno", "deno-1.2.4/deno", "esbuild-0.1.0/esbuild"]);
});

Deno.test({
  name: "The runtime of the pair is the head of a larger file, of exactly the pinned length",
  ignore: Deno.build.arch !== "x86_64",
  fn: async () => {
    using tree = new Tree();
    await tree.lay();
    assertEquals((await tree.run("toolchain.sh", ["pair"])).code, 0);
    const place = `denort-1.0.0-${(await sha256(RUNTIME)).slice(0, 12)}/denort`;
    assertEquals(Deno.readTextFileSync(`${tree.path}/.toolchain/${place}`), RUNTIME);
  },
});

Deno.test("A package manager that fails is an error, and leaves nothing behind", async () => {
  using tree = new Tree();
  await tree.lay();
  tree.program("npm", "#!/bin/sh\necho no network >&2\nexit 1\n");
  const { code, said } = await tree.run("toolchain.sh", ["deno"]);
  assertEquals([code, said.includes("no network"), said.includes("Cannot fetch")], [1, true, true]);
  assertEquals(tree.fetched(), []);
});

Deno.test("An ordinary user whose kernel forbids user namespaces is told so", async () => {
  using tree = new Tree();
  await tree.lay();
  tree.program("id", "#!/bin/sh\necho 1000\n");
  tree.program("unshare", "#!/bin/sh\necho unshare failed: Operation not permitted >&2\nexit 1\n");
  const { code, said } = await tree.run("lab.sh", ["true"]);
  assertEquals(code, 1);
  assertStringIncludes(said, "Operation not permitted");
  assertStringIncludes(said, "run it as root");
});

Deno.test("An ordinary user's command runs inside a user namespace with its arguments untouched", async () => {
  using tree = new Tree();
  await tree.lay();
  tree.program("id", "#!/bin/sh\necho 1000\n");
  tree.program("unshare", '#!/bin/sh\n[ "$1" = -Urmn ] && shift && exec "$@"\n');
  for (const name of ["mount", "ip"]) tree.program(name, "#!/bin/sh\nexit 0\n");
  const script = 'printf "%s|" "$@" >&2; exit 7';
  const { code, said } = await tree.run("lab.sh", ["sh", "-c", script, "sh", "a b", "", "$c"]);
  assertEquals([code, said], [7, "a b||$c|"]);
});
