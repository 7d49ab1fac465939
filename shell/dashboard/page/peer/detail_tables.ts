/**
 * Tables of a torrent's details: its peers, trackers and web seeds.
 *
 * @module
 */
/// <reference lib="dom" />
import type { PeerFacts, TrackerFacts, WebSeedFacts } from "../api_types.ts";
import { bytes, duration, rate, share } from "../words.ts";

const CHOKE_HELP =
  "Choked: it may not request now. Only a few peers are served at a time: those that " +
  "upload most, and one in rotation (the optimistic unchoke) to give newcomers a chance";

/** Of an address what tells where it is; the whole is in the list of trackers. */
function hostOf(via: string): string {
  return URL.parse(via)?.host || via;
}

/** Who is connected. */
export const PEERS = {
  label: "Peers",
  empty: "No peer is connected.",
  key: ({ address, peer_id }: PeerFacts) => `${address} ${peer_id}`,
  columns: [
    {
      title: "Peer",
      isHeader: true,
      text: ({ name, address }: PeerFacts) => name === null ? address : `${name} (${address})`,
    },
    {
      title: "Down",
      isNumber: true,
      text: ({ download_rate }: PeerFacts) => rate(download_rate),
    },
    { title: "Up", isNumber: true, text: ({ upload_rate }: PeerFacts) => rate(upload_rate) },
    { title: "Has", isNumber: true, text: ({ progress }: PeerFacts) => share(progress) },
    {
      title: "From it",
      help: CHOKE_HELP,
      text: (peer: PeerFacts) =>
        `${peer.peer_choking ? "chokes us" : "serves us"}, ` +
        `${peer.am_interested ? "we want" : "we want nothing"}` +
        (peer.snubbed ? ", sends nothing" : ""),
    },
    {
      title: "To it",
      help: CHOKE_HELP,
      text: (peer: PeerFacts) =>
        `${peer.am_choking ? "choked" : "served"}, ` +
        `${peer.peer_interested ? "it wants" : "it wants nothing"}`,
    },
    { title: "Why", text: ({ choke_reason }: PeerFacts) => choke_reason },
    { title: "Client", text: ({ client }: PeerFacts) => client },
    {
      title: "Latency",
      isNumber: true,
      help: "Time from a request to its block",
      text: ({ latency }: PeerFacts) => latency === null ? "–" : `${latency} ms`,
    },
    {
      title: "Found by",
      text: ({ source, via, incoming }: PeerFacts) =>
        incoming ? "it connected to us" : via === null ? source : `${source} ${hostOf(via)}`,
    },
    {
      title: "Way",
      text: ({ transport, encryption }: PeerFacts) =>
        encryption === "none" ? transport : `${transport}, ${encryption}`,
    },
  ],
};

/** Whom it announces to. */
export const TRACKERS = {
  label: "Trackers",
  empty: "This torrent has no tracker.",
  key: ({ url }: TrackerFacts) => url,
  columns: [
    { title: "Tracker", isHeader: true, text: ({ url }: TrackerFacts) => url },
    { title: "State", text: ({ status }: TrackerFacts) => status },
    { title: "Message", text: ({ message }: TrackerFacts) => message ?? "–" },
    {
      title: "Seeders",
      isNumber: true,
      text: ({ seeders }: TrackerFacts) => seeders === null ? "–" : String(seeders),
    },
    {
      title: "Leechers",
      isNumber: true,
      text: ({ leechers }: TrackerFacts) => leechers === null ? "–" : String(leechers),
    },
    {
      title: "Next announce",
      isNumber: true,
      text: ({ next_announce_in }: TrackerFacts) =>
        next_announce_in === null ? "–" : duration(next_announce_in),
    },
  ],
};

/** Servers that have its files. */
export const WEB_SEEDS = {
  label: "Web seeds",
  empty: "This torrent has no web seeds.",
  key: ({ url }: WebSeedFacts) => url,
  columns: [
    { title: "Web seed", isHeader: true, text: ({ url }: WebSeedFacts) => url },
    { title: "State", text: ({ status }: WebSeedFacts) => status },
    {
      title: "Down",
      isNumber: true,
      text: ({ download_rate }: WebSeedFacts) => rate(download_rate),
    },
    { title: "Taken", isNumber: true, text: ({ downloaded }: WebSeedFacts) => bytes(downloaded) },
  ],
};
