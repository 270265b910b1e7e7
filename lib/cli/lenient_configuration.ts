/** The configuration for commands that do without it where they may not read it. */
import type { Configured } from "../config/command_line.ts";
import { mergeConfiguration } from "../config/merge.ts";
import { DEFAULT_CONFIG_FILE } from "../config/options.ts";
import { complain } from "./complain.ts";
import { loadConfiguration, type Loaded, readConfigFile } from "./configuration.ts";
import type { Host } from "./host.ts";

/** As loadConfiguration(); a default file that may not be read is left alone, which is told on standard error. */
export async function loadLeniently(line: Configured, host: Host): Promise<Loaded> {
  if (line.configFile !== null) return await loadConfiguration(line, host);
  const read = readConfigFile(DEFAULT_CONFIG_FILE, host);
  if (read.kind !== "failed") return await loadConfiguration(line, host);
  complain(host, `Going on without ${DEFAULT_CONFIG_FILE}: ${read.reason}`);
  const merged = mergeConfiguration({ given: line.given, yaml: null, hostname: host.hostname() });
  return merged.kind === "configuration" ? merged : await loadConfiguration(line, host);
}
