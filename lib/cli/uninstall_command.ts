/** `faild uninstall`: stops the daemon, and removes all that was installed and all that it left. */
import type { CommandCall } from "../config/command_line.ts";
import { type Configuration, mergeConfiguration } from "../config/merge.ts";
import { DEFAULT_CONFIG_FILE } from "../config/options.ts";
import { samplesPath } from "../samples.ts";
import { watchdogFolder } from "../start_record.ts";
import { takeBack } from "./cleanup.ts";
import { complain } from "./complain.ts";
import { readConfiguration } from "./configuration.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { type Places, placesOf, readRecord } from "./install_places.ts";
import { type InstallRecord, RECORD_FILE } from "./install_record.ts";
import { forgetUnit, stopService, UNIT } from "./service_control.ts";
import { lockWatchdogs } from "./watchdog_lock.ts";

/** What a daemon leaves in its run directory. */
const RUN_NAMES =
  /^(?:lock|drained|moved|[a-z]+\.sock|events(?:\.samples)?\.jsonl(?:\.1)?)(?:\.tmp)?$/;
/** How our metrics begin; a file that begins otherwise is somebody else's. */
const METRICS_START = /^# (?:HELP|TYPE) faild_/;
/** Those of thousands of peers are shorter. */
const MAX_METRICS_BYTES = 64 * 1024 * 1024;
const WATCHDOG_NAMES = /^(?:lock|(?:starts|note)\.json)(?:\.tmp)?$/;

/** Removes everything; what was changed by hand and may be wanted is kept, and named. */
export async function uninstallCommand({ flags }: CommandCall, host: Host): Promise<ExitCode> {
  const places = placesOf(flags);
  const record = readRecord(places, host);
  if (record === "unreadable") return EXIT.general;
  if (record === null) {
    host.out(`Nothing is installed: there is no ${places.root}${RECORD_FILE}\n`);
    return EXIT.ok;
  }
  const remover = new Remover(places, host);
  const configuration = await configurationOf(places, host);
  // It may have moved since, and the old one be left.
  const runDirs = [...new Set([record.runDir, configuration.runDir])];
  if (places.root === "" && !places.isDry) {
    const exit = await stop(record, runDirs, configuration, remover, host);
    if (exit !== null) return exit;
  }
  await removeFiles(record, remover, host);
  for (const runDir of runDirs) removeRunFiles(runDir, remover);
  if (record.log !== null) removeLog(record.log, remover);
  removeEvents(record, configuration, remover);
  tellLeft(record, configuration, remover);
  removeMetrics(configuration, remover, host);
  if (remover.exit === null) {
    remover.remove(RECORD_FILE);
    for (const folder of record.folders.toReversed()) remover.removeFolder(folder);
  }
  if (record.kind === "systemd" && places.root === "" && !places.isDry) await forgetUnit(host);
  if (remover.exit === null) host.out(places.isDry ? DRY : remover.hasKept ? ALL_BUT : DONE);
  return remover.exit ?? EXIT.ok;
}

const DRY = "Nothing was changed: --dry-run\n";
const DONE = "Uninstalled\n";
const ALL_BUT = "Uninstalled, but for what was kept: that is yours to remove\n";
const BY_HAND = "was written or changed by hand";

/** Removes, and says so. */
class Remover {
  readonly #root: string;
  readonly #isDry: boolean;
  readonly #host: Host;
  /** Null: everything that was to be removed is gone. */
  exit: ExitCode | null = null;
  /** Whether something of this installation stays. */
  hasKept = false;
  /** What is gone; in a dry run, what would be. */
  readonly #gone = new Set<string>();

  constructor({ root, isDry }: Places, host: Host) {
    this.#root = root;
    this.#isDry = isDry;
    this.#host = host;
  }

  at(path: string): string {
    return this.#root + path;
  }

  tellKept(path: string, why: string): void {
    this.hasKept = true;
    this.#host.out(`kept ${this.at(path)}, which ${why}\n`);
  }

  tellUnknown(): void {
    this.hasKept = true;
    const file = this.at(DEFAULT_CONFIG_FILE);
    this.#host.out(`kept what ${file} names, which has an error: keys, log and events\n`);
  }

  /** Whether there is such a file, which stays. */
  has(path: string): boolean {
    return this.names(folderOf(path), new RegExp(`^${nameOf(path)}$`)).length > 0;
  }

  names(folder: string, wanted: RegExp): readonly string[] {
    return this.#host.placer.namesIn(this.at(folder)).filter((name) => wanted.test(name))
      .map((name) => `${folder}/${name}`).filter((path) => !this.#gone.has(path));
  }

  remove(path: string, note = ""): void {
    const removed = this.#isDry ? true : this.#host.placer.removeFile(this.at(path));
    if (removed === true) {
      this.#gone.add(path);
      this.#host.out(`${this.#isDry ? "would remove" : "removed"} ${this.at(path)}${note}\n`);
    } else if (removed !== false) {
      complain(this.#host, `Cannot remove ${this.at(path)}: ${removed.reason}`);
      this.exit = removed.isDenied ? EXIT.permission : EXIT.general;
    }
  }

  /** One that still holds something, which is not ours, stays. */
  removeFolder(path: string): void {
    if (this.names(path, /^/).length > 0) return;
    if (this.#host.placer.isFolder(this.at(path))) this.remove(path);
  }
}

/** Stops the daemon, and takes back what it may have left in the kernel; null: done. */
async function stop(
  { kind, files }: InstallRecord,
  runDirs: readonly string[],
  configuration: Configuration,
  remover: Remover,
  host: Host,
): Promise<ExitCode | null> {
  // First, or cron would start it again.
  for (const { path } of files) if (path.startsWith("/etc/cron.d/")) remover.remove(path);
  if (remover.exit !== null) return remover.exit;
  // One that is at work would start it again, too. Nobody gives this lock back before the end of this process.
  for (const runDir of runDirs) {
    if (!host.placer.isFolder(watchdogFolder(runDir))) continue;
    const locked = await lockWatchdogs(runDir, host);
    if ("exit" in locked) return locked.exit;
  }
  const unit = files.find(({ path }) => path.endsWith(`/${UNIT}`));
  const hasUnit = unit !== undefined && (await host.placer.lookAt(unit.path)).kind !== "missing";
  if (!await stopService(kind, hasUnit, runDirs, host)) return EXIT.general;
  const back = await takeBack(configuration, host);
  return "exit" in back ? back.exit : null;
}

/** The configuration of the daemon, or where it has an error the default: its marks are hardly ever others. */
async function configurationOf({ root }: Places, host: Host): Promise<Configuration> {
  const configFile = root + DEFAULT_CONFIG_FILE;
  const read = await readConfiguration({ given: new Map(), configFile }, host);
  if ("configuration" in read) return read.configuration;
  const merged = mergeConfiguration({ given: new Map(), yaml: null, hostname: host.hostname() });
  if (merged.kind === "problems") throw new Error("the defaults do not go together");
  return merged.configuration;
}

async function removeFiles(
  { files }: InstallRecord,
  remover: Remover,
  host: Host,
): Promise<void> {
  for (const path of new Set(files.map((each) => each.path).toReversed())) {
    // A loss of power may have left the beginning of a new one.
    for (const draft of remover.names(folderOf(path), draftOf(path))) remover.remove(draft);
    const found = await host.placer.lookAt(remover.at(path));
    if (found.kind === "missing") continue;
    // An installation that was interrupted has two digests of a file: before it, and after.
    const isOurs = found.kind === "file" &&
      files.some((each) => each.path === path && each.digest === found.digest);
    if (path === DEFAULT_CONFIG_FILE && !isOurs) remover.tellKept(path, BY_HAND);
    else remover.remove(path, isOurs ? "" : ", which was changed by hand");
  }
  const isRecorded = files.some(({ path }) => path === DEFAULT_CONFIG_FILE);
  const found = await host.placer.lookAt(remover.at(DEFAULT_CONFIG_FILE));
  if (!isRecorded && found.kind === "file") remover.tellKept(DEFAULT_CONFIG_FILE, BY_HAND);
}

/** What the daemon and its watchdog keep in a run directory. */
function removeRunFiles(runDir: string, remover: Remover): void {
  const watchdog = watchdogFolder(runDir);
  for (const path of remover.names(watchdog, WATCHDOG_NAMES)) remover.remove(path);
  for (const path of remover.names(runDir, RUN_NAMES)) remover.remove(path);
  remover.removeFolder(watchdog);
  remover.removeFolder(runDir);
}

/** The name of a file that was not written to its end; see lib/host/replace_file.ts. */
function draftOf(path: string): RegExp {
  return new RegExp(`^${nameOf(path)}\\.tmp$`);
}

/** The last part of a path, as a part of a pattern. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function removeLog(log: string, remover: Remover): void {
  for (const path of logsAt(log, remover)) remover.remove(path);
}

/** A log and what became of it by rotation. */
function logsAt(log: string, remover: Remover): readonly string[] {
  const rotated = new RegExp(`^${nameOf(log)}(?:[.-]\\d+)?(?:\\.(?:gz|xz|bz2|zst))?$`);
  return remover.names(folderOf(log), rotated);
}

/** Names what people chose a place for, and may want: the log, and the keys, which other nodes may have as well. */
function tellLeft(
  record: InstallRecord,
  { file, log, keyFile }: Configuration,
  remover: Remover,
): void {
  if (file === null && remover.has(DEFAULT_CONFIG_FILE)) remover.tellUnknown();
  if (log.file !== null && log.file !== record.log) {
    for (const path of logsAt(log.file, remover)) {
      remover.tellKept(path, `${DEFAULT_CONFIG_FILE} names as the log`);
    }
  }
  if (keyFile !== null && remover.has(keyFile)) {
    remover.tellKept(keyFile, "holds the keys: a secret");
  }
}

/** A daemon that did not end by itself leaves its metrics, which would be collected for ever. */
function removeMetrics({ metrics: { file } }: Configuration, remover: Remover, host: Host): void {
  if (file === null) return;
  for (const draft of remover.names(folderOf(file), draftOf(file))) remover.remove(draft);
  const read = host.readTextFile(remover.at(file), MAX_METRICS_BYTES);
  if (read.kind === "text" && METRICS_START.test(read.text)) remover.remove(file);
}

/** The events with their samples; those at a place that somebody chose are his. */
function removeEvents(
  record: InstallRecord,
  { events }: Configuration,
  remover: Remover,
): void {
  for (const file of new Set([events.file, record.events])) {
    if (file === null) continue;
    for (const path of [file, samplesPath(file)]) {
      const all = new RegExp(`^${nameOf(path)}(?:\\.1)?$`);
      for (const each of remover.names(folderOf(path), all)) {
        if (file === record.events) remover.remove(each);
        else remover.tellKept(each, `${DEFAULT_CONFIG_FILE} names`);
      }
    }
  }
}
