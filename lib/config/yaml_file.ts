/**
 * Reads the YAML file: every key is checked, and everything that is wrong with it is reported at once, with the
 * line where it can be had. The parser is handed in, so that it need not be loaded where there is no file.
 */

import type { AllowList, NetworkRule, StaticPeer } from "../core/types.ts";
import {
  ALLOW,
  type Given,
  HOOKS,
  type ListKey,
  LISTS,
  NETWORKS,
  type Option,
  type OptionId,
  OPTIONS,
  PEERS,
  type Sourced,
  type Value,
} from "./options.ts";
import { Findings, own } from "./findings.ts";
import { isMapping, type Problem, shownValue, unreadableFile } from "./problem.ts";
import { checkValue } from "./values.ts";
import { readAllowed } from "./yaml_allow.ts";
import { type Hook, readHooks } from "./yaml_hooks.ts";
import { readNetworks, readPeers } from "./yaml_lists.ts";
import { lineFinder, type Path, tabbedLine } from "./yaml_lines.ts";

/**
 * `parse` of @std/yaml. Its core schema has no merge keys ("<<"), with which a small file can keep the parser busy
 * for minutes, and no dates, for which a name could be taken.
 */
export type ParseYaml = (text: string, options: { readonly schema: "core" }) => unknown;

/** A configuration file and the parser for it. */
export interface YamlFile {
  /** Its name as it is to be shown. */
  readonly file: string;
  readonly text: string;
  readonly parse: ParseYaml;
}

/** What a file says; what is absent was not said. */
export interface YamlContent {
  readonly given: Given;
  readonly networks: Sourced<readonly NetworkRule[]> | null;
  readonly peers: Sourced<readonly StaticPeer[]> | null;
  /** As it stands there: peers are not in it. */
  readonly allow: Sourced<AllowList> | null;
  readonly hooks: Sourced<readonly Hook[]> | null;
  readonly problems: readonly Problem[];
}

/** A thousand peers need a quarter of it. */
export const MAX_FILE_CHARACTERS = 256 * 1024;

/** With many aliases a small file can stand for a huge one; this file has no use for them. */
const MAX_ALIASES = 100;

/** Reads a file's text. Never throws, whatever is in it. */
export function readYaml(yaml: YamlFile): YamlContent {
  const nothing = { given: new Map(), networks: null, peers: null, allow: null, hooks: null };
  const parsed = parseText(yaml);
  if ("rule" in parsed) return { ...nothing, problems: [parsed] };
  const { value } = parsed;
  const findings = new Findings(yaml.file, lineFinder(yaml.text, value));
  // Nothing but comments is as good as no file.
  if (value === null || value === undefined) return { ...nothing, problems: [] };
  if (!isMapping(value)) {
    findings.add([], "must be a mapping of keys to values", shownValue(value));
    return { ...nothing, problems: findings.sorted() };
  }
  const given = readOptions(value, findings);
  const networks = readList(value, NETWORKS, findings, readNetworks);
  const peers = readList(value, PEERS, findings, readPeers);
  const allow = readList(value, ALLOW, findings, readAllowed);
  const hooks = readList(value, HOOKS, findings, readHooks);
  return { given, networks, peers, allow, hooks, problems: findings.sorted() };
}

function parseText({ file, text, parse }: YamlFile): { readonly value: unknown } | Problem {
  if (text.length > MAX_FILE_CHARACTERS) {
    const rule = `must have at most ${MAX_FILE_CHARACTERS} characters`;
    return { ...unreadableFile(file, rule), value: String(text.length) };
  }
  const aliases = text.match(/(?<![^\s[\]{},:?-])\*[^\s*,[\]{}]/g)?.length ?? 0;
  if (aliases > MAX_ALIASES) {
    const rule = `must have at most ${MAX_ALIASES} aliases ("*")`;
    return { ...unreadableFile(file, rule), value: String(aliases) };
  }
  const tabbed = tabbedLine(text);
  if (tabbed !== null) {
    const rule = "must be indented by spaces, not by tabs";
    return { ...unreadableFile(file, rule), where: `${file}:${tabbed}` };
  }
  try {
    return { value: parse(text, { schema: "core" }) };
  } catch (error) {
    return syntaxProblem(file, error);
  }
}

/** The parser says where in its message: "reason at line 2, column 1:" and then an excerpt. */
function syntaxProblem(file: string, error: unknown): Problem {
  if (error instanceof RangeError) return unreadableFile(file, "is nested too deeply");
  const message = error instanceof Error ? error.message : String(error);
  const [first = ""] = message.split("\n");
  const position = / at line (\d+), column \d+:?$/.exec(first);
  const reason = position === null ? first : first.slice(0, position.index);
  const where = position === null ? file : `${file}:${position[1]}`;
  return { ...unreadableFile(file, `must be valid YAML: ${reason}`), where };
}

type Mapping = Readonly<Record<string, unknown>>;

/** Reads all options that are single values, and names the keys that are none. */
function readOptions(root: Mapping, findings: Findings): Given {
  const given = new Map<OptionId, Sourced<Value>>();
  const groups = new Map<string, Option[]>();
  for (const option of OPTIONS) {
    const [head = "", tail] = option.key.split(".");
    if (tail === undefined) readOption(option, root, [head], findings, given);
    else groups.set(head, [...(groups.get(head) ?? []), option]);
  }
  const single = OPTIONS.map(({ key }) => key).filter((key) => !key.includes("."));
  findings.addUnknownKeys([], root, [
    ...single,
    ...groups.keys(),
    ...LISTS.map(({ key }) => key),
  ]);
  for (const [head, options] of groups) {
    const group = own(root, head);
    // A heading whose keys are all commented out says nothing.
    if (group === undefined || group === null) continue;
    const tails = options.map(({ key }) => key.slice(head.length + 1));
    if (!isMapping(group)) {
      findings.add([head], `must be a mapping with ${tails.join(", ")}`, shownValue(group));
      continue;
    }
    options.forEach((option, index) =>
      readOption(option, group, [head, tails[index] ?? ""], findings, given)
    );
    findings.addUnknownKeys([head], group, tails);
  }
  return given;
}

function readOption(
  option: Option,
  mapping: Mapping,
  path: Path,
  findings: Findings,
  given: Map<OptionId, Sourced<Value>>,
): void {
  const value = own(mapping, String(path.at(-1)));
  if (value === undefined) return;
  const checked = checkValue(option, value);
  if (checked.ok) given.set(option.id, { value: checked.value, origin: findings.where(path) });
  else findings.add(path, checked.rule, checked.shown);
}

function readList<T>(
  root: Mapping,
  { key, maximum }: ListKey,
  findings: Findings,
  read: (entries: readonly unknown[], findings: Findings) => T,
): Sourced<T> | null {
  const list = own(root, key);
  // As above: a heading whose entries are all commented out.
  if (list === undefined || list === null) return null;
  if (!Array.isArray(list)) {
    findings.add([key], "must be a list", shownValue(list));
    return null;
  }
  if (list.length > maximum) {
    findings.add([key], `must have at most ${maximum} entries`, String(list.length));
    return null;
  }
  return { value: read(list, findings), origin: findings.where([key]) };
}
