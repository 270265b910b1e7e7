/** The completions for fish. */
import {
  askingLine,
  type CompletedCommand,
  completedCommands,
  type CompletedFlag,
} from "./completion_words.ts";

/** The script, which is to be a file faild.fish in a folder of completions. */
export function fishCompletion(): string {
  const [daemon, ...commands] = completedCommands();
  const all = commands.map(({ name }) => name).join(" ");
  const before = `not __fish_seen_subcommand_from ${all}`;
  const lines = [
    "# fish completion of faild",
    "complete -c faild -f",
    ...commands.map(({ name, summary }) =>
      `complete -c faild -n '${before}' -a ${name} -d '${summary}'`
    ),
    ...(daemon?.flags ?? []).map((flag) => flagLine(before, flag)),
    ...commands.flatMap(commandLines),
  ];
  return `${lines.join("\n")}\n`;
}

function commandLines({ name, flags, words, asked }: CompletedCommand): string[] {
  const within = `__fish_seen_subcommand_from ${name}`;
  return [
    ...(words.length === 0 ? [] : [`complete -c faild -n '${within}' -a '${words.join(" ")}'`]),
    ...asked.map((each) => `complete -c faild -n '${within}' -a '(${askingLine("faild", each)})'`),
    ...flags.map((flag) => flagLine(within, flag)),
  ];
}

const VALUES = {
  none: "",
  text: " -x",
  file: " -r -F",
  folder: " -x -a '(__fish_complete_directories)'",
} as const;

function flagLine(condition: string, { short, long, help, value }: CompletedFlag): string {
  const letter = short === null ? "" : ` -s ${short}`;
  return `complete -c faild -n '${condition}'${letter} -l ${long}${VALUES[value]} -d '${help}'`;
}
