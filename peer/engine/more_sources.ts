/**
 * More places to get a torrent from that is here already: trackers, web seeds and peers of a second
 * link or .torrent.
 *
 * @module
 */
import { editMetainfo } from "../../protocol/edit_metainfo.ts";
import { type LeftOut, NONE_LEFT_OUT } from "../../protocol/left_out.ts";
import type { Magnet } from "../../protocol/magnet.ts";
import { type Metainfo, parseMetainfo } from "../../protocol/metainfo.ts";
import type { TrackerTiers } from "../trackers/announcer.ts";
import type { EngineContext } from "./context.ts";
import { AlreadyAddedError } from "../errors.ts";
import { tellLeftOut } from "../left_out.ts";
import type { MagnetTorrent } from "../magnet/magnet_torrent.ts";
import type { AddOptions } from "../options.ts";
import { Torrent } from "../torrent/torrent.ts";
import type { TorrentFiles } from "./torrent_files.ts";

type Address = { readonly host: string; readonly port: number };

/** Where a torrent is to be had, as somebody says who adds it again. */
export interface MoreSources {
  readonly trackers: TrackerTiers;
  readonly webSeeds: readonly string[];
  /** Named by a person, and by a link. */
  readonly peers: readonly Address[];
  readonly linkPeers: readonly Address[];
  /** What it names beyond that. */
  readonly leftOut: LeftOut;
}

/** What a link says, and who adds it. */
export function sourcesOfMagnet(magnet: Magnet, { trackers, peers = [] }: AddOptions): MoreSources {
  return {
    trackers: trackers ?? magnet.trackers.map((url) => [url]),
    webSeeds: magnet.webSeeds,
    peers,
    linkPeers: magnet.peers,
    leftOut: magnet.leftOut ?? NONE_LEFT_OUT,
  };
}

/** What a .torrent says, and who adds it. */
export function sourcesOf(metainfo: Metainfo, { trackers, peers = [] }: AddOptions): MoreSources {
  return {
    trackers: trackers ?? metainfo.trackers,
    webSeeds: metainfo.webSeeds,
    peers,
    linkPeers: [],
    // Nodes are asked for peers when a torrent is new.
    leftOut: { ...metainfo.leftOut ?? NONE_LEFT_OUT, nodes: 0 },
  };
}

/**
 * Takes them in, and tells what was not known; a private torrent keeps to its own trackers and to
 * peers that a person names (BEP 27).
 *
 * @returns what to throw
 * @throws {StorageError} where they cannot be remembered
 */
export function alreadyHere(
  context: Pick<EngineContext, "emit">,
  files: TorrentFiles,
  torrent: Torrent | MagnetTorrent,
  { trackers, webSeeds, peers, linkPeers, leftOut }: MoreSources,
): AlreadyAddedError {
  const { announces, infoHash, name, isPrivate } = torrent;
  const named = isPrivate ? peers : [...peers, ...linkPeers];
  const { connections, webSeeds: seeds } = torrent instanceof Torrent
    ? torrent.exchange
    : { connections: torrent.connections, webSeeds: torrent };
  const moreSeeds = seeds.addWebSeeds(webSeeds);
  const news = {
    trackers: isPrivate && announces.trackerCount > 0 ? 0 : announces.addList(trackers),
    webSeeds: moreSeeds.added,
    peers: named.filter((peer) => !connections.knows(peer)).length,
  };
  torrent.addPeers(peers, "manual");
  if (!isPrivate) torrent.addPeers(linkPeers, "magnet");
  if (news.trackers + news.webSeeds + news.peers > 0) {
    torrent.remember();
    const bytes = files.get(infoHash);
    if (bytes !== undefined) files.replace(infoHash, withWebSeeds(bytes, webSeeds));
    context.emit({ event: "sources-added", infoHash, name, ...news });
  }
  tellLeftOut((event) => context.emit(event), torrent, {
    ...leftOut,
    webSeeds: moreSeeds.leftOut + (moreSeeds.leftOut > 0 ? leftOut.webSeeds : 0),
    peers: isPrivate ? 0 : leftOut.peers,
  });
  return new AlreadyAddedError(infoHash, name);
}

/** A .torrent with all of these web seeds (BEP 19); the same bytes where it names them all. */
function withWebSeeds(torrent: Uint8Array, urls: readonly string[]): Uint8Array {
  if (urls.length === 0) return torrent;
  const { webSeeds } = parseMetainfo(torrent);
  const all = new Set([...webSeeds, ...urls]);
  return all.size === webSeeds.length ? torrent : editMetainfo(torrent, { webSeeds: [...all] });
}

/**
 * A .torrent whose link was here first: with the link's web seeds, and the lists of trackers beside
 * its own tiers.
 */
export function withLink(
  torrent: Uint8Array,
  tiers: TrackerTiers,
  link: MagnetTorrent | undefined,
  lists: readonly TrackerTiers[] = [],
): { whole: Uint8Array; lists: TrackerTiers[] } {
  const known = new Set(tiers.flat());
  const named = link === undefined
    ? lists
    : [...lists, link.init.tiers, ...link.announces.moreLists];
  const fresh = named.flatMap((list) => {
    const left = list.map((tier) => tier.filter((url) => !known.has(url)))
      .filter((tier) => tier.length > 0);
    for (const url of left.flat()) known.add(url);
    return left.length === 0 ? [] : [left];
  });
  return { whole: withWebSeeds(torrent, link?.init.magnet.webSeeds ?? []), lists: fresh };
}
