import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Notice } from "../../lib/core/types.ts";
import { historyOf } from "../../lib/report/history.ts";
import { escapeHtml } from "../../lib/report/markup.ts";
import { reportPage } from "../../lib/report/page.ts";
import { BEGIN, Diary, down, MINUTE, ON_A, sampledPath } from "./records.ts";
import { twoDays } from "./two_days.ts";

function pageOf(diary: Diary, untilMs = MINUTE): string {
  return reportPage(historyOf(diary.records, null, BEGIN + untilMs));
}

/** The tags of a page in order, e.g. "p" and "/p"; throws where one is not closed, or not well formed. */
function tagsOf(page: string): string[] {
  const tags: string[] = [];
  const open: string[] = [];
  const body = page.replace(/^<!DOCTYPE html>/, "").replace(/<style>[^<]*<\/style>/, "");
  for (const [tag, name = ""] of body.matchAll(/<(\/?[a-z][a-z0-9]*)[^<>]*>/gi)) {
    tags.push(name);
    if (tag.endsWith("/>") || ["meta", "br"].includes(name)) continue;
    if (!name.startsWith("/")) open.push(name);
    else assertEquals(open.pop(), name.slice(1));
  }
  assertEquals(open, []);
  // Whatever is left over would be a bracket that is no tag.
  assertEquals(
    body.replace(/<\/?[a-z][a-z0-9]*(?:\s[a-z0-9:-]+="[^"<>]*")*\s*\/?>/gi, "").match(/[<>]/g),
    null,
  );
  return tags;
}

Deno.test("a page is one whole document, the same each time", () => {
  const { records, nowMs } = twoDays();
  const page = reportPage(historyOf(records, null, nowMs));
  assertEquals(reportPage(historyOf(records, null, nowMs)), page);
  const tags = tagsOf(page);
  assertEquals(tags.filter((tag) => tag === "h1").length, 1);
  assertEquals(tags.includes("script"), false);
});

Deno.test("a page needs nothing beside itself", () => {
  const { records, nowMs } = twoDays();
  const page = reportPage(historyOf(records, null, nowMs));
  assertEquals(page.match(/\b(?:src|href|srcset|action|@import|url)\s*[=(]|https?:|\/\//g), null);
  assert(page.includes(`content="default-src 'none'; style-src 'unsafe-inline'"`));
});

Deno.test("a page is fit for those who do not see it: language, title, labels, scopes", () => {
  const { records, nowMs } = twoDays();
  const page = reportPage(historyOf(records, null, nowMs));
  assert(page.includes('<html lang="en">'));
  assert(/<title>faild on node1, [^<]+<\/title>/.test(page));
  const pictures = page.match(/<svg [^>]*>/g) ?? [];
  assertEquals(pictures.filter((svg) => !/aria-label="[^"]+"|aria-hidden="true"/.test(svg)), []);
  assertEquals(
    (page.match(/<th[ >][^>]*/g) ?? []).filter((th) => !/scope="(row|col)"/.test(th)),
    [],
  );
  assert(page.includes('aria-label="node2 on A: worked '));
});

Deno.test("the page tells how many failovers there were, and the longest outages", () => {
  const { records, nowMs } = twoDays();
  const page = reportPage(historyOf(records, null, nowMs));
  assert(page.includes("<dt>Failovers</dt>\n<dd><strong>8</strong>"));
  assert(page.includes("<dt>Longest outage of a path</dt>\n<dd><strong>41 min</strong>"));
  assert(page.includes("27 % of the last inquiries lost"));
  assert(page.includes("versions 0.1.0, 0.1.1"));
});

const NASTY = [
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  "' onmouseover='alert(1)",
  "</style></title></svg><b>",
  "&lt;b&gt;",
  "\u202egnp.exe",
  "<!--",
  "]]>",
];

/** A page full of a word: as the name of everything that has one, as reason and as text. */
function pageWith(word: string): string {
  const path = { node: word, network: word, address: word };
  const notices: Notice[] = [
    { ...down(path), cause: { kind: "own-network", reason: word } } as Notice,
    { ...down(path, [{ kind: "stays", address: word, why: word }]) },
    { kind: "node-restarted", node: word, address: word },
  ];
  const diary = new Diary(word).start(0, word).sample([sampledPath(path)], 1);
  for (const notice of notices) diary.notice(notice, 2);
  return pageOf(diary);
}

Deno.test("no name or reason, however hostile, becomes markup", () => {
  const plain = tagsOf(pageWith("plain"));
  for (const word of NASTY) {
    const page = pageWith(word);
    assertEquals(tagsOf(page), plain, word);
    assert(!page.includes("\u202e"));
  }
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 60 }), (word) => {
      assertEquals(tagsOf(pageWith(word)), plain);
    }),
    { numRuns: 60 },
  );
});

Deno.test("what is escaped reads back as it was", () => {
  assertEquals(escapeHtml(`<a b='c' d="e">&`), "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;");
});

Deno.test("a page of nothing says so, rather than showing empty pictures", () => {
  const page = reportPage(historyOf({ events: [], samples: [], broken: 0 }, null, BEGIN));
  for (const text of ["No path is known", "Nothing was measured", "Nothing failed"]) {
    assert(page.includes(text), text);
  }
  tagsOf(page);
});

Deno.test("what lasts no time at all is still drawn, and within its picture", () => {
  const diary = new Diary().start(0).sample([sampledPath(ON_A)], 0)
    .notice(down(), MINUTE - 1);
  const page = pageOf(diary);
  const [, x, width] = /<rect class="down" x="([\d.]+)" y="0" width="([\d.]+)"/.exec(page) ?? [];
  assert(Number(width) >= 2 && Number(x) + Number(width) <= 1000);
});

Deno.test("a page of a thousand failures shows the latest of them, and says so", () => {
  const diary = new Diary().start(0);
  for (let i = 0; i < 1000; i++) diary.notice(down(), i + 1);
  const page = pageOf(diary);
  assert(page.includes("The latest 500 of 1000."));
  assert(page.length < 400_000, `${page.length}`);
});

/** Paths of so many nodes on two networks; the first so many of them go down on A. */
function crowdOf(nodes: number, fallen: number): Diary {
  const diary = new Diary().start(0);
  const paths = Array.from({ length: nodes }, (_, i) => {
    const [node, host] = [`node${i}`, `${i >> 8}.${i & 255}`];
    return [["A", 1] as const, ["B", 2] as const].map(([network, lan]) => (
      { node, network, address: `10.${lan}.${host}` }
    ));
  });
  diary.sample(paths.flat().map((path) => sampledPath(path)), 0);
  for (const [i, [path = ON_A]] of paths.entries()) {
    if (i < fallen) diary.notice(down(path), 1000 + i);
  }
  return diary;
}

Deno.test("of a crowd only the paths that were in trouble are drawn, and the worst of them", () => {
  const drawn = (page: string) => page.split('class="row"').length - 1;
  assertEquals(drawn(pageOf(crowdOf(32, 1))), 64);
  const some = pageOf(crowdOf(40, 3));
  assertEquals(drawn(some), 3);
  assert(some.includes("3 of 80 paths; the others were neither down nor lossy nor held."));
  const none = pageOf(crowdOf(40, 0));
  assert(none.includes("0 of 80 paths; the others were neither down nor lossy nor held."));
  tagsOf(none);
  const many = pageOf(crowdOf(1000, 1000));
  assertEquals(drawn(many), 250);
  assert(many.includes("250 of 2000 paths; the others were down for less."));
  // Those that fell first were down for longest.
  const rows = (many.split("<table>")[1] ?? "").split("</table>")[0] ?? "";
  assert(rows.includes(">node249<") && !rows.includes(">node250<"));
});

Deno.test("lines that could not be read are told of", () => {
  const page = reportPage(historyOf({ events: [], samples: [], broken: 3 }, null, BEGIN));
  assert(page.includes("3 lines of the files could not be read."));
});
