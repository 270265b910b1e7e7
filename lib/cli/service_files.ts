/** The files by which a machine keeps the daemon running: a unit of systemd, lines of cron, the rotation of the log. */
import type { Configuration } from "../config/merge.ts";

/** Who keeps the daemon running. */
export type ServiceKind = "systemd" | "cron";

/** Where the program and its configuration are. */
export interface ServicePlace {
  readonly kind: ServiceKind;
  /** Full path of the program. */
  readonly program: string;
  readonly configFile: string;
}

/** The log where the configuration names none, and there is no journal that takes it. */
export const DEFAULT_LOG = "/var/log/faild.log";

const MADE = "Made by faild install; faild uninstall removes it.";

/** What the daemon may use beside networks: its configuration says what it needs. */
interface Needs {
  readonly capabilities: readonly string[];
  /** Lines on the run directory. */
  readonly directories: readonly string[];
  /** What it may write to beside its run directory. */
  readonly writable: readonly string[];
  readonly home: "yes" | "read-only";
  /** Whether temporary folders of its own would hide something from it, or from those who ask it. */
  readonly temporary: "yes" | "no";
}

/** The unit for systemd. */
export function unitText(place: ServicePlace, configuration: Configuration): string {
  const { capabilities, directories, writable, home, temporary } = needsOf(place, configuration);
  const { group } = configuration.control;
  return `# ${MADE}
# It follows from ${place.configFile} as that was then: install again after a change of port, group or places.
[Unit]
Description=IP failover on redundant LANs
Documentation=man:faild(8) man:faild.yaml(5)
After=network.target
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=${commandWord(place.program)} --config=${commandWord(place.configFile)}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=1
WatchdogSec=30
TimeoutStopSec=30
# Only the daemon is told to stop: it needs its ip to take its routes away.
KillMode=mixed
OOMScoreAdjust=-500
LimitNOFILE=4096

# It changes routes, and nothing else.
CapabilityBoundingSet=${capabilities.join(" ")}
AmbientCapabilities=${capabilities.join(" ")}
NoNewPrivileges=yes
${group === null ? "" : `SupplementaryGroups=${group}\n`}${directories.join("\n")}
ProtectSystem=strict
ReadWritePaths=${writable.map((path) => unitWord(`-${path}`)).join(" ")}
ProtectHome=${home}
PrivateTmp=${temporary}
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
UMask=0022

[Install]
WantedBy=multi-user.target
`;
}

function needsOf(
  { program, configFile }: ServicePlace,
  { settings, runDir, log, events, metrics, keyFile, hooks }: Configuration,
): Needs {
  const written = [log.file, metrics.file, events.file].filter((path) => path !== null)
    .filter((path) => !path.startsWith(`${runDir}/`)).map(folderOf);
  const isReserved = Math.min(settings.port, metrics.listen?.port ?? Infinity) < 1024;
  const own = /^\/run\/(?!user\/)(.+)$/.exec(runDir)?.[1];
  const used = [
    program,
    configFile,
    keyFile,
    runDir,
    ...hooks.map(({ run }) => run[0] ?? ""),
    ...written,
  ];
  const isAt = (folders: RegExp) => used.some((path) => folders.test(`${path}/`));
  return {
    capabilities: ["CAP_NET_ADMIN", ...(isReserved ? ["CAP_NET_BIND_SERVICE"] : [])],
    // What happened outlives the daemon there.
    directories: own === undefined ? [] : [
      `RuntimeDirectory=${unitWord(own)}`,
      "RuntimeDirectoryMode=0755",
      "RuntimeDirectoryPreserve=yes",
    ],
    writable: [...new Set(["/var/log", ...(own === undefined ? [runDir] : []), ...written])],
    home: isAt(/^\/(home|root|run\/user)\//) ? "read-only" : "yes",
    temporary: isAt(/^\/(var\/)?tmp\//) ? "no" : "yes",
  };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** A path as a word of a unit file. */
function unitWord(path: string): string {
  const escaped = path.replaceAll("%", "%%");
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : JSON.stringify(escaped);
}

/** The same in a command, where a dollar begins a variable. */
function commandWord(path: string): string {
  return unitWord(path.replaceAll("$", "$$$$"));
}

/** The lines for cron, to be a file in /etc/cron.d. */
export function cronText(place: ServicePlace, configuration: Configuration): string {
  const command = watchdogWords(place, configuration).map(cronWord).join(" ");
  return `# ${MADE}
# Each minute a look at the daemon, which is silent while it is well; it is started where it does not run.
SHELL=/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
@reboot root ${command}
* * * * * root ${command}
`;
}

/** The command that looks after the daemon, word by word. */
export function watchdogWords(
  place: ServicePlace,
  configuration: Pick<Configuration, "log">,
): readonly string[] {
  return [place.program, "watchdog", ...daemonWords({ ...place, kind: "cron" }, configuration)];
}

/** What the daemon is started with. */
export function daemonWords(
  { kind, configFile }: ServicePlace,
  { log }: Pick<Configuration, "log">,
): readonly string[] {
  const words = ["-c", configFile];
  return kind === "cron" && log.file === null ? [...words, "-l", DEFAULT_LOG] : words;
}

/** A word for the shell of cron, to which a percent sign is the end of a line. */
function cronWord(word: string): string {
  return shellWord(word).replaceAll("%", "\\%");
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The rotation of the log. */
export function rotationText(place: ServicePlace, { log }: Configuration): string {
  const file = log.file ?? DEFAULT_LOG;
  const reopen = place.kind === "systemd"
    ? "systemctl reload faild.service"
    : `${shellWord(place.program)} reload -c ${shellWord(place.configFile)}`;
  return `# ${MADE}
${JSON.stringify(file)} {
    weekly
    rotate 8
    maxsize 10M
    missingok
    notifempty
    compress
    delaycompress
    postrotate
        ${reopen} >/dev/null 2>&1 || true
    endscript
}
`;
}
