/**
 * `help`: the verbs of this role, or one of them in full.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { flagRow } from "../flags/flags.ts";
import type { Call, Session, Verb } from "./verb.ts";
import type { Row, View } from "../view/view.ts";

/** The verb that shows the table it is part of. */
export function helpOn(table: () => readonly Verb[]): Verb {
  return {
    name: "help",
    aliases: ["?"],
    argument: "[VERB]",
    summary: "list the verbs, or explain one in full",
    completes: "verbs",
    peer: (session, call) => view(session.role, table(), call),
    tracker: (session, call) => view(session.role, table(), call),
  };
}

function view(role: Session["role"], table: readonly Verb[], call: Call): View {
  const verbs = table.filter((verb) => verb[role] !== undefined);
  const [name] = call.args;
  if (name === undefined) return overview(verbs);
  const verb = verbs.find((known) => known.name === name || known.aliases?.includes(name));
  if (verb === undefined) throw new UsageError(`No verb "${name}". Type help for the list`);
  const rows = (verb.flags ?? []).map((flag): Row => {
    const { value, help } = flagRow(flag);
    return { flag: `--${flag}${value === undefined ? "" : ` <${value}>`}`, meaning: help };
  });
  return {
    view: "several",
    views: [
      {
        view: "sentence",
        event: "help",
        text: usage(verb),
        below: [
          verb.summary + (verb.aliases === undefined ? "" : ` (also: ${verb.aliases.join(", ")})`),
        ],
        facts: { verb: verb.name, usage: usage(verb), summary: verb.summary },
      },
      {
        view: "table",
        event: "flags",
        prose: true,
        items: "flags",
        columns: [{ key: "flag" }, { key: "meaning" }],
        rows,
        empty: "",
      },
    ],
  };
}

function overview(verbs: readonly Verb[]): View {
  return {
    view: "several",
    views: [
      {
        view: "table",
        event: "verbs",
        prose: true,
        items: "verbs",
        columns: [{ key: "verb" }, { key: "summary" }],
        rows: verbs.map((verb): Row => ({ verb: usage(verb), summary: verb.summary })),
        empty: "",
      },
      {
        view: "sentence",
        event: "help",
        text: "In full: torrent -mode <verb> [argument]. Names with spaces need no quotes.",
      },
    ],
  };
}

function usage(verb: Verb): string {
  return verb.argument === undefined ? verb.name : `${verb.name} ${verb.argument}`;
}
