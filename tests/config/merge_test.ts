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
      confirmIntervalMs: 1000,
      answerWait: { floorMs: 150, ceilingMs: 750 },
      loss: { window: 60, leaveAbove: 0.25, returnBelow: 0.05 },
      holdDown: { limitMs: 300_000, quietMs: 60_000 },
      failback: { kind: "auto" },
      stopGraceMs: 30_000,
      auth: "off",
      allow: null,
      failAfter: 3,
      restoreAfter: 10,
      port: 32453,
      nodeName: "host1",
      networks: [],
      peers: [],
      routing: { table: 245, rulePriority: 3245, protocol: 245 },
    },
    runDir: "/run/faild",
    log: { file: null, level: "info", format: "text", syslog: false },
    keyFile: null,
    control: { group: null },
    events: { file: "/run/faild/events.jsonl" },
    metrics: { file: null, listen: null },
    hooks: [],
    file: null,
    overridden: [],
  });
  assertEquals(new Set(Object.values(origins)), new Set(["default"]));
  assertEquals(Object.keys(origins).length, OPTIONS.length + 4);
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

Deno.test("times that nobody chose follow from the intervals, and give way to those that somebody did", () => {
  const times = (text: string, ...argv: string[]) => {
    const { confirmIntervalMs, answerWait } = configuration(merge(argv, text)).settings;
    return [confirmIntervalMs, answerWait.floorMs, answerWait.ceilingMs];
  };
  assertEquals(times("interval: 0.05"), [50, 25, 37.5]);
  assertEquals(times("confirm-interval: 0.05", "-t0.05"), [50, 25, 37.5]);
  assertEquals(times("confirm-interval: 0.01", "-t0.05"), [10, 10, 37.5]);
  assertEquals(times("confirm-interval: 0.1"), [100, 100, 750]);
  assertEquals(times("answer-wait: {ceiling: 0.1}"), [1000, 100, 100]);
  assertEquals(times("answer-wait: {floor: 0.8}"), [1000, 800, 800]);
  assertEquals(times("answer-wait: {floor: 1, ceiling: 1}"), [1000, 1000, 1000]);
  assertEquals(times("answer-wait: {floor: 0.002, ceiling: 0.002}"), [1000, 2, 2]);
});

Deno.test("parts, times and the way back are in the units of the core", () => {
  const text = `loss: {window: 0, leave-above: 12.5, return-below: 0.5}
hold-down: {limit: 0, quiet: 0.5}
failback: after 2.5
stop-grace: 0
`;
  const { loss, holdDown, failback, stopGraceMs } = configuration(merge([], text)).settings;
  assertEquals(loss, { window: 0, leaveAbove: 0.125, returnBelow: 0.005 });
  assertEquals(holdDown, { limitMs: 0, quietMs: 500 });
  assertEquals(failback, { kind: "after", quietMs: 2500 });
  assertEquals(stopGraceMs, 0);
});

Deno.test("whoever is configured as a peer is allowed, once", () => {
  const peers = "peers: [{node: x, addresses: [10.1.0.1, 10.2.0.1]}]\n";
  const allow = (text: string) => configuration(merge([], text)).settings.allow;
  assertEquals(allow(peers), null);
  assertEquals(allow(`${peers}allow: []`), { names: [], subnets: ["10.1.0.1/32", "10.2.0.1/32"] });
  assertEquals(allow(`${peers}allow: [host7, 10.2.0.1, 10.3.0.0/16]`), {
    names: ["host7"],
    subnets: ["10.2.0.1/32", "10.3.0.0/16", "10.1.0.1/32"],
  });
});

Deno.test("the key file is named where packets are signed, and may be named before", () => {
  const { keyFile, settings } = configuration(merge([], "auth: {mode: enforce, key-file: /k}"));
  assertEquals([keyFile, settings.auth], ["/k", "enforce"]);
  const off = configuration(merge([], "auth: {key-file: /k}"));
  assertEquals([off.keyFile, off.settings.auth], ["/k", "off"]);
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
    case "failback":
      return fc.constantFrom("auto", "manual", "after 1", "after 600", "after 2.5");
    case "group":
      return fc.stringMatching(/^[a-z_][a-z0-9_-]{0,10}$/);
    case "listen":
      return fc.integer({ min: 1, max: 65535 }).map((port) => `127.0.0.1:${port}`);
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

/** Options whose value may be any, whatever the others are. */
const free = OPTIONS.filter(({ key }) => !/^(confirm-interval|answer-wait|loss|auth)/.test(key));

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
function flatten(
  { settings, log, runDir, keyFile, control, events, metrics }: Configuration,
): Record<OptionId, Value> {
  const { routing: { table, rulePriority, protocol }, answerWait, loss, holdDown } = settings;
  const { failback } = settings;
  return {
    requestor: settings.requestor,
    interval: settings.intervalMs / 1000,
    confirmInterval: settings.confirmIntervalMs / 1000,
    answerWaitFloor: answerWait.floorMs / 1000,
    answerWaitCeiling: answerWait.ceilingMs / 1000,
    lossWindow: loss.window,
    lossLeaveAbove: 100 * loss.leaveAbove,
    lossReturnBelow: 100 * loss.returnBelow,
    holdDownLimit: holdDown.limitMs / 1000,
    holdDownQuiet: holdDown.quietMs / 1000,
    failback: failback.kind === "after" ? `after ${failback.quietMs / 1000}` : failback.kind,
    stopGrace: settings.stopGraceMs / 1000,
    authMode: settings.auth,
    authKeyFile: keyFile,
    failAfter: settings.failAfter,
    restoreAfter: settings.restoreAfter,
    port: settings.port,
    logFile: log.file,
    logLevel: log.level,
    logFormat: log.format,
    logSyslog: log.syslog,
    node: settings.nodeName,
    table,
    rulePriority,
    protocol,
    runDir,
    controlGroup: control.group,
    eventsFile: events.file,
    metricsFile: metrics.file,
    metricsListen: metrics.listen && `${metrics.listen.hostname}:${metrics.listen.port}`,
  };
}

/** Rounded, since a part is a quotient. */
function rounded(value: Value | undefined): Value | undefined {
  return typeof value === "number" ? Math.round(value * 1e6) / 1e6 : value;
}

/** Whether the values go together; those that are absent have their defaults. */
function fits(values: Partial<Record<OptionId, Value>>): boolean {
  const number = (id: OptionId, fallback: number) => Number(values[id] ?? fallback);
  const interval = number("interval", 1);
  const ceiling = number("answerWaitCeiling", interval);
  return number("confirmInterval", interval) <= interval && ceiling <= interval &&
    number("answerWaitFloor", 0) <= ceiling &&
    number("lossReturnBelow", 5) < number("lossLeaveAbove", 25) &&
    ((values.authMode ?? "off") === "off" || values.authKeyFile !== undefined);
}

/** Options whose default follows from others. */
const DERIVED: ReadonlySet<OptionId> = new Set([
  "confirmInterval",
  "answerWaitFloor",
  "answerWaitCeiling",
  "eventsFile",
]);

Deno.test("whatever flags and file say, each value comes from the file, else the flag, else the default", () => {
  let fitting = 0;
  let refused = 0;
  fc.assert(
    // Half of the files have nothing in them that must go together with something else.
    fc.property(subset(withFlag), fc.oneof(subset(OPTIONS), subset(free)), (flags, file) => {
      const merged = merge(argvOf(flags), yamlOf(file));
      if (!fits({ ...flags, ...file })) {
        refused++;
        return assertEquals(merged.kind, "problems");
      }
      fitting++;
      const { origins, overridden, ...rest } = configuration(merged);
      const values = flatten({ origins, overridden, ...rest });
      for (const option of OPTIONS) {
        const { id } = option;
        const flag = flags[id] === false ? undefined : flags[id];
        const fallback = id === "node" ? "host1" : option.default;
        const said = file[id] ?? flag;
        if (said !== undefined || !DERIVED.has(id)) {
          assertEquals(rounded(values[id]), rounded(said ?? fallback ?? undefined) ?? null, id);
        }
        const origin = origins[id];
        if (file[id] !== undefined) assert(/^\/etc\/faild\.yaml:\d+$/.test(origin), origin);
        else assertEquals(origin, flag === undefined ? "default" : `flag --${option.flag?.long}`);
        const isOverridden = file[id] !== undefined && flag !== undefined;
        const named = overridden.filter(({ key }) => key === option.key);
        assertEquals(named.length, isOverridden ? 1 : 0, id);
      }
    }),
    { numRuns: 200 },
  );
  assert(fitting > 20 && refused > 20, `${fitting} went together, ${refused} did not`);
});

Deno.test("whatever the file says, it is merged or refused, never thrown", () => {
  const yaml = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.json());
  fc.assert(fc.property(subset(withFlag), yaml, (flags, text) => {
    const merged = merge(argvOf(flags), text);
    assert(merged.kind === "configuration" || merged.problems.length > 0);
  }));
});
