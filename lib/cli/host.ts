/**
 * What the commands need of the machine they run on: built by main.ts from lib/host, handed down from there.
 */
import type { Keys } from "../config/key_file.ts";
import type { LogSettings } from "../config/merge.ts";
import type { ParseYaml } from "../config/yaml_file.ts";
import type { ExchangeResult } from "../core/ip_text.ts";
import type { Ms, Random } from "../core/types.ts";
import type { Alarm } from "../host/clock.ts";
import type { ControlConnected, ControlOpened } from "../host/control.ts";
import type { LockLook, PortHolder } from "../host/daemon_look.ts";
import type { Started } from "../host/detached.ts";
import type { MissingLine } from "../host/events_file.ts";
import type { TextFile } from "../host/files.ts";
import type { FollowedFile } from "../host/followed_file.ts";
import type { IpMonitorOptions } from "../host/ip_monitor.ts";
import type { LockResult } from "../host/lock.ts";
import type { LogPlace, OpenedLog } from "../host/logger.ts";
import type { HostSealer } from "../host/mac.ts";
import type { MakeMetrics, MetricsListener } from "../host/metrics_listener.ts";
import type { Content, Failure, Found, Made } from "../host/placer.ts";
import type { Ran } from "../host/program.ts";
import type { ServiceSocket } from "../host/service_socket.ts";
import type { SignalHandlers } from "../host/signals.ts";
import type { Terminal, TerminalHandlers } from "../host/terminal.ts";
import type { HookCall, RunningHook } from "../hooks.ts";
import type { LineFile } from "../record_keeper.ts";
import type { UdpHost } from "../udp_hub.ts";
import type { Build } from "./version.ts";

/** `ip`, kept open: see lib/host/ip_batch.ts. */
export interface Ip {
  exchange(changes: readonly string[], shows: readonly string[]): Promise<ExchangeResult>;
  /** Interfaces came or went: the next exchange must not rest on what `ip` remembers of them. */
  renew(): void;
  close(): Promise<void>;
}

/** Files of the setup: see lib/host/placer.ts. */
export interface Placer {
  lookAt(path: string): Promise<Found>;
  contentDigest(content: Content): Promise<string>;
  createFile(path: string, text: string, mode: number): Made;
  placeFile(path: string, content: Content, mode: number): Made;
  makeFolder(path: string): Made;
  isFolder(path: string): boolean;
  namesIn(path: string): readonly string[];
  removeFile(path: string): boolean | Failure;
}

/** Daemons, seen from outside: see lib/host/daemon_look.ts and lib/host/detached.ts. */
export interface Daemons {
  lookAtLock(runDir: string, waitMs?: Ms): Promise<LockLook>;
  portHolders(port: number): Promise<readonly PortHolder[]>;
  programOf(pid: number): Promise<string | null>;
  wordsOf(pid: number): Promise<readonly string[]>;
  variableOf(pid: number, name: string): Promise<string | undefined>;
  ownProgram(): string;
  kill(pid: number): string | null;
  start(program: string, args: readonly string[]): Started | { readonly reason: string };
}

/** Programs of hooks: see lib/host/hook_program.ts. */
export interface HookPrograms {
  start(call: HookCall): RunningHook;
  programProblem(path: string): string | null;
}

/** The machine. */
export interface Host {
  readonly args: readonly string[];
  readonly pid: number;
  readonly build: Build;
  readonly udp: UdpHost;
  /** The full path of this program's file. */
  readonly executable: string;
  readonly placer: Placer;
  /** Runs a program to its end, or for so long: one of the system by its name, or one at a full path. */
  runProgram(program: string, args: readonly string[], limitMs?: Ms): Promise<Ran>;
  /** Asks a process to stop; null, or why that is not possible. */
  terminate(pid: number): string | null;
  hostname(): string;
  environment(name: string): string | undefined;
  readTextFile(path: string, limitBytes: number): TextFile;
  /** As `readTextFile`, but refuses a file that others may read. */
  readSecretFile(path: string, limitBytes: number): TextFile;
  /** Why a log cannot be written there, as far as that can be told without a trace; null: nothing is in the way. */
  logPathProblem(path: string): string | null;
  /** What signs with these keys; the code for it is loaded only where it is wanted. */
  createSealer(keys: Keys): Promise<HostSealer>;
  /** The YAML parser; loaded only where there is a file to parse. */
  loadYaml(): Promise<ParseYaml>;
  out(text: string): void;
  /** As `out`; false: nobody reads it any more. */
  emit(text: string): boolean;
  /** Whether standard output is a terminal. */
  isTerminal(): boolean;
  /** Takes the terminal over for a live view; see lib/host/terminal.ts. */
  openTerminal(handlers: TerminalHandlers): Terminal;
  error(text: string): void;
  now(): Ms;
  /** Milliseconds since 1970, for people: no decision rests on it. */
  wallNow(): number;
  random(): Random;
  alarm(ring: () => void): Alarm;
  openLog(options: LogSettings, now: () => Ms, place: LogPlace): OpenedLog;
  /** Opens the socket for those who ask the daemon; see lib/host/control.ts. */
  listenControl(path: string, group: string | null): ControlOpened;
  connectControl(path: string): Promise<ControlConnected>;
  /** Why a group cannot be let ask; null: nothing is in the way. */
  groupProblem(group: string): string | null;
  /** A file of lines that stays below a limit. */
  boundedFile(path: string, missing: MissingLine): LineFile;
  /** Such a file as it grows. */
  followFile(path: string): FollowedFile;
  /** Puts a text into a file in one step; why it could not be done, or null. */
  replaceFile(path: string, text: string, mode: number): string | null;
  /** Takes a file away that `replaceFile` made, if it is there. */
  discardFile(path: string): void;
  serveMetrics(
    listen: { readonly hostname: string; readonly port: number },
    make: MakeMetrics,
  ): MetricsListener;
  lockRunDir(runDir: string, waitMs?: Ms): Promise<LockResult>;
  readonly daemons: Daemons;
  readonly hooks: HookPrograms;
  /** The way to the service manager that NOTIFY_SOCKET names; see lib/host/service_socket.ts. */
  openServiceSocket(
    target: string,
    runDir: string,
    failed: (reason: string) => void,
  ): ServiceSocket;
  /** The system's monotonic clock in µs; null: it cannot be read. */
  monotonicUs(): Promise<number | null>;
  startIp(): Ip;
  watchKernel(options: IpMonitorOptions): { close(): Promise<void> };
  listenForSignals(handlers: SignalHandlers): void;
}
