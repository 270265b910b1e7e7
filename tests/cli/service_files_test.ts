import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import {
  cronText,
  rotationText,
  type ServicePlace,
  unitText,
} from "../../lib/cli/service_files.ts";
import { type Configuration, mergeConfiguration } from "../../lib/config/merge.ts";

function configured(text: string): Configuration {
  const yaml = { file: "f.yaml", text, parse };
  const merged = mergeConfiguration({ given: new Map(), yaml, hostname: "host1" });
  if (merged.kind === "problems") throw new Error("refused");
  return merged.configuration;
}

const SYSTEMD: ServicePlace = {
  kind: "systemd",
  program: "/usr/local/sbin/faild",
  configFile: "/etc/faild.yaml",
};
const CRON: ServicePlace = { ...SYSTEMD, kind: "cron" };

/** A folder of somebody's own, from which the unit keeps the daemon away. */
const HOME = ["", "home", "faild"].join("/");

/** The values of a key of a unit. */
function valuesOf(unit: string, key: string): string[] {
  return unit.split("\n").filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));
}

async function printed(program: string, args: string[]): Promise<string | null> {
  try {
    const { stdout, stderr } = await new Deno.Command(program, { args }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const HAS_SYSTEMD = await printed("systemd-analyze", ["--version"]) !== null;
const HAS_LOGROTATE = await printed("logrotate", ["--version"]) !== null;

async function inFile<T>(name: string, text: string, body: (path: string) => Promise<T>) {
  const folder = await Deno.makeTempDir({ prefix: "faild-test-" });
  try {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    return await body(`${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the unit gives the daemon the right to change routes, its run directory, and no more", () => {
  const unit = unitText(SYSTEMD, configured(""));
  assertEquals(valuesOf(unit, "Type"), ["notify"]);
  assertEquals(valuesOf(unit, "WatchdogSec"), ["30"]);
  assertEquals(valuesOf(unit, "ExecStart"), ["/usr/local/sbin/faild --config=/etc/faild.yaml"]);
  assertEquals(valuesOf(unit, "CapabilityBoundingSet"), ["CAP_NET_ADMIN"]);
  assertEquals(valuesOf(unit, "AmbientCapabilities"), ["CAP_NET_ADMIN"]);
  assertEquals(valuesOf(unit, "RuntimeDirectory"), ["faild"]);
  assertEquals(valuesOf(unit, "ReadWritePaths"), ["-/var/log"]);
  assertEquals(valuesOf(unit, "SupplementaryGroups"), []);
  for (const key of ["NoNewPrivileges", "ProtectHome", "PrivateTmp", "RestrictNamespaces"]) {
    assertEquals(valuesOf(unit, key), ["yes"], key);
  }
  assertEquals(valuesOf(unit, "ProtectSystem"), ["strict"]);
  // V8 makes code at run time, and ip talks to the kernel by a socket of its own kind.
  assertEquals(valuesOf(unit, "MemoryDenyWriteExecute"), []);
  assert(valuesOf(unit, "RestrictAddressFamilies")[0]?.includes("AF_NETLINK"));
});

Deno.test("the unit gives what the configuration needs beyond that", () => {
  const unit = unitText(
    SYSTEMD,
    configured(`
port: 700
control: {group: adm}
run-dir: /srv/faild
log: {file: /data/log files/faild.log}
metrics: {file: /var/lib/node/faild.prom}
auth: {mode: enforce, key-file: ${HOME}/faild.keys}
`),
  );
  assertEquals(valuesOf(unit, "CapabilityBoundingSet"), ["CAP_NET_ADMIN CAP_NET_BIND_SERVICE"]);
  assertEquals(valuesOf(unit, "SupplementaryGroups"), ["adm"]);
  assertEquals(valuesOf(unit, "RuntimeDirectory"), []);
  assertEquals(valuesOf(unit, "ReadWritePaths"), [
    '-/var/log -/srv/faild "-/data/log files" -/var/lib/node',
  ]);
  assertEquals(valuesOf(unit, "ProtectHome"), ["read-only"]);
});

Deno.test("the unit hides nothing from the daemon that is its own, wherever it was installed", () => {
  const place = { ...SYSTEMD, program: `${HOME}/sbin/faild` };
  assertEquals(valuesOf(unitText(place, configured("")), "ProtectHome"), ["read-only"]);
  const user = unitText(SYSTEMD, configured("run-dir: /run/user/0/faild\n"));
  assertEquals(valuesOf(user, "ProtectHome"), ["read-only"]);
  assertEquals(valuesOf(user, "ReadWritePaths"), ["-/var/log -/run/user/0/faild"]);
  const deep = unitText(SYSTEMD, configured("run-dir: /run/my lans/50%\n"));
  assertEquals(valuesOf(deep, "RuntimeDirectory"), ['"my lans/50%%"']);
  const reserved = unitText(SYSTEMD, configured("metrics: {listen: 127.0.0.1:90}\n"));
  assertEquals(valuesOf(reserved, "AmbientCapabilities"), ["CAP_NET_ADMIN CAP_NET_BIND_SERVICE"]);
  const temporary = unitText(SYSTEMD, configured("log: {file: /var/tmp/faild.log}\n"));
  assertEquals(valuesOf(temporary, "PrivateTmp"), ["no"]);
});

Deno.test("the daemon has the time to end that it may take", () => {
  // 25 s where ip does not answer, and 2 s more for its processes.
  assertEquals(valuesOf(unitText(SYSTEMD, configured("")), "TimeoutStopSec"), ["30"]);
});

Deno.test("only the daemon is told to stop, not the ip that takes its routes away", () => {
  assertEquals(valuesOf(unitText(SYSTEMD, configured("")), "KillMode"), ["mixed"]);
});

Deno.test("a path with blanks, percent or dollar signs is still one path", () => {
  const place = { ...SYSTEMD, program: "/opt/a b$c/50%/faild" };
  const unit = unitText(place, configured(""));
  assertEquals(valuesOf(unit, "ExecStart"), [
    '"/opt/a b$$c/50%%/faild" --config=/etc/faild.yaml',
  ]);
  const cron = cronText({ ...place, kind: "cron" }, configured("log: {file: /l}"));
  assert(
    cron.includes("\n* * * * * root '/opt/a b$c/50\\%/faild' watchdog -c /etc/faild.yaml\n"),
    cron,
  );
});

Deno.test("cron looks after the daemon each minute and at once after a start of the machine", () => {
  const text = cronText(CRON, configured(""));
  const command = "/usr/local/sbin/faild watchdog -c /etc/faild.yaml -l /var/log/faild.log";
  const lines = text.split("\n").filter((line) => / root /.test(line));
  assertEquals(lines, [`@reboot root ${command}`, `* * * * * root ${command}`]);
  // The line of cron is nothing without its newline.
  assert(text.endsWith("\n"));
});

Deno.test("the log that is rotated is the one that is written, and the daemon is told", () => {
  assert(rotationText(CRON, configured("")).includes('\n"/var/log/faild.log" {\n'));
  assert(rotationText(CRON, configured("log: {file: /x/y.log}")).includes('\n"/x/y.log" {\n'));
  assert(
    rotationText(CRON, configured("")).includes("/usr/local/sbin/faild reload -c /etc/faild.yaml "),
  );
  assert(rotationText(SYSTEMD, configured("")).includes("systemctl reload faild.service "));
});

Deno.test({
  name: "systemd finds nothing wrong with the unit",
  ignore: !HAS_SYSTEMD,
  fn: async () => {
    // The program must be there to be accepted; that the unit is read at all shows by one that is wrong.
    const place = { ...SYSTEMD, program: "/bin/true" };
    for (
      const text of [
        "",
        "port: 700\nrun-dir: /srv/f\nlog: {file: /a b/c}\n",
        "run-dir: /run/a b/50%\n",
      ]
    ) {
      const unit = unitText(place, configured(text));
      const verify = (path: string) => printed("systemd-analyze", ["verify", "--man=no", path]);
      assertEquals(await inFile("faild.service", unit, verify), "");
      const wrong = unit.replace("Restart=always", "Restart=sometimes");
      assert((await inFile("faild.service", wrong, verify))?.includes("sometimes"));
    }
  },
});

Deno.test({
  name: "systemd rates the unit as well protected",
  ignore: !HAS_SYSTEMD,
  fn: async () => {
    const unit = unitText({ ...SYSTEMD, program: "/bin/true" }, configured(""));
    const rating = await inFile(
      "faild.service",
      unit,
      (path) => printed("systemd-analyze", ["security", "--offline=yes", "--no-pager", path]),
    );
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(rating ?? "")?.[1]);
    assert(exposure > 0 && exposure < 5, `${exposure}`);
  },
});

Deno.test({
  name: "logrotate reads the snippet, and rotates a log by it",
  ignore: !HAS_LOGROTATE,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "faild-test-" });
    try {
      const log = `${folder}/faild log`;
      await Deno.writeTextFile(log, "line\n");
      const place = { ...CRON, program: "/bin/true" };
      const text = rotationText(place, configured(`log: {file: "${log}"}`));
      await Deno.writeTextFile(`${folder}/snippet`, text);
      const args = ["-f", "-s", `${folder}/state`, `${folder}/snippet`];
      assertEquals(await printed("logrotate", args), "");
      assertEquals(await Deno.readTextFile(`${log}.1`), "line\n");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
