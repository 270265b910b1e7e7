/** What the machine itself has to offer: programs, rights, time, and other managers of its networks. */
import { type Finding, fine, problem, untold, warning } from "./diagnosis.ts";
import type { Ms } from "./types.ts";

/** The first release whose rules have ports and whose answers are JSON throughout. */
const LEAST_IPROUTE = "4.17.0";
/** The snapshot of that release, in the numbering of before 5.0: the year, month and day. */
const LEAST_SNAPSHOT = 180606;

/**
 * Whether `ip` is iproute2, and new enough.
 *
 * @param said what `ip -V` printed; null: it could not be run
 */
export function judgeIproute(said: string | null): Finding {
  const install = "apt-get install iproute2, or what the distribution calls it";
  if (said === null) {
    return problem("iproute2", "There is no ip: routes cannot be changed", install);
  }
  if (/busybox/i.test(said)) {
    return problem("iproute2", "ip is that of BusyBox, which cannot do what is needed", install);
  }
  const [, snapshot] = /iproute2-ss(\d{6})/.exec(said) ?? [];
  const [, release] = /iproute2-v?(\d+\.\d+(?:\.\d+)?)/.exec(said) ?? [];
  const version = release ?? snapshot;
  if (version === undefined) {
    return untold("iproute2", "Cannot tell which release ip is of", "ip -V");
  }
  const isNew = release === undefined
    ? Number(snapshot) >= LEAST_SNAPSHOT
    : compareReleases(release, LEAST_IPROUTE) >= 0;
  return isNew ? fine("iproute2", `ip is of iproute2 ${version}`) : problem(
    "iproute2",
    `ip is of iproute2 ${version}, and must be of ${LEAST_IPROUTE} or later`,
    install,
  );
}

/** Order of dotted releases by their numbers. */
function compareReleases(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Whether whoever runs this may change routes.
 *
 * @param lack why not; null: they may
 */
export function judgeRights(lack: string | null, isRunning: boolean): Finding {
  if (lack === null) return fine("rights", "Routes may be changed");
  // A daemon that runs has its own rights: this is about who asks.
  if (isRunning) return untold("rights", `${lack} (the daemon runs with rights of its own)`);
  return warning("rights", lack, "run faild as root, or by the unit that faild install makes");
}

/** What a setting of a file says; the last file counts. */
export interface SettingsFile {
  readonly file: string;
  readonly text: string;
}

const FOREIGN = ["ManageForeignRoutes", "ManageForeignRoutingPolicyRules"] as const;
const NETWORKD_DROP_IN = "/etc/systemd/networkd.conf.d/faild.conf";

/**
 * Whether systemd-networkd would remove our routes and our rule.
 *
 * @param files networkd.conf and its drop-ins in the order in which they are read; null: networkd does not run
 */
export function judgeNetworkd(files: readonly SettingsFile[] | null): Finding {
  const check = "networkd";
  if (files === null) return fine(check, "systemd-networkd does not run");
  const managed = FOREIGN.filter((key) => isOn(valueIn(files, "Network", key) ?? "yes"));
  if (managed.length === 0) {
    return fine(check, "systemd-networkd leaves routes and rules of others alone");
  }
  const text = `systemd-networkd runs with ${managed.join(" and ")} on: it removes our routes or ` +
    "our rule when it reconfigures an interface, and they are missing until that is repaired";
  const lines = ["[Network]", ...FOREIGN.map((key) => `${key}=no`)].join("\\n");
  const remedy = `mkdir -p ${NETWORKD_DROP_IN.replace(/\/[^/]*$/, "")} && ` +
    `printf '${lines}\\n' > ${NETWORKD_DROP_IN} && systemctl restart systemd-networkd`;
  return warning(check, text, remedy);
}

/** systemd's words for true. */
function isOn(value: string): boolean {
  return ["1", "yes", "y", "true", "t", "on"].includes(value.toLowerCase());
}

/** The value of a key in a section of files in the form of systemd and NetworkManager; null: none has it. */
function valueIn(files: readonly SettingsFile[], section: string, key: string): string | null {
  let value: string | null = null;
  for (const { text } of files) {
    let current = "";
    for (const raw of text.split("\n")) {
      const line = raw.trim();
      const [, heading] = /^\[(.*)\]$/.exec(line) ?? [];
      if (heading !== undefined) current = heading;
      const equals = line.indexOf("=");
      if (current !== section || equals < 0 || line.slice(0, equals).trim() !== key) continue;
      const said = line.slice(equals + 1).trim();
      // An empty value takes back what was said before.
      value = said === "" ? null : said;
    }
  }
  return value;
}

/** The main table, which a connection that names it manages with all others. */
export type Connections = readonly SettingsFile[] | "absent" | "unreadable";

/**
 * Whether NetworkManager would remove our routes: it does so only for connections with a routing table of their own.
 *
 * @param connections its connection files, where it runs
 */
export function judgeNetworkManager(connections: Connections): Finding {
  const check = "network-manager";
  if (connections === "absent") return fine(check, "NetworkManager does not run");
  if (connections === "unreadable") {
    return untold(
      check,
      "NetworkManager runs; its connections may be read by root only",
      "run this as root",
    );
  }
  const own = connections.filter((each) => (valueIn([each], "ipv4", "route-table") ?? "0") !== "0");
  if (own.length === 0) {
    return fine(check, "NetworkManager runs, and leaves other tables than the main one alone");
  }
  const names = own.map(({ file }) => file.replace(/^.*\//, "").replace(/\.nmconnection$/, ""));
  const text = `NetworkManager manages the routes of all tables for ${names.join(", ")}: it may ` +
    "remove ours";
  return warning(check, text, `nmcli connection modify "${names[0]}" ipv4.route-table 0`);
}

/** How late this machine woke from short sleeps. */
export interface Lateness {
  readonly worstMs: Ms;
  readonly sleeps: number;
  readonly tookMs: Ms;
}

/** Whether the machine keeps time well enough for waits of `waitMs`, the shortest that a verdict rests on. */
export function judgeLateness({ worstMs, sleeps, tookMs }: Lateness, waitMs: Ms): Finding {
  const check = "lateness";
  const text = `In ${Math.round(tookMs)} ms of ${sleeps} short sleeps this machine woke ` +
    `${worstMs.toFixed(1)} ms too late at worst; answers are waited for ${waitMs} ms`;
  const remedy =
    "look for what keeps its cores or its hypervisor busy: top, vmstat 1 (columns r, st)";
  if (worstMs >= waitMs) return problem(check, `${text}: healthy paths may look dead`, remedy);
  return worstMs >= waitMs / 2 ? warning(check, text, remedy) : fine(check, text);
}

/** The key file as it was read. */
export type KeyFileState =
  | { readonly kind: "none" }
  | { readonly kind: "usable"; readonly ids: readonly number[] }
  | { readonly kind: "unusable"; readonly file: string; readonly reasons: readonly string[] };

/** Whether the keys can be used, and by their owner only. */
export function judgeKeys(state: KeyFileState, isNeeded: boolean): Finding {
  const check = "keys";
  if (state.kind === "none") return fine(check, "Packets are not signed: no key file is named");
  if (state.kind === "usable") {
    const [which, are] = state.ids.length === 1 ? ["Key", "is"] : ["Keys", "are"];
    const text = `${which} ${state.ids.join(", ")} can be used, and ${are} open to the owner only`;
    return fine(check, text);
  }
  const { file, reasons } = state;
  const text = reasons.join("; ");
  const remedy = reasons.some((each) => each.includes("chmod"))
    ? `chown root ${file} && chmod 600 ${file}`
    : reasons.some((each) => /denied/i.test(each))
    ? "run this as root"
    : `mend ${file}: an id and a secret in each line`;
  if (remedy === "run this as root") return untold(check, text, remedy);
  return isNeeded ? problem(check, text, remedy) : warning(check, text, remedy);
}
