/** What `faild doctor` learns from a daemon that runs, or of one that does not. */
import { type Finding, fine, problem, untold, warning } from "../core/diagnosis.ts";
import type { DaemonState } from "../core/diagnosis_kernel.ts";
import { judgePaths, judgeSending } from "../core/diagnosis_paths.ts";
import { type DaemonTold, judgeDaemon, judgePeers } from "../core/diagnosis_peers.ts";
import type { Ms } from "../core/types.ts";
import { durationText } from "../duration_text.ts";
import { parseStartRecord, recentStarts, restMs, startRecordFile } from "../start_record.ts";
import type { Host } from "./host.ts";
import { parseRecord, RECORD_FILE } from "./install_record.ts";
import { cronRuns } from "./service_control.ts";
import { askStatus, type StatusData } from "./status_data.ts";

/** After failed sends the next ones are waited for, at most so long. */
const LONGEST_WATCH_MS: Ms = 5000;
const MAX_FILE_BYTES = 256 * 1024;
const CRON_FILE = "/etc/cron.d/faild";
const UNIT_FILE = "/etc/systemd/system/faild.service";

/** Whether a daemon runs, and what follows from what it says. */
export interface DaemonFacts {
  readonly state: DaemonState;
  /** Null: none was asked, or it said nothing that makes sense. */
  readonly told: DaemonTold | null;
  readonly findings: readonly Finding[];
}

/** Asks the daemon of a run directory. */
export async function daemonFacts(runDir: string, host: Host): Promise<DaemonFacts> {
  const asked = await askStatus(host, runDir);
  if (!("kind" in asked)) {
    const told = toldBy(asked);
    const findings = [
      ...judgeDaemon(told, host.build.version),
      ...await judgeCare(runDir, host),
      ...judgePeers(told),
      ...judgePaths(told),
    ];
    return { state: "running", told, findings };
  }
  switch (asked.kind) {
    case "silent":
      return running(problem("daemon", asked.reason, "faild watchdog, or restart the daemon"));
    case "foreign": {
      const text = "The daemon answers in words that this program does not know";
      return running(untold("daemon", text, "restart the daemon"));
    }
    case "refused":
      return running(untold("daemon", asked.errors.join("; ")));
    case "forbidden":
      return running(untold("daemon", asked.reason, "run this as root"));
    default:
      return await unasked(runDir, asked.reason, host);
  }
}

/** Whether packets that a daemon sends go out: where some did not, it is asked once more after its next ones. */
export async function sendingFindings(
  { networks, intervalMs }: DaemonTold,
  runDir: string,
  host: Host,
): Promise<readonly Finding[]> {
  if (networks.every(({ sendFailures }) => sendFailures === 0)) return [];
  await host.udp.delay(Math.min(1.5 * intervalMs, LONGEST_WATCH_MS));
  const asked = await askStatus(host, runDir);
  return "kind" in asked ? [] : judgeSending(networks, asked.status.networks);
}

function running(finding: Finding): DaemonFacts {
  return { state: "running", told: null, findings: [finding] };
}

/** Nobody can be asked: whoever has the lock of the run directory runs all the same. */
async function unasked(runDir: string, reason: string, host: Host): Promise<DaemonFacts> {
  const look = await host.daemons.lookAtLock(runDir);
  if (look.kind === "held") {
    const who = look.pid === null ? "A daemon" : `The daemon with pid ${look.pid}`;
    const text = `${who} has the lock of ${runDir}, and cannot be asked: ${reason}`;
    return running(problem("daemon", text, "faild watchdog, or restart the daemon"));
  }
  if (look.kind === "failed") {
    const text = `Cannot tell whether a daemon runs: ${look.reason}`;
    const findings = [untold("daemon", text, "run this as root")];
    return { state: "unknown", told: null, findings };
  }
  return { state: "stopped", told: null, findings: [await judgeAbsence(runDir, host)] };
}

/** Who is to keep a daemon of a run directory running. */
type Care =
  | { readonly kind: "nobody" }
  | { readonly kind: "systemd" }
  | { readonly kind: "cron"; readonly command: string };

/** What is installed here for this run directory. */
function careFor(runDir: string, host: Host): Care {
  const record = parseRecord(textOf(RECORD_FILE, host) ?? "");
  if (record !== null && record.runDir !== runDir) return { kind: "nobody" };
  const cron = textOf(CRON_FILE, host);
  if (cron !== null) {
    const [, command = "faild watchdog"] = /^\* \* \* \* \* root (.+)$/m.exec(cron) ?? [];
    return { kind: "cron", command };
  }
  const isInstalled = textOf(UNIT_FILE, host) !== null || record !== null;
  return { kind: isInstalled ? "systemd" : "nobody" };
}

function textOf(path: string, host: Host): string | null {
  const read = host.readTextFile(path, MAX_FILE_BYTES);
  return read.kind === "text" ? read.text : null;
}

const NO_CRON = "neither cron nor crond runs here";

/** Whether a daemon that runs is started again when it dies, where it is installed for that. */
async function judgeCare(runDir: string, host: Host): Promise<Finding[]> {
  if (careFor(runDir, host).kind !== "cron" || await cronRuns(host)) return [];
  const text = `Nothing looks after the daemon, which is installed for cron: ${NO_CRON}`;
  return [warning("daemon", text, "install and start cron")];
}

/** That no daemon runs is as it should be where it is not installed for this run directory. */
async function judgeAbsence(runDir: string, host: Host): Promise<Finding> {
  const none = `No daemon runs in ${runDir}`;
  const care = careFor(runDir, host);
  if (care.kind === "nobody") return fine("daemon", none);
  if (care.kind === "systemd") {
    const text = `${none}, though faild is installed as a service`;
    return problem("daemon", text, "systemctl restart faild; journalctl -u faild");
  }
  const { command } = care;
  if (!await cronRuns(host)) {
    const text = `${none}, though faild is installed, and nothing starts it: ${NO_CRON}`;
    return problem("daemon", text, `install and start cron, or by hand ${command}`);
  }
  const starts = parseStartRecord(textOf(startRecordFile(runDir), host) ?? "");
  const rest = restMs(starts, host.wallNow());
  if (rest > 0) {
    const count = recentStarts(starts, host.wallNow());
    const text = `${none}: after ${count} starts within 10 min it is left alone for ` +
      `${durationText(rest)}`;
    return problem("daemon", text, `look into its log for why it died, then ${command} --now`);
  }
  const text = `${none}, though faild is installed: cron is to start it within a minute`;
  return problem("daemon", text, `${command}; if that does not help, look into its log`);
}

function toldBy({ status, peers }: StatusData): DaemonTold {
  return { ...status, peers };
}
