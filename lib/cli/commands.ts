/** What each command does. */
import type { CommandCall } from "../config/command_line.ts";
import type { Configuration } from "../config/merge.ts";
import { check } from "./check_command.ts";
import { cleanup } from "./cleanup.ts";
import { completionsCommand } from "./completions_command.ts";
import { loadConfiguration } from "./configuration.ts";
import { doctorCommand } from "./doctor_command.ts";
import { eventsCommand } from "./events_command.ts";
import type { ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { initCommand } from "./init_command.ts";
import { installCommand } from "./install_command.ts";
import { manCommand } from "./man_command.ts";
import { metricsCommand } from "./metrics_command.ts";
import { probeCommand } from "./probe_command.ts";
import { reportCommand } from "./report_command.ts";
import { healthCommand, statusCommand } from "./status_command.ts";
import { drainCommand, failbackCommand, reloadCommand, undrainCommand } from "./steer_command.ts";
import { uninstallCommand } from "./uninstall_command.ts";
import { watchdogCommand } from "./watchdog_command.ts";

/** Does what a command is for; returns the exit code. */
export type Handler = (call: CommandCall, host: Host) => Promise<ExitCode>;

/** The commands by their names. */
export const HANDLERS: Readonly<Record<CommandCall["name"], Handler>> = {
  check: configured(check),
  cleanup: configured(cleanup),
  watchdog: watchdogCommand,
  reload: reloadCommand,
  drain: drainCommand,
  undrain: undrainCommand,
  failback: failbackCommand,
  status: statusCommand,
  health: healthCommand,
  events: eventsCommand,
  metrics: metricsCommand,
  report: reportCommand,
  probe: probeCommand,
  doctor: doctorCommand,
  init: initCommand,
  install: installCommand,
  uninstall: uninstallCommand,
  man: manCommand,
  completions: completionsCommand,
};

/** A command that begins with the configuration, and does nothing where that is wrong. */
function configured(
  perform: (configuration: Configuration, host: Host) => Promise<ExitCode>,
): Handler {
  return async (call, host) => {
    const loaded = await loadConfiguration(call, host);
    return "exit" in loaded ? loaded.exit : await perform(loaded.configuration, host);
  };
}
