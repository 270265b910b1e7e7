/** The interfaces of this machine, for the commands that only look at them. */
import type { Link } from "../core/ip_json.ts";
import { readLinks } from "../links.ts";
import { complain } from "./complain.ts";
import type { Host } from "./host.ts";

/** All interfaces with their addresses; null: they cannot be read, which was said on standard error. */
export async function linksHere(host: Host): Promise<readonly Link[] | null> {
  const ip = host.startIp();
  try {
    const read = await readLinks(ip);
    if ("links" in read) return read.links;
    complain(host, `Cannot read interfaces: ${read.failed}`);
    return null;
  } finally {
    await ip.close();
  }
}
