/** Serves the metrics by HTTP to this machine. */
import { failureReason } from "./failure.ts";

/** Makes the page that is asked for. */
export type MakeMetrics = (format: "prometheus" | "openmetrics") => Promise<string>;

/** A running server, or why there is none. */
export type MetricsListener = { close(): Promise<void> } | { readonly failed: string };

const PATH = "/metrics";
const TYPES = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
} as const;
/** A page on a web server elsewhere may lead a browser here by a name of its own. */
const LOCAL_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Listens at a loopback address; one that is not is refused, whoever asks for it.
 *
 * @param listen the address and the port; port 0: a free one
 * @param opened is told the port
 */
export function serveMetrics(
  listen: { readonly hostname: string; readonly port: number },
  make: MakeMetrics,
  opened: (port: number) => void = () => {},
): MetricsListener {
  const { hostname, port } = listen;
  if (!/^127(?:\.\d{1,3}){3}$/.test(hostname) && hostname !== "::1") {
    return { failed: "must be a loopback address" };
  }
  try {
    const onListen = (address: Deno.NetAddr) => opened(address.port);
    const ending = new AbortController();
    const options = { hostname, port, onListen, signal: ending.signal };
    const server = Deno.serve(options, (request) => answer(request, make));
    return {
      close: () => {
        // Those who are being served are dropped: one who reads slowly must not hold up the end.
        ending.abort();
        return server.finished;
      },
    };
  } catch (error) {
    return { failed: failureReason(error) };
  }
}

async function answer(request: Request, make: MakeMetrics): Promise<Response> {
  const url = new URL(request.url);
  if (!LOCAL_NAME.test(url.hostname)) return refusal(403, "Ask by a name of this machine");
  if (url.pathname !== PATH) return refusal(404, `Only ${PATH} is here`);
  if (request.method !== "GET") return refusal(405, "Only GET is answered", { allow: "GET" });
  const format = formatFor(request.headers.get("accept") ?? "");
  const headers = { "content-type": TYPES[format], "cache-control": "no-store" };
  return new Response(await make(format), { headers });
}

/** OpenMetrics for those who name it. */
function formatFor(accept: string): keyof typeof TYPES {
  const isNamed = accept.split(",").some((each) => {
    const [type = "", ...parameters] = each.toLowerCase().split(";").map((part) => part.trim());
    if (type !== "application/openmetrics-text") return false;
    return !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
  return isNamed ? "openmetrics" : "prometheus";
}

function refusal(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers });
}
