/**
 * BIRD 2 with BFD as a yardstick: the same two hosts, the same LANs, the same purpose.
 *
 * Every host has, for each address of the other on LAN A, a static route over each LAN that stands only while
 * BFD says that LAN's neighbour is up; the one over LAN A is preferred. Nothing else is configured, so
 * what is measured is BFD and the change of the kernel's route.
 */

import { attempt } from "./command.ts";
import type { HostName, Lab, Tenant } from "./lab.ts";
import { waitFor } from "./wait.ts";

/** How often BFD sends, and how many it may miss. */
export interface BirdTimers {
  readonly intervalMs: number;
  readonly multiplier: number;
}

/** Whether BIRD 2 is installed. */
export async function birdInstalled(): Promise<boolean> {
  try {
    const { code, stderr, stdout } = await attempt(["bird", "--version"]);
    return code === 0 && /version 2\./.test(stdout + stderr);
  } catch {
    return false;
  }
}

function configuration(lab: Lab, host: HostName, peer: HostName, timers: BirdTimers): string {
  const lans = lab.cabling.lans;
  const target = lab.address(peer, "A");
  const { intervalMs, multiplier } = timers;
  const routes = lans.map((lan, index) => `
protocol static over_${lan} {
  ipv4 { preference ${200 - index}; };
  route ${target}/32 via ${lab.address(peer, lan)} bfd;
}`);
  return `
log stderr { error, bug };
router id ${lab.address(host, "A")};
protocol device { scan time 1; }
protocol direct { ipv4; }
protocol kernel {
  ipv4 {
    import none;
    export filter {
      if source = RTS_DEVICE then reject;
      krt_prefsrc = ${lab.address(host, "A")};
      accept;
    };
  };
}
protocol bfd {
  interface "eth*" {
    interval ${intervalMs} ms;
    idle tx interval ${intervalMs} ms;
    multiplier ${multiplier};
  };
}
${routes.join("\n")}
`;
}

/** BIRD on one host. */
export class Bird implements Tenant {
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #control: string;

  private constructor(child: Deno.ChildProcess, control: string) {
    this.#child = child;
    this.#control = control;
    this.pid = child.pid;
  }

  /** Starts BIRD on a host with one peer; it ends with the laboratory. */
  static async start(
    lab: Lab,
    host: HostName,
    peer: HostName,
    timers: BirdTimers,
  ): Promise<Bird> {
    const base = `${lab.directory}/bird-${host}`;
    await Deno.writeTextFile(`${base}.conf`, configuration(lab, host, peer, timers));
    const argv = ["bird", "-f", "-c", `${base}.conf`, "-s", `${base}.ctl`, "-P", `${base}.pid`];
    const [program = "", ...args] = lab.onHost(host, argv);
    const child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    return lab.house(new Bird(child, `${base}.ctl`));
  }

  /** Waits until `count` BFD sessions are up. */
  async waitForSessions(count: number, timeoutMs = 15_000): Promise<void> {
    let text = "";
    await waitFor(
      `${count} BFD sessions`,
      async () => {
        text = await this.#ask("show bfd sessions");
        return text.match(/\sUp\s/g)?.length === count ? true : null;
      },
      { timeoutMs, everyMs: 30 },
      () => text,
    );
  }

  /** Stops it. */
  async stop(): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
  }

  async #ask(command: string): Promise<string> {
    return (await attempt(["birdc", "-s", this.#control, command])).stdout;
  }
}
