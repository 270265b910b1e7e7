import { assert, assertEquals } from "@std/assert";
import { type MetricsListener, serveMetrics } from "../../lib/host/metrics_listener.ts";

/** Serves a page that names its format, for as long as `body` takes. */
async function serving(hostname: string, body: (port: number) => Promise<void>): Promise<void> {
  const { promise: port, resolve } = Promise.withResolvers<number>();
  const listener: MetricsListener = serveMetrics(
    { hostname, port: 0 },
    (format) => Promise.resolve(`${format}\n`),
    resolve,
  );
  if ("failed" in listener) throw new Error(listener.failed);
  try {
    await body(await port);
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
  });
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
