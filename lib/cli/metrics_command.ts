/** `faild metrics`: the metrics of the daemon that runs. */
import type { CommandCall } from "../config/command_line.ts";
import { MetricsPage } from "../metrics_text.ts";
import { loadConfiguration } from "./configuration.ts";
import { complainOf } from "./control_client.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { askStatus } from "./status_data.ts";

/** Prints them as Prometheus text, or with --openmetrics as OpenMetrics. */
export async function metricsCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const loaded = await loadConfiguration(call, host);
  if ("exit" in loaded) return loaded.exit;
  const asked = await askStatus(host, loaded.configuration.runDir);
  if ("kind" in asked) return complainOf(asked, host);
  const format = call.flags.has("openmetrics") ? "openmetrics" : "prometheus";
  const page = new MetricsPage(asked.status, format);
  page.add(asked.peers);
  host.out(page.text());
  return EXIT.ok;
}
