/** `faild init`: a configuration file for this machine, with its networks filled in. */
import type { CommandCall } from "../config/command_line.ts";
import { exampleFile, type FoundNetwork } from "../config/example_file.ts";
import { nodeNameOf } from "../config/merge.ts";
import { DEFAULT_CONFIG_FILE } from "../config/options.ts";
import { selectNetworks } from "../core/inventory.ts";
import type { Network } from "../core/types.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { linksHere } from "./links_here.ts";

/** Everybody may read it: the keys are in a file of their own. */
export const CONFIG_MODE = 0o644;

/** Writes the file; one that is there is never overwritten. */
export async function initCommand({ flags }: CommandCall, host: Host): Promise<ExitCode> {
  const given = flags.get("output");
  const file = typeof given === "string" ? given : DEFAULT_CONFIG_FILE;
  const made = await configurationText(host);
  if (made === null) return EXIT.general;
  if (file === "-") {
    host.out(made.text);
    return EXIT.ok;
  }
  const written = host.placer.createFile(file, made.text, CONFIG_MODE);
  if (written.kind === "exists") {
    complain(host, `Cannot write ${file}: it is there already, and is not overwritten`);
    return EXIT.general;
  }
  if (written.kind === "failed") {
    complain(host, `Cannot write ${file}: ${written.reason}`);
    return written.isDenied ? EXIT.permission : EXIT.general;
  }
  const names = made.networks.map(({ name }) => name).join(", ");
  const what = names === "" ? "without networks: none was found" : `with networks ${names}`;
  const next = file === DEFAULT_CONFIG_FILE
    ? "look into it; faild check; faild install; the same on each other host"
    : `faild check -c ${file}`;
  host.out(`${file} written ${what}; this host is a requestor\nNext: ${next}\n`);
  return EXIT.ok;
}

/** The text of a configuration for this machine, and its networks. */
export interface MachineConfiguration {
  readonly text: string;
  readonly networks: readonly FoundNetwork[];
}

/** Looks at the interfaces; null where they cannot be read, which was said on standard error. */
export async function configurationText(host: Host): Promise<MachineConfiguration | null> {
  const links = await linksHere(host);
  if (links === null) return null;
  const selected = selectNetworks(links, []);
  for (const { name, reason } of selected.problems) complain(host, `Left out ${name}: ${reason}`);
  const networks = foundNetworks(selected.networks);
  return { text: exampleFile(networks), networks };
}

/** The networks under names that they may have in a file; an interface may have another. */
function foundNetworks(networks: readonly Network[]): FoundNetwork[] {
  const taken = new Set<string>();
  return networks.map(({ interfaceName, address, prefixLength, usable, reason }) => {
    const plain = nodeNameOf(interfaceName);
    let name = plain;
    for (let number = 2; taken.has(name); number++) name = `${plain}-${number}`;
    taken.add(name);
    const now = usable ? "" : `, not usable now: ${reason ?? "reason unknown"}`;
    return { name, interfaceName, note: `${address}/${prefixLength}${now}` };
  });
}
