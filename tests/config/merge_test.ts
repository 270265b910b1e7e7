import { assert, assertEquals } from "@std/assert";
import { parse, stringify } from "@std/yaml";
import fc from "fast-check";
import { parseCommandLine } from "../../lib/config/command_line.ts";
import {
  type Configuration,
  mergeConfiguration,
  type Merged,
  nodeNameOf,
  overriddenText,
} from "../../lib/config/merge.ts";
import type { Given, Option, OptionId, Value } from "../../lib/config/options.ts";
import { OPTIONS } from "../../lib/config/options.ts";
import { isNodeName } from "../../lib/core/node_name.ts";

const FILE = "/etc/faild.yaml";

function given(argv: readonly string[], runDirFromEnvironment?: string): Given {
  const line = parseCommandLine(argv, { runDirFromEnvironment });
  if (!("given" in line)) throw new Error(`${argv.join(" ")} is read as ${line.kind}`);
  return line.given;
}

function merge(argv: readonly string[], text: string | null, variable?: string): Merged {
  return mergeConfiguration({
    given: given(argv, variable),
    yaml: text === null ? null : { file: FILE, text, parse },
    hostname: "host1",
  });
}

function configuration(merged: Merged): Configuration {
  if (merged.kind === "problems") throw new Error(JSON.stringify(merged.problems));
  return merged.configuration;
}

Deno.test("without flags and file everything has its default", () => {
  const { origins, ...rest } = configuration(merge([], null));
  assertEquals(rest, {
    settings: {
      requestor: false,
      intervalMs: 1000,
      failAfter: 3,
      restoreAfter: 10,
      port: 32453,
      nodeName: "host1",
      networks: [],
      peers: [],
      routing: { table: 245, rulePriority: 3245, protocol: 245 },
    },
    runDir: "/run/faild",
    log: { file: null, level: "info", format: "text" },
    file: null,
    overridden: [],
  });
  assertEquals(new Set(Object.values(origins)), new Set(["default"]));
  assertEquals(Object.keys(origins).length, OPTIONS.length + 2);
});

Deno.test("a value in the file overrides the flag, and both are named", () => {
  const argv = ["-r", "-t", "2", "-f", "5", "-l", "/a"];
  const text = "requestor: false\ninterval: 0.5\nlog:\n  file: /b\n";
  const { settings, log, origins, overridden } = configuration(merge(argv, text));
  assertEquals([settings.requestor, settings.intervalMs, settings.failAfter, log.file], [
    false,
    500,
    5,
    "/b",
  ]);
  assertEquals([origins.interval, origins.failAfter, origins.port], [
    "/etc/faild.yaml:2",
    "flag -f",
    "default",
  ]);
  assertEquals(overridden.map(overriddenText), [
    "flag -r is overridden by requestor false (/etc/faild.yaml:1)",
    "flag -t 2 is overridden by interval 0.5 (/etc/faild.yaml:2)",
    "flag -l /a is overridden by log.file /b (/etc/faild.yaml:4)",
  ]);
});

Deno.test("the run directory is taken from the file before the flag before the environment", () => {
  const from = (argv: string[], text: string, variable?: string) => {
    const { runDir, origins } = configuration(merge(argv, text, variable));
    return [runDir, origins.runDir];
  };
  assertEquals(from([], "", undefined), ["/run/faild", "default"]);
  assertEquals(from([], "", "/e"), ["/e", "environment FAILD_RUN_DIR"]);
  assertEquals(from(["--run-dir", "/f"], "", "/e"), ["/f", "flag --run-dir"]);
  assertEquals(from(["--run-dir", "/f"], "run-dir: /y", "/e"), ["/y", "/etc/faild.yaml:1"]);
  const { overridden } = configuration(merge([], "run-dir: /y", "/e"));
  assertEquals(overridden.map(overriddenText), [
    "environment FAILD_RUN_DIR /e is overridden by run-dir /y (/etc/faild.yaml:1)",
  ]);
});

Deno.test("the lists of the file become the settings of the core", () => {
  const text = `networks: [{name: A, subnet: 10.1.2.3/16}, {name: B, interface: eth1}]
peers: [{node: x, addresses: [10.1.0.1]}]
`;
  const { settings, origins, file } = configuration(merge([], text));
  assertEquals(settings.networks, [{ name: "A", subnet: "10.1.0.0/16" }, {
    name: "B",
    interfaceName: "eth1",
  }]);
  assertEquals(settings.peers, [{ node: "x", addresses: ["10.1.0.1"] }]);
  assertEquals([origins.networks, origins.peers, file], [`${FILE}:1`, `${FILE}:2`, FILE]);
});

Deno.test("one problem in the file is enough to have no configuration", () => {
  const merged = merge(["-t", "2"], "port: 0\ninterval: 1\n");
  assertEquals(merged.kind, "problems");
});

Deno.test("an interval is exact to the microsecond", () => {
  for (const [text, ms] of [["0.07", 70], ["0.0333333", 33.333], ["0.01", 10], ["3600", 3600000]]) {
    assertEquals(configuration(merge(["-t", String(text)], null)).settings.intervalMs, ms);
  }
});

Deno.test("any host name becomes the name of a node", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["host1", "host1"],
    ["host-1.example.org", "host-1.example.org"],
    ["_host", "host"],
    ["my host", "my-host"],
    ["", "node"],
    ["--", "node"],
    ["a".repeat(64), "a".repeat(63)],
  ];
  for (const [hostname, name] of cases) assertEquals(nodeNameOf(hostname), name);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (hostname) => {
    assert(isNodeName(nodeNameOf(hostname)));
  }));
  fc.assert(fc.property(fc.string({ unit: "binary" }).filter(isNodeName), (hostname) => {
    assertEquals(nodeNameOf(hostname), hostname);
  }));
});

/** Values that an option may have. */
function valueOf(option: Option): fc.Arbitrary<Value> {
  switch (option.kind) {
    case "switch":
      return fc.boolean();
    case "number":
      return fc.oneof(
        ...option.ranges.map(([least, most]) =>
          option.whole
            ? fc.integer({ min: least, max: most })
            : fc.integer({ min: least * 1000, max: most * 1000 }).map((each) => each / 1000)
        ),
      );
    case "choice":
      return fc.constantFrom(...option.choices) as fc.Arbitrary<Value>;
    case "path":
      return fc.stringMatching(/^\/[a-z=" '-]{0,10}$/);
    case "name":
      return fc.stringMatching(/^[a-z][a-z0-9.-]{0,10}$/);
  }
}

/** Any subset of some options, each with a lawful value. */
function subset(options: readonly Option[]): fc.Arbitrary<Partial<Record<OptionId, Value>>> {
  const fields = Object.fromEntries(options.map((option) => [option.id, valueOf(option)]));
  return fc.record(fields, { requiredKeys: [], noNullPrototype: true });
}

const withFlag = OPTIONS.filter(({ flag }) => flag !== null);

function argvOf(values: Partial<Record<OptionId, Value>>): string[] {
  return withFlag.flatMap(({ id, flag }) => {
    const value = values[id];
    // There is no flag that takes a switch back.
    if (value === undefined || value === false || flag === null) return [];
    return flag.argument === null ? [`--${flag.long}`] : [`--${flag.long}`, String(value)];
  });
}

function yamlOf(values: Partial<Record<OptionId, Value>>): string {
  const root: Record<string, unknown> = {};
  for (const { id, key } of OPTIONS) {
    const value = values[id];
    if (value === undefined) continue;
    const [head = "", tail] = key.split(".");
    if (tail === undefined) root[head] = value;
    else root[head] = { ...(root[head] as Record<string, unknown> | undefined), [tail]: value };
  }
  return stringify(root);
}

/** The configuration as values of options again. */
function flatten({ settings, log, runDir }: Configuration): Record<OptionId, Value> {
  const { table, rulePriority, protocol } = settings.routing;
  return {
    requestor: settings.requestor,
    interval: settings.intervalMs / 1000,
    failAfter: settings.failAfter,
    restoreAfter: settings.restoreAfter,
    port: settings.port,
    logFile: log.file,
    logLevel: log.level,
    logFormat: log.format,
    node: settings.nodeName,
    table,
    rulePriority,
    protocol,
    runDir,
  };
}

Deno.test("whatever flags and file say, each value comes from the file, else the flag, else the default", () => {
  fc.assert(fc.property(subset(withFlag), subset(OPTIONS), (flags, file) => {
    const merged = configuration(merge(argvOf(flags), yamlOf(file)));
    const values = flatten(merged);
    for (const option of OPTIONS) {
      const { id } = option;
      const flag = flags[id] === false ? undefined : flags[id];
      const fallback = id === "node" ? "host1" : option.default;
      assertEquals(values[id], file[id] ?? flag ?? fallback, id);
      const origin = merged.origins[id];
      if (file[id] !== undefined) assert(/^\/etc\/faild\.yaml:\d+$/.test(origin), origin);
      else assertEquals(origin, flag === undefined ? "default" : `flag --${option.flag?.long}`);
      const isOverridden = file[id] !== undefined && flag !== undefined;
      const named = merged.overridden.filter(({ key }) => key === option.key);
      assertEquals(named.length, isOverridden ? 1 : 0, id);
    }
  }));
});

Deno.test("whatever the file says, it is merged or refused, never thrown", () => {
  const yaml = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.json());
  fc.assert(fc.property(subset(withFlag), yaml, (flags, text) => {
    const merged = merge(argvOf(flags), text);
    assert(merged.kind === "configuration" || merged.problems.length > 0);
  }));
});
