/** The daemon's life: what must be there before it starts, how it is wired, how it ends. */
import { type Configuration, overriddenText } from "../config/merge.ts";
import { Machine } from "../core/machine.ts";
import type { ActualRoutes } from "../core/types.ts";
import { Daemon } from "../daemon.ts";
import type { Log } from "../host/logger.ts";
import { errorRecord, flagOverriddenRecord, startText, stopText } from "../life_text.ts";
import { readLinks } from "../links.ts";
import { RouteSwitcher } from "../route_switcher.ts";
import { snapshotRecords } from "../snapshot_text.ts";
import { UdpHub } from "../udp_hub.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host, Ip } from "./host.ts";
import { lackOfRights, lockOrComplain, whatIsLeft } from "./preconditions.ts";

/** What a daemon runs with, once everything that it needs is there. */
interface Base {
  readonly configuration: Configuration;
  readonly host: Host;
  readonly ip: Ip;
  readonly log: Log;
}

/** Runs the daemon until it is told to stop; returns the exit code. */
export async function run(configuration: Configuration, host: Host): Promise<ExitCode> {
  const ip = host.startIp();
  try {
    return await prepare(configuration, host, ip);
  } finally {
    await ip.close();
  }
}

/** Rights, lock, log: in this order, so that nothing is made where the daemon cannot run anyway. */
async function prepare(configuration: Configuration, host: Host, ip: Ip): Promise<ExitCode> {
  const { settings, runDir } = configuration;
  const lack = await lackOfRights(ip, settings.routing);
  if (lack !== null) {
    complain(host, lack.text);
    return lack.exit;
  }
  const locked = await lockOrComplain(runDir, host);
  if ("exit" in locked) return locked.exit;
  try {
    return await withLog(configuration, host, ip);
  } finally {
    locked.lock.release();
  }
}

async function withLog(configuration: Configuration, host: Host, ip: Ip): Promise<ExitCode> {
  const opened = host.openLog(configuration.log, host.now);
  if (opened.kind === "failed") {
    complain(host, opened.reason);
    return EXIT.general;
  }
  const { log } = opened;
  try {
    return await live({ configuration, host, ip, log });
  } finally {
    log.close();
  }
}

/** From the first line of the log to the last. */
async function live(base: Base): Promise<ExitCode> {
  const { configuration, host, log } = base;
  const { settings, file } = configuration;
  const { version } = host.build;
  log.write(startText({ version, pid: host.pid, settings, configFile: file }));
  for (const each of configuration.overridden) {
    log.write(flagOverriddenRecord(overriddenText(each)));
  }
  // Before anything of ours is in the kernel: from here on a signal means a clean stop.
  let daemon: Daemon | null = null;
  const signal = stopSignal(base, () => daemon);
  const { switcher, begin } = wire(base);
  const left = await switcher.read();
  if (left.kind === "error") {
    log.write(errorRecord("start-failed", `Cannot read routes: ${left.reason}`));
    return EXIT.general;
  }
  const begun = begin(left.value);
  daemon = begun.daemon;
  const name = await signal;
  await begun.end();
  const swept = await switcher.sweep();
  const remains = swept.kind === "failed" ? [swept.reason] : whatIsLeft(swept.left);
  log.write(stopText(name, remains));
  return remains.length === 0 ? EXIT.ok : EXIT.general;
}

/** Connects machine, sockets, switcher and kernel; `begin` starts it all, on top of what is `left` in the kernel. */
function wire({ configuration, host, ip, log }: Base): {
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
    const machine = new Machine(settings, host.random(), left, host.now());
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
      ended: (reason) => log.write(errorRecord("monitor-ended", `Cannot watch kernel: ${reason}`)),
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
      hub.close();
      await monitor.close();
    };
    return { daemon: started, end };
  };
  return { switcher, begin };
}

/** Waits for TERM or INT, and serves the other signals meanwhile. */
function stopSignal({ host, log }: Base, daemon: () => Daemon | null): Promise<string> {
  return new Promise((resolve) => {
    host.listenForSignals({
      stop: resolve,
      reopenLog: () => log.reopen(),
      dumpState: () => {
        const state = daemon()?.snapshot();
        if (state === undefined) return;
        for (const record of snapshotRecords(state)) log.write(record);
      },
    });
  });
}
