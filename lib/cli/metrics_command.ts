/** `faild metrics`: the metrics of the daemon that runs. */
import type { CommandCall } from "../config/command_line.ts";
import type { PeerView, Status } from "../control_protocol.ts";
import { MetricsPage } from "../metrics_text.ts";
import { loadConfiguration } from "./configuration.ts";
import { ask, complainOf } from "./control_client.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";

/** Prints them as Prometheus text, or with --openmetrics as OpenMetrics. */
export async function metricsCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const loaded = await loadConfiguration(call, host);
  if ("exit" in loaded) return loaded.exit;
  const asked = await ask(host, loaded.configuration.runDir, { command: "status" });
  if (asked.kind !== "answer") return complainOf(asked, host);
  // The daemon is this very program: its answer has the types that it was written with.
  const [status, ...lines] = asked.lines;
  const format = call.flags.has("openmetrics") ? "openmetrics" : "prometheus";
  const page = new MetricsPage(status as object as Status, format);
  for (const { peers } of lines) {
    if (Array.isArray(peers)) page.add(peers as readonly PeerView[]);
  }
  host.out(page.text());
  return EXIT.ok;
}
