/** Puts a running daemon at the disposal of those who ask it over its socket. */
import { CONTROL_NAME, type Controlled, type Reloaded } from "../control_protocol.ts";
import { ControlServer } from "../control_server.ts";
import type { Ms } from "../core/types.ts";
import type { Daemon } from "../daemon.ts";
import { durationText } from "../duration_text.ts";
import { errorRecord } from "../life_text.ts";
import type { LogRecord } from "../log_line.ts";
import type { Host } from "./host.ts";

/** The kernel is given so long to take the routes of a drain, and is looked at as often as that, in ms. */
const APPLIED_MS: Ms = 2000;
const LOOK_AGAIN_MS: Ms = 5;

/** What is asked for is asked of these. */
export interface ControlledParts {
  readonly daemon: Daemon;
  readonly host: Host;
  readonly runDir: string;
  reload(): Promise<Reloaded>;
  log(record: LogRecord): void;
}

/** The socket of a daemon. */
export interface Control {
  /** Lets another group ask from now on; null: none. */
  regroup(group: string | null): void;
  close(): void;
}

/** Opens the socket. A daemon that cannot be asked does its work all the same: that is told in the log. */
export function openControl(group: string | null, parts: ControlledParts): Control {
  const { host, runDir, log } = parts;
  const tell = (problem: string | null) => {
    if (problem !== null) log(errorRecord("control-failed", problem));
  };
  const path = `${runDir}/${CONTROL_NAME}`;
  const opened = host.listenControl(path, group);
  if (opened.kind === "failed") {
    tell(`Cannot listen at ${path}, so status and reload do not work: ${opened.reason}`);
    return { regroup: () => {}, close: () => {} };
  }
  tell(opened.problem);
  const { listener } = opened;
  const timing = {
    now: () => host.now(),
    alarm: (ring: () => void) => host.alarm(ring),
    delay: (delayMs: number) => host.udp.delay(delayMs),
  };
  const server = new ControlServer(listener, controlled(parts), timing);
  return {
    regroup: (wanted) => tell(listener.regroup(wanted)),
    close: () => server.close(),
  };
}

/** The daemon as it can be asked and steered. */
export function controlled({ daemon, host, reload }: ControlledParts): Controlled {
  const who = { version: host.build.version, pid: host.pid };
  return {
    overview: () => ({ ...who, ...daemon.overview() }),
    peers: (from, count) => daemon.peers(from, count),
    ping: () => ({ ...who, ...daemon.ping() }),
    failback: () => {
      const held = daemon.overview().networks.reduce((sum, { paths }) => sum + paths.held, 0);
      daemon.take({ kind: "failback" });
      return { held };
    },
    drain: async (network, on) => {
      const drained = daemon.drain(network, on);
      if (drained === null) return { error: unknownNetwork(network, daemon) };
      const { changed, problem } = drained;
      const warning = problem === null
        ? null
        : `${problem}; after a restart it is as if this had not been done`;
      if (!on) return { stays: [], unapplied: null, changed, warning };
      // People pull a cable when this is answered.
      const unapplied = await outcomeOf(daemon, host);
      return { stays: daemon.stayingOn(network), unapplied, changed, warning };
    },
    reload,
  };
}

/** Waits for the kernel's word on the routes; why it has not all of them, or null. */
async function outcomeOf(daemon: Daemon, host: Pick<Host, "now" | "udp">): Promise<string | null> {
  const giveUpAt = host.now() + APPLIED_MS;
  while (daemon.isPending) {
    if (host.now() >= giveUpAt) return `it has not answered for ${durationText(APPLIED_MS)}`;
    await host.udp.delay(LOOK_AGAIN_MS);
  }
  return daemon.ping().routes;
}

function unknownNetwork(network: string, daemon: Daemon): string {
  const names = daemon.networkNames;
  const known = names.length === 0 ? "there is none now" : `known are ${names.join(", ")}`;
  return `Cannot use network: must be the name of one (${known}), is ${JSON.stringify(network)}`;
}
