/**
 * Takes a configuration that was read anew into a running daemon: all of it, or nothing. What is doubtful about the one
 * in use is told in the log, at the start and each time that one is taken.
 */
import { keyChanges } from "../config/key_file.ts";
import type { Configuration } from "../config/merge.ts";
import { problemText } from "../config/problem.ts";
import { changedKeys, fixedProblems } from "../config/reload.ts";
import type { Reloaded } from "../control_protocol.ts";
import type { Log } from "../host/logger.ts";
import type { HostSealer } from "../host/mac.ts";
import { doubtRecord, reloadedRecord, reloadRefusedRecord } from "../life_text.ts";
import { type LinksResult, readLinks } from "../links.ts";
import { warningsOf } from "./check_warnings.ts";
import type { Read } from "./configuration.ts";
import type { Host, Ip } from "./host.ts";
import { keyIds, keysOf } from "./keys.ts";
import { machineNow } from "./machine_now.ts";
import { openLogOf } from "./open_log.ts";
import type { SwitchableLog } from "./switchable_log.ts";

/** What a reload works on. */
export interface ReloaderParts {
  readonly host: Host;
  readonly ip: Ip;
  readonly log: SwitchableLog;
  /** Null: packets are not signed. */
  readonly sealer: HostSealer | null;
  /** Reads flags and file as they are now. */
  reread(): Promise<Read>;
  /** Goes by a configuration from now on; it was checked. */
  apply(configuration: Configuration): void;
}

/** What a reload brought. */
type Taken = Pick<Extract<Reloaded, { readonly changed: unknown }>, "changed" | "keyIds">;

/** All that is wrong, a line each. */
type Problems = { readonly problems: readonly string[] };

/** Reloads, one at a time. */
export class Reloader {
  readonly #parts: ReloaderParts;
  #configuration: Configuration;
  #running: Promise<unknown>;

  /** `configuration` is what the daemon was started with; that it is overridden by the file was told. */
  constructor(configuration: Configuration, parts: ReloaderParts) {
    this.#configuration = configuration;
    this.#parts = parts;
    this.#running = readLinks(parts.ip).then((links) =>
      this.#doubt({ ...configuration, overridden: [] }, links)
    ).catch((error) => this.#fault(error));
  }

  /** Reads everything anew and takes it, or says all that is wrong with it; tells it in one line of the log. */
  reload(): Promise<Reloaded> {
    const done = this.#running.then(() => this.#reload()).catch((error) => this.#fault(error));
    this.#running = done;
    return done;
  }

  async #reload(): Promise<Reloaded> {
    const { ip, log, reread } = this.#parts;
    const [read, links] = [await reread(), await readLinks(ip)];
    const taken = "problems" in read ? read : this.#take(read.configuration);
    if ("changed" in taken) {
      return { ...taken, warnings: this.#doubt(this.#configuration, links) };
    }
    log.write(reloadRefusedRecord(taken.problems));
    return { errors: taken.problems };
  }

  /** A fault of ours must not end a daemon whose routes are right, nor keep the next reload from being done. */
  #fault(error: unknown): Reloaded {
    const reason = `Cannot reload: ${error instanceof Error ? error.message : String(error)}`;
    this.#parts.log.write(reloadRefusedRecord([reason]));
    return { errors: [reason] };
  }

  /** Tells of what is doubtful about a configuration, and returns it. */
  #doubt(configuration: Configuration, links: LinksResult): readonly string[] {
    const { host, log } = this.#parts;
    // The log is open, whatever a look at its path says.
    const now = { ...machineNow(configuration, links, host), logProblem: null };
    // That the group may not ask is told by the socket itself.
    for (const each of warningsOf(configuration, { ...now, groupProblem: null })) {
      log.write(doubtRecord(each));
    }
    return warningsOf(configuration, now);
  }

  #take(configuration: Configuration): Problems | Taken {
    const { log, sealer, apply } = this.#parts;
    const before = this.#configuration;
    const fixed = fixedProblems(before, configuration).map(problemText);
    const keys = keysOf(configuration, this.#parts.host);
    const problems = [...fixed, ...(keys !== null && "problems" in keys ? keys.problems : [])];
    if (problems.length > 0 || (keys !== null && "problems" in keys)) return { problems };
    const opened = this.#newLog(configuration);
    if (opened !== null && "problems" in opened) return opened;
    if (opened !== null) log.switchTo(opened.log);
    const others = keys === null || sealer === null
      ? []
      : keyChanges(sealer.replace(keys.keys), keys.keys);
    this.#configuration = configuration;
    apply(configuration);
    const taken = {
      changed: [...changedKeys(before, configuration), ...others],
      keyIds: keys === null ? null : keyIds(keys.keys),
    };
    log.write(reloadedRecord({ file: configuration.file, ...taken }));
    return taken;
  }

  /** The log, where another one is wanted than before; null: it is not. */
  #newLog(configuration: Configuration): { readonly log: Log } | Problems | null {
    const { log } = configuration;
    if (JSON.stringify(log) === JSON.stringify(this.#configuration.log)) return null;
    const opened = openLogOf(configuration, this.#parts.host);
    return opened.kind === "open" ? opened : { problems: [opened.reason] };
  }
}
