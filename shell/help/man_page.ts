/**
 * The manual page from the tables of programs, flags and verbs. Pure.
 *
 * @module
 */
import { verbsOf } from "../commands/mod.ts";
import { type FlagName, flagRow, FLAGS, variableOf } from "../flags/flags.ts";
import type { Program } from "./program_table.ts";
import { EXIT_MEANINGS, flagUsage, programUsage, verbUsage } from "./reference.ts";
import type { Verb } from "../commands/verb.ts";
import { VERSION } from "../../protocol/mod.ts";

/** vtorrent(1) in man's macros. */
export function manPage(programs: readonly Program[]): string {
  return [
    `.TH VTORRENT 1 "" "vtorrent ${VERSION}" "User Commands"`,
    ".SH NAME",
    "vtorrent \\- a BitTorrent tracker, a BitTorrent peer and a shell to watch them with",
    ".SH SYNOPSIS",
    ...programs.map((program) => `.B ${text(programUsage(program))}\n.br`),
    ".SH DESCRIPTION",
    text(
      "A real BitTorrent tracker or peer, with the command shell of a networks course. It speaks " +
        "the real protocol, so other clients join the same swarm, and shows what they hide.",
    ),
    ".SH PROGRAMS",
    ...programs.flatMap(programPart),
    ".SH FLAGS",
    ...(Object.keys(FLAGS) as FlagName[]).flatMap((name) => [
      ".TP",
      `.B ${text(flagUsage(name))}`,
      text(`${flagRow(name).help}. Environment: ${variableOf(name)}.`),
    ]),
    ".SH SHELL OF A PEER",
    "Verbs are typed as \\fBtorrent \\-mode\\fR \\fIverb\\fR [\\fIargument\\fR] or as the verb alone.",
    ...verbsOf("peer").flatMap(verbPart),
    ".SH SHELL OF A TRACKER",
    ...verbsOf("tracker").flatMap(verbPart),
    ".SH EXIT STATUS",
    ...EXIT_MEANINGS.flatMap(([status, meaning]) => [".TP", `.B ${status}`, text(meaning)]),
    ".SH FILES",
    ".TP",
    ".I peer_files/peer_<ID>/",
    "The files of a peer; a download is called *.part until it is whole.",
    ".TP",
    ".I peer_files/peer_<ID>/.vtorrent/",
    "What the peer remembers: torrents, state, history, log.",
    "",
  ].join("\n");
}

function programPart(program: Program): string[] {
  const { summary, details, examples, flags } = program;
  return [
    ".TP",
    `.B ${text(programUsage(program))}`,
    text(`${summary}.${details === undefined ? "" : ` ${details}`}`),
    ".br",
    text(`Flags: ${flags.map((name) => `--${name}`).join(", ")}.`),
    ...examples.flatMap((example) => [".br", `Example: \\fI${text(example)}\\fR`]),
  ];
}

function verbPart(verb: Verb): string[] {
  const flags = verb.flags ?? [];
  const more = flags.length === 0 ? "" : ` Flags: ${flags.map((name) => `--${name}`).join(", ")}.`;
  return [".TP", `.B ${text(verbUsage(verb))}`, text(`${verb.summary}.${more}`)];
}

/** What means something to the macros is escaped: backslash, hyphen, a dot or quote at the start. */
function text(words: string): string {
  return words.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&")
    .replaceAll("…", "...").replaceAll("–", "\\(en");
}
