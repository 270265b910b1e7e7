/** faild: IP failover for hosts on redundant LANs. Builds the real host and hands it to the commands. */
import manifest from "./deno.json" with { type: "json" };
import type { Host } from "./lib/cli/host.ts";
import { main } from "./lib/cli/main.ts";
import { createAlarm, delay, monotonicNow } from "./lib/host/clock.ts";
import { connectControl, groupProblem, listenControl } from "./lib/host/control.ts";
import {
  lookAtLock,
  ownProgram,
  portHolders,
  programOf,
  variableOf,
  wordsOf,
} from "./lib/host/daemon_look.ts";
import { killProcess, startDetached } from "./lib/host/detached.ts";
import { boundedFile } from "./lib/host/events_file.ts";
import { logPathProblem, readSecretFile, readTextFile } from "./lib/host/files.ts";
import { programProblem, startHook } from "./lib/host/hook_program.ts";
import { followFile } from "./lib/host/followed_file.ts";
import { IpBatch } from "./lib/host/ip_batch.ts";
import { IpMonitor } from "./lib/host/ip_monitor.ts";
import { lockRunDir } from "./lib/host/lock.ts";
import { openLog } from "./lib/host/logger.ts";
import { createSealer } from "./lib/host/mac.ts";
import { serveMetrics } from "./lib/host/metrics_listener.ts";
import * as placer from "./lib/host/placer.ts";
import { runProgram, terminate } from "./lib/host/program.ts";
import { createRandom } from "./lib/host/random.ts";
import { monotonicUs, openServiceSocket } from "./lib/host/service_socket.ts";
import { discardFile, replaceFile } from "./lib/host/replace_file.ts";
import { listenForSignals } from "./lib/host/signals.ts";
import { writeAll } from "./lib/host/stream.ts";
import { openTerminal } from "./lib/host/terminal.ts";
import { openUdpSocket } from "./lib/host/udp.ts";

const host: Host = {
  args: Deno.args,
  pid: Deno.pid,
  build: {
    version: manifest.version,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    target: Deno.build.target,
  },
  udp: { open: openUdpSocket, now: monotonicNow, delay },
  executable: Deno.execPath(),
  placer,
  runProgram,
  terminate,
  hostname: Deno.hostname,
  environment: (name) => Deno.env.get(name),
  readTextFile,
  readSecretFile,
  logPathProblem,
  createSealer,
  loadYaml: async () => (await import("@std/yaml")).parse,
  out: (text) => void writeAll(Deno.stdout, text),
  emit: (text) => writeAll(Deno.stdout, text),
  isTerminal: () => Deno.stdout.isTerminal(),
  openTerminal,
  error: (text) => void writeAll(Deno.stderr, text),
  now: monotonicNow,
  wallNow: Date.now,
  random: createRandom,
  alarm: createAlarm,
  openLog,
  boundedFile,
  followFile,
  replaceFile,
  discardFile,
  serveMetrics,
  listenControl,
  connectControl,
  groupProblem,
  lockRunDir,
  daemons: {
    lookAtLock,
    portHolders,
    programOf,
    wordsOf,
    variableOf,
    ownProgram,
    kill: killProcess,
    start: startDetached,
  },
  hooks: { start: startHook, programProblem },
  openServiceSocket,
  monotonicUs,
  startIp: () => new IpBatch(),
  watchKernel: (options) => new IpMonitor(options),
  listenForSignals,
};

Deno.exit(await main(host));
