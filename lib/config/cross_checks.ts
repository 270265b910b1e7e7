/** Rules that hold between options, whatever source each of them came from. */

import { type OptionId, optionOf } from "./options.ts";
import type { Problem } from "./problem.ts";
import type { ValueOf } from "./resolve.ts";

/** Where an option got its value from. */
type OriginOf = (id: OptionId) => string;

/** `id` must be at most `bound`, or below it; an option without a value breaks no rule. */
interface Order {
  readonly id: OptionId;
  readonly bound: OptionId;
  readonly strictly: boolean;
}

const ORDERS: readonly Order[] = [
  { id: "confirmInterval", bound: "interval", strictly: false },
  { id: "answerWaitFloor", bound: "answerWaitCeiling", strictly: false },
  { id: "answerWaitFloor", bound: "interval", strictly: false },
  { id: "answerWaitCeiling", bound: "interval", strictly: false },
  { id: "lossReturnBelow", bound: "lossLeaveAbove", strictly: true },
];

/** Everything that does not go together; each with both values and where they stand. */
export function crossProblems(value: ValueOf, origin: OriginOf): readonly Problem[] {
  return [
    ...ORDERS.flatMap((order) => orderProblem(order, value, origin)),
    ...keyFileProblem(value, origin),
  ];
}

function orderProblem({ id, bound, strictly }: Order, value: ValueOf, origin: OriginOf): Problem[] {
  const [low, high] = [value(id), value(bound)];
  if (typeof low !== "number" || typeof high !== "number") return [];
  if (strictly ? low < high : low <= high) return [];
  const { key, unit } = numberOf(bound);
  const rule = `must be ${strictly ? "below" : "at most"} ${key}`;
  return [{
    verb: "use",
    subject: optionOf(id).key,
    rule: `${rule}, which is ${high}${unit} (${origin(bound)})`,
    value: String(low),
    where: origin(id),
  }];
}

function numberOf(id: OptionId): { readonly key: string; readonly unit: string } {
  const option = optionOf(id);
  const unit = option.kind === "number" && option.unit !== null ? ` ${option.unit}` : "";
  return { key: option.key, unit };
}

function keyFileProblem(value: ValueOf, origin: OriginOf): Problem[] {
  const mode = value("authMode");
  if (mode === "off" || value("authKeyFile") !== null) return [];
  return [{
    verb: "use",
    subject: optionOf("authKeyFile").key,
    rule: `must be given where ${optionOf("authMode").key} is ${mode}`,
    value: "missing",
    where: origin("authMode"),
  }];
}
