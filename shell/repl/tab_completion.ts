/**
 * Tab completion: verbs, flags, own files, names in the catalogue, torrents.
 *
 * @module
 */
import { join } from "@std/path";
import { connectedPeers } from "../arguments/peer_argument.ts";
import { EXPLAINED_KINDS } from "../explain/explain_filter.ts";
import { findVerb, verbsOf } from "../commands/mod.ts";
import { flagRow } from "../flags/flags.ts";
import { visible } from "../base/format.ts";
import { quoteName } from "../arguments/parse_line.ts";
import type { Session, Verb } from "../commands/verb.ts";
import type { Completion } from "../base/environment.ts";

/** Ways to go on with the line that was typed so far. */
export async function completeLine(line: string, session: Session): Promise<Completion> {
  const start = /^\s*(?:torrent\s+(?:--?mode(?:\s+|=))?)?/i.exec(line)![0];
  const typed = line.slice(start.length);
  const verbs = verbsOf(session.role);
  const parts = /^(\S+)\s+(.*)$/s.exec(typed);
  if (parts === null) {
    const leading = "torrent".startsWith(typed) && start.trim() === "" && typed !== "" &&
        !verbs.some(({ name }) => name.startsWith(typed))
      ? ["torrent -mode "]
      : [];
    return offer(typed, [...verbs.map(({ name }) => `${name} `), ...leading]);
  }
  const verb = findVerb(parts[1]!.toLowerCase());
  const argument = parts[2]!;
  if (verb === undefined) return { words: [], replaces: 0 };
  const flag = /(?:^|\s)(--[a-z-]*)$/.exec(argument);
  if (flag !== null) return offer(flag[1]!, (verb.flags ?? []).map((name) => `--${name} `));
  const names = withoutFlags(argument, verb);
  const whole = offer(names, await namesFor(verb, session, names));
  if (whole.words.length > 0 || !verb.argument?.endsWith("...")) return whole;
  // One more of several names.
  const last = /(?:^|\s)("[^"]*|'[^']*|\S*)$/.exec(names)![1]!;
  return offer(last, await namesFor(verb, session, last));
}

/** What is typed behind the flags of a verb, with their values. */
function withoutFlags(argument: string, verb: Verb): string {
  const flags = verb.flags ?? [];
  for (let left = argument;;) {
    const match = /^--?([a-z][a-z0-9-]*)(=\S*)?\s+/.exec(left);
    const name = flags.find((flag) => flag === match?.[1] || flagRow(flag).short === match?.[1]);
    if (match === null || name === undefined) return left;
    left = left.slice(match[0].length);
    if (match[2] !== undefined || flagRow(name).kind === "switch") continue;
    left = left.replace(/^(?:"[^"]*"|'[^']*'|\S+)\s+/, "");
  }
}

/** The candidates that begin as typed, quoted where they have to be. */
function offer(typed: string, candidates: Iterable<string>): Completion {
  const bare = typed.replace(/^["']/, "").toLowerCase();
  const words = [...candidates].filter((word) =>
    // A name with control characters would be played to the terminal: its info hash is typed instead.
    word.toLowerCase().startsWith(bare) && visible(word) === word
  );
  return {
    words: words.map((word) => /[ /]$/.test(word) ? word : quoteName(word)),
    replaces: typed.length,
  };
}

async function namesFor(
  { completes }: Pick<Verb, "completes">,
  session: Session,
  typed: string,
): Promise<string[]> {
  if (typeof completes === "object") {
    const { words, names } = completes;
    const more = names === undefined || session.role === "tracker"
      ? []
      : await namesFor({ completes: names }, session, typed);
    return [...words.map((word) => `${word} `), ...more];
  }
  if (completes === "verbs") return verbsOf(session.role).map(({ name }) => name);
  if (session.role === "tracker") {
    return completes === undefined ? [] : session.tracker.catalogue.list().map(({ name }) => name);
  }
  const own = session.engine.snapshot().torrents.map(({ name }) => name);
  switch (completes) {
    case "files":
      return await filesIn(session.engine.dir, typed.replace(/^["']/, ""));
    case "torrents":
      return own;
    case "catalogue": {
      const { entries } = await session.catalogues.list();
      return [...new Set([...entries.map(({ name }) => name), ...own])];
    }
    case "peers":
      return connectedPeers(session.engine).map(({ label }) => label);
    case "explained": {
      const peers = connectedPeers(session.engine).map(({ label }) => label);
      return [...EXPLAINED_KINDS.map((kind) => `${kind} `), ...peers];
    }
    case "sent-away":
      return [...session.engine.sentAway].map(({ label }) => label);
    default:
      return [];
  }
}

/** Files and folders that a path could go on with, as typed: relative to the peer's own folder. */
async function filesIn(dir: string, typed: string): Promise<string[]> {
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
  const names: string[] = [];
  for await (const entry of Deno.readDir(folder.startsWith("/") ? folder : join(dir, folder))) {
    if (entry.name.startsWith(".") || entry.name.endsWith(".part")) continue;
    names.push(folder + entry.name + (entry.isDirectory ? "/" : ""));
  }
  return names.sort();
}
