/**
 * The program tables as completion scripts. Pure.
 *
 * @module
 */
import { type FlagName, flagRow, FLAGS, typedName } from "../flags/flags.ts";
import type { Completion, LabVocabulary, Program } from "./program_table.ts";
import { bashSettings, fishSettings, zshSettings } from "./setting_completions.ts";

/** For `source` or a file in bash-completion's folder. */
export function bashCompletions(programs: readonly Program[], lab: LabVocabulary): string {
  const scenarios = [...lab.scenarios.keys()];
  const cases = programs.map((program) => {
    const words = [...program.flags.map((name) => `--${typedName(name)}`), ...wordsOf(program)];
    return `    ${program.name}) words=${quote(words.join(" "))} ;;`;
  });
  const seconds = programs.flatMap((program) =>
    afterWords(program).map(([word, completion]) => {
      const flags = program.flags.map((name) => `--${typedName(name)}`);
      const words = quote([...flags, ...wordsAfter(completion, scenarios)].join(" "));
      return `      ${quote(`${program.name} ${word}`)}) words=${words} paths=${
        { file: "-f", folder: "-d", none: "''" }[completion.paths ?? "none"]
      } ;;`;
    })
  );
  const folders = flagsWith(programs, (name) => flagRow(name).completes === "folder");
  const files = flagsWith(programs, (name) => flagRow(name).completes === "file");
  const valued = flagsWith(programs, (name) => flagRow(name).value !== undefined);
  const values = valued.flatMap((flag) => {
    const words = valuesOf(flag);
    if (words.length === 0) return [];
    const more = files.includes(flag) ? ' $(compgen -f -- "$current")' : "";
    const list = `$(compgen -W ${quote(words.join(" "))} -- "$current")${more}`;
    return [`    ${flag}) COMPREPLY=(${list}); return ;;`];
  });
  const settings = flagsWith(programs, (name) => flagRow(name).completes === "setting");
  const completed = [...files, ...folders, ...settings];
  const others = valued.filter((flag) => !completed.includes(flag));
  return `# bash completion for vtorrent
# The torrents of the peer that runs here.
_vtorrent_torrents() {
  local IFS=$'\\n' name dir=() word before=""
  for word in "\${COMP_WORDS[@]}"; do
    [ "$before" = --dir ] && dir=(--dir "$word")
    before="$word"
  done
  local marks=$'[\\\\\\\\"\\']'
  word="\${current//$marks/}"
  for name in $("\${COMP_WORDS[0]}" status "\${dir[@]}" 2>/dev/null | cut -s -f2); do
    case "$name" in "$word"*) COMPREPLY+=("$name") ;; esac
  done
}
${bashSettings(lab)}
_vtorrent() {
  local words="" paths=-f current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local flag="$previous" typed="$current"
  COMPREPLY=()
  # An interactive shell parts words at "=".
  if [ "$current" = "=" ] && [ "$COMP_CWORD" -gt 2 ]; then
    typed="$previous=" flag="\${COMP_WORDS[COMP_CWORD-2]}"
  elif [ "$previous" = "=" ] && [ "$COMP_CWORD" -gt 3 ]; then
    typed="\${COMP_WORDS[COMP_CWORD-2]}=$current" flag="\${COMP_WORDS[COMP_CWORD-3]}"
  fi
  case "$flag" in
    ${settings.join("|")}) _vtorrent_settings; return ;;
  esac
  case "$previous" in
${values.join("\n")}
    ${folders.join("|")}) COMPREPLY=($(compgen -d -- "$current")); return ;;
    ${files.join("|")})
      COMPREPLY=($(compgen -f -- "$current")); return ;;
    ${others.join("|")}) return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${
    quote(programs.map(({ name }) => name).join(" "))
  } -- "$current")); return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  if [ "$COMP_CWORD" -gt 2 ]; then
    case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${seconds.join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case "$current" in -*) return ;; esac
  case "\${COMP_WORDS[1]}" in
    ${programs.filter(namesTorrents).map(({ name }) => name).join("|")}) _vtorrent_torrents ;;
    *) [ -z "$paths" ] || COMPREPLY+=($(compgen "$paths" -- "$current")) ;;
  esac
}
complete -o filenames -F _vtorrent vtorrent ./vtorrent
`;
}

/** For a file `_vtorrent` in a folder of `fpath`. */
export function zshCompletions(programs: readonly Program[], lab: LabVocabulary): string {
  const scenarios = [...lab.scenarios.keys()];
  const names = programs.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  const cases = programs.map((program) => {
    const flags = program.flags.map((name) => {
      const { value, help, completes, values } = flagRow(name);
      const many = kindIsMany(name) ? "*" : "";
      const text = `${many}--${typedName(name)}[${help.replace(/[[\]]/g, "\\$&")}]`;
      if (value === undefined) return quote(text);
      const offer = completes === undefined ? " " : ZSH_OFFERS[completes];
      const action = values === undefined ? offer : `(${values.join(" ")})`;
      return quote(`${text}:${value.replaceAll(":", "\\:")}:${action}`);
    });
    const words = wordsOf(program);
    const rest = words.length > 0
      ? quote(`1:word:(${words.join(" ")})`)
      : namesTorrents(program)
      ? "'*:torrent:_vtorrent_torrents'"
      : program.arguments.some(({ completes }) => completes !== undefined)
      ? "'*:file:_files'"
      // Without a word for it, nothing behind it is completed.
      : program.arguments.length > 0
      ? quote(`*:${program.arguments[0]!.name}: `)
      : undefined;
    const second = afterWords(program).length > 0
      ? [quote(`*:${program.arguments[1]!.name}:${zshAfterName(program)}`)]
      : [];
    const parts = rest === undefined ? flags : [...flags, rest, ...second];
    return `    ${program.name}) _arguments ${parts.join(" \\\n      ")} ;;`;
  });
  /** What completes after the first word of a program. */
  const zshAfter = (program: Program): string => {
    const cases = afterWords(program).map(([word, completion]) => {
      const words = wordsAfter(completion, scenarios);
      const offers = [
        ...(words.length === 0 ? [] : [`compadd -- ${words.join(" ")}`]),
        ...(completion.paths === undefined
          ? []
          : [completion.paths === "folder" ? "_files -/" : "_files"]),
      ];
      return `    ${word}) ${[...offers, ";;"].join("; ").replace("; ;;", " ;;")}`;
    });
    return `${zshAfterName(program)}() {
  case "$words[2]" in
${cases.join("\n")}
  esac
}`;
  };
  return `#compdef vtorrent
# The torrents of the peer that runs here.
_vtorrent_torrents() {
  local at="\${words[(I)--dir]}"
  local -a dir=() names=()
  (( at > 0 )) && dir=(--dir "\${words[at+1]}")
  names=("\${(@f)$(vtorrent status \$dir 2>/dev/null | cut -s -f2)}")
  compadd -a names
}
${programs.filter((one) => afterWords(one).length > 0).map(zshAfter).join("\n")}
${zshSettings(lab)}
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

/** What zsh offers behind a flag. */
const ZSH_OFFERS = { folder: "_files -/", file: "_files", setting: "_vtorrent_settings" };

/** For a file \`vtorrent.fish\` in fish's completions folder. */
export function fishCompletions(programs: readonly Program[], lab: LabVocabulary): string {
  const scenarios = [...lab.scenarios.keys()];
  const lines = [
    "# fish completion for vtorrent",
    "# Whether the words typed after the program's name begin with these.",
    "function __vtorrent_after",
    "    set -l typed (commandline -opc)[2..-1]",
    "    set -l many (count $argv)",
    "    test (count $typed) -ge $many",
    '    and test "$typed[1..$many]" = "$argv"',
    "end",
    fishSettings(lab),
  ];
  for (const { name, summary } of programs) {
    lines.push(`complete -c vtorrent -f -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`);
  }
  for (const program of programs) {
    const when = `-n '__vtorrent_after ${program.name}'`;
    const after = afterWords(program);
    if (program.arguments.some(({ completes }) => completes?.toString().endsWith("file"))) {
      lines.push(`complete -c vtorrent -F ${when}`);
    }
    if (namesTorrents(program)) {
      lines.push(`complete -c vtorrent -f ${when} -a '(vtorrent status 2>/dev/null | cut -s -f2)'`);
    }
    const first = after.length === 0
      ? when
      : `-n '__vtorrent_after ${program.name}; and test (count (commandline -opc)) -eq 2'`;
    for (const word of wordsOf(program)) lines.push(`complete -c vtorrent -f ${first} -a ${word}`);
    for (const [word, completion] of after) {
      const second = `-n '__vtorrent_after ${program.name} ${word}'`;
      const { paths } = completion;
      const words = [
        ...wordsAfter(completion, scenarios),
        ...(paths === "folder" ? ["(__fish_complete_directories)"] : []),
      ];
      const offer = words.length === 0 ? "" : ` -a ${quote(words.join(" "))}`;
      lines.push(`complete -c vtorrent ${paths === "file" ? "-F" : "-f"} ${second}${offer}`);
    }
    for (const name of program.flags) {
      const { value, help, short, completes, values } = flagRow(name);
      const letter = short === undefined ? "" : ` -s ${short}`;
      const offers = completes === "setting" ? ["(__vtorrent_settings)"] : values;
      const words = offers === undefined ? "" : ` -a ${quote(offers.join(" "))}`;
      const isPath = completes === "file" || completes === "folder";
      const takes = value === undefined ? "" : (isPath ? " -r" : " -x") + words;
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

/** Each word that a program may begin with, and what completes after it. */
function afterWords(program: Program): [word: string, completion: Completion][] {
  return program.arguments.flatMap(({ after = {} }) => Object.entries(after));
}

function wordsAfter({ scenarios, words = [] }: Completion, names: readonly string[]): string[] {
  return [...(scenarios ? names : []), ...words];
}

function zshAfterName({ name }: Program): string {
  return `_vtorrent_after_${name}`;
}

/** Whether it takes torrents of a running peer. */
function namesTorrents(program: Program): boolean {
  return program.arguments.some(({ completes }) => completes === "running");
}

/** What a flag, as it is typed, may be. */
function valuesOf(typed: string): readonly string[] {
  const names = Object.keys(FLAGS) as FlagName[];
  return flagRow(names.find((name) => `--${typedName(name)}` === typed) ?? "json").values ?? [];
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
