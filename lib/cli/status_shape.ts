/**
 * Whether a daemon's state has the parts that the commands need. After an upgrade the daemon that runs may be another
 * version until it is restarted: what an older one does not say yet is filled in, so that nothing sounds the alarm by
 * itself, and what makes no sense at all is none.
 */
import type { PeerView, Status } from "../control_protocol.ts";

type Test = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Test>>;
type Found = Readonly<Record<string, unknown>>;

const isText: Test = (value) => typeof value === "string";
const isNumber: Test = (value) => typeof value === "number" && Number.isFinite(value);
const isFlag: Test = (value) => typeof value === "boolean";
const orNull = (test: Test): Test => (value) => value === null || test(value);
const is = (shape: Shape): Test => (value) =>
  isObject(value) && Object.entries(shape).every(([key, test]) => test(value[key]));

const isRecordOfNumbers: Test = (value) => isObject(value) && Object.values(value).every(isNumber);

const isLinePlace = is({
  kind: isText,
  file: orNull(isText),
  lost: isNumber,
  trouble: orNull(isText),
});
const isLinePlaces: Test = (value) => Array.isArray(value) && value.every(isLinePlace);

const isStatus = is({
  version: isText,
  pid: isNumber,
  uptimeMs: isNumber,
  loopAgoMs: isNumber,
  sockets: isFlag,
  routes: orNull(isText),
  events: isNumber,
  lastEventAgoMs: orNull(isNumber),
  node: isText,
  requestor: isFlag,
  intervalMs: isNumber,
  failAfter: isNumber,
  restoreAfter: isNumber,
  peers: is({ known: isNumber, unreachable: isNumber, stopping: isNumber, unasked: isNumber }),
  degraded: orNull(isText),
  adoptedRoutes: isNumber,
  counters: isRecordOfNumbers,
  lines: isLinePlaces,
});

const isNetwork = is({
  name: isText,
  interfaceName: isText,
  address: isText,
  prefixLength: isNumber,
  usable: isFlag,
  reason: orNull(isText),
  drained: isFlag,
  works: isFlag,
  paths: is({
    up: isNumber,
    down: isNumber,
    unknown: isNumber,
    held: isNumber,
    lossy: isNumber,
    drainedByPeer: isNumber,
  }),
  sent: isNumber,
  received: isNumber,
  dropped: isNumber,
  sendFailures: isNumber,
});

const isPeer = is({
  number: isNumber,
  node: isText,
  requestor: isFlag,
  intervalMs: isNumber,
  stopping: isFlag,
});

const hasKind = is({ kind: isText });
/** One cause has words of its own that are shown. */
const isCause: Test = (value) =>
  hasKind(value) && (!is({ kind: (kind) => kind === "own-network" })(value) ||
    is({ reason: isText })(value));

const isPath = is({
  network: isText,
  address: isText,
  health: isText,
  cause: orNull(isCause),
  misses: isNumber,
  good: isNumber,
  roundTripMs: orNull(isNumber),
  lastGoodAgoMs: orNull(isNumber),
  dead: orNull(isText),
  loss: orNull(isNumber),
  hold: orNull(hasKind),
  flaps: isNumber,
  heard: orNull(isFlag),
  heardByPeer: orNull(isFlag),
  changed: orNull(is({ to: isText, cause: orNull(isCause), agoMs: isNumber })),
  lossy: isFlag,
  drainedByPeer: isFlag,
  over: orNull(isText),
  routeReason: orNull(isText),
  routeInForce: orNull(isFlag),
});

/** What is taken for said where nothing is. */
const LATER_OF_STATUS = {
  sockets: true,
  routes: null,
  degraded: null,
  adoptedRoutes: 0,
  lastEventAgoMs: null,
  lines: [],
};
const LATER_OF_NETWORK = { drained: false, works: true, reason: null, sendFailures: 0 };
const LATER_OF_COUNTS = { held: 0, lossy: 0, drainedByPeer: 0 };
const LATER_OF_PATH = {
  cause: null,
  dead: null,
  loss: null,
  hold: null,
  flaps: 0,
  heard: null,
  heardByPeer: null,
  changed: null,
  lossy: false,
  drainedByPeer: false,
  routeReason: null,
  routeInForce: null,
};

/** The state in the first line of an answer; null: it is that of a daemon which is too different. */
export function parseStatus(line: unknown): Status | null {
  if (!isObject(line)) return null;
  const networks = listOf(line["networks"], (each) => {
    const paths = isObject(each["paths"]) ? filled(each["paths"], LATER_OF_COUNTS) : null;
    return { ...filled(each, LATER_OF_NETWORK), paths };
  });
  if (networks === null || !networks.every(isNetwork)) return null;
  const { peers } = line;
  const counts = isObject(peers) ? filled(peers, { stopping: 0, unasked: 0 }) : null;
  const status = { ...filled(line, LATER_OF_STATUS), networks, peers: counts };
  return isStatus(status) ? status as object as Status : null;
}

/** The peers in another line; null: they are those of a daemon which is too different. */
export function parsePeers(found: unknown): readonly PeerView[] | null {
  const peers = listOf(found, (peer) => {
    const paths = listOf(peer["paths"], (path) => filled(path, LATER_OF_PATH));
    return { ...filled(peer, { stopping: false }), paths };
  });
  const isEach = (peer: { readonly paths: readonly Found[] | null }) =>
    isPeer(peer) && peer.paths !== null && peer.paths.every(isPath);
  return peers?.every(isEach) ? peers as object as readonly PeerView[] : null;
}

/** A list of objects, each filled in; null: it is none. */
function listOf<Each>(value: unknown, fill: (each: Found) => Each): readonly Each[] | null {
  return Array.isArray(value) && value.every(isObject) ? value.map(fill) : null;
}

/** What is missing comes last: the order is that of the daemon. */
function filled(found: Found, later: Found): Found {
  return { ...found, ...later, ...found };
}

function isObject(value: unknown): value is Found {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
