/** Feels the pulse of a daemon: asks it over its control socket whether it lives, again and again. */

import { CONTROL_NAME } from "../../lib/control_protocol.ts";

/** What the daemon's loop was busy with meanwhile delays its answers. */
export interface Pulse {
  /** The slowest answer, in ms. */
  readonly slowestMs: number;
  readonly answers: number;
}

/** Asks one question after the other while `action` runs. */
export async function pulseDuring(
  runDirectory: string,
  action: () => Promise<unknown>,
): Promise<Pulse> {
  let ended = false;
  const acting = action().finally(() => ended = true);
  let slowestMs = 0;
  let answers = 0;
  while (!ended) {
    slowestMs = Math.max(slowestMs, await ping(`${runDirectory}/${CONTROL_NAME}`));
    answers += 1;
  }
  await acting;
  return { slowestMs, answers };
}

/** From question to answer, in ms. */
async function ping(path: string): Promise<number> {
  using connection = await Deno.connect({ transport: "unix", path });
  const begin = performance.now();
  await connection.write(new TextEncoder().encode('{"command":"ping"}\n'));
  const read = await connection.read(new Uint8Array(4096));
  if (read === null) throw new Error("Cannot feel the daemon's pulse: it hung up");
  return performance.now() - begin;
}
