/** A machine for tests of `faild doctor`. Reads docs/schema. */
import { assertEquals } from "@std/assert";
import { doctorCommand } from "../../lib/cli/doctor_command.ts";
import type { Host, Ip } from "../../lib/cli/host.ts";
import type { CommandCall } from "../../lib/config/command_line.ts";
import type { Finding } from "../../lib/core/diagnosis.ts";
import type { ControlConnected } from "../../lib/host/control.ts";
import type { LockLook } from "../../lib/host/daemon_look.ts";
import type { Ran } from "../../lib/host/program.ts";
import { answeringWith } from "../fakes/control_pipe.ts";
import { schemaFaults } from "../fakes/json_schema.ts";
import { FakeUdpHost } from "../shells/fake_udp.ts";
import { networkView, pathStatus, peerView, statusOf } from "../shells/overviews.ts";
import { FakeHost } from "./fake_host.ts";

/** What `faild doctor --json` says. */
export const SCHEMA = JSON.parse(
  Deno.readTextFileSync(new URL("../../docs/schema/doctor.json", import.meta.url)),
);

/** A clock that runs by sleeping only, and sleeps too long. */
class SleepyClock extends FakeUdpHost {
  latenessMs = 0.5;

  override delay(delayMs: number): Promise<void> {
    this.nowMs += delayMs + this.latenessMs;
    return Promise.resolve();
  }
}

/** What `ip -j netconf show` says of its networks. */
export const NETCONF = ["all", "ethA", "ethB"].map((name) => {
  return { family: "inet", interface: name, rp_filter: "off" };
});
/** The same of `ip -j link show`. */
export const LINKS = ["ethA", "ethB"].map((ifname) => ({ ifname, mtu: 1500 }));
const MISSING: Ran = { kind: "missing" };
/** What comes of a program that was run to its end. */
export const ended = (output: string, code = 0): Ran => ({
  kind: "ended",
  code,
  output,
  errors: "",
});

/** What a daemon says of itself. */
export const STATUS = statusOf({
  networks: [networkView(), networkView({ name: "B", interfaceName: "eth1" })],
  counters: { drops_own: 9 },
});
/** What it says of a peer. */
export const PEER = peerView(2, [pathStatus()]);

/** How the kernel is asked for its way to a neighbour on each network. */
export const WAY_A = "ip -N -j route get fibmatch 192.168.1.2";
export const WAY_B = "ip -N -j route get fibmatch 192.168.2.2";

/** What it answers. */
export function wayBy(dst: string, dev: string, more: object = {}): Ran {
  return ended(JSON.stringify([{ dst, dev, protocol: "2", flags: [], ...more }]));
}

/** A machine on which all is well, and no daemon runs. */
export class Patient extends FakeHost {
  override readonly udp = new SleepyClock();
  /** What ip answers to lines that only a doctor asks. */
  readonly shown = new Map([
    ["netconf show", JSON.stringify(NETCONF)],
    ["link show", JSON.stringify(LINKS)],
  ]);
  /** What other programs say; one that is not here is not there. */
  readonly answers = new Map<string, Ran>([
    ["ip -V", ended("ip utility, iproute2-6.1.0\n")],
    ["ip -j -s -s link show", ended("[]")],
    ["nft -j list ruleset", ended('{"nftables": []}')],
    [WAY_A, wayBy("192.168.1.0/24", "ethA")],
    [WAY_B, wayBy("192.168.2.0/24", "ethB")],
  ]);
  lock: LockLook = { kind: "free" };
  /** What a daemon answers; null: nobody listens. */
  status: readonly object[] | null = null;
  /** What it answers when it is asked once more; null: the same. */
  nextStatus: readonly object[] | null = null;
  controlProblem: ControlConnected | null = null;

  override programAnswer = (line: string): Ran => this.answers.get(line) ?? MISSING;

  override startIp = (): Ip => {
    const exchange: Ip["exchange"] = async (changes, shows) => {
      const [line = ""] = shows;
      const shown = this.ipFailure === null ? this.shown.get(line) : undefined;
      if (shown !== undefined) return { kind: "done", shown: [shown], refused: [] };
      if (this.ipFailure !== null) return { kind: "failed", reason: this.ipFailure };
      if (changes.length > 0) {
        const reason = "RTNETLINK answers: Operation not permitted";
        const refused = this.kernel.isPrivileged ? [] : [{ line: 0, reason }];
        return { kind: "done", shown: [], refused };
      }
      return await this.kernel.exchange(changes, shows);
    };
    return { exchange, renew: () => {}, close: () => Promise.resolve() };
  };

  override connectControl: Host["connectControl"] = () => {
    if (this.controlProblem !== null) return Promise.resolve(this.controlProblem);
    if (this.status === null) return Promise.resolve({ kind: "absent" });
    const text = this.status.map((line) => `${JSON.stringify(line)}\n`).join("");
    this.status = this.nextStatus ?? this.status;
    const connection = answeringWith(text);
    return Promise.resolve({ kind: "connected", connection } as ControlConnected);
  };

  /** What is found, as "check level", without what is fine. */
  async findings(configFile: string | null = null): Promise<string[]> {
    const { document } = await this.examine(configFile);
    return document.findings.filter(({ level }) => level !== "ok")
      .map(({ check, level }) => `${check} ${level}`);
  }

  async examine(configFile: string | null = null) {
    let text = "";
    this.out = (each: string) => void (text += each);
    const exit = await doctorCommand(callOf(configFile, true), this.seen());
    const document = JSON.parse(text) as {
      readonly level: string;
      readonly findings: readonly Finding[];
    };
    assertEquals(schemaFaults(document, SCHEMA), []);
    assertEquals(exit, document.level === "problem" ? 1 : 0);
    return { exit, document };
  }

  /** What people read. */
  async text(): Promise<string> {
    let text = "";
    this.out = (each: string) => void (text += each);
    await doctorCommand(callOf(null, false), this.seen());
    return text;
  }

  /** This machine as commands see it. */
  seen(): Host {
    const daemons = { lookAtLock: () => Promise.resolve(this.lock) };
    return Object.assign(this, { daemons }) as unknown as Host;
  }
}

/** The command line. */
export function callOf(configFile: string | null, isJson: boolean): CommandCall {
  const flags = new Map<string, true>(isJson ? [["json", true]] : []);
  return { name: "doctor", args: [], flags, given: new Map(), configFile };
}

/** Puts a file on its disk. */
export function put(patient: Patient, path: string, text: string): void {
  patient.disk.put(path, text);
  patient.files.set(path, { kind: "text", text });
}

/** A patient whose daemon runs. */
export async function withDaemon(): Promise<Patient> {
  const patient = new Patient();
  const rule = "rule add pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 245";
  await patient.kernel.exchange([rule], []);
  return patient;
}
