/** What doctor concludes of programs, managers, keys and time. No permissions are needed. */
import { assert, assertEquals } from "@std/assert";
import {
  judgeIproute,
  judgeKeys,
  judgeLateness,
  judgeNetworkd,
  judgeNetworkManager,
  judgeRights,
  type SettingsFile,
} from "../../lib/core/diagnosis_machine.ts";

const VERSIONS: readonly (readonly [string | null, string])[] = [
  ["ip utility, iproute2-6.1.0, libbpf 1.1.0\n", "ok"],
  ["ip utility, iproute2-5.10.0\n", "ok"],
  ["ip utility, iproute2-v6.5.0\n", "ok"],
  ["ip utility, iproute2-4.17.0\n", "ok"],
  ["ip utility, iproute2-4.16.9\n", "problem"],
  ["ip utility, iproute2-3.16.0\n", "problem"],
  ["ip utility, iproute2-ss190107\n", "ok"],
  ["ip utility, iproute2-ss180606\n", "ok"],
  ["ip utility, iproute2-ss161212\n", "problem"],
  ["BusyBox v1.36.1 (2023-07-27) multi-call binary.\n", "problem"],
  ["something else\n", "unknown"],
  [null, "problem"],
];

for (const [said, level] of VERSIONS) {
  Deno.test(`The release of ip is judged: ${said?.trim() ?? "there is none"}`, () => {
    const finding = judgeIproute(said);
    assertEquals(finding.level, level);
    assertEquals(finding.remedy === null, level === "ok");
  });
}

Deno.test("The right to change routes is missed where nobody runs who has it", () => {
  const lack = "Cannot change routes: Operation not permitted";
  assertEquals(judgeRights(null, false).level, "ok");
  assertEquals(judgeRights(lack, false).level, "warning");
  assertEquals(judgeRights(lack, true).level, "unknown");
});

const file = (text: string, name = "a.conf"): SettingsFile => ({ file: name, text });
const BOTH = "[Network]\nManageForeignRoutes=no\n ManageForeignRoutingPolicyRules = false \n";

const NETWORKD: readonly (readonly [string, readonly SettingsFile[] | null, string])[] = [
  ["it does not run", null, "ok"],
  ["it has no settings", [], "warning"],
  ["its settings are comments", [file("[Network]\n#ManageForeignRoutes=no\n")], "warning"],
  ["both are off", [file(BOTH)], "ok"],
  ["one is off", [file("[Network]\nManageForeignRoutes=no\n")], "warning"],
  ["they are off in another section", [file(BOTH.replace("Network", "DHCP"))], "warning"],
  [
    "a later file turns one on again",
    [file(BOTH), file("[Network]\nManageForeignRoutes=1")],
    "warning",
  ],
  ["a later file turns both off", [file("[Network]\nManageForeignRoutes=yes"), file(BOTH)], "ok"],
  [
    "a later file takes one back",
    [file(BOTH), file("[Network]\nManageForeignRoutes=\n")],
    "warning",
  ],
];

for (const [title, files, level] of NETWORKD) {
  Deno.test(`The settings of systemd-networkd are judged: ${title}`, () => {
    const finding = judgeNetworkd(files);
    assertEquals(finding.level, level, finding.text);
    if (level === "warning") {
      assert(finding.remedy?.includes("/etc/systemd/networkd.conf.d/faild.conf"));
    }
  });
}

Deno.test("The remedy for systemd-networkd names both settings, whichever is on", () => {
  const { text, remedy } = judgeNetworkd([file("[Network]\nManageForeignRoutes=no\n")]);
  assert(text.includes("ManageForeignRoutingPolicyRules on"), text);
  assertEquals(
    remedy,
    "mkdir -p /etc/systemd/networkd.conf.d && printf '[Network]\\nManageForeignRoutes=no\\n" +
      "ManageForeignRoutingPolicyRules=no\\n' > /etc/systemd/networkd.conf.d/faild.conf && " +
      "systemctl restart systemd-networkd",
  );
});

Deno.test("NetworkManager is told of where a connection has a routing table of its own", () => {
  const connection = (table: string) =>
    file(`[ipv4]\nmethod=auto\n${table}`, "/etc/x/Wired 1.nmconnection");
  assertEquals(judgeNetworkManager("absent").level, "ok");
  assertEquals(judgeNetworkManager("unreadable").level, "unknown");
  assertEquals(judgeNetworkManager([]).level, "ok");
  assertEquals(judgeNetworkManager([connection(""), connection("route-table=0")]).level, "ok");
  const { level, text, remedy } = judgeNetworkManager([connection("route-table=254")]);
  assertEquals([level, text.includes("Wired 1")], ["warning", true]);
  assertEquals(remedy, 'nmcli connection modify "Wired 1" ipv4.route-table 0');
});

Deno.test("A machine that wakes too late for the waits of its timers is told of", () => {
  const judged = (worstMs: number, waitMs: number) =>
    judgeLateness({ worstMs, sleeps: 100, tookMs: 1010 }, waitMs).level;
  assertEquals([judged(2, 150), judged(74, 150), judged(75, 150), judged(150, 150)], [
    "ok",
    "ok",
    "warning",
    "problem",
  ]);
  assertEquals(judged(6, 5), "problem");
});

Deno.test("A key file that cannot be used is a problem where keys are needed, and told with its remedy", () => {
  const unusable = (reason: string) =>
    ({ kind: "unusable", file: "/etc/k", reasons: [reason] }) as const;
  assertEquals(judgeKeys({ kind: "none" }, false).level, "ok");
  assertEquals(judgeKeys({ kind: "usable", ids: [2, 1] }, true).text.slice(0, 9), "Keys 2, 1");
  const open = unusable(
    "Cannot read /etc/k: must be open to its owner only (chmod 600), its mode is 0644",
  );
  assertEquals(judgeKeys(open, true).level, "problem");
  assertEquals(judgeKeys(open, true).remedy, "chown root /etc/k && chmod 600 /etc/k");
  assertEquals(judgeKeys(open, false).level, "warning");
  const denied = judgeKeys(unusable("Cannot read /etc/k: Permission denied"), true);
  assertEquals([denied.level, denied.remedy], ["unknown", "run this as root"]);
  const wrong = judgeKeys(unusable("Cannot use secret of key 1: must be …"), true);
  assertEquals(wrong.remedy, "mend /etc/k: an id and a secret in each line");
});
