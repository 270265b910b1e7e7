/** Generators of notices whose words are as nasty as they can be. */
import fc from "fast-check";
import type { DownCause, Hold, Notice, RouteAction } from "../../lib/core/types.ts";

const words = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.string({ unit: "binary", minLength: 250, maxLength: 400 }),
  fc.constantFrom("a\nb", "\x1b]0;x\x07", "\u202e", "{placeholder}", "%s"),
);
const ms = fc.double({ min: 0, max: 1e9, noNaN: true });
const maybeMs = fc.option(ms);
const count = fc.nat();
const path = fc.record({ node: words, network: words, address: words });
const route = fc.record({ address: words, gateway: words, interfaceName: words });
const cause: fc.Arbitrary<DownCause> = fc.oneof(
  fc.record({
    kind: fc.constant("missed" as const),
    what: fc.constantFrom("answers" as const, "inquiries" as const),
    count,
    lastGoodAgoMs: maybeMs,
  }),
  fc.record({ kind: fc.constant("own-network" as const), reason: words }),
  fc.record({ kind: fc.constant("peer-deaf" as const), lastGoodAgoMs: maybeMs }),
  fc.record({ kind: fc.constant("peer-unanswered" as const), lastGoodAgoMs: maybeMs }),
  fc.record({
    kind: fc.constantFrom("peer-network" as const, "peer-drained" as const, "adopted" as const),
  }),
);
const action: fc.Arbitrary<RouteAction> = fc.oneof(
  fc.record({
    kind: fc.constant("moved" as const),
    address: words,
    gateway: words,
    network: words,
  }),
  fc.record({ kind: fc.constant("restored" as const), address: words, network: words }),
  fc.record({ kind: fc.constant("stays" as const), address: words, why: words }),
  fc.record({ kind: fc.constant("refused" as const), address: words, reason: words, retryMs: ms }),
);
const actions = fc.array(action, { maxLength: 20 });
const part = fc.double({ min: 0, max: 1, noNaN: true });
const hold: fc.Arbitrary<Hold> = fc.oneof(
  fc.record({ kind: fc.constant("flapping" as const), flaps: count, holdMs: ms }),
  fc.record({ kind: fc.constant("after" as const), holdMs: ms }),
  fc.record({ kind: fc.constant("manual" as const) }),
  fc.record({ kind: fc.constant("lossy" as const), loss: part }),
);
const packets = { reason: words, value: words, network: words, from: words, count };

function of<Kind extends string, Rest>(
  kind: Kind,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
): fc.Arbitrary<{ kind: Kind } & Rest> {
  return fc.record(rest).map((values) => ({ kind, ...values } as { kind: Kind } & Rest));
}

/** A generator for each kind; the type asks for all of them. */
export const anyNotice: {
  readonly [Kind in Notice["kind"]]: fc.Arbitrary<Extract<Notice, { kind: Kind }>>;
} = {
  "path-down": of("path-down", { path, cause, actions, tookMs: maybeMs }),
  "path-up": of("path-up", {
    path,
    good: count,
    downMs: ms,
    roundTripMs: maybeMs,
    hold: fc.option(hold),
    actions,
    tookMs: maybeMs,
  }),
  "path-lossy": of("path-lossy", {
    path,
    loss: part,
    by: fc.constantFrom("us" as const, "peer" as const),
    other: fc.option(fc.record({ network: words, loss: part })),
    actions,
    tookMs: maybeMs,
  }),
  "path-clean": of("path-clean", {
    path,
    loss: part,
    hold: fc.option(hold),
    actions,
    tookMs: maybeMs,
  }),
  "one-way": of("one-way", {
    path,
    dead: fc.constantFrom("to-peer" as const, "from-peer" as const),
  }),
  "network-silent": of("network-silent", {
    network: words,
    peers: count,
    cause,
    moved: count,
    stayed: count,
    refused: count,
    tookMs: maybeMs,
  }),
  "network-heard": of("network-heard", {
    network: words,
    peers: count,
    restored: count,
    held: count,
    refused: count,
    downMs: ms,
    tookMs: maybeMs,
  }),
  "rerouted": of("rerouted", {
    path,
    why: fc.constantFrom(
      "better-path" as const,
      "own-address" as const,
      "hold-ended" as const,
      "failback" as const,
      "unjudged" as const,
    ),
    actions,
    tookMs: maybeMs,
  }),
  "node-found": of("node-found", { path, requestor: fc.boolean() }),
  "node-restarted": of("node-restarted", { node: words, address: words }),
  "address-gone": of("address-gone", { path }),
  "address-conflict": of("address-conflict", { address: words, nodes: fc.tuple(words, words) }),
  "network-ready": of("network-ready", {
    network: fc.record({
      name: words,
      interfaceName: words,
      family: fc.constant(4 as const),
      address: words,
      prefixLength: count,
      broadcast: words,
      usable: fc.boolean(),
    }),
  }),
  "network-unusable": of("network-unusable", { network: words, reason: words }),
  "network-drained": of("network-drained", { network: words }),
  "network-undrained": of("network-undrained", { network: words }),
  "network-gone": of("network-gone", { network: words, address: words }),
  "network-problem": of("network-problem", {
    problem: fc.record({ name: words, reason: words }),
  }),
  "no-network": fc.constant({ kind: "no-network" }),
  "adopted": of("adopted", { routes: fc.array(route, { maxLength: 20 }) }),
  "adopted-removed": of("adopted-removed", { address: words, afterMs: ms }),
  "repaired": of("repaired", { what: fc.array(words, { maxLength: 20 }), tookMs: ms }),
  "degraded": of("degraded", { reason: words, retryMs: ms }),
  "recovered": of("recovered", { afterMs: ms }),
  "foreign-routes": of("foreign-routes", { table: count, count }),
  "late": of("late", { latenessMs: ms, count: fc.integer({ min: 1 }) }),
  "late-round": of("late-round", { latenessMs: ms, count: fc.integer({ min: 1 }) }),
  "node-stopping": of("node-stopping", { node: words, graceMs: ms }),
  "node-not-back": of("node-not-back", { node: words, afterMs: ms }),
  "same-name": of("same-name", { name: words, address: words, other: fc.option(words) }),
  "timing-differs": of("timing-differs", {
    node: words,
    intervalMs: ms,
    failAfter: count,
    ownIntervalMs: ms,
    ownFailAfter: count,
  }),
  "one-network": of("one-network", { path }),
  "node-removed": of("node-removed", {
    node: words,
    why: fc.constantFrom("not-configured" as const, "not-allowed" as const),
  }),
  "node-unjudged": of("node-unjudged", { node: words }),
  "node-forgotten": of("node-forgotten", { node: words, silentMs: ms }),
  "send-failed": of("send-failed", { network: words, reason: words }),
  "dropped": of("dropped", packets),
  "unauthenticated": of("unauthenticated", packets),
};
