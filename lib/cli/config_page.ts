/** The manual page faild.yaml(5), made from the table of options. */
import { DETAILS, ENTRIES, GROUPS, ORDER } from "../config/option_details.ts";
import { bothFlagsText, limitsText } from "../config/option_text.ts";
import {
  DEFAULT_CONFIG_FILE,
  type ListKey,
  LISTS,
  type Option,
  OPTIONS,
} from "../config/options.ts";
import {
  heading,
  literal,
  paragraph,
  plainText,
  prose,
  section,
  subsection,
  term,
} from "./troff.ts";

const PURPOSE = "configuration of faild";

const INTRODUCTION =
  `${DEFAULT_CONFIG_FILE} is read where faild(8) is given no other file by -c, ` +
  "and need not exist. It is YAML 1.2. Every key may be left out, and has its default then. A value " +
  "in the file overrides the flag of the same meaning. Durations are in seconds. What is unknown or " +
  "wrong is refused with key, rule and line, all of it at once, and the daemon does not start.";

const TRIAL =
  "faild init writes a file with every key, and the networks of the machine filled in; " +
  "faild check tries a file before it is used.";

const EXAMPLE = [
  "requestor: true",
  "interval: 0.05",
  "restore-after: 100",
  "networks:",
  "  - name: A",
  "    interface: eth0",
  "  - name: B",
  "    interface: eth1",
  "log:",
  "  file: /var/log/faild.log",
];

/** The source of the page, for man(1). */
export function configPage(version: string): string {
  return [
    ...heading("FAILD.YAML", 5, version),
    ...section("NAME", [`faild.yaml \\- ${plainText(PURPOSE)}`]),
    ...section("SYNOPSIS", prose(DEFAULT_CONFIG_FILE)),
    ...section("DESCRIPTION", [...prose(INTRODUCTION), ...paragraph(TRIAL)]),
    ...section("KEYS", ORDER.flatMap(part)),
    ...section("EXAMPLE", literal(EXAMPLE)),
    ...section("SEE ALSO", prose("faild(8)")),
    "",
  ].join("\n");
}

function part(head: string): string[] {
  const list = LISTS.find(({ key }) => key === head);
  if (list !== undefined) return subsection(head, listLines(list));
  const single = OPTIONS.find(({ key }) => key === head);
  if (single !== undefined) return subsection(head, prose(explanation(single)));
  const members = OPTIONS.filter(({ key }) => key.startsWith(`${head}.`));
  return subsection(head, [
    ...prose(GROUPS[head] ?? ""),
    ...members.flatMap((option) => term(option.key, explanation(option))),
  ]);
}

function explanation(option: Option): string {
  const { id, help, flag } = option;
  const spellings = flag === null ? "" : `Flag ${bothFlagsText(flag).trim()}.`;
  const fallback = option.kind === "switch" ? `Default ${option.default}.` : "";
  return [help, limitsText(option), fallback, DETAILS[id] ?? "", spellings]
    .filter((each) => each !== "").join(" ");
}

function listLines({ key, help, maximum }: ListKey): string[] {
  const text = [help, `At most ${maximum}.`, DETAILS[key] ?? ""].filter((each) => each !== "");
  return [
    ...prose(text.join(" ")),
    ".PP",
    ...literal([`${key}:`, ...ENTRIES[key].map((each) => `  ${each}`)]),
  ];
}
