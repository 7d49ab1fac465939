/**
 * Greeting of a peer: where its files are, which tracker it found, what to type next.
 *
 * @module
 */
import { join } from "@std/path";
import type { Listed } from "../trackers/catalogues.ts";
import { formatCount, visible } from "../base/format.ts";
import { quoteName } from "../arguments/parse_line.ts";
import type { PeerSession } from "../commands/verb.ts";

/**
 * Three or four lines. `isNew`: the first start of this peer. `found` is the sentence for a search,
 * `board` the page of a tracker of this machine that is told what the peer transfers.
 */
export async function greeting(
  session: PeerSession,
  { isNew, found, board }: {
    isNew: boolean;
    found: string | undefined;
    board: string | undefined;
  },
): Promise<string[]> {
  const { engine, catalogues } = session;
  const { entries, failures } = await catalogues.list();
  const named = catalogues.trackers.join(", ");
  const none = failures.length === catalogues.trackers.length;
  return [
    `Peer ${engine.name}${isNew ? " is new" : ""}: files in ${engine.dir}, ` +
    `listening on port ${engine.port}.`,
    named === ""
      ? "No tracker is asked: peers come from other peers, local discovery, links and --peer."
      : none
      ? `No tracker answers at ${named} yet. Start one with vtorrent tracker, or name it with ` +
        "--tracker."
      : failures.length > 0
      ? `Trackers: ${named}. Some do not answer: ${failures.join("; ")}`
      : found ?? `Tracker: ${named}.`,
    ...(none || board === undefined
      ? []
      : [`Its transfers are on the swarm board at ${board} (not with --no-report).`]),
    await nextStep(session, entries),
  ];
}

/** The most useful thing to type now. */
async function nextStep(
  { engine }: PeerSession,
  entries: readonly Pick<Listed, "name" | "infoHash" | "seeders">[],
): Promise<string> {
  const { torrents } = engine.snapshot();
  // They may be opened only now.
  const own = new Set([...engine.remembered, ...torrents.map(({ infoHash }) => infoHash)]);
  const offered = entries.filter(({ infoHash, seeders }) => seeders > 0 && !own.has(infoHash));
  if (offered.length > 0) {
    const isOnlyOne = offered.filter(({ name }) => name === offered[0]!.name).length === 1;
    const what = isOnlyOne && isTypable(offered[0]!.name)
      ? quoteName(offered[0]!.name)
      : offered[0]!.infoHash;
    const more = offered.length > 1 ? `, or list for all ${offered.length}` : "";
    return `Next: torrent -mode download ${what}${more}. help shows the verbs.`;
  }
  if (own.size > 0) {
    return `${formatCount(own.size, "torrent")} from last time: type status. help shows the verbs.`;
  }
  const file = await firstFile(engine.dir);
  return file === undefined
    ? `Next: put a file into ${engine.dir}, then torrent -mode send <FILE>. help shows the verbs.`
    : `Next: torrent -mode send ${quoteName(file)}. help shows the verbs.`;
}

/** Whether a person can type what they see: nothing in it is hidden, or no text (U+FFFD). */
function isTypable(name: string): boolean {
  return visible(name) === name && !name.includes("\ufffd");
}

/** The first by name of what could be shared. */
async function firstFile(dir: string): Promise<string | undefined> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    if (!name.startsWith(".") && !name.endsWith(".part") && isTypable(name)) names.push(name);
  }
  return names.sort()[0];
}

/** Whether a peer's store has never been used. */
export async function isNewStore(stateDir: string): Promise<boolean> {
  try {
    await Deno.stat(join(stateDir, "peer.db"));
    return false;
  } catch {
    return true;
  }
}
