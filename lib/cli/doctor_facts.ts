/** What `faild doctor` asks the machine. What is not there or not allowed is a fact too, and never an error. */
import type { Configuration } from "../config/merge.ts";
import type { FirewallShown, RulesShown } from "../core/diagnosis_firewall.ts";
import type { Way } from "../core/diagnosis_lan.ts";
import type {
  Connections,
  KeyFileState,
  Lateness,
  SettingsFile,
} from "../core/diagnosis_machine.ts";
import type { Address } from "../core/types.ts";
import type { Host, Ip } from "./host.ts";
import { keyIds, readKeys } from "./keys.ts";
import { failureOf } from "./ran.ts";

/** A test of the clock takes so many sleeps of so many ms: about a second. */
const SLEEPS = 100;
const SLEEP_MS = 10;

/** Far more than files of settings have. */
const MAX_SETTINGS_BYTES = 256 * 1024;

/** A chain of some devices, which not every nft names in JSON. */
const DEVICE_CHAIN = /"hook": ?"(in|e)gress"/;

const NETWORKD_FOLDERS: readonly string[] = [
  "/etc/systemd",
  "/run/systemd",
  "/usr/local/lib/systemd",
  "/usr/lib/systemd",
  "/lib/systemd",
];

const CONNECTION_FOLDERS: readonly string[] = [
  "/etc/NetworkManager/system-connections",
  "/run/NetworkManager/system-connections",
];

/** What `ip -V` says, on whichever stream; null: there is no such program. */
export async function ipVersion(host: Host): Promise<string | null> {
  const ran = await host.runProgram("ip", ["-V"]);
  return ran.kind === "ended" ? ran.output + ran.errors : null;
}

/** The interfaces with all their counters, as JSON; null: `ip` does not say. */
export async function interfaceCounters(host: Host): Promise<string | null> {
  const ran = await host.runProgram("ip", ["-j", "-s", "-s", "link", "show"]);
  return ran.kind === "ended" && ran.code === 0 ? ran.output : null;
}

/** So `ip` ends when it is the kernel that refuses. */
const REFUSED_CODE = 2;

/** Which route the kernel takes to an address. */
export async function wayTo(address: Address, host: Host): Promise<Way> {
  const ran = await host.runProgram("ip", ["-N", "-j", "route", "get", "fibmatch", address]);
  if (ran.kind === "ended" && ran.code === 0) return { kind: "shown", text: ran.output };
  const reason = failureOf(ran, "ip").replace(/^RTNETLINK answers: /, "");
  return ran.kind === "ended" && ran.code === REFUSED_CODE
    ? { kind: "none", reason }
    : { kind: "unknown", reason };
}

/** The answer to one line; "": there is none. */
export async function shownBy(ip: Ip, line: string): Promise<string> {
  const result = await ip.exchange([], [line]);
  return result.kind === "done" ? result.shown[0] ?? "" : "";
}

/** The rules of the firewall, by both programs that show them. */
export async function firewallShown(host: Host): Promise<FirewallShown> {
  const nft = await rulesShown(host, "nft", ["-j", "list", "ruleset"]);
  const isPlainWanted = nft.kind === "shown" && DEVICE_CHAIN.test(nft.text);
  const plain = isPlainWanted ? await rulesShown(host, "nft", ["list", "ruleset"]) : null;
  return {
    nft,
    nftPlain: plain?.kind === "shown" ? plain.text : "",
    iptables: await rulesShown(host, "iptables-save", []),
  };
}

async function rulesShown(
  host: Host,
  program: string,
  args: readonly string[],
): Promise<RulesShown> {
  const ran = await host.runProgram(program, args);
  if (ran.kind === "missing") return { kind: "missing" };
  if (ran.kind === "ended" && ran.code === 0) return { kind: "shown", text: ran.output };
  const [reason = ""] = failureOf(ran, program).split("\n");
  return { kind: "refused", reason };
}

/** Whether a service runs; where nobody can be asked, whether it left this file or folder. */
async function isActive(host: Host, service: string, trace: string): Promise<boolean> {
  const ran = await host.runProgram("systemctl", ["is-active", service]);
  if (ran.kind === "ended") return ran.code === 0;
  return host.placer.isFolder(trace) ||
    host.readTextFile(trace, MAX_SETTINGS_BYTES).kind === "text";
}

/** The settings of systemd-networkd in the order in which they are read; null: it does not run. */
export async function networkdSettings(host: Host): Promise<readonly SettingsFile[] | null> {
  if (!await isActive(host, "systemd-networkd", "/run/systemd/netif/state")) return null;
  const main = NETWORKD_FOLDERS.map((folder) => `${folder}/networkd.conf`);
  const first = main.flatMap((file) => settingsIn(host, file) ?? []).slice(0, 1);
  // Of drop-ins with one name that of the first folder counts; all are read in the order of their names.
  const dropIns = new Map<string, string>();
  for (const folder of NETWORKD_FOLDERS) {
    for (const name of host.placer.namesIn(`${folder}/networkd.conf.d`)) {
      if (!name.endsWith(".conf") || dropIns.has(name)) continue;
      dropIns.set(name, `${folder}/networkd.conf.d/${name}`);
    }
  }
  const sorted = [...dropIns].sort(([a], [b]) => a < b ? -1 : 1);
  return [...first, ...sorted.flatMap(([, file]) => settingsIn(host, file) ?? [])];
}

function settingsIn(host: Host, file: string): SettingsFile | null {
  const read = host.readTextFile(file, MAX_SETTINGS_BYTES);
  return read.kind === "text" ? { file, text: read.text } : null;
}

/** The connections of NetworkManager, where it runs. */
export async function managerConnections(host: Host): Promise<Connections> {
  if (!await isActive(host, "NetworkManager", "/run/NetworkManager")) return "absent";
  const files = CONNECTION_FOLDERS.flatMap((folder) =>
    host.placer.namesIn(folder).filter((name) => name.endsWith(".nmconnection"))
      .map((name) => `${folder}/${name}`)
  );
  const read = files.map((file) => settingsIn(host, file));
  return read.some((each) => each === null) ? "unreadable" : read.filter((each) => each !== null);
}

/** How late this process is woken from short sleeps, by the monotonic clock. */
export async function measureLateness(host: Host): Promise<Lateness> {
  const start = host.now();
  let worstMs = 0;
  for (let i = 0; i < SLEEPS; i++) {
    const before = host.now();
    await host.udp.delay(SLEEP_MS);
    worstMs = Math.max(worstMs, host.now() - before - SLEEP_MS);
  }
  return { worstMs, sleeps: SLEEPS, tookMs: host.now() - start };
}

/** The key file that the configuration names. */
export function keyFileState({ keyFile }: Configuration, host: Host): KeyFileState {
  if (keyFile === null) return { kind: "none" };
  const read = readKeys(keyFile, host);
  return "keys" in read
    ? { kind: "usable", ids: keyIds(read.keys) }
    : { kind: "unusable", file: keyFile, reasons: read.problems };
}
