/**
 * A peer's page with much to do: 1,000 torrents that change twice a second, one of them with 10,000
 * pieces, 10,000 files and 200 peers. The server is a script, so that every value changes every time.
 *
 * @module
 */
import { HttpServer, jsonReply, type Route } from "../tracker/mod.ts";
import { assetRoutes } from "../shell/dashboard/assets.ts";
import { API } from "../shell/dashboard/api_router.ts";
import type {
  DetailChange,
  FileFacts,
  PeerFacts,
  TorrentSummary,
} from "../shell/dashboard/page/api_types.ts";
import { EventStream, type StreamEvent, type Tell } from "../shell/dashboard/event_stream.ts";
import { peerGuard } from "../shell/dashboard/guard.ts";

export const TORRENTS = 1000;
export const FILES = 10_000;
export const PEERS = 200;
export const PIECES = 10_000;
const STATES = ["downloading", "seeding", "downloading", "paused", "seeding"];

const hashOf = (number: number) => number.toString(16).padStart(40, "0");

/**
 * Serves it; the address is behind `url`.
 *
 * @param isStill nothing changes after it was told once
 */
export function servePageWithLoad(
  { isStill = false } = {},
): { readonly url: string } & AsyncDisposable {
  let round = 400;
  const stream = new EventStream(() => isStill ? round : round++);
  const server = new HttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [...assetRoutes("peer", peerGuard("127.0.0.1", "secret")), ...answers(stream)],
    onFault: (_remote, error) => {
      throw error;
    },
  });
  return {
    url: `http://127.0.0.1:${server.address.port}/`,
    async [Symbol.asyncDispose]() {
      stream[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The API of a peer with that much to do, as a page asks it. */
function answers(stream: EventStream<number>): Route[] {
  return [
    {
      method: "GET",
      path: `${API}/*`,
      respond: ({ head }) => {
        if (head.path.endsWith("/log")) return jsonReply(200, { entries: [] });
        if (!head.path.endsWith("/events")) {
          return jsonReply(200, { every: 1000, download: [], upload: [] });
        }
        const query = new URLSearchParams(head.query);
        return stream.reply(tell(query), "127.0.0.1");
      },
    },
  ];
}

function tell(query: URLSearchParams): Tell<number> {
  let isFirst = true;
  let told = -1;
  return (round) => {
    const events: StreamEvent[] = [];
    if (told === round) return events;
    told = round;
    if (!query.has("only")) {
      events.push({ event: "status", data: status(round) });
      events.push({ event: "torrents", data: { changed: torrents(round), removed: [] } });
    }
    if (query.has("torrent")) {
      const files = query.get("files") ?? "all";
      const news = files === "all" || files === "changes" && isFirst
        ? { files: allFiles(round) }
        : files === "changes"
        ? { "files_changed": allFiles(round).filter((_, at) => isFilling(at, round)) }
        : {};
      isFirst = false;
      events.push({ event: "detail", data: { ...detail(round), ...news } });
    }
    return events;
  };
}

/** A few of many files grow at a time. */
function isFilling(at: number, round: number): boolean {
  return (at + round) % 500 === 0;
}

function allFiles(round: number): FileFacts[] {
  return Array.from({ length: FILES }, (_, at) => ({
    number: at + 1,
    path: `torrent 0/part ${Math.floor(at / 100)}/file ${at}.bin`,
    length: 100_000,
    have: isFilling(at, round) ? 50_000 : 100_000,
    priority: "normal",
  }));
}

function status(round: number): unknown {
  const [down, up] = [round * 1000, round * 500];
  return {
    name: "bench",
    dir: "/srv",
    port: 6881,
    trackers: [],
    "peer_id": hashOf(1),
    version: "bench",
    "download_rate": down,
    "upload_rate": up,
    "download_limit": 0,
    "upload_limit": 0,
    "upload_slots": 8,
    downloaded: down,
    uploaded: up,
  };
}

function torrents(round: number): TorrentSummary[] {
  return Array.from({ length: TORRENTS }, (_, number) => ({
    "info_hash": hashOf(number),
    name: `torrent ${number}`,
    state: STATES[number % STATES.length]!,
    error: null,
    remedy: null,
    "total_size": 1e9,
    "wanted_size": 1e9,
    left: 1e9 - round * 1000,
    progress: (round + number) % 1000 / 1000,
    "download_rate": round * 1000 + number,
    "upload_rate": round * 500 + number,
    downloaded: round * 1000,
    uploaded: round * 500,
    eta: 1000 - round % 1000,
    ratio: 0.5,
    peers: PEERS,
    pieces: PIECES,
    "pieces_have": round,
    verifying: null,
  }));
}

function detail(round: number): DetailChange {
  const letters = Array.from({ length: PIECES }, (_, at) => "hvvam"[(at * 7 + round) % 5]);
  return {
    "info_hash": hashOf(0),
    torrent: torrents(round)[0]!,
    facts: {
      dir: "/srv",
      private: false,
      "piece_length": 16_384,
      wasted: round,
      sequential: false,
      "download_limit": 0,
      "upload_limit": 0,
      "distributed_copies": 2.5,
      "added_at": 0,
      "completed_at": null,
      magnet: "magnet:?xt=urn:btih:0",
      "disk_name": null,
    },
    peers: Array.from({ length: PEERS }, (_, number) => peer(number, round)),
    trackers: [],
    "web_seeds": [],
    "piece_map": {
      status: letters.join(""),
      copies: letters.flatMap((_, at) => [(at + round) % 9, 1]),
    },
  };
}

function peer(number: number, round: number): PeerFacts {
  return {
    address: `127.0.0.1:${number}`,
    "peer_id": hashOf(number),
    name: `peer ${number}`,
    client: "vtorrent",
    source: "tracker",
    via: null,
    incoming: false,
    transport: "tcp",
    encryption: "none",
    "am_choking": (number + round) % 2 === 0,
    "am_interested": true,
    "peer_choking": (number + round) % 3 === 0,
    "peer_interested": true,
    snubbed: false,
    "choke_reason": "2 others give more",
    "download_rate": round * 10 + number,
    "upload_rate": round * 5 + number,
    downloaded: round,
    uploaded: round,
    progress: (number + round) % 100 / 100,
    requests: 4,
    latency: (number * 3 + round) % 400,
  };
}
