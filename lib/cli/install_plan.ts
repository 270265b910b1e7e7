/** Which files an installation consists of. */
import type { Configuration } from "../config/merge.ts";
import type { Content } from "../host/placer.ts";
import { bashCompletion } from "./bash_completion.ts";
import { configPage } from "./config_page.ts";
import { fishCompletion } from "./fish_completion.ts";
import { manPage } from "./man_page.ts";
import {
  cronText,
  rotationText,
  type ServiceKind,
  type ServicePlace,
  unitText,
} from "./service_files.ts";
import { zshCompletion } from "./zsh_completion.ts";

/** A file that is to be placed. */
export interface PlannedFile {
  readonly path: string;
  readonly content: Content;
  readonly mode: number;
  /** Whether it is short enough to be shown whole. */
  readonly isShown: boolean;
}

/** What a plan is made from. */
export interface PlanFacts {
  readonly kind: ServiceKind;
  readonly prefix: string;
  readonly configFile: string;
  readonly configuration: Configuration;
  /** Full path of the program that runs, which is the one to install. */
  readonly executable: string;
  readonly version: string;
}

/** Where the program will be. */
export function programPath(prefix: string): string {
  return `${prefix === "/" ? "" : prefix}/sbin/faild`;
}

/** All files but the configuration, in the order in which they are placed: what starts the daemon last. */
export function plannedFiles(facts: PlanFacts): readonly PlannedFile[] {
  const { kind, prefix, configFile, configuration, executable, version } = facts;
  const program = programPath(prefix);
  const share = `${prefix === "/" ? "" : prefix}/share`;
  const place: ServicePlace = { kind, program, configFile };
  const text = (path: string, content: string, isShown: boolean): PlannedFile => ({
    path,
    content: { text: content },
    mode: 0o644,
    isShown,
  });
  return [
    { path: program, content: { copyOf: executable }, mode: 0o755, isShown: false },
    text(`${share}/man/man8/faild.8`, manPage(version), false),
    text(`${share}/man/man5/faild.yaml.5`, configPage(version), false),
    text(`${share}/bash-completion/completions/faild`, bashCompletion(), false),
    text(`${share}/zsh/site-functions/_faild`, zshCompletion(), false),
    text(`${share}/fish/vendor_completions.d/faild.fish`, fishCompletion(), false),
    text("/etc/logrotate.d/faild", rotationText(place, configuration), true),
    kind === "systemd"
      ? text("/etc/systemd/system/faild.service", unitText(place, configuration), true)
      : text("/etc/cron.d/faild", cronText(place, configuration), true),
  ];
}
