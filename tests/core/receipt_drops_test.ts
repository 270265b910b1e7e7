/** The drops of docs/WIRE.md that do not concern the form of a packet. Reads the file: needs --allow-read=docs. */
import { assertEquals } from "@std/assert";
import { Drops, RECEIPT_DROPS } from "../../lib/core/drops.ts";
import { DROP_REASONS } from "../../lib/core/wire.ts";

function chapter(title: string): string {
  const text = Deno.readTextFileSync(new URL("../../docs/WIRE.md", import.meta.url));
  const [, rest = ""] = text.split(`\n## ${title}\n`);
  return rest.split("\n## ")[0] ?? "";
}

Deno.test("the drops at receipt in docs/WIRE.md are those of the code, in the order of judgement", () => {
  const rows = chapter("What a receiver does").matchAll(/^\| W\d+ \| ((?:`[a-z-]+`(?:, )?)+) \|/gm);
  const documented = Array.from(rows, ([, names = ""]) => names.replaceAll("`", "").split(", "));
  assertEquals(documented.flat(), [...RECEIPT_DROPS]);
});

Deno.test("no two reasons to drop a packet have one name", () => {
  const names = [...DROP_REASONS, ...RECEIPT_DROPS];
  assertEquals(names.filter((name, index) => names.indexOf(name) !== index), []);
});

Deno.test("every drop that is never logged is named so in docs/WIRE.md", () => {
  const text = chapter("What a receiver does").replaceAll("\n", " ");
  const [, quiet = ""] = /never logged: ((?:W\d+(?:, )?)+)\./.exec(text) ?? [];
  const silent = quiet.split(", ").flatMap((rule) => {
    const row = new RegExp(`\\| ${rule} \\| ([^|]+) \\|`).exec(text)?.[1] ?? "";
    return row.replaceAll("`", "").trim().split(", ");
  });
  const drops = new Drops();
  const told = RECEIPT_DROPS.filter((drop) => drops.count(drop, "", "A", "10.1.0.2", 0) !== null);
  assertEquals(silent, RECEIPT_DROPS.filter((drop) => !told.includes(drop)));
});
