import { assertEquals } from "@std/assert";
import type { DownCause } from "../../lib/core/types.ts";
import { causeField } from "../../lib/report/evidence.ts";

/** One of each kind. */
const CAUSES: { readonly [K in DownCause["kind"]]: Extract<DownCause, { readonly kind: K }> } = {
  "missed": { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 3000 },
  "own-network": { kind: "own-network", reason: "no carrier" },
  "peer-deaf": { kind: "peer-deaf", lastGoodAgoMs: null },
  "peer-unanswered": { kind: "peer-unanswered", lastGoodAgoMs: 20 },
  "peer-network": { kind: "peer-network" },
  "peer-drained": { kind: "peer-drained" },
  "adopted": { kind: "adopted" },
};

Deno.test("every cause of a fall is read back from the events as it was written", () => {
  for (const cause of Object.values(CAUSES)) {
    assertEquals(causeField(JSON.parse(JSON.stringify({ cause }))), cause);
  }
});

Deno.test("the schemas of events and state know every cause of a fall", () => {
  for (const name of ["events", "status"]) {
    const file = new URL(`../../docs/schema/${name}.json`, import.meta.url);
    const schema = JSON.stringify(JSON.parse(Deno.readTextFileSync(file)));
    for (const kind of Object.keys(CAUSES)) {
      assertEquals(schema.includes(`"${kind}"`), true, `${name}: ${kind}`);
    }
  }
});

Deno.test("what is no cause reads as none", () => {
  for (const cause of [null, 7, "missed", {}, { kind: "unheard-of" }, { kind: "missed" }]) {
    assertEquals(causeField({ cause } as Parameters<typeof causeField>[0]), null);
  }
});
