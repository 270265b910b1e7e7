/** The command line of a daemon that is started on behalf of somebody. */
import type { Configured } from "../config/command_line.ts";
import { optionOf } from "../config/options.ts";

/** The flags that say what a command line said, one word each. What the environment said, it goes on saying. */
export function daemonArguments({ given, configFile }: Configured): readonly string[] {
  const words = [...given].flatMap(([id, { value, origin }]) => {
    const { flag } = optionOf(id);
    if (flag === null || !origin.startsWith("flag ")) return [];
    return [flag.argument === null ? `--${flag.long}` : `--${flag.long}=${value}`];
  });
  return configFile === null ? words : [...words, `--config=${configFile}`];
}
