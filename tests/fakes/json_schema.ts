/** Checks values against those keywords of JSON Schema that the schemas in docs/schema use; others are refused. */

type Schema = Readonly<Record<string, unknown>>;

const KEYWORDS: ReadonlySet<string> = new Set([
  "$schema",
  "$ref",
  "$defs",
  "title",
  "description",
  "type",
  "enum",
  "oneOf",
  "required",
  "properties",
  "additionalProperties",
  "items",
  "minimum",
  "maximum",
]);

/** All breaches of a schema, each with its place in the value. */
export function schemaFaults(value: unknown, schema: Schema, root = schema, at = "$"): string[] {
  const strange = Object.keys(schema).filter((keyword) => !KEYWORDS.has(keyword));
  if (strange.length > 0) throw new Error(`unknown keywords in the schema: ${strange}`);
  if (typeof schema["$ref"] === "string") {
    return schemaFaults(value, resolved(schema["$ref"], root), root, at);
  }
  const faults: string[] = [];
  const { type, enum: allowed, oneOf, minimum, maximum } = schema;
  if (type !== undefined && ![type].flat().some((each) => isOf(value, String(each)))) {
    faults.push(`${at} is no ${type}: ${JSON.stringify(value)}`);
  }
  if (Array.isArray(allowed) && !allowed.includes(value)) faults.push(`${at} is ${value}`);
  if (Array.isArray(oneOf)) {
    const tried = oneOf.map((each: Schema) => schemaFaults(value, each, root, at));
    if (tried.filter((found) => found.length === 0).length !== 1) faults.push(...tried.flat());
  }
  if (typeof value === "number") {
    if (typeof minimum === "number" && value < minimum) faults.push(`${at} is below ${minimum}`);
    if (typeof maximum === "number" && value > maximum) faults.push(`${at} is above ${maximum}`);
  }
  if (Array.isArray(value) && schema["items"] !== undefined) {
    const items = schema["items"] as Schema;
    value.forEach((each, i) => faults.push(...schemaFaults(each, items, root, `${at}[${i}]`)));
  }
  if (isOf(value, "object")) faults.push(...objectFaults(value as Schema, schema, root, at));
  return faults;
}

function objectFaults(value: Schema, schema: Schema, root: Schema, at: string): string[] {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  const required = (schema["required"] ?? []) as readonly string[];
  const other = schema["additionalProperties"];
  const missing = required.filter((key) => !(key in value)).map((key) => `${at}.${key} is missing`);
  return Object.entries(value).reduce((faults, [key, each]) => {
    const own = Object.hasOwn(properties, key) ? properties[key] : other;
    if (own === false) return [...faults, `${at}.${key} is not in the schema`];
    if (own === undefined || own === true) return faults;
    return [...faults, ...schemaFaults(each, own as Schema, root, `${at}.${key}`)];
  }, missing);
}

function resolved(reference: string, root: Schema): Schema {
  return reference.replace(/^#\//, "").split("/")
    .reduce((within, key) => within[key] as Schema, root);
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    default:
      throw new Error(`unknown type in the schema: ${type}`);
  }
}
