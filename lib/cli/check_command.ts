/** `faild check`: what would run here, without starting it. Opens no socket and changes nothing. */
import type { Configuration } from "../config/merge.ts";
import { selectNetworks } from "../core/inventory.ts";
import { readLinks } from "../links.ts";
import { checkText } from "./check.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";

/** Prints the plan; the configuration is known to be right. */
export async function check(configuration: Configuration, host: Host): Promise<ExitCode> {
  const ip = host.startIp();
  const read = await readLinks(ip);
  await ip.close();
  if ("failed" in read) {
    complain(host, `Cannot read interfaces: ${read.failed}`);
    return EXIT.general;
  }
  host.out(checkText(configuration, selectNetworks(read.links, configuration.settings.networks)));
  return EXIT.ok;
}
