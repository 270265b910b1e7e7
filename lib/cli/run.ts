/** The daemon's life: what must be there before it starts, how it is wired, how it ends. */
import { type Configuration, overriddenText } from "../config/merge.ts";
import { Machine } from "../core/machine.ts";
import type { ActualRoutes, NetworkName, Settings } from "../core/types.ts";
import { Daemon } from "../daemon.ts";
import { durationText } from "../duration_text.ts";
import type { HostSealer } from "../host/mac.ts";
import { errorRecord, flagOverriddenRecord, startText, stopText } from "../life_text.ts";
import { readLinks } from "../links.ts";
import type { LogRecord } from "../log_line.ts";
import { RouteSwitcher } from "../route_switcher.ts";
import { snapshotRecords } from "../snapshot_text.ts";
import { UdpHub } from "../udp_hub.ts";
import { Announcements } from "./announcements.ts";
import { complain } from "./complain.ts";
import type { Read } from "./configuration.ts";
import { type Control, openControl } from "./controlled.ts";
import { keepDrained, readDrained } from "./drained.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import { handOver, takeOver } from "./handover.ts";
import type { Host, Ip } from "./host.ts";
import { readKeys } from "./keys.ts";
import { openLogOf } from "./open_log.ts";
import { lackOfRights, lockOrComplain, whatIsLeft } from "./preconditions.ts";
import { previousRun } from "./previous_run.ts";
import { RecordServices } from "./record_services.ts";
import { Reloader } from "./reload.ts";
import { SwitchableLog } from "./switchable_log.ts";

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
  readonly log: SwitchableLog;
  readonly daemon: Daemon;
  reload(): Promise<unknown>;
}

/** What a daemon runs with, once everything that it needs is there. */
interface Base {
  readonly configuration: Configuration;
  readonly host: Host;
  readonly ip: Ip;
  readonly log: SwitchableLog;
  /** Null: packets are not signed. */
  readonly sealer: HostSealer | null;
  readonly signals: Signals;
  readonly records: RecordServices;
  readonly announcements: Announcements;
  /** The pid of a daemon that died with the lock; null: there is none. */
  readonly leftPid: number | null;
  /** Reads flags and file as they are now. */
  reread(): Promise<Read>;
}

/** The same before there is a log, and what rests on one. */
type Unlogged = Omit<Base, "log" | "records" | "announcements" | "leftPid">;

/**
 * Runs the daemon until it is told to stop; returns the exit code. `reread` reads the configuration as it is by then.
 */
export async function run(
  configuration: Configuration,
  host: Host,
  reread: () => Promise<Read>,
): Promise<ExitCode> {
  // Before anything else: a rotation of logs must not end a daemon that is about to start.
  const signals = listen(host);
  const sealer = await sealerOrComplain(configuration, host);
  if (sealer !== null && "exit" in sealer) return sealer.exit;
  const ip = host.startIp();
  try {
    return await prepare({ configuration, host, ip, sealer, signals, reread });
  } finally {
    await ip.close();
  }
}

/** What signs, if packets are to be signed; all that is wrong with the keys goes to standard error. */
async function sealerOrComplain(
  { settings, keyFile }: Configuration,
  host: Host,
): Promise<HostSealer | { readonly exit: ExitCode } | null> {
  if (settings.auth === "off" || keyFile === null) return null;
  const read = readKeys(keyFile, host);
  if ("keys" in read) return await host.createSealer(read.keys);
  for (const problem of read.problems) complain(host, problem);
  return { exit: EXIT.config };
}

/** Rights, lock, log: in this order, so that nothing is made where the daemon cannot run anyway. */
async function prepare(base: Unlogged): Promise<ExitCode> {
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
    return signals.isStopping() ? EXIT.ok : await withLog(base, locked.leftPid);
  } finally {
    locked.lock.release();
  }
}

async function withLog(base: Unlogged, leftPid: number | null): Promise<ExitCode> {
  const { configuration, host } = base;
  const opened = openLogOf(configuration, host);
  if (opened.kind === "failed") {
    complain(host, opened.reason);
    return EXIT.general;
  }
  const log = new SwitchableLog(opened.log);
  const records = new RecordServices(configuration, host);
  log.watch((record) => records.keep(record));
  records.tend(log);
  const announcements = new Announcements(configuration, host, (record) => log.write(record));
  log.watch((record) => announcements.take(record));
  try {
    return await live({ ...base, log, records, announcements, leftPid });
  } finally {
    await announcements.close();
    await log.close();
  }
}

/** From the first line of the log to the last. */
async function live(base: Base): Promise<ExitCode> {
  const { configuration, host, log, sealer, signals } = base;
  const { settings, file } = configuration;
  const { version } = host.build;
  const keyId = sealer?.keyId ?? null;
  log.write(startText({ version, pid: host.pid, settings, configFile: file, keyId }));
  const before = previousRun(configuration.runDir, base.leftPid, host);
  if (before !== null) log.write(before);
  for (const each of configuration.overridden) {
    log.write(flagOverriddenRecord(overriddenText(each)));
  }
  const { switcher, begin } = wire(base);
  const left = await switcher.read();
  if (left.kind === "error") {
    log.write(errorRecord("start-failed", `Cannot read routes: ${left.reason}`));
    return EXIT.general;
  }
  const moved = await takeOver(left.value, switcher, base);
  const begun = begin(moved.left);
  let { stopGraceMs } = settings;
  const control = serve(base, begun.daemon, (adapted) => stopGraceMs = adapted.stopGraceMs);
  const name = await signals.stop;
  base.announcements.stopping();
  control.close();
  const ended = begun.end();
  // The routes first: nothing else of the stop matters as much. With an `ip` that never answers this takes 25 s at
  // most, 5 s each for the interfaces and routes being read and for three sweeps, and 2 s more to end the processes.
  const swept = await switcher.sweep();
  // While nobody was heard, nothing but the time of the first stop speaks for them.
  const since = begun.daemon.overview().adoptedRoutes > 0 ? moved.since : null;
  const kept = handOver(swept, { graceMs: stopGraceMs, since }, base);
  await Promise.all([ended, base.records.close(), kept]);
  const remains = swept.kind === "failed" ? [swept.reason] : whatIsLeft(swept.left);
  log.write(stopText(name, remains));
  return remains.length === 0 ? EXIT.ok : EXIT.general;
}

/**
 * Lets people ask the daemon and tell it what to do, by its socket and by signals; `adapted` is told of the settings of
 * each reload.
 */
function serve(base: Base, daemon: Daemon, adapted: (settings: Settings) => void): Control {
  const { announcements, configuration, host, log, records, signals } = base;
  const write = (record: LogRecord) => log.write(record);
  records.attach(daemon, write);
  const reloader = new Reloader(configuration, {
    ...base,
    apply: (wanted) => {
      daemon.adapt(wanted.settings);
      adapted(wanted.settings);
      control.regroup(wanted.control.group);
      records.adapt(wanted, write);
      announcements.adapt(wanted);
    },
  });
  const reload = () => {
    // Whoever rotates the log says so in either way.
    log.reopen();
    return announcements.during(() => reloader.reload());
  };
  const control = openControl(configuration.control.group, {
    daemon,
    host,
    runDir: configuration.runDir,
    reload,
    log: write,
  });
  signals.serve({ log, daemon, reload });
  announcements.attach(daemon);
  return control;
}

/** The networks that people drained, as the last daemon left them. */
function drainedBefore({ configuration, host, log }: Base): readonly NetworkName[] {
  const { names, problem } = readDrained(configuration.runDir, host);
  if (problem !== null) log.write(errorRecord("drained-unreadable", problem));
  return names;
}

/** Connects machine, sockets, switcher and kernel; `begin` starts it all, on top of what is `left` in the kernel. */
function wire(base: Base): {
  switcher: RouteSwitcher;
  begin(left: ActualRoutes): { daemon: Daemon; end(): Promise<void> };
} {
  const { announcements, configuration, host, ip, log, records, sealer } = base;
  const { settings } = configuration;
  const switcher = new RouteSwitcher({
    exchange: (changes, shows) => ip.exchange(changes, shows),
    mark: { routing: settings.routing, port: settings.port },
    now: host.now,
    report: (report) => daemon?.take({ kind: "routes", report }),
    failed: (generation, reason) => daemon?.take({ kind: "routes-failed", generation, reason }),
  });
  let daemon: Daemon | null = null;
  let keepProblem: string | null = null;
  const begin = (left: ActualRoutes) => {
    const drained = drainedBefore(base);
    const machine = new Machine(settings, host.random(), left, host.now(), sealer, drained);
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
      keepDrained: (networks) => {
        const problem = keepDrained(configuration.runDir, networks, host);
        // It is tried again with every look at the interfaces.
        if (problem !== null && problem !== keepProblem) {
          log.write(errorRecord("keep-failed", problem));
        }
        keepProblem = problem;
        return problem;
      },
      log: (record) => log.write(record),
      linePlaces: () => [log.place(), ...records.places()],
      hookFailures: () => announcements.hookFailures,
    });
    daemon = started;
    started.tick();
    const end = async () => {
      started.stop();
      alarm.wakeAt(null);
      // What the stop sent must have left before its sockets close.
      await Promise.all([hub.flushed().then(() => hub.close()), monitor.close()]);
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
    reload: () => void served?.reload(),
    dumpState: () => {
      const state = served?.daemon.snapshot();
      if (state === undefined) return;
      for (const record of snapshotRecords(state)) served?.log.write(record);
    },
    failback: () => served?.daemon.take({ kind: "failback" }),
  });
  return {
    stop,
    isStopping: () => isStopping,
    serve: (what) => {
      served = what;
    },
  };
}
