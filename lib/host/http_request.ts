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
/** RFC 9110, section 5.6.2: a token, as the name of a field is one. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110, section 5.5: a value has no control characters. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
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
    const field = parseField(line);
    if (field === null) return null;
    const [name, value] = field;
    if (name === "host") hosts.push(value);
    else if (name === "accept") accepted.push(value);
  }
  // RFC 9112, section 3.2: one, and since HTTP/1.1 not none.
  if (hosts.length > 1 || (hosts.length === 0 && minor === "1")) return null;
  const hostname = hosts.length === 0 ? null : HOST.exec(hosts[0] ?? "")?.[1];
  if (hostname === undefined) return null;
  return { method, path: target.split("?", 1)[0] ?? "", hostname, accept: accepted.join(",") };
}

/**
 * The name and the value of a field (RFC 9112, section 5), both in lower case; null: the line is none. Cut by hand: an
 * expression that also skips the blanks around the value tries them in ever new ways where the value is wrong.
 */
function parseField(line: string): readonly [string, string] | null {
  const colon = line.indexOf(":");
  // Without a colon nothing is left of a name.
  const name = line.slice(0, Math.max(colon, 0));
  const value = line.slice(colon + 1);
  if (!TOKEN.test(name) || !VALUE.test(value)) return null;
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value[start])) start++;
  while (end > start && isBlank(value[end - 1])) end--;
  return [name.toLowerCase(), value.slice(start, end).toLowerCase()];
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

/** Whether a type is among those that `Accept` names, and not with a quality of zero. */
export function isAccepted(type: string, accept: string): boolean {
  return accept.split(",").some((each) => {
    const [name, ...parameters] = each.split(";").map((part) => part.trim());
    return name === type && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
