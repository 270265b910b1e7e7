/** The completions for bash. */
import {
  askingLine,
  type CompletedCommand,
  completedCommands,
  type CompletedFlag,
  spellings,
} from "./completion_words.ts";

/** The script, which defines a function and names it for faild. */
export function bashCompletion(): string {
  const commands = completedCommands();
  const names = commands.map(({ name }) => name).filter((name) => name !== "");
  // Before a command only the flags of the daemon are possible: a value of theirs is no command.
  const valued = (commands[0]?.flags ?? []).filter(({ value }) => value !== "none");
  return `# bash completion of faild
_faild() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${valued.flatMap(spellings).join(" | ")}) ((i++)) ;;
      ${names.join(" | ")})
        command=\${COMP_WORDS[i]}
        break
        ;;
    esac
  done
  local flags= words=
  case $command in
${
    commands.map(({ name, flags, words, asked }) =>
      `    ${name === "" ? "''" : name})
      flags='${flags.flatMap(spellings).join(" ")}'
      words='${words.join(" ")}'
      case $previous in
${valueCases(flags)}
      esac
${askedLines(asked)}      ;;`
    ).join("\n")
  }
  esac
  [[ $current == -* ]] && words=$flags
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _faild faild
`;
}

/** Names are asked for only where one may stand: that takes a moment. */
function askedLines(asked: CompletedCommand["asked"]): string {
  return asked.map((each) =>
    `      [[ $current == -* ]] || words+=" $(${askingLine('"${COMP_WORDS[0]}"', each)})"\n`
  ).join("");
}

/** What completes the value of the flag before the cursor. */
function valueCases(flags: readonly CompletedFlag[]): string {
  const cases = [
    [
      "file",
      'mapfile -t COMPREPLY < <(compgen -f -- "$current") ; compopt -o filenames 2>/dev/null; return',
    ],
    [
      "folder",
      'mapfile -t COMPREPLY < <(compgen -d -- "$current") ; compopt -o filenames 2>/dev/null; return',
    ],
    ["text", "COMPREPLY=(); return"],
  ] as const;
  return cases.flatMap(([kind, action]) => {
    const of = flags.filter(({ value }) => value === kind).flatMap(spellings);
    return of.length === 0 ? [] : [`        ${of.join(" | ")}) ${action} ;;`];
  }).join("\n");
}
