/** `faild man`: the manual pages, for those who did not install them. */
import type { CommandCall } from "../config/command_line.ts";
import { configPage } from "./config_page.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { manPage } from "./man_page.ts";

/** Prints the source of a page. */
export function manCommand({ args }: CommandCall, host: Host): Promise<ExitCode> {
  const { version } = host.build;
  host.out(args[0] === "5" ? configPage(version) : manPage(version));
  return Promise.resolve(EXIT.ok);
}
