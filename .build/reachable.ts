/**
 * Asks whether a file can be downloaded, without downloading it: prints nothing where it can, else the reason, and then
 * ends with exit status 1. It waits ten seconds at most, since a silent firewall would keep a download waiting for minutes.
 */
const WAIT_MS = 10_000;

/** Why the file at this URL cannot be had; undefined where it can. */
async function reasonAgainst(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(WAIT_MS) });
    return response.ok ? undefined : `${url} answers ${response.status}`;
  } catch (error) {
    return error instanceof DOMException
      ? `${url} does not answer within ${WAIT_MS / 1000} s`
      : `${url} cannot be reached`;
  }
}

const reason = await reasonAgainst(Deno.args[0] ?? "");
if (reason !== undefined) {
  console.log(reason);
  Deno.exit(1);
}
