/** A machine to install on: what is placed can be read, and a daemon may run. */
import { MAX_FILE_CHARACTERS } from "../../lib/config/yaml_file.ts";
import type { TextFile } from "../../lib/host/files.ts";
import type { LockResult } from "../../lib/host/lock.ts";
import { FakeHost } from "./fake_host.ts";

/** The folders that every machine has, and those of cron or of systemd. */
const FOLDERS = ["/etc", "/var/lib", "/var/log", "/usr/local", "/run"];

/** A machine on which cron or systemd keeps services, or neither. */
export function setupHost(kind: "cron" | "systemd" | "bare"): FakeHost {
  const host = new FakeHost();
  const more = {
    cron: ["/etc/cron.d", "/etc/logrotate.d"],
    systemd: ["/etc/cron.d", "/etc/logrotate.d", "/etc/systemd/system", "/run/systemd/system"],
    bare: [],
  };
  for (const folder of [...FOLDERS, ...more[kind]]) host.disk.folder(folder);
  const readTextFile = (path: string, limit: number): TextFile => {
    const text = host.disk.text(path);
    if (text === undefined) return { kind: "missing" };
    return text.length > Math.max(limit, MAX_FILE_CHARACTERS)
      ? { kind: "failed", reason: "is too long" }
      : { kind: "text", text };
  };
  // Whoever holds the lock is gone once he was asked to stop, unless he is deaf.
  const lookAtLock = () => Promise.resolve(host.lockFailure ?? { kind: "free" });
  // Of the watchdogs none is at work.
  const lockOfDaemon = host.lockRunDir;
  const lockRunDir = async (runDir: string): Promise<LockResult> => {
    if (!runDir.endsWith("/watchdog")) return await lockOfDaemon(runDir);
    host.diary.push(`locked ${runDir}`);
    const release = () => void host.diary.push(`unlocked ${runDir}`);
    return { kind: "locked", lock: { release } };
  };
  const { runProgram } = host;
  const answerAsked: FakeHost["runProgram"] = (program, args) => {
    if (program !== "pidof") return runProgram(program, args);
    return Promise.resolve({
      kind: "ended",
      code: kind === "bare" ? 1 : 0,
      output: "",
      errors: "",
    });
  };
  return Object.assign(host, {
    readTextFile,
    lockRunDir,
    daemons: { lookAtLock },
    runProgram: answerAsked,
  });
}

/** All that is on the disk, folders included. */
export function everything(host: FakeHost): string[] {
  return [...host.disk.held.keys()].sort();
}
