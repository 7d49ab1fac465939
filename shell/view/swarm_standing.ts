/**
 * Standing of a swarm: which of its peers have the whole torrent, which are on the way, which lag.
 *
 * @module
 */
import { formatBytes, formatCount, formatShare } from "../base/format.ts";
import { standingsOf } from "../dashboard/page/lagging.ts";
import type { Column, Row, View } from "./view.ts";

/** A peer as a tracker's API tells of it. Sizes in bytes, times in ms since 1970. */
export interface AnnouncedPeer {
  readonly "peer_id": string;
  readonly name: string | null;
  readonly client: string;
  readonly address: string;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  readonly "last_seen": number;
}

/** A swarm as a tracker's API tells of it. */
export interface AnnouncedSwarm {
  readonly name: string;
  readonly infoHash: string;
  /** Bytes; undefined where neither the catalogue nor a report says. */
  readonly size: number | undefined;
  /** Downloads that finished, whether or not their peers are still here. */
  readonly completed: number;
  readonly peers: readonly AnnouncedPeer[];
}

/** What came of it. */
export interface SwarmStanding {
  /** One for each peer, those with the most left first. */
  readonly rows: readonly Row[];
  readonly finished: number;
  /** Without the whole torrent, lagging ones among them. */
  readonly downloading: number;
  readonly lagging: number;
  /** Of the peers that are wanted; undefined where nobody said how many. */
  readonly missing: number | undefined;
  /** Names of those that left without it while we looked. */
  readonly gone: readonly string[];
  /** Nobody downloads, and nobody who is wanted is missing. */
  readonly isDone: boolean;
}

/** Download rates, from one look at a swarm to the next. */
export class AnnouncedRates {
  readonly #last = new Map<string, { downloaded: number; at: number; rate: number | undefined }>();

  /** Bytes per second between the last two announces of a peer; undefined before there are two. */
  of({ peer_id: id, downloaded, last_seen: at }: AnnouncedPeer): number | undefined {
    const last = this.#last.get(id);
    if (last === undefined || downloaded < last.downloaded) {
      this.#last.set(id, { downloaded, at, rate: undefined });
      return undefined;
    }
    if (at <= last.at) return last.rate;
    const rate = (downloaded - last.downloaded) * 1000 / (at - last.at);
    this.#last.set(id, { downloaded, at, rate });
    return rate;
  }
}

/** Peers that were in a swarm without all of it, from one look at it to the next. */
export class SwarmAbsentees {
  readonly #unfinished = new Map<string, string>();

  /** Names or addresses of those that are not there any more. Who comes back is not among them. */
  after(peers: readonly AnnouncedPeer[]): string[] {
    for (const peer of peers) {
      if (peer.left > 0) this.#unfinished.set(peer.peer_id, nameOf(peer));
      else this.#unfinished.delete(peer.peer_id);
    }
    const here = new Set(peers.flatMap((peer) => [peer.peer_id, nameOf(peer)]));
    return [...this.#unfinished].filter(([id, name]) => !here.has(id) && !here.has(name))
      .map(([, name]) => name);
  }
}

/**
 * How a swarm stands.
 *
 * @param wanted how many peers are to download it, beside one seed
 * @param now ms since 1970
 */
export function swarmStanding(
  { size, peers, completed }: AnnouncedSwarm,
  { wanted, now, rates, absentees }: {
    wanted: number | undefined;
    now: number;
    rates: AnnouncedRates;
    absentees: SwarmAbsentees;
  },
): SwarmStanding {
  const standingOf = standingsOf(peers, size);
  const rows = [...peers].sort(byLeft).map((peer): Row => {
    const { progress, state } = standingOf(peer);
    const rate = peer.left === 0 ? undefined : rates.of(peer);
    return {
      peer: nameOf(peer),
      address: peer.address,
      state,
      progress,
      left: peer.left,
      down: rate,
      eta: rate === undefined || rate === 0 ? undefined : Math.ceil(peer.left / rate),
      downloaded: peer.downloaded,
      uploaded: peer.uploaded,
      heard: Math.max(0, Math.round((now - peer.last_seen) / 1000)),
      client: peer.client,
    };
  });
  const count = (state: string) => rows.filter((row) => row["state"] === state).length;
  const [finished, lagging] = [count("finished"), count("lagging")];
  const downloading = rows.length - finished;
  // Who finished and left is known by its "completed" alone, who had it before by being here.
  const arrived = Math.max(completed, finished - 1) + downloading;
  const missing = wanted === undefined ? undefined : Math.max(0, wanted - arrived);
  const isDone = downloading === 0 && (missing === undefined ? finished > 0 : missing === 0);
  const gone = absentees.after(peers);
  return { rows, finished, downloading, lagging, missing, gone, isDone };
}

/** The standing in one sentence. */
export function standingSentence(
  { name, size, completed }: AnnouncedSwarm,
  { rows, finished, downloading, lagging, missing, gone }: SwarmStanding,
): string {
  const parts = [`${formatCount(finished, "peer")} ${finished === 1 ? "has" : "have"} all of it`];
  if (downloading > 0) {
    const slowest = formatShare(Number(rows[0]!["progress"]));
    parts.push(
      `${downloading} ${downloading === 1 ? "downloads" : "download"} (lagging: ${lagging}), ` +
        `the last at ${slowest}`,
    );
  }
  if (missing !== undefined && missing > 0) parts.push(`${missing} missing`);
  if (gone.length > 0) parts.push(`gone without it: ${gone.join(", ")}`);
  parts.push(`completed ${completed === 1 ? "once" : `${completed} times`}`);
  return `"${name}"${size === undefined ? "" : ` (${formatBytes(size)})`}: ${parts.join("; ")}`;
}

/** The table of a standing. */
export function standingTable(rows: readonly Row[]): View & { view: "table" } {
  // Rates are known from the second look on.
  const columns = COLUMNS.filter(({ key }) => rows.some((row) => row[key] !== undefined));
  return {
    view: "table",
    event: "room-peers",
    items: "peers",
    columns,
    rows,
    empty: "Nobody has announced it within the last minutes.",
  };
}

const COLUMNS: readonly Column[] = [
  { key: "peer", flexible: true },
  { key: "address", drop: 2 },
  { key: "state" },
  { key: "progress", title: "done", unit: "share" },
  { key: "left", unit: "bytes", drop: 4 },
  { key: "down", unit: "rate", drop: 3 },
  { key: "eta", title: "ready in", unit: "seconds", drop: 3 },
  { key: "downloaded", unit: "bytes", hidden: true },
  { key: "uploaded", title: "gave", unit: "bytes", drop: 5 },
  { key: "heard", title: "heard ago", unit: "seconds", drop: 1 },
  { key: "client", drop: 6 },
];

function byLeft(a: AnnouncedPeer, b: AnnouncedPeer): number {
  return b.left - a.left || nameOf(a).localeCompare(nameOf(b), "en", { numeric: true });
}

function nameOf({ name, address }: AnnouncedPeer): string {
  return name ?? address;
}
