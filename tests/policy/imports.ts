/** Who may import whom, and which packages: core <- config, shells <- cli <- main; the host is handed in by main. */

import { type Layer, layerOf } from "./source_file.ts";

/** `types`: only what is gone once the types are (`import type`); `all`: values too. */
type Reach = "types" | "all";

interface Rights {
  readonly layers: Readonly<Partial<Record<Layer, Reach>>>;
  /** Names of the import map that may be imported at the head of a file. */
  readonly packages: readonly string[];
  readonly reason: string;
}

const EVERYTHING = {
  core: "all",
  config: "all",
  host: "all",
  shells: "all",
  cli: "all",
  main: "all",
  tests: "all",
  build: "all",
} as const;

const RIGHTS: Readonly<Record<Layer, Rights>> = {
  core: {
    layers: { core: "all" },
    packages: [],
    reason: "the core stands alone, so that it can be simulated, tested and read alone",
  },
  config: {
    layers: { core: "all", config: "all" },
    packages: ["@std/cli/parse-args"],
    reason: "the configuration knows what the core decides, and nothing of how it is done",
  },
  host: {
    layers: { core: "types", config: "types", shells: "types", host: "all" },
    packages: ["@logtape/logtape"],
    reason: "the host does what it is told, and decides nothing",
  },
  shells: {
    layers: { core: "all", config: "types", shells: "all" },
    packages: [],
    reason: "the shells are handed their host, so that tests can hand them another",
  },
  cli: {
    layers: { core: "all", config: "all", shells: "all", cli: "all", host: "types" },
    packages: [],
    reason: "the commands are handed their host by main.ts",
  },
  main: {
    layers: { core: "all", config: "all", host: "all", shells: "all", cli: "all" },
    packages: [],
    reason: "main.ts puts the program together, and the program needs no test",
  },
  tests: {
    layers: EVERYTHING,
    packages: ["@std/assert", "@std/yaml", "@std/cli/parse-args", "@logtape/logtape", "fast-check"],
    reason: "tests use what the program uses, and the two libraries for tests",
  },
  build: {
    layers: { build: "all" },
    packages: [],
    reason: "the build must work before the program does",
  },
};

/**
 * Loaded when it is needed, not at every start: the parser when a configuration is read, and the platform's hash
 * functions where packets are signed.
 */
const LAZY_PACKAGES: Readonly<Record<string, readonly Layer[]>> = {
  "@std/yaml": ["main"],
  "node:crypto": ["host"],
};

/** Single files that may import more than their layer, and what. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // The log sink writes lines, and how a line looks is one pure function of the record.
  "lib/host/logger.ts": ["lib/log_line.ts", "lib/syslog_line.ts"],
};

/** How a file names what it imports. */
export interface Import {
  readonly specifier: string;
  readonly typesOnly: boolean;
  /** True for `import(…)`. */
  readonly dynamic: boolean;
}

/** The path that a relative specifier leads to, from the top of the tree; it may begin with `../`. */
function resolve(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.length > 0 && parts.at(-1) !== ".." ? parts.pop() : parts.push("..");
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function packageFault(layer: Layer, { specifier, dynamic }: Import): string | undefined {
  const { packages, reason } = RIGHTS[layer];
  const allowed = dynamic
    ? packages.includes(specifier) || LAZY_PACKAGES[specifier]?.includes(layer) === true
    : packages.includes(specifier);
  if (allowed) return undefined;
  if (LAZY_PACKAGES[specifier]?.includes(layer)) {
    return `${specifier} must be imported when needed, by import()`;
  }
  return `${layer} must not import ${specifier}: ${reason}`;
}

/** What is wrong with an import of the file at `path`; undefined if nothing is. */
export function importFault(path: string, imported: Import): string | undefined {
  const layer = layerOf(path);
  if (layer === undefined) return undefined;
  const { specifier, typesOnly } = imported;
  if (!specifier.startsWith(".")) return packageFault(layer, imported);
  const target = resolve(path, specifier);
  if (target === "deno.json" && (layer === "main" || layer === "tests")) return undefined;
  if (layer === "tests" && target === "config.example.yaml") return undefined;
  if (EXCEPTIONS[path]?.includes(target)) return undefined;
  const targetLayer = layerOf(target);
  const { layers, reason } = RIGHTS[layer];
  const reach = targetLayer === undefined ? undefined : layers[targetLayer];
  if (reach === "all" || (reach === "types" && typesOnly)) return undefined;
  if (reach === "types") {
    return `${layer} must import only types from ${targetLayer} (${target}): ${reason}`;
  }
  return `${layer} must not import ${target}: ${reason}`;
}
