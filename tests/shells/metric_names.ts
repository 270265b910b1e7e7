import { MetricsPage } from "../../lib/metrics_text.ts";
import { readExposition } from "./exposition.ts";
import { downPath, pathStatus, peerView, statusOf } from "./overviews.ts";

/** The names of all metrics: the samples of a page of a node with something of everything. */
export const METRIC_NAMES: ReadonlySet<string> = new Set(
  [...readExposition(fullPage(), "prometheus").values()]
    .flatMap(({ samples }) => samples.map(({ name }) => name)),
);

function fullPage(): string {
  const counters = { ...statusOf().counters, drops_bad_signature: 4 };
  const page = new MetricsPage(statusOf({ counters }), "prometheus");
  page.add([peerView(2, [downPath(), pathStatus({ network: "B", address: "192.168.2.2" })])]);
  return page.text();
}
