/**
 * Makes `docs/glossary.md`: the field's terms, each with the file that does it. The sentence of a term
 * is the first one of the file's module comment, so that it is written once.
 *
 * @module
 */
import { join } from "@std/path";
import { markdownTable } from "../shell/help/reference.ts";

const ROOT = join(import.meta.dirname!, "..");

/** A term, the file whose module comment explains it, and the BEPs that define it. */
interface Term {
  readonly term: string;
  readonly file: string;
  readonly beps?: readonly number[];
  /** Said instead of the module comment's first sentence, where that explains another term. */
  readonly says?: string;
}

export const TERMS: readonly Term[] = [
  {
    term: "allow list, deny list",
    file: "tracker/access_lists.ts",
  },
  { term: "allowed fast", file: "peer/uploading/allowed_fast_offer.ts", beps: [6] },
  { term: "announce", file: "peer/trackers/announcer.ts", beps: [3] },
  { term: "announce interval", file: "tracker/swarms/announce_interval.ts", beps: [3] },
  {
    term: "anti-snubbing",
    file: "peer/choking/choker.ts",
    beps: [3],
    says: "A peer that keeps our requests waiting counts as giving nothing, so it loses its slot.",
  },
  { term: "ban list", file: "peer/peers/ban_list.ts" },
  { term: "bencode", file: "protocol/bencode.ts", beps: [3] },
  { term: "bitfield", file: "protocol/bitfield.ts", beps: [3] },
  {
    term: "block",
    file: "protocol/piece_layout.ts",
    beps: [3],
    says: "A part of a piece, 16 KiB but for the last: what one request asks for.",
  },
  { term: "buffer pool", file: "peer/pieces/buffer_pool.ts" },
  { term: "catalogue", file: "tracker/contract/catalogue.ts" },
  {
    term: "choke, unchoke",
    file: "peer/choking/choker.ts",
    beps: [3],
  },
  { term: "compact peers", file: "protocol/compact_peers.ts", beps: [7, 23] },
  { term: "connection ID", file: "tracker/udp/connection_id.ts", beps: [15] },
  { term: "connection limits", file: "peer/connections/connection_limits.ts" },
  { term: "crowd rules", file: "peer/crowd_rules.ts" },
  { term: "DHT", file: "peer/dht/dht.ts", beps: [5, 32, 42, 43] },
  { term: "DHT lookup", file: "peer/dht/lookup.ts", beps: [5] },
  { term: "DHT token", file: "peer/dht/tokens.ts", beps: [5] },
  { term: "did you mean", file: "shell/base/did_you_mean.ts" },
  { term: "downlink queue", file: "peer/downloading/downlink_queue.ts" },
  { term: "endgame", file: "peer/downloading/endgame.ts", beps: [3] },
  { term: "engine", file: "peer/engine/engine.ts" },
  { term: "eviction", file: "peer/peers/idle_eviction.ts" },
  { term: "explain mode", file: "shell/explain/explain_mode.ts" },
  { term: "extension protocol", file: "peer/extensions/extension_protocol.ts", beps: [10] },
  { term: "external IP", file: "peer/peers/external_ip.ts", beps: [10, 24, 42] },
  { term: "first copies", file: "peer/uploading/first_copies.ts" },
  { term: "flood limit", file: "peer/peers/flood_limit.ts" },
  { term: "handshake", file: "protocol/handshake.ts", beps: [3] },
  { term: "handshake, incoming", file: "peer/connections/incoming_handshake.ts", beps: [3] },
  { term: "handshake, outgoing", file: "peer/connections/outgoing_handshake.ts", beps: [3] },
  { term: "hash check", file: "peer/resume/check_on_start.ts" },
  { term: "hash request", file: "peer/v2/piece_layer_requests.ts", beps: [52] },
  { term: "hash tree", file: "peer/v2/hash_trees.ts", beps: [52] },
  { term: "HAVE", file: "peer/torrent/have_batch.ts", beps: [3] },
  { term: "hybrid torrent", file: "peer/peers/swarm_hashes.ts", beps: [52] },
  { term: "info hash", file: "protocol/info_hash.ts", beps: [3, 52] },
  { term: "interested", file: "peer/choking/interest.ts", beps: [3] },
  { term: "keep-alive", file: "peer/connections/keep_alive.ts", beps: [3] },
  { term: "LEDBAT", file: "peer/utp/ledbat.ts", beps: [29] },
  { term: "LSD", file: "peer/discovery/lsd.ts", beps: [14] },
  { term: "`lt_donthave`", file: "peer/extensions/lt_donthave.ts", beps: [54] },
  { term: "magnet link", file: "peer/magnet/magnet_torrent.ts", beps: [9] },
  { term: "message", file: "protocol/message.ts", beps: [3] },
  { term: "metainfo", file: "protocol/metainfo.ts", beps: [3] },
  { term: "MSE", file: "peer/connections/mse_socket.ts" },
  {
    term: "optimistic unchoke",
    file: "peer/choking/choker.ts",
    beps: [3],
    says:
      "One slot on top of the regular ones, moved to another peer at random every 30 s, so that newcomers can start and better partners are found.",
  },
  { term: "pad file", file: "protocol/padded_layout.ts", beps: [47] },
  { term: "part file", file: "peer/storage/part_file.ts" },
  { term: "peer discovery", file: "peer/discovery/peer_discovery.ts" },
  { term: "peer ID", file: "peer/engine/peer_id.ts", beps: [20] },
  { term: "peer priority", file: "peer/peers/peer_priority.ts", beps: [40] },
  { term: "peer trials", file: "peer/downloading/peer_trials.ts" },
  { term: "PEX (`ut_pex`)", file: "peer/extensions/ut_pex.ts", beps: [11] },
  { term: "piece", file: "protocol/piece_layout.ts", beps: [3] },
  { term: "piece cache", file: "peer/uploading/piece_cache.ts" },
  { term: "piece turns", file: "peer/uploading/piece_turns.ts" },
  {
    term: "private torrent",
    file: "protocol/metainfo.ts",
    beps: [27],
    says: "Only its own trackers may name its peers: no DHT, no PEX, no LSD.",
  },
  { term: "rarest first", file: "peer/pieces/piece_picker.ts", beps: [3] },
  { term: "rate limit", file: "peer/rate/rate_limit.ts" },
  { term: "request queue (pipelining)", file: "peer/downloading/block_requests.ts", beps: [3] },
  { term: "request window", file: "peer/peers/request_window.ts", beps: [3] },
  { term: "resume data", file: "peer/resume/resume_db.ts" },
  { term: "round robin", file: "peer/rate/round_robin.ts" },
  { term: "routing table", file: "peer/dht/routing_table.ts", beps: [5] },
  { term: "scrape", file: "protocol/scrape.ts", beps: [48] },
  { term: "seed sparing", file: "peer/downloading/seed_sparing.ts" },
  { term: "smart ban", file: "peer/downloading/smart_ban.ts" },
  { term: "storage", file: "peer/storage/file_store.ts" },
  {
    term: "strict priority",
    file: "peer/downloading/download.ts",
    says: "Blocks of pieces that are begun come before any new piece (Cohen 2003).",
  },
  { term: "super-seeding", file: "peer/uploading/super_seeding.ts", beps: [16] },
  { term: "swarm board", file: "shell/dashboard/fresh_reports.ts" },
  { term: "swarm store", file: "tracker/swarms/swarm_store.ts" },
  { term: "tab completion", file: "shell/repl/tab_completion.ts" },
  { term: "tier", file: "peer/trackers/tiers.ts", beps: [12] },
  {
    term: "tit-for-tat",
    file: "peer/choking/choker.ts",
    beps: [3],
    says: "While we download, the regular slots go to the peers that give us most.",
  },
  { term: "UDP tracker", file: "tracker/udp/udp_server.ts", beps: [15, 41] },
  { term: "upload queue", file: "peer/uploading/upload_queue.ts" },
  { term: "upload slots", file: "peer/choking/upload_slots.ts" },
  { term: "`ut_metadata`", file: "peer/extensions/ut_metadata.ts", beps: [9] },
  { term: "uTP", file: "peer/utp/utp_connection.ts", beps: [29] },
  { term: "web seed", file: "peer/web_seed/web_seed.ts", beps: [19] },
];

/**
 * The first sentence of a file's module comment, in one line.
 *
 * @throws {Error} where the file is gone or says nothing
 */
export function firstSentence(file: string): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(join(ROOT, file));
  } catch {
    throw new Error(
      `scripts/glossary.ts names ${file}, which is gone: name the file that does it now`,
    );
  }
  const comment = /^\/\*\*\n((?: \*.*\n)+?) \* @module/.exec(text)?.[1] ?? "";
  const [paragraph = ""] = comment.replaceAll(/^ \* ?/gm, "").trim().split("\n\n");
  const sentence = paragraph.replaceAll(/\s+/g, " ").match(/^.*?[.:](?=\s+[A-Z]|$)/)?.[0];
  if (sentence === undefined) throw new Error(`${file} does not begin with a sentence`);
  return sentence.replace(/:$/, ".").replaceAll(/\{@linkcode (\w+)\}/g, "`$1`");
}

/** The page in Markdown. */
export function glossaryPage(): string {
  const terms = TERMS.toSorted((a, b) =>
    a.term.replaceAll("`", "").localeCompare(b.term.replaceAll("`", ""), "en")
  );
  return [
    "# Glossary",
    "<!-- Made by `deno task docs` from the module comments: change those, or scripts/glossary.ts. -->",
    "The terms of the field, in one sentence each, with the file that does it here and the BEP that\n" +
    "defines it. [Six walks](reading.md) lead through the files in order.",
    markdownTable(
      ["term", "in a sentence", "file", "BEP"],
      terms.map(({ term, file, beps = [], says }) => [
        term,
        sentenceOf(term, says ?? firstSentence(file)),
        `[\`${file}\`](../${file})`,
        beps.join(", ") || "–",
      ]),
      (cell) => cell.replaceAll("|", "\\|"),
    ),
  ].join("\n\n") + "\n";
}

/** A sentence without its term in front, where it begins with that. */
function sentenceOf(term: string, sentence: string): string {
  const [head, ...rest] = sentence.split(": ");
  const names = term.toLowerCase().split(/[ ,()`]+/).filter((word) => word.length > 2);
  const said = rest.join(": ");
  if (said === "" || !names.some((name) => head!.toLowerCase().includes(name))) {
    return sentence;
  }
  return said.charAt(0).toUpperCase() + said.slice(1);
}
