/** From the command line to a configuration: reads the file that counts and reports all that is wrong with it. */
import type { Configured } from "../config/command_line.ts";
import { type Configuration, mergeConfiguration } from "../config/merge.ts";
import { DEFAULT_CONFIG_FILE } from "../config/options.ts";
import { problemText, unreadableFile } from "../config/problem.ts";
import { MAX_FILE_CHARACTERS, type YamlFile } from "../config/yaml_file.ts";
import type { TextFile } from "../host/files.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";

/** A configuration, or the exit code after the problems were printed. */
export type Loaded = { readonly configuration: Configuration } | { readonly exit: ExitCode };

/** A configuration, or all that is wrong with it, a line each. */
export type Read =
  | { readonly configuration: Configuration }
  | { readonly problems: readonly string[] };

/** Loads the configuration that a command line asks for; problems go to standard error, a line each. */
export async function loadConfiguration(line: Configured, host: Host): Promise<Loaded> {
  const read = await readConfiguration(line, host);
  if ("configuration" in read) return read;
  for (const problem of read.problems) complain(host, problem);
  return { exit: EXIT.config };
}

/** Reads the configuration that a command line asks for. */
export async function readConfiguration(line: Configured, host: Host): Promise<Read> {
  const yaml = await readYamlFile(line.configFile, host);
  if ("reason" in yaml) {
    return { problems: [problemText(unreadableFile(yaml.file, yaml.reason))] };
  }
  const merged = mergeConfiguration({
    given: line.given,
    yaml: yaml.content,
    hostname: host.hostname(),
  });
  if (merged.kind === "configuration") return { configuration: merged.configuration };
  return { problems: merged.problems.map(problemText) };
}

/** The text of a configuration file. */
export function readConfigFile(file: string, host: Host): TextFile {
  // Every character takes at most four bytes.
  return host.readTextFile(file, 4 * MAX_FILE_CHARACTERS);
}

type YamlRead =
  | { readonly content: YamlFile | null }
  | { readonly file: string; readonly reason: string };

async function readYamlFile(named: string | null, host: Host): Promise<YamlRead> {
  const file = named ?? DEFAULT_CONFIG_FILE;
  const read = readConfigFile(file, host);
  if (read.kind === "failed") return { file, reason: read.reason };
  if (read.kind === "missing") {
    return named === null ? { content: null } : { file, reason: "No such file" };
  }
  return { content: { file, text: read.text, parse: await host.loadYaml() } };
}
