/** faild: IP failover for hosts on redundant LANs. Builds the real host and hands it to the commands. */
import manifest from "./deno.json" with { type: "json" };
import type { Host } from "./lib/cli/host.ts";
import { main } from "./lib/cli/main.ts";
import { createAlarm, delay, monotonicNow } from "./lib/host/clock.ts";
import { logPathProblem, readSecretFile, readTextFile } from "./lib/host/files.ts";
import { IpBatch } from "./lib/host/ip_batch.ts";
import { IpMonitor } from "./lib/host/ip_monitor.ts";
import { lockRunDir } from "./lib/host/lock.ts";
import { openLog } from "./lib/host/logger.ts";
import { createSealer } from "./lib/host/mac.ts";
import { createRandom } from "./lib/host/random.ts";
import { listenForSignals } from "./lib/host/signals.ts";
import { writeAll } from "./lib/host/stream.ts";
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
  hostname: Deno.hostname,
  environment: (name) => Deno.env.get(name),
  readTextFile,
  readSecretFile,
  logPathProblem,
  createSealer,
  loadYaml: async () => (await import("@std/yaml")).parse,
  out: (text) => writeAll(Deno.stdout, text),
  error: (text) => writeAll(Deno.stderr, text),
  now: monotonicNow,
  random: createRandom,
  alarm: createAlarm,
  openLog,
  lockRunDir,
  startIp: () => new IpBatch(),
  watchKernel: (options) => new IpMonitor(options),
  listenForSignals,
};

Deno.exit(await main(host));
