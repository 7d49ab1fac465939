/**
 * The program tables as completion scripts. Pure.
 *
 * @module
 */
import { type FlagName, flagRow, typedName } from "../flags/flags.ts";
import type { Program } from "./program_table.ts";

/** For `source` or a file in bash-completion's folder. */
export function bashCompletions(programs: readonly Program[]): string {
  const cases = programs.map((program) => {
    const words = [...program.flags.map((name) => `--${typedName(name)}`), ...wordsOf(program)];
    return `    ${program.name}) words=${quote(words.join(" "))} ;;`;
  });
  const values = flagsWith(programs, (name) => flagRow(name).value !== undefined);
  const folders = flagsWith(programs, (name) => flagRow(name).completes === "folder");
  return `# bash completion for vtorrent
_vtorrent() {
  local words="" current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  case "$previous" in
    ${folders.join("|")}) COMPREPLY=($(compgen -d -- "$current")); return ;;
    ${values.filter((flag) => !folders.includes(flag)).join("|")})
      COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${
    quote(programs.map(({ name }) => name).join(" "))
  } -- "$current")); return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case "$current" in -*) ;; *) COMPREPLY+=($(compgen -f -- "$current")) ;; esac
}
complete -o filenames -F _vtorrent vtorrent ./vtorrent
`;
}

/** For a file `_vtorrent` in a folder of `fpath`. */
export function zshCompletions(programs: readonly Program[]): string {
  const names = programs.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  const cases = programs.map((program) => {
    const flags = program.flags.map((name) => {
      const { value, help, completes } = flagRow(name);
      const many = kindIsMany(name) ? "*" : "";
      const text = `${many}--${typedName(name)}[${help.replace(/[[\]]/g, "\\$&")}]`;
      if (value === undefined) return quote(text);
      const action = completes === "folder" ? "_files -/" : completes === "file" ? "_files" : " ";
      return quote(`${text}:${value.replaceAll(":", "\\:")}:${action}`);
    });
    const words = wordsOf(program);
    const rest = words.length > 0
      ? quote(`1:word:(${words.join(" ")})`)
      : program.arguments.some(({ completes }) => completes !== undefined)
      ? "'*:file:_files'"
      : undefined;
    const parts = rest === undefined ? flags : [...flags, rest];
    return `    ${program.name}) _arguments ${parts.join(" \\\n      ")} ;;`;
  });
  return `#compdef vtorrent
_vtorrent() {
  local -a programs=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe program programs
    return
  fi
  local program="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$program" in
${cases.join("\n")}
  esac
}
compdef _vtorrent vtorrent
`;
}

/** For a file \`vtorrent.fish\` in fish's completions folder. */
export function fishCompletions(programs: readonly Program[]): string {
  const lines = ["# fish completion for vtorrent"];
  for (const { name, summary } of programs) {
    lines.push(`complete -c vtorrent -f -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`);
  }
  for (const program of programs) {
    const when = `-n '__fish_seen_subcommand_from ${program.name}'`;
    if (program.arguments.some(({ completes }) => typeof completes === "string")) {
      lines.push(`complete -c vtorrent -F ${when}`);
    }
    for (const word of wordsOf(program)) lines.push(`complete -c vtorrent -f ${when} -a ${word}`);
    for (const name of program.flags) {
      const { value, help, short, completes } = flagRow(name);
      const letter = short === undefined ? "" : ` -s ${short}`;
      const takes = value === undefined ? "" : completes === undefined ? " -x" : " -r";
      lines.push(
        `complete -c vtorrent ${when}${letter} -l ${typedName(name)}${takes} -d ${quote(help)}`,
      );
    }
  }
  return lines.join("\n") + "\n";
}

function wordsOf(program: Program): string[] {
  return program.arguments.flatMap(({ completes }) =>
    Array.isArray(completes) ? completes as string[] : []
  );
}

function flagsWith(programs: readonly Program[], is: (name: FlagName) => boolean): string[] {
  const names = new Set(programs.flatMap(({ flags }) => flags.filter(is)));
  return [...names].flatMap((name) => {
    const { short } = flagRow(name);
    const typed = `--${typedName(name)}`;
    return short === undefined ? [typed] : [typed, `-${short}`];
  });
}

function kindIsMany(name: FlagName): boolean {
  const { kind } = flagRow(name);
  return kind === "list" || kind === "addresses";
}

/** A word for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
