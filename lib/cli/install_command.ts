/** `faild install`: places the program with all that belongs to it, and has it kept running. */
import type { CommandCall } from "../config/command_line.ts";
import { exampleFile } from "../config/example_file.ts";
import { type Configuration, mergeConfiguration } from "../config/merge.ts";
import { LASTING_EVENTS_FILE } from "../config/option_details.ts";
import { DEFAULT_CONFIG_FILE } from "../config/options.ts";
import { problemText } from "../config/problem.ts";
import { pingIn } from "../ping_fault.ts";
import { complain } from "./complain.ts";
import { loadConfiguration } from "./configuration.ts";
import { ask } from "./control_client.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { CONFIG_MODE, configurationText } from "./init_command.ts";
import { plannedFiles, programPath } from "./install_plan.ts";
import { type InstallRecord, type PlacedFile, RECORD_FILE, recordText } from "./install_record.ts";
import {
  makeFolders,
  missingFolders,
  place,
  type Step,
  stepsFor,
  stepText,
} from "./install_steps.ts";
import { type Places, placesOf, readRecord } from "./install_places.ts";
import { DEFAULT_LOG, type ServiceKind, type ServicePlace } from "./service_files.ts";
import { checkProgram, cronRuns, startService, systemdRuns } from "./service_control.ts";

/** What is to be installed, and how. */
interface Wish extends Places {
  readonly kind: ServiceKind;
  /** Whether that was neither told nor found: good to show, not to install. */
  readonly isGuessed: boolean;
  readonly isForced: boolean;
  readonly before: InstallRecord | null;
}

/** The configuration that the daemon will run with. */
interface Configured {
  readonly configuration: Configuration;
  /** What `faild init` writes for this machine. */
  readonly made: string;
  /** Whether there is a file already, which stays as it is. */
  readonly isThere: boolean;
}

/** Shows all files, places them, and starts the daemon. */
export async function installCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const wish = await wishOf(call, host);
  if (typeof wish === "number") return wish;
  const configured = await configurationFor(wish, host);
  if (typeof configured === "number") return configured;
  const steps = await stepsOf(wish, configured, host);
  if (!Array.isArray(steps)) return steps;
  for (const step of steps) host.out(stepText(step, wish.root, wish.isForced));
  if (configured.isThere) host.out(`${wish.root}${DEFAULT_CONFIG_FILE}: there already, kept\n`);
  else if (wish.root !== "") host.out(NO_NETWORKS);
  const others = steps.filter(({ found }) => found === "other");
  if (others.length > 0 && !wish.isForced) {
    for (const { path } of others) {
      complain(host, `Cannot overwrite ${wish.root}${path}: it differs; --force overwrites it`);
    }
    return EXIT.general;
  }
  // Here, where nothing is changed yet: a daemon that runs goes on, whatever is wrong with the next one.
  if (wish.root === "" && configured.isThere) {
    const unfit = await checkProgram(placeOf(wish), configured.configuration, host);
    if (unfit !== null) return unfit;
  }
  if (wish.isDry) {
    host.out("Nothing was changed: --dry-run\n");
    if (!wish.isGuessed) return EXIT.ok;
    complain(host, `${NEITHER}; shown is what --cron places`);
    return EXIT.general;
  }
  const exit = await placeAll(steps, wish, configured, host);
  return exit ?? await start(steps, wish, configured, host);
}

const NO_NETWORKS = `${DEFAULT_CONFIG_FILE} names no networks, since those of this machine are ` +
  "not its own: faild takes what it finds, unless they are named there\n";

const NEITHER = "Cannot install: must be told --systemd or --cron, neither was found here";

async function wishOf({ flags }: CommandCall, host: Host): Promise<Wish | ExitCode> {
  if (flags.has("systemd") && flags.has("cron")) {
    complain(host, "Cannot use flag --cron: must not be given with --systemd");
    return EXIT.usage;
  }
  const places = placesOf(flags);
  const before = readRecord(places, host);
  if (before === "unreadable") return EXIT.general;
  const known = flags.has("systemd")
    ? "systemd"
    : flags.has("cron")
    ? "cron"
    : before?.kind ?? await kindHere(places, host);
  if (known === null && !places.isDry) {
    complain(host, NEITHER);
    return EXIT.general;
  }
  const kind = known ?? "cron";
  const prefix = flags.has("prefix") ? places.prefix : before?.prefix ?? places.prefix;
  if (before !== null && (before.kind !== kind || before.prefix !== prefix)) {
    const now = `it is installed for ${before.kind} in ${before.prefix}`;
    complain(host, `Cannot install for ${kind} in ${prefix}: ${now}; run faild uninstall first`);
    return EXIT.general;
  }
  const isGuessed = known === null;
  return { ...places, prefix, kind, isGuessed, isForced: flags.has("force"), before };
}

/** What keeps services running here. */
async function kindHere({ root }: Places, host: Host): Promise<ServiceKind | null> {
  if (root === "" ? systemdRuns(host) : host.placer.isFolder(`${root}/etc/systemd/system`)) {
    return "systemd";
  }
  // Other packages leave that folder where no cron was ever installed.
  const isCron = host.placer.isFolder(`${root}/etc/cron.d`) &&
    (root !== "" || await cronRuns(host));
  return isCron ? "cron" : null;
}

function placeOf({ kind, prefix }: Wish): ServicePlace {
  return { kind, program: programPath(prefix), configFile: DEFAULT_CONFIG_FILE };
}

/** What is placed where there is no configuration: for another machine one without networks. */
async function madeFor(root: string, host: Host): Promise<string | null> {
  return root === "" ? (await configurationText(host))?.text ?? null : exampleFile([]);
}

async function configurationFor({ root }: Wish, host: Host): Promise<Configured | ExitCode> {
  const file = root + DEFAULT_CONFIG_FILE;
  const made = await madeFor(root, host);
  if (made === null) return EXIT.general;
  const found = await host.placer.lookAt(file);
  if (found.kind === "failed") {
    complain(host, `Cannot read ${file}: ${found.reason}`);
    return EXIT.config;
  }
  if (found.kind === "file") {
    const loaded = await loadConfiguration({ given: new Map(), configFile: file }, host);
    return "exit" in loaded ? loaded.exit : { ...loaded, made, isThere: true };
  }
  const yaml = { file, text: made, parse: await host.loadYaml() };
  const merged = mergeConfiguration({ given: new Map(), yaml, hostname: host.hostname() });
  if (merged.kind === "problems") throw new Error(merged.problems.map(problemText).join("; "));
  return { configuration: merged.configuration, made, isThere: false };
}

async function stepsOf(
  wish: Wish,
  { configuration, made, isThere }: Configured,
  host: Host,
): Promise<Step[] | ExitCode> {
  const { kind, prefix, root, before } = wish;
  const planned = plannedFiles({
    kind,
    prefix,
    configFile: DEFAULT_CONFIG_FILE,
    configuration,
    executable: host.executable,
    version: host.build.version,
  }).filter(({ path }) =>
    !path.startsWith("/etc/logrotate.d/") || host.placer.isFolder(`${root}/etc/logrotate.d`)
  );
  const config = {
    path: DEFAULT_CONFIG_FILE,
    content: { text: made },
    mode: CONFIG_MODE,
    isShown: true,
  };
  const files = isThere ? planned : [config, ...planned];
  const steps = await stepsFor(files, root, before?.files ?? [], host);
  if (!("text" in steps)) return [...steps];
  complain(host, steps.text);
  return EXIT.general;
}

/** Places what is not there yet; the record first, so that whatever goes wrong can be taken back. */
async function placeAll(
  steps: readonly Step[],
  wish: Wish,
  configured: Configured,
  host: Host,
): Promise<ExitCode | null> {
  const { root, kind, prefix, before } = wish;
  const { runDir, log, events } = configured.configuration;
  const paths = [RECORD_FILE, ...steps.map(({ path }) => path)];
  // Below /run it is made anew at each start; elsewhere the unit would not let the daemon make it.
  if (!runDir.startsWith("/run/")) paths.push(`${runDir}/lock`);
  const folders = missingFolders(paths, root, host);
  const known = before?.files ?? [];
  const isRenewed = ({ path }: PlacedFile) => steps.some((step) => step.path === path);
  const files = [
    ...steps.map(({ path, digest }) => ({ path, digest })),
    // Placed once, and no longer part of it: still ours to remove.
    ...known.filter((file) => !isRenewed(file)),
    ...await recordedConfig(wish, configured, host),
  ];
  const isOurs = files.some(({ path }) => path === DEFAULT_CONFIG_FILE);
  const ourEvents = isOurs && events.file === LASTING_EVENTS_FILE ? events.file : null;
  const recordOf = (listed: readonly PlacedFile[]) => {
    const record: InstallRecord = {
      kind,
      prefix,
      files: listed,
      folders: [...new Set([...before?.folders ?? [], ...folders])],
      runDir,
      log: before?.log ?? (kind === "cron" && log.file === null ? DEFAULT_LOG : null),
      events: before?.events ?? ourEvents,
    };
    return { path: RECORD_FILE, content: { text: recordText(record) }, mode: 0o644 };
  };
  const wanted = [
    // Until all are placed, those of before are ours as well.
    recordOf([...files, ...known.filter(isRenewed)]),
    ...steps.filter(({ found }) => found !== "same"),
    recordOf(files),
  ];
  let trouble = makeFolders(folders, root, host);
  for (const file of wanted) trouble ??= place(file, root, host);
  if (trouble === null) return null;
  complain(host, trouble.text);
  return trouble.isDenied ? EXIT.permission : EXIT.general;
}

/** A configuration that was there is ours to remove where it is what `faild init` wrote, and nobody changed it. */
async function recordedConfig({ root, before }: Wish, { made, isThere }: Configured, host: Host) {
  const path = DEFAULT_CONFIG_FILE;
  if (!isThere || before?.files.some((each) => each.path === path)) return [];
  const found = await host.placer.lookAt(root + path);
  const digest = await host.placer.contentDigest({ text: made });
  return found.kind === "file" && found.digest === digest ? [{ path, digest }] : [];
}

async function start(
  steps: readonly Step[],
  wish: Wish,
  { configuration }: Configured,
  host: Host,
): Promise<ExitCode> {
  const { kind, root, before } = wish;
  if (root !== "") {
    const when = kind === "cron" ? "cron starts it" : `start it with ${ENABLE}`;
    host.out(`Installed for ${kind}, and not started: on its machine ${when}\n`);
    return EXIT.ok;
  }
  if (kind === "systemd" && !systemdRuns(host)) {
    host.out("Installed for systemd, and not started\n");
    complain(host, `Cannot start faild: systemd does not run here; where it does: ${ENABLE}`);
    return EXIT.general;
  }
  // One that was interrupted may have placed all files, and left the daemon of before running.
  const isRenewed = before !== null &&
    (steps.some(({ found }) => found !== "same") || await runsAnother(configuration, host));
  if (!await startService(placeOf(wish), configuration, isRenewed, host)) return EXIT.general;
  host.out(`Installed for ${kind}, and running; to undo it: faild uninstall\n`);
  if (kind === "systemd" || await cronRuns(host)) return EXIT.ok;
  complain(host, "Nothing looks after it: neither cron nor crond runs here; install and start one");
  return EXIT.general;
}

/** Whether a daemon runs that is of another version than this program. */
async function runsAnother({ runDir }: Configuration, host: Host): Promise<boolean> {
  const asked = await ask(host, runDir, { command: "ping" });
  const found = asked.kind === "answer" ? pingIn(asked.lines.at(-1)) : null;
  return found !== null && found.version !== host.build.version;
}

const ENABLE = "systemctl enable --now faild";
