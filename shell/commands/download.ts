/**
 * `download`: joins a swarm and gets everything.
 *
 * @module
 */
import {
  bareInfoHash,
  MagnetError,
  MAX_LINKS,
  parseMetainfo,
  splitLinks,
} from "../../protocol/mod.ts";
import { AlreadyAddedError, type TorrentSnapshot } from "../../peer/mod.ts";
import { downloadProgress, untilComplete } from "../terminal/progress.ts";
import type { ChooseListed } from "../trackers/catalogues.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { formatBytes, formatCount } from "../base/format.ts";
import { SHELL_REMEDIES } from "../base/remedies.ts";
import { lookUpOwn, snapshotOf } from "../arguments/known_torrent.ts";
import { addFound, fileOptions, findTorrent, type Found } from "../arguments/torrent_argument.ts";
import type { Call, PeerSession, Verb } from "./verb.ts";
import { otherVersions, severalTold, type Version } from "../trackers/versions.ts";
import type { View } from "../view/view.ts";

export const download: Verb = {
  name: "download",
  aliases: ["get"],
  argument: "<NAME>",
  summary: "by name, info hash, .torrent, magnet (also several) or URL; then seed",
  flags: ["select", "sequential", "over"],
  completes: "catalogue",
  peer: async (session, call) => {
    if (call.rest === "") {
      throw new UsageError("Download what? Type download <NAME>; list shows what there is");
    }
    const links = splitLinks(call.rest) ?? [];
    if (links.length < 2) return await answer(session, call, await begin(session, call));
    return { view: "several", views: await joinAll(session, call, links) };
  },
};

/** What a download joined. */
interface Joined {
  readonly infoHash: string;
  readonly others: readonly Version[];
}

/** Takes several links that were pasted at once. One that is of no use hinders no other. */
async function joinAll(
  session: PeerSession,
  call: Call,
  links: readonly string[],
): Promise<View[]> {
  if (links.length > MAX_LINKS) {
    throw new UsageError(`These are ${links.length} links: up to ${MAX_LINKS} are taken at once`);
  }
  const joined: Joined[] = [];
  const problems: View[] = [];
  for (const rest of links) {
    try {
      joined.push(await begin(session, { ...call, rest }));
    } catch (error) {
      if (!(error instanceof MagnetError || error instanceof CommandError)) throw error;
      problems.push({ view: "problem", text: error.message });
    }
  }
  // All of them are joined before any is waited for.
  const views: View[] = [];
  for (const one of joined) views.push(await answer(session, call, one));
  return [...views, ...problems];
}

/** What is told of a download: in a script when it is complete. */
async function answer(
  session: PeerSession,
  call: Call,
  { infoHash, others }: Joined,
): Promise<View> {
  const torrent = snapshotOf(session.engine, infoHash)!;
  const several = { told: severalTold(call.rest, others), row: otherVersions(others) };
  if (!call.waits && torrent.state === "metadata") return fetching(torrent);
  if (!call.waits) {
    const complete = torrent.state === "seeding";
    const { name, wantedSize } = torrent;
    return sentence({ name, infoHash, complete, wantedSize, dir: session.engine.dir }, several);
  }
  try {
    using _progress = call.progress("progress", downloadProgress(session.engine, infoHash));
    await untilComplete(session.engine, infoHash, { ...call, remedies: SHELL_REMEDIES });
  } finally {
    session.awaited.delete(infoHash);
  }
  const { name, wantedSize, dir } = snapshotOf(session.engine, infoHash) ?? torrent;
  return sentence({ name, infoHash, complete: true, wantedSize, dir }, several);
}

/** Joins; the answer of a script says when it is complete. */
async function begin(session: PeerSession, call: Call): Promise<Joined> {
  const joined = await join(session, call);
  if (call.waits) session.awaited.add(joined.infoHash);
  return joined;
}

/** Takes part in the swarm. What is here already goes on. */
async function join(session: PeerSession, call: Call): Promise<Joined> {
  const { engine, catalogues, peers } = session;
  const infoHash = bareInfoHash(call.rest)?.toHex();
  const known = lookUpOwn(engine, call.rest) ??
    (infoHash === undefined ? undefined : lookUpOwn(engine, infoHash));
  if (known !== undefined) {
    for (const peer of peers) engine.addPeer(known.infoHash, peer);
    if (call.flags.select !== undefined) await engine.select(known.infoHash, call.flags.select);
    if (call.flags.sequential) engine.setSequential(known.infoHash, true);
    if (known.state === "paused" || known.state === "stopped" || known.state === "error") {
      engine.resume(known.infoHash, call.flags.over ? "over" : "beside");
    }
    return { infoHash: known.infoHash, others: [] };
  }
  const found = await findTorrent(call.rest, {
    catalogues,
    folders: [engine.dir, session.cwd],
    signal: call.signal,
    choose: chooser(call),
  });
  const others = "others" in found ? found.others ?? [] : [];
  try {
    const infoHash = await addFound(engine, found, {
      trackers: moreTrackers(session, found),
      peers,
      ...fileOptions(call.flags),
    });
    return { infoHash, others };
  } catch (error) {
    if (!(error instanceof AlreadyAddedError)) throw error;
    engine.resume(error.infoHash, call.flags.over ? "over" : "beside");
    return { infoHash: error.infoHash, others };
  }
}

/** Lets a person pick where a name is ambiguous. */
function chooser({ prompts }: Call): ChooseListed | undefined {
  return prompts && (async (entries) =>
    await prompts.choose(
      `${entries.length} torrents are called "${entries[0]!.name}". Which one?`,
      entries.map((entry) => ({
        name: `${formatBytes(entry.totalSize)}, ${formatCount(entry.fileCount, "file")}, from ` +
          `${entry.publishedBy ?? "somebody"}, ${formatCount(entry.seeders, "seeder")}`,
        value: entry,
        description: entry.infoHash,
      })),
    ));
}

/** The session's trackers help a torrent that names none. */
export function moreTrackers(
  session: Pick<PeerSession, "catalogues" | "trackersGiven">,
  found: Found,
): readonly string[] {
  const { trackers } = "magnet" in found ? found.magnet : parseMetainfo(found.bytes);
  return trackers.length === 0 || session.trackersGiven ? session.catalogues.trackers : [];
}

function fetching({ name, infoHash, dir }: TorrentSnapshot): View {
  return {
    view: "sentence",
    event: "downloading",
    text: `Fetching the metadata of "${name}" from its peers. Type status to see the progress`,
    facts: { name, info_hash: infoHash, dir, complete: false },
  };
}

function sentence(
  { name, infoHash, complete, wantedSize: size, dir }: {
    name: string;
    infoHash: string;
    complete: boolean;
    wantedSize: number;
    dir: string;
  },
  several: { told: string | undefined; row: string | undefined },
): View {
  return {
    view: "sentence",
    event: complete ? "downloaded" : "downloading",
    text: complete
      ? `"${name}" is complete (${formatBytes(size)}) in ${dir}`
      : `Downloading "${name}" (${formatBytes(size)}) to ${dir}. Type status to see how far it is`,
    ...(several.told !== undefined && { below: [several.told] }),
    facts: { name, info_hash: infoHash, size, dir, complete, "other_versions": several.row },
  };
}
