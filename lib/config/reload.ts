/** What a running daemon can take from a configuration that was read anew, and what it cannot. */
import { changedSettings } from "../core/reconfigure.ts";
import type { Configuration } from "./merge.ts";
import { type OptionId, optionOf } from "./options.ts";
import type { Problem } from "./problem.ts";

/** What cannot change while a daemon runs: the marks of its routes, where it is found, and whether it signs. */
const FIXED: readonly {
  readonly id: OptionId;
  readonly value: (configuration: Configuration) => string | number;
  /** Whether two values are one and the same for this. */
  readonly isSame?: (before: string | number, after: string | number) => boolean;
}[] = [
  { id: "runDir", value: ({ runDir }) => runDir },
  { id: "port", value: ({ settings }) => settings.port },
  { id: "table", value: ({ settings }) => settings.routing.table },
  { id: "rulePriority", value: ({ settings }) => settings.routing.rulePriority },
  { id: "protocol", value: ({ settings }) => settings.routing.protocol },
  {
    id: "authMode",
    value: ({ settings }) => settings.auth,
    isSame: (before, after) => (before === "off") === (after === "off"),
  },
];

/** The parts of a configuration beside the settings of the core, by their keys in the file. */
const PARTS: readonly (readonly [string, (configuration: Configuration) => unknown])[] = [
  ["log", ({ log }) => log],
  ["auth.key-file", ({ keyFile }) => keyFile],
  ["control", ({ control }) => control],
  ["events", ({ events }) => events],
  ["metrics", ({ metrics }) => metrics],
  ["hooks", ({ hooks }) => hooks],
];

/** All that differs and cannot, each with the value that stays. */
export function fixedProblems(before: Configuration, after: Configuration): readonly Problem[] {
  return FIXED.flatMap(({ id, value, isSame = Object.is }) => {
    const [present, wanted] = [value(before), value(after)];
    if (isSame(present, wanted)) return [];
    return [{
      verb: "use" as const,
      subject: optionOf(id).key,
      rule: `must stay ${present} until faild is started anew`,
      value: String(wanted),
      where: after.origins[id],
    }];
  });
}

/** The keys of the file in which two configurations differ, the defaults that follow from them included. */
export function changedKeys(before: Configuration, after: Configuration): readonly string[] {
  const parts = PARTS.filter(([, part]) =>
    JSON.stringify(part(before)) !== JSON.stringify(part(after))
  );
  return [...changedSettings(before.settings, after.settings), ...parts.map(([key]) => key)];
}
