/** A strict reader of metrics as text. What the OpenMetrics standard forbids makes it throw. */

/** One metric with its samples. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

type Draft = { name: string; type: string | null; help: string | null; samples: Sample[] };

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const VALUE = /^[+-]?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Inf|NaN)$/;
const ESCAPES: Readonly<Record<string, string>> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/** How the samples of a type end; in the older text the declaration ends so, too. */
const ENDINGS: Readonly<Record<string, string>> = { counter: "_total", info: "_info", gauge: "" };

/** Reads a page; `format` is that of lib/metrics_text.ts. */
export function readExposition(
  text: string,
  format: "prometheus" | "openmetrics",
): ReadonlyMap<string, Family> {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the last line must have an end");
  if (format === "openmetrics" && lines.pop() !== "# EOF") {
    throw new Error("the page must end in EOF");
  }
  const families = new Map<string, Draft>();
  let current: Draft | null = null;
  for (const line of lines) {
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword !== undefined) {
      if (current?.name !== name) current = begin(families, name);
      declare(current, keyword, rest);
      continue;
    }
    if (line.startsWith("#") || line.trim() !== line) throw new Error(`no sample: ${line}`);
    if (current === null) throw new Error(`a sample without a metric: ${line}`);
    take(current, readSample(line), format);
  }
  return new Map([...families].map(([name, family]) => [name, finished(family)]));
}

function begin(families: Map<string, Draft>, name: string): Draft {
  if (!NAME.test(name)) throw new Error(`no name of a metric: ${name}`);
  if (families.has(name)) throw new Error(`${name} is declared twice, or its samples are apart`);
  const family: Draft = { name, type: null, help: null, samples: [] };
  families.set(name, family);
  return family;
}

function declare(family: Draft, keyword: string, rest: string): void {
  if (family.samples.length > 0) throw new Error(`${family.name} is declared after its samples`);
  if (keyword === "HELP") {
    if (family.help !== null) throw new Error(`${family.name} is explained twice`);
    if (/["\\]/.test(rest)) throw new Error(`help must be escaped: ${rest}`);
    family.help = rest;
  } else {
    if (family.type !== null || !(rest in ENDINGS)) {
      throw new Error(`type of ${family.name}: ${rest}`);
    }
    family.type = rest;
  }
}

function take(family: Draft, sample: Sample, format: "prometheus" | "openmetrics"): void {
  const { name, type } = family;
  const ending = ENDINGS[type ?? ""];
  if (ending === undefined) throw new Error(`${name} has no type`);
  const wanted = format === "openmetrics" ? name + ending : name;
  if (sample.name !== wanted) throw new Error(`${sample.name} must be ${wanted}`);
  if (type === "counter") {
    if (!sample.name.endsWith("_total")) throw new Error(`${name} must end in _total`);
    if (!(sample.value >= 0)) throw new Error(`${name} counts below zero`);
  }
  if (type === "info" && sample.value !== 1) throw new Error(`${name} must be 1`);
  const key = JSON.stringify([...sample.labels].sort());
  if (family.samples.some((other) => JSON.stringify([...other.labels].sort()) === key)) {
    throw new Error(`${name} has two samples of ${key}`);
  }
  family.samples.push(sample);
}

function readSample(line: string): Sample {
  const [, name = "", labels, value = ""] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (!NAME.test(name) || !VALUE.test(value)) throw new Error(`no sample: ${line}`);
  return {
    name,
    labels: readLabels(labels ?? ""),
    value: Number(value.replace("Inf", "Infinity")),
  };
}

function readLabels(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  let rest = text;
  while (rest !== "") {
    const [all, name = "", value = ""] =
      /^([^=]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=.)|$)/.exec(rest) ?? [];
    if (all === undefined || !LABEL.test(name) || labels.has(name)) {
      throw new Error(`labels: ${text}`);
    }
    labels.set(name, value.replace(/\\./g, (escape) => ESCAPES[escape] ?? ""));
    rest = rest.slice(all.length);
  }
  return labels;
}

function finished({ name, type, help, samples }: Draft): Family {
  if (type === null || help === null) throw new Error(`${name} must have a type and a help`);
  return { name, type, help, samples };
}
