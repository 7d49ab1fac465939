/**
 * The API of a tracker: THE table of what its page and scripts can ask. It changes nothing; peers
 * of this network may report for the swarm board.
 *
 * @module
 */
import { formatHostPort } from "../../protocol/mod.ts";
import {
  type HttpReply,
  jsonReply,
  readMetainfo,
  refusal,
  type SwarmPeer,
  type TrackerStats,
  type TrackerView,
} from "../../tracker/mod.ts";
import { UsageError } from "../base/errors.ts";
import { magnetLink } from "../arguments/magnet_link.ts";
import { VERSION } from "../../protocol/mod.ts";
import type { ApiRoute } from "./api_router.ts";
import type {
  BoardChange,
  BoardSeat,
  PublishedTorrent,
  SwarmMember,
  SwarmSummary,
  TrackerRates,
  TrackerStatus,
} from "./page/api_types.ts";
import { EventStream, type StreamEvent, type Tell, Told } from "./event_stream.ts";
import { RateHistory, SAMPLE_MS } from "./rate_history.ts";
import { MAX_REPORT, parseReport } from "./report.ts";
import { FreshReports } from "./fresh_reports.ts";

/** Swarms that are listed: the largest. */
const MAX_SWARMS = 100;
/** Peers of a swarm that are listed. */
const MAX_MEMBERS = 500;
/** ms until a peer reports again while somebody looks at the board, and while nobody does. */
const WATCHED_MS = 500;
const UNWATCHED_MS = 2000;
/** Torrents of the catalogue that are listed. */
const MAX_PUBLISHED = 500;

interface Now {
  readonly status: TrackerStatus;
  readonly swarms: readonly SwarmSummary[];
}

/** The API over one tracker. Dispose it to end what is being told. */
export class TrackerApi implements Disposable {
  readonly #tracker: TrackerView;
  readonly #board = new FreshReports();
  readonly #events: EventStream<Now>;
  readonly #rates = new RateHistory(1);
  /** Links of published torrents, which take a hash to make. */
  readonly #magnets = new Map<string, string>();

  constructor(tracker: TrackerView) {
    this.#tracker = tracker;
    this.#events = new EventStream(() => this.#now());
  }

  [Symbol.dispose](): void {
    this.#events[Symbol.dispose]();
  }

  /** Remembers how much is announced now; to be called once a second. */
  sample(): void {
    this.#rates.add([["", [this.#tracker.announcesPerSecond]]]);
  }

  /** The table. */
  routes(): readonly ApiRoute[] {
    return [
      {
        method: "GET",
        path: "/status",
        respond: async () => jsonReply(200, (await this.#now()).status),
      },
      {
        method: "GET",
        path: "/rates",
        respond: () => {
          const rates: TrackerRates = { every: SAMPLE_MS, announces: this.#rates.series("") };
          return jsonReply(200, rates);
        },
      },
      {
        method: "GET",
        path: "/swarms",
        respond: async () => jsonReply(200, { swarms: (await this.#now()).swarms }),
      },
      {
        method: "GET",
        path: "/swarms/{info_hash}",
        respond: async ({ params }) => {
          const peers = await this.#tracker.peers(hashIn(params["info_hash"]!));
          return jsonReply(200, { peers: peers.slice(0, MAX_MEMBERS).map(member) });
        },
      },
      {
        method: "GET",
        path: "/swarms/{info_hash}/board",
        respond: ({ params }) =>
          jsonReply(200, { seats: this.#board.seats(hashIn(params["info_hash"]!), Date.now()) }),
      },
      {
        method: "GET",
        path: "/catalogue",
        respond: async ({ query }) =>
          jsonReply(200, await this.#catalogue(query.get("search") ?? "")),
      },
      {
        method: "GET",
        path: "/events",
        respond: ({ query, request }) => {
          const wanted = query.get("swarm");
          const infoHash = wanted === null ? undefined : hashIn(wanted);
          return this.#events.reply(this.#tell(infoHash), request.remote);
        },
      },
      {
        method: "POST",
        path: "/reports",
        maxBody: MAX_REPORT,
        respond: (call): HttpReply => {
          const report = parseReport(call.json());
          const problem = this.#board.take(report, call.request.remote, Date.now());
          if (problem !== undefined) return refusal(429, problem);
          const isWatched = this.#events.size > 0;
          return jsonReply(200, { ok: true, "again_in": isWatched ? WATCHED_MS : UNWATCHED_MS });
        },
      },
    ];
  }

  async #now(): Promise<Now> {
    const [stats, largest] = await Promise.all([
      this.#tracker.stats(),
      this.#tracker.largestSwarms(MAX_SWARMS),
    ]);
    const reported = this.#board.swarms(Date.now());
    const { catalogue } = this.#tracker;
    const swarms = largest.map((swarm): SwarmSummary => ({
      "info_hash": swarm.infoHash,
      name: swarm.name ?? reported.get(swarm.infoHash)?.name ?? null,
      size: catalogue.entry(swarm.infoHash)?.totalSize ??
        (reported.get(swarm.infoHash)?.size || null),
      seeders: swarm.seeders,
      leechers: swarm.leechers,
      completed: swarm.completed,
      reporting: reported.get(swarm.infoHash)?.reporting ?? 0,
    }));
    return { status: statusOf(stats), swarms };
  }

  #tell(infoHash: string | undefined): Tell<Now> {
    const told = new Told();
    const seats = new Told();
    return (now) => {
      const events: StreamEvent[] = [];
      if (told.isNew("status", now.status)) events.push({ event: "status", data: now.status });
      if (told.isNew("swarms", now.swarms)) {
        events.push({ event: "swarms", data: { swarms: now.swarms } });
      }
      if (infoHash === undefined) return events;
      const change = boardChange(infoHash, this.#board.seats(infoHash, Date.now()), seats);
      if (change !== undefined) events.push({ event: "board", data: change });
      return events;
    };
  }

  async #catalogue(search: string): Promise<{ torrents: PublishedTorrent[]; total: number }> {
    const entries = this.#tracker.catalogue.list(search);
    const torrents: PublishedTorrent[] = [];
    for (const entry of entries.slice(0, MAX_PUBLISHED)) {
      const magnet = await this.#magnet(entry.infoHash);
      // Meanwhile it may have been taken out.
      if (magnet === undefined) continue;
      torrents.push({
        name: entry.name,
        "info_hash": entry.infoHash,
        size: entry.totalSize,
        files: entry.fileCount,
        "published_by": entry.publishedBy ?? null,
        "published_at": entry.publishedAt,
        torrent: `/api/torrents/${entry.infoHash}.torrent`,
        magnet,
      });
    }
    return { torrents, total: entries.length };
  }

  async #magnet(infoHash: string): Promise<string | undefined> {
    let link = this.#magnets.get(infoHash);
    if (link === undefined) {
      // A copy: what was read is remembered for as long as the bytes that it was read from.
      const bytes = this.#tracker.catalogue.get(infoHash)?.slice();
      if (bytes === undefined) return undefined;
      const metainfo = await readMetainfo(bytes);
      const own = metainfo.trackers.flat();
      link = magnetLink(metainfo, own.length > 0 ? own : this.#tracker.urls, metainfo.webSeeds);
      if (this.#magnets.size > 10 * MAX_PUBLISHED) this.#magnets.clear();
      this.#magnets.set(infoHash, link);
    }
    return link;
  }
}

function boardChange(
  infoHash: string,
  seats: readonly BoardSeat[],
  told: Told,
): BoardChange | undefined {
  const changed = seats.filter((seat) => told.isNew(seat.peer_id, seat));
  const here = new Set(seats.map((seat) => seat.peer_id));
  const removed = [...told.keys()].filter((id) => !here.has(id));
  for (const id of removed) told.forget(id);
  if (changed.length === 0 && removed.length === 0) return undefined;
  return { "info_hash": infoHash, changed, removed };
}

function statusOf(stats: TrackerStats): TrackerStatus {
  const known = (count: number) => Number.isNaN(count) ? null : count;
  return {
    role: "tracker",
    version: VERSION,
    urls: stats.urls,
    "started_at": stats.startedAt,
    announces: stats.announces,
    "announces_per_second": stats.announcesPerSecond,
    scrapes: stats.scrapes,
    swarms: known(stats.swarms),
    seeders: known(stats.seeders),
    leechers: known(stats.leechers),
  };
}

function member(peer: SwarmPeer): SwarmMember {
  return {
    "peer_id": peer.peerId,
    name: peer.name ?? null,
    client: peer.client,
    address: formatHostPort(peer.ip, peer.port),
    status: peer.status,
    uploaded: peer.uploaded,
    downloaded: peer.downloaded,
    left: peer.left,
    "last_seen": peer.lastSeen,
  };
}

function hashIn(text: string): string {
  if (/^[0-9a-f]{40}$/i.test(text)) return text.toLowerCase();
  throw new UsageError(`"${text}" is not an info hash of 40 hex digits`);
}
