/** The real binary on a host of the laboratory. */

import { attempt, type Outcome } from "./command.ts";
import type { HostName, Lab, Tenant } from "./lab.ts";
import { Lines } from "./lines.ts";
import { signal } from "./processes.ts";

/** The binary under test: `FAILD_BIN`, else what the build makes. */
export const FAILD = Deno.env.get("FAILD_BIN") ??
  new URL("../../dist/faild", import.meta.url).pathname;

/** How a daemon is started; what is left out is as in most tests: quick, and both requestor and responder. */
export interface DaemonOptions {
  readonly requestor?: boolean;
  /** Seconds between inquiries. */
  readonly interval?: number;
  readonly failAfter?: number;
  readonly restoreAfter?: number;
  /** More arguments. */
  readonly args?: readonly string[];
  /**
   * The whole configuration. Left out: the node is named as its host, the networks as their LANs, and
   * the log is JSON.
   */
  readonly yaml?: string;
  /** More lines of YAML, after those. */
  readonly extra?: string;
  /** Put before the program, e.g. to take rights away. */
  readonly wrapper?: readonly string[];
  /** Where the lock is held; one per host unless given. */
  readonly runDirectory?: string;
}

/** The configuration that a host gets unless told otherwise. */
export function usualYaml(lab: Lab, host: HostName): string {
  const networks = lab.cabling.lans.map((lan) => `  - {name: ${lan}, interface: eth${lan}}\n`);
  return `node: ${host}\nlog: {format: json}\nnetworks:\n${networks.join("")}`;
}

/** Where the lock of a host's daemon is. */
export function runDirectoryOf(lab: Lab, host: HostName): string {
  return `${lab.directory}/run-${host}`;
}

/** Runs a command against the daemon of a host, to its end. */
export async function runCommand(
  lab: Lab,
  host: HostName,
  command: string,
  ...args: string[]
): Promise<Outcome> {
  const place = ["--run-dir", runDirectoryOf(lab, host)];
  return await attempt(lab.onHost(host, [FAILD, command, ...args, ...place]));
}

let configurations = 0;

/** The arguments that start a daemon so, the program first; writes its configuration. */
export async function daemonArguments(
  lab: Lab,
  host: HostName,
  options: DaemonOptions,
): Promise<string[]> {
  const { requestor = true, interval = 0.05, failAfter = 3, restoreAfter = 3 } = options;
  await Deno.stat(FAILD).catch(() => {
    throw new Error(`Cannot find ${FAILD}: run make build first, or set FAILD_BIN`);
  });
  const config = `${lab.directory}/${host}-${++configurations}.yaml`;
  const yaml = options.yaml ?? usualYaml(lab, host);
  await Deno.writeTextFile(config, yaml + (options.extra ?? ""));
  return [
    ...(options.wrapper ?? []),
    FAILD,
    ...(requestor ? ["-r"] : []),
    ...["-t", `${interval}`, "-f", `${failAfter}`, "-s", `${restoreAfter}`],
    ...["--run-dir", options.runDirectory ?? runDirectoryOf(lab, host)],
    ...["-c", config],
    ...(options.args ?? []),
  ];
}

/** Replaces the configuration file that the daemon of a host was last started with. */
export function rewriteConfiguration(lab: Lab, host: HostName, yaml: string): void {
  const files = [...Deno.readDirSync(lab.directory)].map(({ name }) => name)
    .filter((name) => name.startsWith(`${host}-`) && name.endsWith(".yaml"));
  const numberOf = (name: string) => Number(/\d+(?=\.yaml$)/.exec(name)?.[0]);
  const file = files.sort((a, b) => numberOf(a) - numberOf(b)).at(-1);
  if (file === undefined) throw new Error(`Cannot rewrite a configuration: ${host} has none`);
  Deno.writeTextFileSync(`${lab.directory}/${file}`, yaml);
}

/** One daemon, its log, and its end. */
export class Daemon implements Tenant {
  readonly host: HostName;
  readonly pid: number;
  /** What it writes to standard error. */
  readonly log: Lines;
  readonly #child: Deno.ChildProcess;
  #ended = false;

  private constructor(host: HostName, child: Deno.ChildProcess) {
    this.host = host;
    this.pid = child.pid;
    this.#child = child;
    this.log = new Lines(child.stderr);
    child.status.then(() => this.#ended = true);
  }

  /** Starts a daemon on a host; it ends with the laboratory. */
  static async start(lab: Lab, host: HostName, options: DaemonOptions = {}): Promise<Daemon> {
    const argv = lab.onHost(host, await daemonArguments(lab, host, options));
    const [program = "", ...args] = argv;
    const child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    return lab.house(new Daemon(host, child));
  }

  /** Sends a signal, if it still runs. */
  signal(name: Deno.Signal): void {
    if (!this.#ended) signal(this.pid, name);
  }

  /** Resolves when it has ended and its log is complete: its exit code, or the signal that ended it. */
  async end(): Promise<number | Deno.Signal> {
    const status = await this.#child.status;
    await this.log.ended;
    return status.signal ?? status.code;
  }

  /** Kills it without warning. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.end();
  }

  /** Stops it as an administrator would: its exit code, or the signal that ended it. */
  stop(): Promise<number | Deno.Signal> {
    // One that a test has stopped would never notice.
    this.signal("SIGCONT");
    this.signal("SIGTERM");
    return this.end();
  }
}
