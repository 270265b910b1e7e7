/** The daemon's life: what must be there before it starts, how it is wired, how it ends. */
import { type Configuration, overriddenText } from "../config/merge.ts";
import { Machine } from "../core/machine.ts";
import type { ActualRoutes } from "../core/types.ts";
import { Daemon } from "../daemon.ts";
import { durationText } from "../duration_text.ts";
import type { Log } from "../host/logger.ts";
import {
  errorRecord,
  flagOverriddenRecord,
  reloadedRecord,
  startText,
  stopText,
} from "../life_text.ts";
import { readLinks } from "../links.ts";
import { RouteSwitcher } from "../route_switcher.ts";
import { snapshotRecords } from "../snapshot_text.ts";
import { UdpHub } from "../udp_hub.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host, Ip } from "./host.ts";
import { KeyRing, readKeys } from "./keys.ts";
import { lackOfRights, lockOrComplain, whatIsLeft } from "./preconditions.ts";

/** The signals to this process, from before anything is done. */
interface Signals {
  /** The first TERM or INT. The ones after it change nothing: the stop is under way, and does not take for ever. */
  readonly stop: Promise<string>;
  readonly isStopping: () => boolean;
  /** Says what the other signals are about from now on; before that they have nothing to do. */
  serve(served: Served): void;
}

/** What signals can be about. */
interface Served {
  readonly log: Log;
  readonly keys: KeyRing | null;
  readonly daemon: () => Daemon | null;
}

/** What a daemon runs with, once everything that it needs is there. */
interface Base {
  readonly configuration: Configuration;
  readonly host: Host;
  readonly ip: Ip;
  readonly log: Log;
  /** Null: packets are not signed. */
  readonly keys: KeyRing | null;
  readonly signals: Signals;
}

/** Runs the daemon until it is told to stop; returns the exit code. */
export async function run(configuration: Configuration, host: Host): Promise<ExitCode> {
  // Before anything else: a rotation of logs must not end a daemon that is about to start.
  const signals = listen(host);
  const keys = await keysOrComplain(configuration, host);
  if (keys !== null && "exit" in keys) return keys.exit;
  const ip = host.startIp();
  try {
    return await prepare({ configuration, host, ip, keys, signals });
  } finally {
    await ip.close();
  }
}

/** The keys, if packets are to be signed; all that is wrong with them goes to standard error. */
async function keysOrComplain(
  { settings, keyFile }: Configuration,
  host: Host,
): Promise<KeyRing | { readonly exit: ExitCode } | null> {
  if (settings.auth === "off" || keyFile === null) return null;
  const read = readKeys(keyFile, host);
  if ("keys" in read) return new KeyRing(keyFile, await host.createSealer(read.keys), host);
  for (const problem of read.problems) complain(host, problem);
  return { exit: EXIT.config };
}

/** Rights, lock, log: in this order, so that nothing is made where the daemon cannot run anyway. */
async function prepare(base: Omit<Base, "log">): Promise<ExitCode> {
  const { configuration, host, ip, signals } = base;
  const { settings, runDir } = configuration;
  const lack = await lackOfRights(ip, settings.routing);
  // The signal of a Ctrl-C ends `ip` too: that is no lack.
  if (signals.isStopping()) return EXIT.ok;
  if (lack !== null) {
    complain(host, lack.text);
    return lack.exit;
  }
  const locked = await lockOrComplain(runDir, host);
  if ("exit" in locked) return locked.exit;
  try {
    return signals.isStopping() ? EXIT.ok : await withLog(base);
  } finally {
    locked.lock.release();
  }
}

async function withLog(base: Omit<Base, "log">): Promise<ExitCode> {
  const { configuration, host } = base;
  const opened = host.openLog(configuration.log, host.now);
  if (opened.kind === "failed") {
    complain(host, opened.reason);
    return EXIT.general;
  }
  const { log } = opened;
  try {
    return await live({ ...base, log });
  } finally {
    log.close();
  }
}

/** From the first line of the log to the last. */
async function live(base: Base): Promise<ExitCode> {
  const { configuration, host, log, keys, signals } = base;
  const { settings, file } = configuration;
  const { version } = host.build;
  const keyId = keys?.sealer.keyId ?? null;
  log.write(startText({ version, pid: host.pid, settings, configFile: file, keyId }));
  for (const each of configuration.overridden) {
    log.write(flagOverriddenRecord(overriddenText(each)));
  }
  let daemon: Daemon | null = null;
  signals.serve({ log, keys, daemon: () => daemon });
  const { switcher, begin } = wire(base);
  const left = await switcher.read();
  if (left.kind === "error") {
    log.write(errorRecord("start-failed", `Cannot read routes: ${left.reason}`));
    return EXIT.general;
  }
  const begun = begin(left.value);
  daemon = begun.daemon;
  const name = await signals.stop;
  const ended = begun.end();
  // The routes first: nothing else of the stop matters as much. With an `ip` that never answers this takes 25 s at
  // most, 5 s each for the interfaces and routes being read and for three sweeps, and 2 s more to end the processes.
  const swept = await switcher.sweep();
  await ended;
  const remains = swept.kind === "failed" ? [swept.reason] : whatIsLeft(swept.left);
  log.write(stopText(name, remains));
  return remains.length === 0 ? EXIT.ok : EXIT.general;
}

/** Connects machine, sockets, switcher and kernel; `begin` starts it all, on top of what is `left` in the kernel. */
function wire({ configuration, host, ip, log, keys }: Base): {
  switcher: RouteSwitcher;
  begin(left: ActualRoutes): { daemon: Daemon; end(): Promise<void> };
} {
  const { settings } = configuration;
  const switcher = new RouteSwitcher({
    exchange: (changes, shows) => ip.exchange(changes, shows),
    mark: { routing: settings.routing, port: settings.port },
    now: host.now,
    report: (report) => daemon?.take({ kind: "routes", report }),
    failed: (generation, reason) => daemon?.take({ kind: "routes-failed", generation, reason }),
  });
  let daemon: Daemon | null = null;
  const begin = (left: ActualRoutes) => {
    const machine = new Machine(settings, host.random(), left, host.now(), keys?.sealer ?? null);
    const alarm = host.alarm(() => started.tick());
    const hub = new UdpHub(host.udp, {
      datagram: (network, from, port, bytes) =>
        started.take({ kind: "datagram", network, from, port, bytes }),
      sendFailed: (network, reason) => started.take({ kind: "send-failed", network, reason }),
      receiveFailed: (network, reason) =>
        log.write(errorRecord("receive-failed", `Cannot receive on ${network}: ${reason}`)),
    });
    const monitor = host.watchKernel({
      table: settings.routing.table,
      changed: () => started.take({ kind: "kernel-changed" }),
      ended: (reason, pauseMs) => {
        const gap = `The kernel was not watched for ${durationText(pauseMs)}`;
        const remedy = "it is started again, and changes are looked for every few seconds";
        log.write(errorRecord("monitor-ended", `${gap}: ${reason}; ${remedy}`));
      },
    });
    const started = new Daemon(machine, settings, {
      now: host.now,
      wakeAt: (atMs) => alarm.wakeAt(atMs),
      syncSockets: (networks, port) => hub.sync(networks, port),
      send: (network, to, port, bytes) => hub.send(network, to, port, bytes),
      requestRoutes: (generation, wanted) => switcher.request(generation, wanted),
      readLinks: () => readLinks(ip),
      interfacesChanged: () => ip.renew(),
      log: (record) => log.write(record),
    });
    daemon = started;
    started.tick();
    const end = async () => {
      started.stop();
      alarm.wakeAt(null);
      // What the stop sent must have left before its sockets close.
      await Promise.all([hub.drained().then(() => hub.close()), monitor.close()]);
    };
    return { daemon: started, end };
  };
  return { switcher, begin };
}

/** Listens from now on, to the end of the process. */
function listen(host: Host): Signals {
  const { promise: stop, resolve } = Promise.withResolvers<string>();
  let isStopping = false;
  let served: Served | null = null;
  host.listenForSignals({
    stop: (signal) => {
      isStopping = true;
      resolve(signal);
    },
    reload: () => {
      if (served === null) return;
      const { log, keys } = served;
      log.reopen();
      log.write(keys === null ? reloadedRecord() : keys.reload());
    },
    dumpState: () => {
      const state = served?.daemon()?.snapshot();
      if (state === undefined) return;
      for (const record of snapshotRecords(state)) served?.log.write(record);
    },
    failback: () => served?.daemon()?.take({ kind: "failback" }),
  });
  return {
    stop,
    isStopping: () => isStopping,
    serve: (what) => {
      served = what;
    },
  };
}
