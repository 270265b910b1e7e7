/** The interfaces of this host, read by `ip`. */
import { type Link, parseLinks } from "./core/ip_json.ts";
import { type ExchangeResult, SHOW_LINKS } from "./core/ip_text.ts";

/** What came of reading the interfaces. */
export type LinksResult = { readonly links: readonly Link[] } | { readonly failed: string };

/** The part of `ip` that is needed. */
interface Ip {
  exchange(changes: readonly string[], shows: readonly string[]): Promise<ExchangeResult>;
}

/** Reads all interfaces with their addresses. */
export async function readLinks(ip: Ip): Promise<LinksResult> {
  const result = await ip.exchange([], [SHOW_LINKS]);
  if (result.kind === "failed") return { failed: result.reason };
  const parsed = parseLinks(result.shown[0] ?? "");
  return parsed.kind === "error" ? { failed: parsed.reason } : { links: parsed.value };
}
