import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type CommandLine, parseCommandLine } from "../../lib/config/command_line.ts";
import { problemText } from "../../lib/config/problem.ts";

const NO_ENVIRONMENT = { runDirFromEnvironment: undefined };

function parse(...argv: string[]): CommandLine {
  return parseCommandLine(argv, NO_ENVIRONMENT);
}

/** The values and the command, as one flat object. */
function read(...argv: string[]): Record<string, unknown> {
  const line = parse(...argv);
  if (line.kind === "help") return { kind: "help", ...(line.command && { about: line.command }) };
  if (!("given" in line)) return { kind: line.kind };
  const values = [...line.given].map(([id, { value }]) => [id, value]);
  const config = line.configFile === null ? {} : { config: line.configFile };
  const kind = line.kind === "command" ? line.name : line.kind;
  return { kind, ...config, ...Object.fromEntries(values) };
}

/** The one line that a user sees. */
function complaint(...argv: string[]): string {
  const line = parse(...argv);
  return line.kind === "usage"
    ? line.problems.map(problemText).join("; ")
    : `accepted as ${line.kind}`;
}

Deno.test("flags are read as getopt reads them", () => {
  const cases: readonly (readonly [string[], Record<string, unknown>])[] = [
    [[], { kind: "run" }],
    [["-r"], { kind: "run", requestor: true }],
    [["-t0.05"], { kind: "run", interval: 0.05 }],
    [["-t", "0.05"], { kind: "run", interval: 0.05 }],
    [["-rt", "1"], { kind: "run", requestor: true, interval: 1 }],
    [["-rt1"], { kind: "run", requestor: true, interval: 1 }],
    [["--interval=0.05"], { kind: "run", interval: 0.05 }],
    [["--interval", "0.05"], { kind: "run", interval: 0.05 }],
    [["--requestor"], { kind: "run", requestor: true }],
    [["-r", "-r"], { kind: "run", requestor: true }],
    [["-t", "1", "-t", "1.0"], { kind: "run", interval: 1 }],
    [["-t1", "-f", "5", "-s20", "-p", "4000", "-l", "/a b/c"], {
      kind: "run",
      interval: 1,
      failAfter: 5,
      restoreAfter: 20,
      port: 4000,
      logFile: "/a b/c",
    }],
    [["-l/var/log/x=y"], { kind: "run", logFile: "/var/log/x=y" }],
    [["--log-file=/var/log/x=y"], { kind: "run", logFile: "/var/log/x=y" }],
    [["-c", "./faild.yaml"], { kind: "run", config: "./faild.yaml" }],
    [["-c", "-r"], { kind: "run", config: "-r" }],
    [["-rcx"], { kind: "run", requestor: true, config: "x" }],
    [["--config=a=b"], { kind: "run", config: "a=b" }],
    [["--run-dir", "/run/other"], { kind: "run", runDir: "/run/other" }],
    [["--"], { kind: "run" }],
    [["check"], { kind: "check" }],
    [["-r", "check", "-t", "2"], { kind: "check", requestor: true, interval: 2 }],
    [["cleanup", "--run-dir=/x"], { kind: "cleanup", runDir: "/x" }],
    [["-r", "--", "check"], { kind: "check", requestor: true }],
    [["--help"], { kind: "help" }],
    [["--version"], { kind: "version" }],
    [["-h"], { kind: "help" }],
    [["-V"], { kind: "version" }],
    [["-rh"], { kind: "help" }],
    [["-t", "99999", "--help", "--nonsense"], { kind: "help" }],
    [["check", "--version"], { kind: "version" }],
    [["check", "-h"], { kind: "help", about: "check" }],
    [["-r", "cleanup", "--help", "more"], { kind: "help", about: "cleanup" }],
    [["--help", "cleanup"], { kind: "help" }],
    [["help"], { kind: "help" }],
    [["help", "check"], { kind: "help", about: "check" }],
    [["help", "help"], { kind: "help", about: "help" }],
  ];
  for (const [argv, expected] of cases) assertEquals(read(...argv), expected, argv.join(" "));
});

Deno.test("a wrong command line is answered by one line with flag, rule and value", () => {
  const interval = "Cannot use interval: must be 0.01 to 3600 s, is";
  const cases: readonly (readonly [string[], string])[] = [
    [["-t", "-1"], `${interval} -1 (flag -t)`],
    [["-t-1"], `${interval} -1 (flag -t)`],
    [["--interval=-1"], `${interval} -1 (flag --interval)`],
    [["--interval", "-1"], `${interval} -1 (flag --interval)`],
    [["-t", "0.009"], `${interval} 0.009 (flag -t)`],
    [["-t", "3600.1"], `${interval} 3600.1 (flag -t)`],
    [["-t", "fast"], `${interval} fast (flag -t)`],
    [["-t", ""], `${interval} empty (flag -t)`],
    [["--interval="], `${interval} empty (flag --interval)`],
    [["-t=1"], `${interval} =1 (flag -t)`],
    [["-tr"], `${interval} r (flag -t)`],
    [["-t", "-r"], `${interval} -r (flag -t)`],
    [["-t", "--", "1"], `${interval} -- (flag -t)`],
    [["-f", "0"], "Cannot use fail-after: must be a whole number, 1 to 1000, is 0 (flag -f)"],
    [["-f", "2.5"], "Cannot use fail-after: must be a whole number, 1 to 1000, is 2.5 (flag -f)"],
    [
      ["-s", "100001"],
      "Cannot use restore-after: must be a whole number, 1 to 100000, is 100001 (flag -s)",
    ],
    [["-p", "65536"], "Cannot use port: must be a whole number, 1 to 65535, is 65536 (flag -p)"],
    [
      ["-l", "faild.log"],
      'Cannot use log-file: must be a full path, beginning with "/", is faild.log (flag -l)',
    ],
    [
      ["--run-dir", "run"],
      'Cannot use run-dir: must be a full path, beginning with "/", is run (flag --run-dir)',
    ],
    [["-c", ""], "Cannot use config: must be the path of a file, is empty (flag -c)"],
    [["-c", "a", "-c", "b"], "Cannot use config: must be given once, is a and b (flag -c)"],
    [["-t"], "Cannot use flag -t: needs a value (SECONDS), is missing"],
    [["-rt"], "Cannot use flag -t: needs a value (SECONDS), is missing"],
    [["--config"], "Cannot use flag --config: needs a value (FILE), is missing"],
    [
      ["-t", "1", "--interval", "2"],
      "Cannot use interval: must be given once, is 1 and 2 (flag --interval)",
    ],
    [["--requestor=yes"], "Cannot use flag --requestor: takes no value, is yes"],
    [["--help="], "Cannot use flag --help: takes no value, is empty"],
    [["-x"], "Cannot use flag -x: must be a known flag (see faild --help)"],
    [["-rx"], "Cannot use flag -x: must be a known flag (see faild --help)"],
    [["-r1"], "Cannot use flag -1: must be a known flag (see faild --help)"],
    [
      ["--intervall", "1"],
      "Cannot use flag --intervall: must be a known flag (nearest is --interval)",
    ],
    [
      ["--failAfter=1"],
      "Cannot use flag --failAfter: must be a known flag (nearest is --fail-after)",
    ],
    [["--a\nb"], "Cannot use flag --a\\u000ab: must be a known flag (see faild --help)"],
    [["---"], "Cannot use flag ---: must be a known flag (see faild --help)"],
    [["run"], "Cannot use command: must be a known command (see faild --help), is run"],
    [["-"], "Cannot use command: must be a known command (see faild --help), is -"],
    [[""], "Cannot use command: must be a known command (see faild --help), is empty"],
    [["--", "-r"], "Cannot use command: must be a known command (see faild --help), is -r"],
    [["check", "cleanup"], "Cannot use argument: must stand alone, is check cleanup"],
    [
      ["--nonsense", "--help"],
      "Cannot use flag --nonsense: must be a known flag (see faild --help)",
    ],
  ];
  for (const [argv, expected] of cases) assertEquals(complaint(...argv), expected);
});

Deno.test("a wrong command, argument or flag of a command is named with what is near to it", () => {
  const cases: readonly (readonly [string[], string])[] = [
    [["chek"], "Cannot use command: must be a known command (nearest is check), is chek"],
    [["help", "chek"], "Cannot use command: must be a known command (nearest is check), is chek"],
    [
      ["help", "check", "cleanup"],
      "Cannot use argument: must be one (COMMAND), is help check cleanup",
    ],
    [["help", "-t1"], "Cannot use flag -t: must be a known flag (see faild help --help)"],
    [["-t1", "help"], "Cannot use flag -t: must not be given with help"],
    [["cleanup", "-x"], "Cannot use flag -x: must be a known flag (see faild cleanup --help)"],
    [
      ["statsu", "--json"],
      "Cannot use command: must be a known command (nearest is status), is statsu",
    ],
    [
      ["--openmetrics"],
      "Cannot use flag --openmetrics: must be a known flag (it stands after its command: metrics)",
    ],
    [
      ["events", "--folow"],
      "Cannot use flag --folow: must be a known flag (nearest is --follow)",
    ],
    [["events", "--since="], "Cannot use since: must not be empty, is empty (flag --since)"],
    [["events", "--since"], "Cannot use flag --since: needs a value (TIME), is missing"],
    [
      ["events", "--since", "1h", "--since=2h"],
      "Cannot use since: must be given once, is 1h and 2h (flag --since)",
    ],
    [["events", "today"], "Cannot use argument: must stand alone, is events today"],
    [
      ["probe", "-n", "0"],
      "Cannot use count: must be a whole number, 1 to 1000000, is 0 (flag -n)",
    ],
    [["drain"], "Cannot use drain: needs an argument (NETWORK), is missing"],
    [["drain", "A", "B"], "Cannot use argument: must be one (NETWORK), is drain A B"],
    [["drain", ""], "Cannot use NETWORK: must not be empty, is empty"],
    [["-t", "1", "status"], "Cannot use flag -t: must not be given with status"],
  ];
  for (const [argv, expected] of cases) assertEquals(complaint(...argv), expected);
});

Deno.test("a command has its arguments and its own flags, beside those that lead to a daemon", () => {
  const call = (...argv: string[]) => {
    const line = parse(...argv);
    if (line.kind !== "command") throw new Error(`read as ${line.kind}`);
    return { name: line.name, args: line.args, flags: Object.fromEntries(line.flags) };
  };
  assertEquals(call("probe", "-n5", "A", "--json", "host7"), {
    name: "probe",
    args: ["A", "host7"],
    flags: { count: "5", json: true },
  });
  assertEquals(call("probe", "--", "--json"), { name: "probe", args: ["--json"], flags: {} });
  assertEquals(call("init", "-o", "-"), { name: "init", args: [], flags: { output: "-" } });
  assertEquals(call("events", "--since=2h", "--since", "2h").flags, { since: "2h" });
  // The same letter means the daemon's flag before a command of its own meaning, which then is refused.
  assertEquals(call("probe", "-t", "2").flags, { interval: "2" });
  assertEquals(complaint("-t", "2", "probe"), "Cannot use flag -t: must not be given with probe");
  assertEquals(read("status", "-c", "x", "--run-dir=/y"), {
    kind: "status",
    config: "x",
    runDir: "/y",
  });
});

Deno.test("a value is taken letter by letter, whatever it looks like", () => {
  const cases: readonly (readonly [string[], Record<string, unknown>])[] = [
    [["-t", "007"], { kind: "run", interval: 7 }],
    [["-c", "1e3"], { kind: "run", config: "1e3" }],
    [["-c", "007"], { kind: "run", config: "007" }],
    [["-c", "true"], { kind: "run", config: "true" }],
    [["-c", "a\nb"], { kind: "run", config: "a\nb" }],
    [["-c", "--"], { kind: "run", config: "--" }],
    [["-c", "--help"], { kind: "run", config: "--help" }],
    [["-c=x"], { kind: "run", config: "=x" }],
    [["-c", "x", "--config=x"], { kind: "run", config: "x" }],
    [["-rrt1"], { kind: "run", requestor: true, interval: 1 }],
    [["-c", "/a.b/__proto__"], { kind: "run", config: "/a.b/__proto__" }],
  ];
  for (const [argv, expected] of cases) assertEquals(read(...argv), expected, argv.join(" "));
});

Deno.test("negations, paths of keys, inherited keys, numbers and truths are nothing special", () => {
  const interval = "Cannot use interval: must be 0.01 to 3600 s, is";
  const cases: readonly (readonly [string[], string])[] = [
    [
      ["--no-requestor"],
      "Cannot use flag --no-requestor: must be a known flag (nearest is --requestor)",
    ],
    [
      ["--no-config=x"],
      "Cannot use flag --no-config: must be a known flag (nearest is --config)",
    ],
    [["--log.file=/x"], "Cannot use flag --log.file: must be a known flag (nearest is --log-file)"],
    [["--__proto__=x"], "Cannot use flag --__proto__: must be a known flag (see faild --help)"],
    [["--constructor"], "Cannot use flag --constructor: must be a known flag (see faild --help)"],
    [["--_=check"], "Cannot use flag --_: must be a known flag (see faild --help)"],
    [["-r", "true"], "Cannot use command: must be a known command (see faild --help), is true"],
    [
      ["--requestor", "false"],
      "Cannot use command: must be a known command (see faild --help), is false",
    ],
    [["1e3"], "Cannot use command: must be a known command (see faild --help), is 1e3"],
    [["--", "--help"], "Cannot use command: must be a known command (nearest is help), is --help"],
    [
      ["-t", "1", "-p0", "-t", "2"],
      "Cannot use port: must be a whole number, 1 to 65535, is 0 (flag -p); " +
      "Cannot use interval: must be given once, is 1 and 2 (flag -t)",
    ],
    [["-t", "0x10"], `${interval} 0x10 (flag -t)`],
    [["-t", "1e1"], `${interval} 1e1 (flag -t)`],
  ];
  for (const [argv, expected] of cases) assertEquals(complaint(...argv), expected);
});

Deno.test("the origin of a value is the flag as it was written", () => {
  const line = parse("-t1", "--fail-after=4");
  if (line.kind !== "run") throw new Error(`read as ${line.kind}`);
  assertEquals([...line.given.values()].map(({ origin }) => origin), [
    "flag -t",
    "flag --fail-after",
  ]);
});

Deno.test("the environment sets the run directory, and a flag goes before it", () => {
  const from = (variable: string, ...argv: string[]) =>
    parseCommandLine(argv, { runDirFromEnvironment: variable });
  const runDir = (line: CommandLine) => "given" in line ? line.given.get("runDir") : undefined;
  assertEquals(runDir(from("/e")), { value: "/e", origin: "environment FAILD_RUN_DIR" });
  assertEquals(runDir(from("/e", "--run-dir", "/f")), { value: "/f", origin: "flag --run-dir" });
  assertEquals(runDir(from("")), undefined);
  const wrong = from("relative");
  if (wrong.kind !== "usage") throw new Error(`read as ${wrong.kind}`);
  assertEquals(
    wrong.problems.map(problemText).join(),
    'Cannot use run-dir: must be a full path, beginning with "/", is relative (environment FAILD_RUN_DIR)',
  );
  assertEquals(from("relative", "--run-dir", "/f").kind, "run");
  assertEquals(from("relative", "--help").kind, "help");
});

Deno.test("a value of a flag that takes none is named with its flag", () => {
  for (const word of ["-r=false", "-hr=false"]) {
    assertEquals(complaint(word), "Cannot use flag -r: takes no value, is false");
  }
  assertEquals(complaint("-r="), "Cannot use flag -r: takes no value, is empty");
  assertEquals(complaint("-="), "Cannot use flag -=: must be a known flag (see faild --help)");
});

Deno.test("all wrong values are told at once, that of the environment too", () => {
  const run = parseCommandLine(["-t0", "-f", "x", "-s1", "-s2"], { runDirFromEnvironment: "here" });
  if (run.kind !== "usage") throw new Error(`read as ${run.kind}`);
  assertEquals(run.problems.map(({ subject }) => subject), [
    "interval",
    "fail-after",
    "restore-after",
    "run-dir",
  ]);
});

Deno.test("any words at all are read without throwing, and a complaint is one line", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("-r", "-t", "-rt", "--", "-", "--interval", "--interval=", "-l", "-c", "check"),
    fc.stringMatching(/^-{0,3}[a-z0-9=.-]{0,6}$/),
  );
  fc.assert(fc.property(fc.array(word, { maxLength: 6 }), word, (argv, variable) => {
    const line = parseCommandLine(argv, { runDirFromEnvironment: variable });
    if (line.kind !== "usage") return;
    assert(line.problems.length > 0);
    for (const problem of line.problems) {
      assert(/^Cannot use [^\r\n\0]+$/.test(problemText(problem)));
    }
  }));
});

Deno.test("every spelling of a flag gives the same value", () => {
  const count = fc.integer({ min: 1, max: 1000 });
  fc.assert(fc.property(count, (value) => {
    const expected = { kind: "run", failAfter: value };
    for (
      const argv of [
        [`-f${value}`],
        ["-f", `${value}`],
        [`--fail-after=${value}`],
        ["--fail-after", `${value}`],
      ]
    ) assertEquals(read(...argv), expected);
  }));
});
