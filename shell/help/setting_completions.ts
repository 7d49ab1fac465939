/**
 * What completes behind `--set` of the lab, for each shell: paths of the scenario that is named, with
 * its groups, and behind `=` the values, where these are a few words.
 *
 * @module
 */
import type { LabVocabulary, SettablePath } from "./program_table.ts";

/** Reads the groups out of a scenario's file. What a group may not be called stays out of the line. */
const GROUPS_OF_FILE = `grep -o '"as": *"[A-Za-z][A-Za-z0-9 _-]*"' "$word" | cut -d'"' -f4`;

/** `_vtorrent_settings`: `$typed` is what was typed of PATH=VALUE, `$current` what of it is replaced. */
export function bashSettings(lab: LabVocabulary): string {
  return `# What --set of the lab takes.
_vtorrent_settings() {
  local IFS=$'\\n' word group groups="" path="\${typed%%=*}" value kept="" before="" words=""
  for word in "\${COMP_WORDS[@]:2}"; do
    case "$word" in
${cases(lab, (name, groups) => `      ${name}) groups=$'${groups.join("\\n")}' ;;`)}
      *) [ ! -f "$word" ] || groups="$(${GROUPS_OF_FILE})" ;;
    esac
    [ -z "$groups" ] || break
  done
  [ -n "$groups" ] || groups=$'${usualGroups(lab).join("\\n")}'
  # Neither are these files, nor does a path end here.
  compopt +o filenames 2>/dev/null
  case "$typed" in
    *=*)
      value="\${typed#*=}"
      local marks=$'[\\\\\\\\"\\']'
      value="\${value//$marks/}"
      case "$value" in *,*) kept="\${value%,*}," ;; esac
      case "$current" in *=?*|?*=) before="$path=" ;; esac
      case "$path" in
${valueCases(lab, (pattern, words) => `        ${pattern}) words=$'${words.join("\\n")}' ;;`)}
      esac
      for word in $words; do
        word="$kept$word"
        case "$word" in "$value"*) COMPREPLY+=("$before\${word// /\\\\ }") ;; esac
      done
      return ;;
  esac
  compopt -o nospace 2>/dev/null
  words=$'${pathsOf(lab.own).join("\\n")}'
  for group in $groups; do
    for word in ${pathsOf(lab.ofGroup).join(" ")}; do
      words+=$'\\n'"peers.\${group// /\\\\ }.$word"
    done
  done
  for word in $words; do
    case "$word" in "$typed"*) COMPREPLY+=("$word=") ;; esac
  done
}`;
}

/** `_vtorrent_settings`, an action of `_arguments`. */
export function zshSettings(lab: LabVocabulary): string {
  const array = (words: readonly string[]) => words.map((word) => `'${word}'`).join(" ");
  return `# What --set of the lab takes.
_vtorrent_settings() {
  local word group setting
  local -a groups=() paths=() values=()
  for word in $words; do
    case "$word" in
${cases(lab, (name, groups) => `      ${name}) groups=(${array(groups)}) ;;`)}
      *) [[ -f "$word" ]] && groups=("\${(@f)$(${GROUPS_OF_FILE})}") ;;
    esac
    (( $#groups )) && break
  done
  (( $#groups )) || groups=(${array(usualGroups(lab))})
  if compset -P '*='; then
    setting="\${IPREFIX%=}"
    case "$setting" in
${valueCases(lab, (pattern, words) => `      ${pattern}) values=(${array(words)}) ;;`)}
    esac
    compset -P '*,'
    compadd -a values
    return
  fi
  paths=(${array(pathsOf(lab.own))})
  for group in $groups; do
    for word in ${pathsOf(lab.ofGroup).join(" ")}; do paths+=("peers.$group.$word"); done
  done
  compadd -S = -a paths
}`;
}

/** `__vtorrent_settings`, which prints them. */
export function fishSettings(lab: LabVocabulary): string {
  const list = (words: readonly string[]) => words.map((word) => `'${word}'`).join(" ");
  return `# What --set of the lab takes.
function __vtorrent_settings
    set -l typed (commandline -ct)
    set -l groups
    for word in (commandline -opc)
        switch $word
${
    cases(lab, (name, groups) =>
      `            case ${name}\n                set groups ${list(groups)}`)
  }
            case '*'
                test -f $word; and set groups (${GROUPS_OF_FILE})
        end
        test (count $groups) -gt 0; and break
    end
    test (count $groups) -gt 0; or set groups ${list(usualGroups(lab))}
    if string match -q '*=*' -- $typed
        set -l path (string split -m 1 = -- $typed)[1]
        set -l kept (string match -r '^[^=]*=.*,' -- $typed; or echo "$path=")
        switch $path
${
    valueCases(
      lab,
      (pattern, words) =>
        `            case '${pattern}'\n                printf '%s\\n' $kept${`{${
          words.map((word) => `'${word}'`).join(",")
        }}`}`,
    )
  }
        end
        return
    end
    printf '%s=\\n' ${list(pathsOf(lab.own))}
    for group in $groups
        printf "peers.$group.%s=\\n" ${list(pathsOf(lab.ofGroup))}
    end
end`;
}

/** A branch for each built-in scenario. */
function cases(
  { scenarios }: LabVocabulary,
  branch: (name: string, groups: readonly string[]) => string,
): string {
  return [...scenarios].map(([name, groups]) => branch(name, groups)).join("\n");
}

/** A branch for each path whose values are known; patterns are those of all three shells. */
function valueCases(
  { own, ofGroup }: LabVocabulary,
  branch: (pattern: string, values: readonly string[]) => string,
): string {
  return [...own, ...ofGroup.map(({ path, values }) => ({ path: `peers.*.${path}`, values }))]
    .filter(({ values }) => values.length > 0)
    .map(({ path, values }) => branch(path, values)).join("\n");
}

function pathsOf(settables: readonly SettablePath[]): string[] {
  return settables.map(({ path }) => path);
}

/** The groups that most scenarios have, for where none is named yet. */
function usualGroups({ scenarios }: LabVocabulary): string[] {
  const counts = new Map<string, number>();
  for (const group of [...scenarios.values()].flat()) {
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count >= scenarios.size / 3).map(([group]) => group);
}
