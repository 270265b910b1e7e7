/** The rules about the tree as a whole: what lies at its top, and the lock file. */

import type { Finding } from "./source_file.ts";

/** What may lie at the top; the folders that are not committed are left out before. */
const TOP: ReadonlySet<string> = new Set([
  ".build",
  ".ci",
  ".gitignore",
  "LICENSE",
  "Makefile",
  "README.md",
  "config.example.yaml",
  "deno.json",
  "deno.lock",
  "docs",
  "lib",
  "main.ts",
  "tests",
]);

/** What must not lie at the top of the tree. */
export function topFindings(names: readonly string[]): Finding[] {
  return names.filter((name) => !TOP.has(name)).map((path) => ({
    path,
    line: 1,
    rule: "top",
    message: "the top of the tree holds only what the design names",
  }));
}

/** A record of unknown values, or an empty one. */
function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function finding(path: string, rule: string, message: string): Finding {
  return { path, line: 1, rule, message };
}

/** What is wrong with the import map of deno.json and with deno.lock, given the text of both. */
export function lockFindings(manifestText: string, lockText: string): Finding[] {
  const found: Finding[] = [];
  const manifest = recordOf(JSON.parse(manifestText));
  const lock = recordOf(JSON.parse(lockText));
  const locked = recordOf(lock["specifiers"]);
  if (lockText.includes("://")) {
    found.push(
      finding("deno.lock", "lock", "nothing is fetched from a URL: packages come from a registry"),
    );
  }
  for (const [name, target] of Object.entries(recordOf(manifest["imports"]))) {
    const exact = /^npm:((?:@[\w.-]+\/)?[\w.-]+@(\d+\.\d+\.\d+))(?:\/.*)?$/.exec(String(target));
    if (exact === null) {
      const message = `${name} must be an npm package of one exact version, is ${target}`;
      found.push(finding("deno.json", "lock", message));
    } else if (locked[`npm:${exact[1]}`] !== exact[2]) {
      found.push(finding("deno.lock", "lock", `${name} must be locked at ${exact[2]} (make lock)`));
    }
  }
  for (const [name, entry] of Object.entries(recordOf(lock["npm"]))) {
    if (typeof recordOf(entry)["integrity"] === "string") continue;
    found.push(finding("deno.lock", "lock", `${name} must have its hash`));
  }
  return found;
}
