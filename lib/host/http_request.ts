/**
 * The head of an HTTP request (RFC 9112), as far as one who serves a single page needs it. All of it is hostile until
 * it is parsed.
 */

/** A longer head is refused. */
export const MAX_HEAD_BYTES = 8192;

/** What is asked for, and how. */
export interface HttpRequest {
  readonly method: string;
  /** Without what follows a "?". */
  readonly path: string;
  /** The name that the server was asked by, in lower case and without the port; null: it was not said. */
  readonly hostname: string | null;
  /** All that was said in `Accept`, in lower case. */
  readonly accept: string;
}

/** Section 3: a method, a path with a query, and the version. */
const REQUEST_LINE = /^([A-Z]{1,20}) (\/[\x21-\x7e]*) HTTP\/1\.([01])$/;
/** Section 5: a token (RFC 9110, section 5.6.2), and a value without control characters. */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;
/** RFC 9110, section 7.2: a name, an IPv4 address or an IPv6 address in brackets, and maybe a port. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{0,5})?$/;

/**
 * Reads a head.
 *
 * @param head its lines without the empty one that ends it, a character for each byte
 * @returns null: it is none
 */
export function parseRequestHead(head: string): HttpRequest | null {
  const [first = "", ...lines] = head.split(/\r?\n/);
  const [, method, target, minor] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || target === undefined) return null;
  const hosts: string[] = [];
  const accepted: string[] = [];
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return null;
    const lower = name.toLowerCase();
    if (lower === "host") hosts.push(value.toLowerCase());
    else if (lower === "accept") accepted.push(value.toLowerCase());
  }
  // RFC 9112, section 3.2: one, and since HTTP/1.1 not none.
  if (hosts.length > 1 || (hosts.length === 0 && minor === "1")) return null;
  const hostname = hosts.length === 0 ? null : HOST.exec(hosts[0] ?? "")?.[1];
  if (hostname === undefined) return null;
  return { method, path: target.split("?", 1)[0] ?? "", hostname, accept: accepted.join(",") };
}

/** Whether a type is among those that `Accept` names, and not with a quality of zero. */
export function isAccepted(type: string, accept: string): boolean {
  return accept.split(",").some((each) => {
    const [name, ...parameters] = each.split(";").map((part) => part.trim());
    return name === type && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
