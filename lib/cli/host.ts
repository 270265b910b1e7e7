/**
 * What the commands need of the machine they run on: built by main.ts from lib/host, handed down from there.
 */
import type { Keys } from "../config/key_file.ts";
import type { LogSettings } from "../config/merge.ts";
import type { ParseYaml } from "../config/yaml_file.ts";
import type { ExchangeResult } from "../core/ip_text.ts";
import type { Ms, Random } from "../core/types.ts";
import type { Alarm } from "../host/clock.ts";
import type { TextFile } from "../host/files.ts";
import type { IpMonitorOptions } from "../host/ip_monitor.ts";
import type { LockResult } from "../host/lock.ts";
import type { OpenedLog } from "../host/logger.ts";
import type { HostSealer } from "../host/mac.ts";
import type { SignalHandlers } from "../host/signals.ts";
import type { UdpHost } from "../udp_hub.ts";
import type { Build } from "./version.ts";

/** `ip`, kept open: see lib/host/ip_batch.ts. */
export interface Ip {
  exchange(changes: readonly string[], shows: readonly string[]): Promise<ExchangeResult>;
  /** Interfaces came or went: the next exchange must not rest on what `ip` remembers of them. */
  renew(): void;
  close(): Promise<void>;
}

/** The machine. */
export interface Host {
  readonly args: readonly string[];
  readonly pid: number;
  readonly build: Build;
  readonly udp: UdpHost;
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
  error(text: string): void;
  now(): Ms;
  random(): Random;
  alarm(ring: () => void): Alarm;
  openLog(options: LogSettings, now: () => Ms): OpenedLog;
  lockRunDir(runDir: string): Promise<LockResult>;
  startIp(): Ip;
  watchKernel(options: IpMonitorOptions): { close(): Promise<void> };
  listenForSignals(handlers: SignalHandlers): void;
}
