/**
 * The routes by which traffic is moved, kept over a clean stop in a file of the run directory: the stop takes them out
 * of the kernel, and a start within the grace that the peers were asked for puts them back, if its own is not shorter.
 *
 * The first line is the moment, the machine's boot id and its uptime in ms, and the grace in ms. A line for each route follows: address,
 * gateway, interface and, where the route has one, source. The time of day decides nothing: somebody may set it.
 */
import { familyOf, isUnicast, parseAddress } from "../core/address.ts";
import { isInterfaceName } from "../core/ip_text.ts";
import type { Address, HostRoute, Ms } from "../core/types.ts";
import type { Host } from "./host.ts";

const NAME = "moved";
/** More than 25 000 routes take. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Readable by all: it is no secret. */
const MODE = 0o644;
/** The kernel tells both at once; neither a stop nor a start waits longer for it, in ms. */
const MOMENT_MS: Ms = 1000;
const BOOT_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** What the two files say of the moment: an uptime has hundredths of a second, and the time all cores idled. */
const TOLD = new RegExp(`^(${BOOT_ID})\\n([0-9]{1,10})\\.([0-9]{2}) [0-9]{1,12}\\.[0-9]{2}\\n$`);
const MOMENT = new RegExp(`^(${BOOT_ID}) ([0-9]{1,13}) ([0-9]{1,10})$`);

/** A moment of this machine, by a clock that nobody sets. */
export interface Moment {
  readonly bootId: string;
  /** Sleep counts. */
  readonly uptimeMs: Ms;
}

/** A value, or why there is none. */
type Known<Value> = { readonly value: Value } | { readonly problem: string };

/** What the last stop left to this start. */
export type TakenRoutes =
  | { readonly kind: "none" }
  /** To be put back: the stop was at `moment`, `agoMs` ago. */
  | {
    readonly kind: "routes";
    readonly routes: readonly HostRoute[];
    readonly moment: Moment;
    readonly agoMs: Ms;
    readonly graceMs: Ms;
  }
  /** Not to be put back: the stop was too long ago, or, where that is null, before the machine was started. */
  | {
    readonly kind: "late";
    readonly count: number;
    readonly agoMs: Ms | null;
    readonly graceMs: Ms;
  }
  /** What is there cannot be used. */
  | { readonly kind: "unusable"; readonly problem: string };

/**
 * Keeps the routes that a stop took out of the kernel; with none, or without a grace, nothing is kept, and nothing old
 * remains. Returns why it failed, or null.
 *
 * @param since when they were taken out first, where nothing came of them since; null: now
 */
export async function keepMoved(
  runDir: string,
  routes: Iterable<HostRoute>,
  { graceMs, since }: { readonly graceMs: Ms; readonly since: Moment | null },
  host: Pick<Host, "replaceFile" | "discardFile" | "runProgram">,
): Promise<string | null> {
  const lines = graceMs === 0 ? [] : [...routes].map(lineOf);
  const write = async () => {
    const now = since === null ? await momentNow(host) : { value: since };
    return writeMoved(pathOf(runDir), lines, now, graceMs, host);
  };
  const problem = lines.length === 0 ? null : await write();
  if (lines.length === 0 || problem !== null) forgetMoved(runDir, host);
  return problem;
}

/** Takes what the last stop kept: it is there for one start only. */
export async function takeMoved(
  runDir: string,
  graceMs: Ms,
  host: Pick<Host, "readTextFile" | "discardFile" | "runProgram">,
): Promise<TakenRoutes> {
  const path = pathOf(runDir);
  const read = host.readTextFile(path, MAX_BYTES);
  if (read.kind === "missing") return { kind: "none" };
  forgetMoved(runDir, host);
  const unusable = (problem: string): TakenRoutes => ({ kind: "unusable", problem });
  if (read.kind === "failed") return unusable(`Cannot read ${path}: ${read.reason}`);
  const parsed = parse(read.text);
  if ("problem" in parsed) return unusable(`Cannot use ${path}: ${parsed.problem}`);
  const now = await momentNow(host);
  if ("problem" in now) return unusable(`Cannot use ${path}: ${now.problem}`);
  const { moment, routes } = parsed.value;
  const least = Math.min(graceMs, parsed.value.graceMs);
  const count = routes.length;
  if (moment.bootId !== now.value.bootId) {
    return { kind: "late", count, agoMs: null, graceMs: least };
  }
  const agoMs = now.value.uptimeMs - moment.uptimeMs;
  if (agoMs < 0) return unusable(`Cannot use ${path}: it is from a later time than now`);
  return agoMs <= least
    ? { kind: "routes", routes, moment, agoMs, graceMs: least }
    : { kind: "late", count, agoMs, graceMs: least };
}

/** Sees to it that no start puts anything back. */
export function forgetMoved(runDir: string, host: Pick<Host, "discardFile">): void {
  host.discardFile(pathOf(runDir));
}

function pathOf(runDir: string): string {
  return `${runDir}/${NAME}`;
}

/** Writes the file; returns why that failed, or null. */
function writeMoved(
  path: string,
  lines: readonly string[],
  now: Known<Moment>,
  graceMs: Ms,
  host: Pick<Host, "replaceFile">,
): string | null {
  if ("problem" in now) return `Cannot write ${path}: ${now.problem}`;
  const { bootId, uptimeMs } = now.value;
  const text = [`${bootId} ${uptimeMs} ${graceMs}\n`, ...lines].join("");
  // It is ASCII: so many bytes as characters.
  const reason = text.length > MAX_BYTES
    ? `${lines.length} routes are too many`
    : host.replaceFile(path, text, MODE);
  return reason === null ? null : `Cannot write ${path}: ${reason}`;
}

/** The moment that it is. */
async function momentNow(host: Pick<Host, "runProgram">): Promise<Known<Moment>> {
  // The program itself may not read them.
  const files = ["/proc/sys/kernel/random/boot_id", "/proc/uptime"];
  const ran = await host.runProgram("cat", files, MOMENT_MS);
  if (ran.kind === "failed") return { problem: ran.reason };
  const told = ran.kind === "ended" && ran.code === 0 ? TOLD.exec(ran.output) : null;
  if (told === null) return { problem: `cat cannot tell the machine's boot id and uptime` };
  const [, bootId = "", seconds, hundredths] = told;
  return { value: { bootId, uptimeMs: 1000 * Number(seconds) + 10 * Number(hundredths) } };
}

function lineOf({ address, gateway, interfaceName, source }: HostRoute): string {
  const words = [address, gateway, interfaceName, ...(source === undefined ? [] : [source])];
  return `${words.join(" ")}\n`;
}

/** Reads all of it, or nothing. */
function parse(
  text: string,
): Known<
  { readonly moment: Moment; readonly graceMs: Ms; readonly routes: readonly HostRoute[] }
> {
  if (!text.endsWith("\n")) return { problem: "it has no end" };
  const [first = "", ...lines] = text.slice(0, -1).split("\n");
  const [isMoment, bootId = "", uptimeMs, graceMs] = MOMENT.exec(first) ?? [];
  if (isMoment === undefined) return { problem: "line 1 is no boot id with an uptime and a grace" };
  if (lines.length === 0) return { problem: "it has no route" };
  const routes = new Map<Address, HostRoute>();
  for (const [index, line] of lines.entries()) {
    const route = routeOf(line);
    if (route === null) return { problem: `line ${index + 2} is no route` };
    if (routes.has(route.address)) return { problem: `line ${index + 2} is a second route` };
    routes.set(route.address, route);
  }
  const moment = { bootId, uptimeMs: Number(uptimeMs) };
  return { value: { moment, graceMs: Number(graceMs), routes: [...routes.values()] } };
}

/** The route of a line; null: it is none that we would make. */
function routeOf(line: string): HostRoute | null {
  const [address = "", gateway = "", interfaceName = "", source, ...more] = line.split(" ");
  const addresses = [address, gateway, ...(source === undefined ? [] : [source])];
  const isOurs = more.length === 0 && isInterfaceName(interfaceName) && address !== gateway &&
    addresses.every((each) =>
      parseAddress(each) === each && isUnicast(each) && familyOf(each) === familyOf(address)
    );
  if (!isOurs) return null;
  const route = { address, gateway, interfaceName };
  return source === undefined ? route : { ...route, source };
}
