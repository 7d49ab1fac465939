/**
 * The verbs: THE table from which the shell, its help and Tab are made.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { didYouMean } from "../base/did_you_mean.ts";
import type { Session, Verb } from "./verb.ts";
import { clear } from "./clear.ts";
import { disconnect } from "./disconnect.ts";
import { download } from "./download.ts";
import { exit } from "./exit.ts";
import { explain } from "./explain.ts";
import { fileinfo } from "./fileinfo.ts";
import { helpOn } from "./help.ts";
import { limit } from "./limit.ts";
import { list } from "./list.ts";
import { menu } from "./menu.ts";
import { open } from "./open.ts";
import { pause } from "./pause.ts";
import { peerinfo } from "./peerinfo.ts";
import { reconnect } from "./reconnect.ts";
import { remove } from "./remove.ts";
import { rename } from "./rename.ts";
import { resume } from "./resume.ts";
import { scrape } from "./scrape.ts";
import { select } from "./select.ts";
import { send } from "./send.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { verify } from "./verify.ts";
import { meantBy } from "./meant_verb.ts";

/** All verbs, in the order of help. */
const VERBS: readonly Verb[] = [
  send,
  download,
  list,
  status,
  fileinfo,
  peerinfo,
  scrape,
  select,
  limit,
  pause,
  resume,
  stop,
  verify,
  remove,
  rename,
  disconnect,
  reconnect,
  explain,
  menu,
  open,
  clear,
  helpOn(() => VERBS),
  exit,
];

/** The verbs that a role has. */
export function verbsOf(role: Session["role"]): readonly Verb[] {
  return VERBS.filter((verb) => verb[role] !== undefined);
}

/** The verb called so, by whichever of its names. */
export function findVerb(name: string): Verb | undefined {
  return VERBS.find((verb) => verb.name === name || verb.aliases?.includes(name));
}

/**
 * The verb that a line of this role means.
 *
 * @throws {UsageError} with the nearest verb, or whose verb it is
 */
export function verbFor(name: string, role: Session["role"]): Verb {
  const verb = findVerb(name === "" ? "help" : name);
  if (verb === undefined) {
    const names = verbsOf(role).map((known) => known.name);
    const meant = meantBy(name, names);
    const hint = meant === undefined
      ? didYouMean(name, names) || " Type help for the list"
      : ` ${meant}`;
    throw new UsageError(`Unknown verb "${name}".${hint}`);
  }
  if (verb[role] === undefined) {
    throw new UsageError(
      role === "tracker"
        ? `"${verb.name}" is a peer's verb: start one with vtorrent peer 1`
        : `"${verb.name}" is a tracker's verb`,
    );
  }
  return verb;
}
