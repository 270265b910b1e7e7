/** The report in a real browser. Where there is no Chromium these tests are skipped, and say so. */
import { assert, assertEquals } from "@std/assert";
import { historyOf } from "../../lib/report/history.ts";
import { reportPage } from "../../lib/report/page.ts";
import { BEGIN, Diary, down, MINUTE, sampledPath } from "./records.ts";
import { twoDays } from "./two_days.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const BROWSER = browserHere();
/** Part of the titles of tests that are skipped. */
const SKIPPED = BROWSER === null ? ` (skipped: none of ${NAMES.join(", ")} is here)` : "";

function browserHere(): string | null {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const name of NAMES) {
      try {
        if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
      } catch {
        // Not there.
      }
    }
  }
  return null;
}

/** What the browser made of a page. */
interface Seen {
  /** The document as the browser understood it. */
  readonly dom: string;
  readonly pdf: string;
  /** Errors of the page, e.g. of its policy. */
  readonly complaints: readonly string[];
}

async function browse(page: string): Promise<Seen> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/page.html`, page);
    const dom = await start(folder, "--dump-dom");
    await start(folder, "--no-pdf-header-footer", `--print-to-pdf=${folder}/page.pdf`);
    const pdf = new TextDecoder("latin1").decode(await Deno.readFile(`${folder}/page.pdf`));
    const complaints = dom.error.split("\n").filter((line) => line.includes("CONSOLE"));
    return { dom: dom.out, pdf, complaints };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function start(folder: string, ...args: string[]) {
  const quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
  const place = [`--user-data-dir=${folder}/profile`, "--no-first-run", "--hide-scrollbars"];
  const command = new Deno.Command(BROWSER ?? "", {
    args: [...quiet, ...place, "--enable-logging=stderr", ...args, `file://${folder}/page.html`],
    env: { HOME: folder },
  });
  const { stdout, stderr, success } = await command.output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  return { out: decoder.decode(stdout), error: decoder.decode(stderr) };
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

Deno.test({
  name:
    `Chromium understands a report as it was written, without complaint, and prints it${SKIPPED}`,
  ignore: BROWSER === null,
  fn: async () => {
    const { records, nowMs } = twoDays();
    const page = reportPage(historyOf(records, null, nowMs));
    const { dom, pdf, complaints } = await browse(page);
    assertEquals(complaints, []);
    for (const part of ["<section", "<figure", "<table", "<tr", "<svg", "<rect", "<path"]) {
      assertEquals(count(dom, part), count(page, part), part);
      assert(count(page, part) > 0);
    }
    assert(pdf.startsWith("%PDF-"));
    const pages = count(pdf, "/Type /Page\n") + count(pdf, "/Type /Page ");
    assert(pages >= 2 && pages <= 6, `${pages} pages`);
  },
});

Deno.test({
  name: `Chromium finds no element in names that look like some${SKIPPED}`,
  ignore: BROWSER === null,
  fn: async () => {
    const node = `"><img src=x onerror=alert(1)><script>alert(1)</script></title></svg>`;
    const path = { node, network: node, address: node };
    const diary = new Diary(node).start(0, node).sample([sampledPath(path)], 1)
      .notice(down(path, []), 2);
    const page = reportPage(historyOf(diary.records, null, BEGIN + MINUTE));
    const { dom, complaints } = await browse(page);
    assertEquals([count(dom, "<img"), count(dom, "<script"), complaints], [0, 0, []]);
    assertEquals(count(dom, "<svg"), count(page, "<svg"));
  },
});
