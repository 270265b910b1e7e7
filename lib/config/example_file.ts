/**
 * The text of a configuration file that shows every key, made from the table of options: config.example.yaml, and
 * what `faild init` writes.
 */

import { bothFlagsText, limitsText } from "./option_text.ts";
import { DETAILS, ENTRIES, GROUPS, ORDER, SHOWN } from "./option_details.ts";
import { type ListKey, LISTS, type Option, type OptionId, OPTIONS } from "./options.ts";
import { wrapped } from "./wrapped.ts";

/** Lines stay within so many characters. */
const WIDTH = 100;

const HEADER = [
  "Configuration of faild. Read from the file of -c, else from /etc/faild.yaml if it exists.",
  "",
  'Every key is shown. Remove the "#" directly before a key to set it; what stays commented out has ' +
  "its default, which is the value shown unless the text says otherwise. A value set here overrides " +
  "the flag of the same meaning. Durations are in seconds. `faild check -c FILE` tries a file before " +
  "it is used.",
];

/** A network of a machine, for the list of networks. */
export interface FoundNetwork {
  readonly name: string;
  readonly interfaceName: string;
  /** What is known of it, e.g. "192.168.1.1/24". */
  readonly note: string;
}

/**
 * Why the file of a machine makes it a requestor: two hosts that only answer do not watch each other, and whoever sets
 * up one host after the other would end with nothing but such.
 */
const REQUESTOR_SET =
  "Of two hosts at least one has to, or a cut between them is not found. All may; " +
  "where there are very many, those suffice with which all others talk: set false on " +
  "the rest.";

/**
 * The text, with a newline at its end.
 *
 * @param found the networks of a machine, for which the file is to be used as it is; none of them: the list is only
 *   shown. Null: it is for no machine, and nothing is set in it
 */
export function exampleFile(found: readonly FoundNetwork[] | null): string {
  const sections = ORDER.map((head) => {
    const list = LISTS.find(({ key }) => key === head);
    if (list !== undefined) return listSection(list, found ?? []);
    const single = OPTIONS.find(({ key }) => key === head);
    if (single === undefined) return groupSection(head, found !== null);
    return found !== null && single.id === "requestor"
      ? [...comment(`${single.help} ${REQUESTOR_SET}`, ""), "requestor: true"]
      : optionLines(single, "");
  });
  const header = HEADER.flatMap((text) => comment(text, ""));
  return [header, ...sections].map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function comment(text: string, indent: string): string[] {
  const head = `${indent}# `;
  return wrapped(text, WIDTH - head.length).map((line) => (head + line).trimEnd());
}

/** Who asks what happened last night asks after the restart that was to mend it: a machine keeps its events. */
const SET: readonly OptionId[] = ["eventsFile"];

function groupSection(head: string, isForMachine: boolean): string[] {
  const options = OPTIONS.filter(({ key }) => key.startsWith(`${head}.`));
  const blocks = options.map((option) =>
    optionLines(option, "  ", isForMachine && SET.includes(option.id)).join("\n")
  );
  return [...comment(GROUPS[head] ?? "", ""), `${head}:`, blocks.join("\n\n")];
}

function optionLines(option: Option, indent: string, isSet = false): string[] {
  const { id, key, help, flag } = option;
  const spellings = flag === null ? "" : `Flag ${bothFlagsText(flag).trim()}.`;
  const text = [help, limitsText(option), DETAILS[id] ?? "", spellings].filter((each) =>
    each !== ""
  );
  const shown = option.default ?? SHOWN[id] ?? "";
  return [
    ...comment(text.join(" "), indent),
    `${indent}${isSet ? "" : "#"}${key.split(".").at(-1)}: ${shown}`,
  ];
}

function listSection({ key, help, maximum }: ListKey, networks: readonly FoundNetwork[]): string[] {
  const text = [help, `At most ${maximum}.`, DETAILS[key] ?? ""].filter((each) => each !== "");
  if (key === "networks" && networks.length > 0) {
    return [...comment(text.join(" "), ""), `${key}:`, ...networks.flatMap(networkLines)];
  }
  return [...comment(text.join(" "), ""), `#${key}:`, ...ENTRIES[key].map((line) => `#  ${line}`)];
}

function networkLines({ name, interfaceName, note }: FoundNetwork): string[] {
  return [`  # ${note}`, `  - name: ${scalar(name)}`, `    interface: ${scalar(interfaceName)}`];
}

/** Text as YAML; in quotes where it could be taken for a number, a truth or a mark of YAML. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z][A-Za-z0-9_.-]*$/.test(text) &&
    !/^(null|true|false|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
