/** The completions for zsh. */
import {
  askingLine,
  type CompletedCommand,
  completedCommands,
  type CompletedFlag,
  spellings,
} from "./completion_words.ts";

/** The script, which is to be a file _faild in a folder of fpath. */
export function zshCompletion(): string {
  const [daemon, ...commands] = completedCommands();
  const flags = daemon?.flags ?? [];
  return `#compdef faild
# zsh completion of faild
_faild() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    '${name}:${summary.replaceAll(":", "\\:")}'`).join("\n")}
  )
  _arguments -C -S \\
    ${flags.map(specification).join(" \\\n    ")} \\
    '(-): :->command' '(-)*:: :->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $words[1] in
${
    commands.map((command) => {
      const { name, flags } = command;
      const each = ["_arguments -S", ...flags.map(specification), ...argumentsOf(command)];
      return `        ${name})\n          ${each.join(" \\\n            ")}\n          ;;`;
    }).join("\n")
  }
      esac
      ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _faild "$@"
else
  compdef _faild faild
fi
`;
}

/** What stands after the name of a command, as _arguments takes it. */
function argumentsOf({ words, asked, many }: CompletedCommand): string[] {
  const all = [...words, ...asked.map((each) => `$(${askingLine("faild", each)})`)];
  return all.length === 0 ? [] : [`'${many ? "*" : "1"}:argument:(${all.join(" ")})'`];
}

const ACTIONS = { file: "_files", folder: "_files -/", text: "", none: "" } as const;

/** One flag as _arguments takes it. */
function specification(flag: CompletedFlag): string {
  const names = spellings(flag);
  const { argument, value, help } = flag;
  const text = `[${help.replaceAll(":", "\\:")}]`;
  const rest = argument === null ? text : `${text}:${argument}:${ACTIONS[value]}`;
  const each = names.map((name) => {
    const takes = argument === null ? "" : name.startsWith("--") ? "=" : "+";
    return `'(${names.join(" ")})${name}${takes}${rest}'`;
  });
  return each.join(" ");
}
