/** What is said about an option in text made from the table, and how a flag is spelled there. */

import type { Flag, Kind } from "./options.ts";
import { rangeText, ruleOf } from "./values.ts";

/** Range and default of an option as a sentence, e.g. "1 to 1000, default 3."; empty where there is nothing to say. */
export function limitsText(option: Kind): string {
  switch (option.kind) {
    case "number":
      return option.default === null
        ? `${rangeText(option)}. Default: ${option.derived}.`
        : `${rangeText(option)}, default ${option.default}.`;
    case "choice":
      return `${option.choices.join(", ")}; default ${option.default}.`;
    case "path":
      return option.default === null ? "" : `Default ${option.default}.`;
    case "failback":
      return `${ruleOf(option).replace("must be ", "")}; default ${option.default}.`;
    default:
      return "";
  }
}

/** The shorter spelling of a flag with what stands for its value, e.g. "-t SECONDS". */
export function flagText({ short, long, argument }: Flag): string {
  const name = short === null ? `--${long}` : `-${short}`;
  return argument === null ? name : `${name} ${argument}`;
}

/** Both spellings of a flag, those without a short one set below each other's long ones. */
export function bothFlagsText({ short, long, argument }: Flag): string {
  const name = short === null ? `    --${long}` : `-${short}, --${long}`;
  return argument === null ? name : `${name} ${argument}`;
}
