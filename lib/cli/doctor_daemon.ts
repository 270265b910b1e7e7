/** What `faild doctor` learns from a daemon that runs, or of one that does not. */
import { type Finding, fine, problem, untold } from "../core/diagnosis.ts";
import type { DaemonState } from "../core/diagnosis_kernel.ts";
import { type DaemonTold, judgeDaemon, judgePeers } from "../core/diagnosis_peers.ts";
import { type AnswerLine, ask } from "./control_client.ts";
import type { Host } from "./host.ts";

/** Whether a daemon runs, and what follows from what it says. */
export interface DaemonFacts {
  readonly state: DaemonState;
  readonly findings: readonly Finding[];
}

/** Asks the daemon of a run directory. */
export async function daemonFacts(runDir: string, host: Host): Promise<DaemonFacts> {
  const asked = await ask(host, runDir, { command: "status" });
  switch (asked.kind) {
    case "answer": {
      const told = toldBy(asked.lines);
      if (told === null) {
        const text = "The daemon answers in words that this program does not know";
        return running(untold("daemon", text, "restart the daemon"));
      }
      const findings = [...judgeDaemon(told, host.build.version), ...judgePeers(told)];
      return { state: "running", findings };
    }
    case "silent":
      return running(problem("daemon", asked.reason, "faild watchdog, or restart the daemon"));
    case "refused":
      return running(untold("daemon", asked.errors.join("; ")));
    case "forbidden":
      return running(untold("daemon", asked.reason, "run this as root"));
    default:
      return await unasked(runDir, asked.reason, host);
  }
}

function running(finding: Finding): DaemonFacts {
  return { state: "running", findings: [finding] };
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
    return { state: "unknown", findings: [untold("daemon", text, "run this as root")] };
  }
  return { state: "stopped", findings: [fine("daemon", `No daemon runs in ${runDir}`)] };
}

/** The lines of a status as far as they are needed; null: they are none. */
function toldBy(lines: readonly AnswerLine[]): DaemonTold | null {
  const status = lines.find((line) => "counters" in line);
  if (status === undefined) return null;
  const { version, intervalMs, degraded, sockets, counters } = status;
  if (typeof version !== "string" || typeof intervalMs !== "number") return null;
  const peers = lines.flatMap((line) => Array.isArray(line["peers"]) ? line["peers"] : []);
  return {
    version,
    intervalMs,
    degraded: typeof degraded === "string" ? degraded : null,
    sockets: sockets !== false,
    // From a socket that only the daemon of this run directory can have made.
    counters: counters as DaemonTold["counters"],
    peers: peers as DaemonTold["peers"],
  };
}
