/** Names that must not be used, by the part of the program they are banned from, each with its reason. */

/** A name, or a member of a global object ("Math.random"), and why it is banned. */
export type Bans = Readonly<Record<string, string>>;

const HANDED_IN = "is handed in by the host, so that tests can hand in another";
const TIME = "time is an argument: `now` is handed in, so that it can be simulated";
const ASYNC = "what waits cannot be replayed step by step: return an effect instead";
const CODE = "code is not made from text at run time";
const OUTPUT = "text is returned, and written by the host";

/** Everywhere in the program. */
const PROGRAM: Bans = {
  eval: CODE,
  Function: CODE,
  globalThis: "globals are named where they are used, so that this policy can see them",
  self: "globals are named where they are used, so that this policy can see them",
  process: "the platform is Deno: use lib/host",
  Buffer: "the platform is Deno: use Uint8Array",
  alert: "nobody is there to answer",
  confirm: "nobody is there to answer",
  prompt: "nobody is there to answer",
  localStorage: "what is kept is kept in files whose place the user chose",
  sessionStorage: "what is kept is kept in files whose place the user chose",
  fetch: "it speaks UDP to its peers and nothing else to anybody",
  WebSocket: "it speaks UDP to its peers and nothing else to anybody",
  Worker: "there is one loop and one thread",
  console: OUTPUT,
};

/** Outside lib/host and main.ts. */
const HOSTED: Bans = {
  ...PROGRAM,
  Deno: "the platform is touched only in lib/host and main.ts",
  performance: `the clock ${HANDED_IN}`,
  "Date.now": `the clock ${HANDED_IN}`,
  setTimeout: `the timer ${HANDED_IN}`,
  setInterval: `the timer ${HANDED_IN}`,
  clearTimeout: `the timer ${HANDED_IN}`,
  clearInterval: `the timer ${HANDED_IN}`,
  "AbortSignal.timeout": `the timer ${HANDED_IN}`,
  "Math.random": `randomness ${HANDED_IN}`,
  crypto: `randomness ${HANDED_IN}`,
};

/** In the pure parts: lib/core and lib/config. */
const PURE: Bans = {
  ...HOSTED,
  Date: TIME,
  Temporal: TIME,
  Intl: "the outcome must not depend on where it runs",
  Promise: ASYNC,
  queueMicrotask: ASYNC,
  WeakRef: "the outcome must not depend on when memory is reclaimed",
  FinalizationRegistry: "the outcome must not depend on when memory is reclaimed",
};

/** In tests of the pure parts. */
const PURE_TESTS: Bans = {
  eval: CODE,
  Function: CODE,
  "Math.random": "a test that fails must fail again: draw from a seed",
  "crypto.getRandomValues": "a test that fails must fail again: draw from a seed",
  "crypto.randomUUID": "a test that fails must fail again: draw from a seed",
  Date: "a test of a pure part hands in the time",
  setTimeout: "a test of a pure part waits for nothing",
  setInterval: "a test of a pure part waits for nothing",
};

const BY_FOLDER: readonly (readonly [string, Bans])[] = [
  ["lib/core/", PURE],
  ["lib/config/", PURE],
  ["lib/host/", PROGRAM],
  ["main.ts", PROGRAM],
  ["lib/", HOSTED],
  ["tests/core/", PURE_TESTS],
  ["tests/config/", PURE_TESTS],
  ["tests/sim/", PURE_TESTS],
  ["tests/scenarios/", PURE_TESTS],
];

/** What is banned from the file at `path`. */
export function bansFor(path: string): Bans {
  return BY_FOLDER.find(([prefix]) => path.startsWith(prefix))?.[1] ?? {};
}

/** True where nothing may wait: no async function, no await, no import(). */
export function isPure(path: string): boolean {
  return bansFor(path) === PURE;
}
