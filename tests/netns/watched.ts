/** A daemon that is started by nothing but runs of the watchdog, as by a line of cron. */

import { attempt, type Outcome } from "./command.ts";
import { daemonArguments, type DaemonOptions, FAILD, runDirectoryOf, usualYaml } from "./daemon.ts";
import type { HostName, Lab, Tenant } from "./lab.ts";
import { killNamespace, signal } from "./processes.ts";

/** One run, and how long it took. */
export interface Run extends Outcome {
  readonly tookMs: number;
}

/** The watchdog of a host. */
export class Watchdog implements Tenant {
  readonly host: HostName;
  readonly logFile: string;
  readonly runDirectory: string;
  readonly #lab: Lab;
  readonly #argv: readonly string[];

  private constructor(lab: Lab, host: HostName, argv: readonly string[], logFile: string) {
    this.#lab = lab;
    this.host = host;
    this.#argv = argv;
    this.logFile = logFile;
    this.runDirectory = runDirectoryOf(lab, host);
  }

  /** Nothing runs before its first run; whatever it starts ends with the laboratory. */
  static async create(
    lab: Lab,
    host: HostName,
    options: DaemonOptions = {},
  ): Promise<Watchdog> {
    const logFile = `${lab.directory}/${host}.log`;
    const yaml = usualYaml(lab, host).replace("{format: json}", `{format: json, file: ${logFile}}`);
    const argv = await daemonArguments(lab, host, { yaml, ...options });
    const at = argv.indexOf(FAILD) + 1;
    const watching = [...argv.slice(0, at), "watchdog", ...argv.slice(at)];
    return lab.house(new Watchdog(lab, host, watching, logFile));
  }

  /** One run, to the end of all that it says: a daemon that held its pipes would keep cron waiting. */
  async run(): Promise<Run> {
    const began = performance.now();
    const outcome = await attempt(this.#lab.onHost(this.host, this.#argv));
    return { ...outcome, tookMs: performance.now() - began };
  }

  /** The pid that the lock file names. */
  pid(): number {
    return Number(Deno.readTextFileSync(`${this.runDirectory}/lock`));
  }

  /** Sends a signal to the daemon. */
  signal(name: Deno.Signal): void {
    signal(this.pid(), name);
  }

  /** Whether the daemon has logged an event. */
  hasLogged(event: string): boolean {
    return Deno.readTextFileSync(this.logFile).includes(`"event":"${event}"`);
  }

  /** What the log says last of a run that did not end by itself. */
  lastUncleanEnd(): string {
    const lines = Deno.readTextFileSync(this.logFile).trim().split("\n");
    const last = lines.findLast((line) => line.includes('"event":"unclean-end"'));
    return last === undefined ? "" : JSON.parse(last).text;
  }

  stop(): Promise<void> {
    return killNamespace(this.#lab.namespace(this.host));
  }
}
