import { assert, assertEquals } from "@std/assert";
import { isAccepted, MAX_HEAD_BYTES, parseRequestHead } from "../../lib/host/http_request.ts";
import { serveMetrics } from "../../lib/host/metrics_listener.ts";
import { Child } from "./child.ts";

/** Serves a page that names its format, for as long as `body` takes. */
async function serving(hostname: string, body: (port: number) => Promise<void>): Promise<void> {
  const make = (format: string) => Promise.resolve(`${format}\n`);
  const listener = serveMetrics({ hostname, port: 0 }, make);
  if ("failed" in listener) throw new Error(listener.failed);
  try {
    await body(listener.port);
  } finally {
    await listener.close();
  }
}

/** Sends a request as it is written; returns the status line, the headers and the body. */
async function request(hostname: string, port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname, port });
  await connection.write(new TextEncoder().encode(text));
  let answer = "";
  const buffer = new Uint8Array(4096);
  for (let read; (read = await connection.read(buffer)) !== null;) {
    answer += new TextDecoder().decode(buffer.subarray(0, read));
  }
  return answer;
}

function get(path: string, headers: readonly string[] = []): string {
  return [`GET ${path} HTTP/1.1`, "Host: localhost", ...headers, "Connection: close", "", ""].join(
    "\r\n",
  );
}

for (const hostname of ["127.0.0.1", "::1"]) {
  Deno.test(`metrics are served at ${hostname}, in the format that is asked for`, async () => {
    await serving(hostname, async (port) => {
      const plain = await request(hostname, port, get("/metrics"));
      assert(plain.startsWith("HTTP/1.1 200 "), plain);
      assert(plain.includes("text/plain; version=0.0.4") && plain.includes("prometheus\n"), plain);
      const accept = "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
      const open = await request(hostname, port, get("/metrics?x=1", [accept]));
      assert(open.includes("application/openmetrics-text; version=1.0.0"), open);
      assert(open.includes("openmetrics\n"), open);
    });
  });
}

Deno.test("nothing else is served", async () => {
  await serving("127.0.0.1", async (port) => {
    const status = async (text: string) => (await request("127.0.0.1", port, text)).slice(9, 12);
    assertEquals(await status(get("/")), "404");
    assertEquals(await status(get("/metrics/")), "404");
    assertEquals(await status(get("/metrics").replace("GET", "POST")), "405");
    assertEquals(await status(get("/metrics").replace("localhost", "evil.example")), "403");
    assertEquals(await status(get("/metrics").replace("localhost", "127.0.0.1:9345")), "200");
    assertEquals(await status("no HTTP at all\r\n\r\n"), "400");
    assertEquals(await status(get("/metrics").replace("localhost", "[[[")), "400");
    assertEquals(await status(`GET /${"x".repeat(MAX_HEAD_BYTES)}`), "400");
  });
});

Deno.test("of a request only what the standard allows is understood", () => {
  const line = "GET /metrics?a=b HTTP/1.1";
  const read = (...lines: string[]) => parseRequestHead(lines.join("\r\n"));
  assertEquals(read(line, "HOST:\t[::1]:9345 ", "Accept: A/b", "accept:c/d;q=0"), {
    method: "GET",
    path: "/metrics",
    hostname: "[::1]",
    accept: "a/b,c/d;q=0",
  });
  assertEquals(read("GET / HTTP/1.0")?.hostname, null);
  assertEquals(parseRequestHead("GET / HTTP/1.1\nHost: LocalHost")?.hostname, "localhost");
  const refused: readonly (readonly string[])[] = [
    [""],
    [line],
    [line, "Host: a", "Host: a"],
    [line, "Host: a b"],
    [line, "Host: a@b"],
    [line, "Host:"],
    [line, "Host : a"],
    [line, "Host: a", " folded"],
    [line, "Host: a", "X: \0"],
    [line, "Host: a", "none"],
    [line, "Host: a", ": none"],
    ["GET http://localhost/metrics HTTP/1.1", "Host: localhost"],
    ["get /metrics HTTP/1.1", "Host: localhost"],
    ["PRI * HTTP/2.0"],
  ];
  for (const lines of refused) assertEquals(read(...lines), null, lines.join("|"));
});

Deno.test("no head takes long to read, whatever it is made of", () => {
  const line = "GET /metrics HTTP/1.1\r\nHost: a\r\n";
  const began = performance.now();
  for (const unit of [" ", "\t", ":", ": ", ",", ";", "a", "a:", ";q=0", ";q=0.0", "a/b;q=0 ,"]) {
    for (const name of ["X:", "Accept:", "Host:", ""]) {
      for (const last of ["", "\x01"]) {
        const most = MAX_HEAD_BYTES - line.length - name.length - last.length;
        const field = name + unit.repeat(Math.floor(most / unit.length)) + last;
        for (let i = 0; i < 10; i++) {
          const read = parseRequestHead(line + field);
          if (read !== null) isAccepted("a/b", read.accept);
        }
      }
    }
  }
  // Nearly a thousand heads: a millisecond each would be a slow machine, a second each is an attack.
  assert(performance.now() - began < 10_000);
});

Deno.test("a type is accepted where it is named, unless with a quality of zero", () => {
  const accepts = (accept: string) => isAccepted("a/b", accept);
  assertEquals(["a/b", "c/d, a/b;v=1", "a/b;q=0.5"].filter((each) => !accepts(each)), []);
  assertEquals(["", "*/*", "a/bc", "a/b;q=0", "a/b; q=0.000"].filter(accepts), []);
});

Deno.test("a fault in the page is answered, and ends nothing", async () => {
  const make = () => Promise.reject(new Error("a fault"));
  const listener = serveMetrics({ hostname: "127.0.0.1", port: 0 }, make);
  if ("failed" in listener) throw new Error(listener.failed);
  for (let i = 0; i < 2; i++) {
    const answer = await request("127.0.0.1", listener.port, get("/metrics"));
    assertEquals(answer.slice(9, 12), "500");
  }
  await listener.close();
});

Deno.test("who comes when enough are served waits until one of them has left", async () => {
  await serving("127.0.0.1", async (port) => {
    const idle = await Promise.all(
      Array.from({ length: 20 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
    );
    let isAnswered = false;
    const late = request("127.0.0.1", port, get("/metrics")).then((answer) => {
      isAnswered = true;
      return answer.slice(9, 12);
    });
    // One that is served at once would be answered by now: this one takes as many turns.
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    const early = isAnswered;
    for (const connection of idle) connection.close();
    assertEquals([early, await late], [false, "200"]);
  });
});

Deno.test("a process that is out of descriptors lives on, and answers when it has some again", async () => {
  const code = `
    import { serveMetrics } from "lib/host/metrics_listener.ts";
    const files = [];
    const free = () => files.forEach((file) => file.close());
    Deno.addSignalListener("SIGUSR1", free);
    const place = { hostname: "127.0.0.1", port: 0 };
    const listener = serveMetrics(place, () => Promise.resolve("page"));
    try {
      while (files.length < 100) files.push(Deno.openSync("/dev/null"));
    } catch {}
    console.log(listener.port + " " + files.length);
  `;
  await using child = new Child(code, ["sh", "-c", 'ulimit -n 60; exec "$0" "$@"']);
  const [port = 0, taken = 0] = (await child.line() ?? "").split(" ").map(Number);
  assert(taken > 0 && taken < 60, `${taken} files were open`);
  const asked = request("127.0.0.1", port, get("/metrics"));
  child.kill("SIGUSR1");
  assert((await asked).endsWith("page"));
});

Deno.test("the end waits for nobody who asks or reads slowly", async () => {
  const open: Deno.Conn[] = [];
  await serving("127.0.0.1", async (port) => {
    for (const text of ["GET /metr", get("/metrics").replace("close", "keep-alive")]) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(new TextEncoder().encode(text));
      open.push(connection);
    }
    // By now the second has its answer, and its connection is idle.
    await open[1]?.read(new Uint8Array(4096));
  });
  for (const connection of open) connection.close();
});

Deno.test("an address that others can reach is refused", () => {
  for (const hostname of ["0.0.0.0", "::", "192.168.1.1", "localhost", "127.0.0.1.example"]) {
    const listener = serveMetrics({ hostname, port: 0 }, () => Promise.resolve(""));
    assertEquals(listener, { failed: "must be a loopback address" });
  }
});

Deno.test("a port that somebody else has is told of", () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const listener = serveMetrics({ hostname: "127.0.0.1", port }, () => Promise.resolve(""));
  assertEquals(listener, { failed: "Address already in use" });
});
