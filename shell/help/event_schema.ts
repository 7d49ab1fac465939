/**
 * Every line of `--json`: THE table from which `docs/events.md` is made, and a test's measure.
 *
 * Names and fields stay as they are from here on; new ones may come.
 *
 * @module
 */
import type { EngineEvent } from "../../peer/mod.ts";
import type { TrackerEvent } from "../../tracker/mod.ts";
import type { EventDoc } from "./event_doc.ts";
import { GRADE_EVENTS } from "./grade_events.ts";
import { LAB_EVENTS } from "./lab_events.ts";

const TORRENT = { name: "text", info_hash: "text" } as const;
const PEER = { ...TORRENT, peer: "text", address: "text" } as const;

const SENT_AWAY = {
  peer: "text",
  address: "text",
  port: "number",
  peer_id: "text",
  text: "text",
} as const;

/** Events of the engine of `peer`, `download` and `seed` as they happen. */
export const PEER_EVENTS = {
  "torrent-added": {
    says: "a torrent was added",
    fields: { ...TORRENT, size: "number", pieces: "number" },
  },
  "magnet-added": {
    says: "a magnet link was added; its metadata is being fetched",
    fields: TORRENT,
  },
  "torrent-restored": {
    says: "a saved torrent was restored and is being checked; wanted: active, paused, stopped",
    fields: { ...TORRENT, size: "number", pieces: "number", wanted: "text" },
  },
  "restore-failed": {
    says: "a saved torrent could not be restored; resume tries again. `remedy` is that of " +
      "`torrent-state`",
    fields: { ...TORRENT, reason: "text", remedy: "object?" },
  },
  "magnet-restored": {
    says: "a saved magnet link was restored",
    fields: { ...TORRENT, wanted: "text" },
  },
  "metadata-received": {
    says: "the metadata of a magnet link arrived",
    fields: { ...TORRENT, size: "number", peers: "number" },
  },
  "metadata-failed": {
    says: "the metadata did not match the link and is fetched again",
    fields: { ...TORRENT, size: "number", peers: "number" },
  },
  "sources-added": {
    says: "a torrent was added again; counts of the trackers, web seeds and peers that were new",
    fields: { ...TORRENT, trackers: "number", web_seeds: "number", peers: "number" },
  },
  "torrent-removed": { says: "a torrent was removed", fields: TORRENT },
  "torrent-state": {
    says:
      "the torrent's state changed: checking, queued, downloading, seeding, paused, stopped, error. " +
      "Where a person has to decide, `remedy` has a `kind`: away (every file is missing), missing, " +
      "changed and longer (so many `files`; nothing is written to them), lost (so many `pieces`), " +
      "in-use (by another program), again (a try may do better)",
    fields: { ...TORRENT, state: "text", reason: "text?", remedy: "object?" },
  },
  "torrent-checked": {
    says: "the files were checked; renamed counts files with a different name on disk, and " +
      "renamed_files lists the first of them: `path` in the torrent, `disk` in the folder",
    fields: {
      ...TORRENT,
      have: "number",
      pieces: "number",
      renamed: "number",
      renamed_files: "list",
    },
  },
  "pieces-lost": {
    says: "lost counts pieces on disk that changed, out of pieces; they are no longer uploaded",
    fields: { ...TORRENT, lost: "number", pieces: "number" },
  },
  "torrent-completed": {
    says: "every wanted file is complete; bytes received in this session, seconds",
    fields: { ...TORRENT, downloaded: "number", seconds: "number" },
  },
  "file-completed": {
    says: "a file is complete and has its final name: `path` in the torrent, `disk` in the folder",
    fields: { ...TORRENT, path: "text", disk: "text" },
  },
  "piece-verified": {
    says:
      "a piece matches its hash (`hash` names the algorithm) and is written; the peer is the sender of " +
      "its last block",
    fields: { ...PEER, piece: "number", hash: "text" },
  },
  "piece-failed": {
    says: "a piece does not match its hash; suspects are the peers that sent blocks of it",
    fields: { ...TORRENT, piece: "number", hash: "text", suspects: "list" },
  },
  "peer-connected": {
    says: "a peer connected; source tells how its address was found",
    fields: { ...PEER, source: "text", client: "text" },
  },
  "peer-disconnected": { says: "a connection ended", fields: { ...PEER, reason: "text" } },
  "peer-banned": { says: "a peer sent bad data", fields: { ...PEER, reason: "text" } },
  "web-seed-failed": {
    says: "a web seed failed",
    fields: { ...TORRENT, url: "text", reason: "text", given_up: "flag" },
  },
  "unchoked": {
    says: "we unchoked a peer: it may request blocks",
    fields: { ...PEER, reason: "text" },
  },
  "choked": { says: "we choked a peer", fields: { ...PEER, reason: "text" } },
  "unchoked-by": { says: "a peer unchoked us: we may request blocks", fields: PEER },
  "choked-by": { says: "a peer choked us", fields: PEER },
  "announced": {
    says:
      "a tracker answered; kind is started, completed, stopped or regular; interval is the seconds until the next announce",
    fields: {
      ...TORRENT,
      tracker: "text",
      kind: "text",
      peers: "number",
      seeders: "number?",
      leechers: "number?",
      interval: "number",
    },
  },
  "trackers-left-out": {
    says:
      "a torrent names more trackers than are used; only the first are used; named is 256 where there are more",
    fields: { ...TORRENT, used: "number", named: "number" },
  },
  "sources-left-out": {
    says:
      "a .torrent or link names more web seeds, peers or DHT nodes than are used, or URLs that are too long; counts of those that are left out",
    fields: {
      ...TORRENT,
      web_seeds: "number",
      peers: "number",
      nodes: "number",
      long_urls: "number",
    },
  },
  "tracker-warning": {
    says: "a tracker sent a warning",
    fields: { ...TORRENT, tracker: "text", message: "text" },
  },
  "tracker-failed": {
    says: "a tracker did not answer, or refused; retry_in is the seconds until the next try",
    fields: { ...TORRENT, tracker: "text", message: "text", retry_in: "number?" },
  },
} as const satisfies Record<EngineEvent["event"], EventDoc>;

/** Events of a tracker as they happen. */
export const TRACKER_EVENTS = {
  "announce": {
    says: "a peer announced; counts of the swarm afterwards",
    fields: {
      kind: "text",
      info_hash: "text",
      name: "text?",
      peer: "text",
      ip: "text",
      port: "number",
      left: "number",
      seeders: "number",
      leechers: "number",
    },
  },
  "peer-expired": {
    says: "a peer expired: it has not announced for too long",
    fields: { info_hash: "text", peer: "text", ip: "text", port: "number" },
  },
  "published": {
    says: "a torrent was added to the catalogue",
    fields: { ...TORRENT, peer: "text?" },
  },
  "unpublished": {
    says: "a torrent was removed from the catalogue",
    fields: { ...TORRENT, peer: "text?" },
  },
  "unreachable": {
    says: "this peer does not accept connections",
    fields: { ip: "text", port: "number" },
  },
  "summary": {
    says: "counts of the last minute, and of all swarms",
    fields: {
      seconds: "number",
      announces: "number",
      scrapes: "number",
      failures: "number",
      swarms: "number",
      seeders: "number",
      leechers: "number",
    },
  },
  "lists-read": {
    says: "the lists of --allow and --deny were read",
    fields: { allowed: "number?", denied: "number?" },
  },
  "warning": { says: "a warning", fields: { text: "text" } },
  "scraped": {
    says: "a scrape was answered; torrents is the number of info hashes",
    fields: { ip: "text", torrents: "number" },
  },
  "failure": {
    says: "a request was refused; with count, the event stands for that many within a second",
    fields: { ip: "text", reason: "text", count: "number?" },
  },
} as const satisfies Record<TrackerEvent["event"], EventDoc>;

/** Events of programs and verbs: answers, progress, errors. */
export const ANSWER_EVENTS = {
  "started": {
    says: "the program listens; a peer has name, dir, peer_id and trackers, a tracker urls",
    fields: {
      role: "text",
      port: "number",
      name: "text?",
      dir: "text?",
      peer_id: "text?",
      trackers: "list?",
      urls: "list?",
      discovery_port: "number?",
    },
  },
  "tracker-found": { says: "a tracker was found without --tracker", fields: { tracker: "text" } },
  "page": {
    says: "the web page is served at url, which contains the secret needed for changes",
    fields: { url: "text", port: "number" },
  },
  "opened": {
    says: "`open`: the browser was asked to show the page at url",
    fields: { url: "text", text: "text" },
  },
  "error": {
    says: "something failed; the same sentence is on standard error",
    fields: { message: "text" },
  },
  "explain": {
    says: "one line of explain mode; kind is message, connection, decision or tracker",
    fields: {
      time: "text",
      kind: "text",
      direction: "text?",
      who: "text?",
      address: "text?",
      text: "text",
    },
  },
  "explaining": {
    says: "`explain`: where explanations go",
    fields: {
      screen: "flag",
      only: "text?",
      peer: "text?",
      file: "text?",
      pcap: "text?",
      text: "text",
    },
  },
  "hashing": {
    says: "progress of a hash, once a second",
    fields: { what: "text", done: "number", total: "number" },
  },
  "progress": {
    says: "progress of a download, once a second; progress is 0 to 1, rates are bytes per second",
    fields: {
      info_hash: "text",
      name: "text?",
      state: "text?",
      progress: "number?",
      download_rate: "number?",
      upload_rate: "number?",
      eta: "number?",
      peers: "number?",
    },
  },
  "created": {
    says: "`create`",
    fields: {
      name: "text",
      torrent: "text",
      size: "number",
      files: "number",
      pieces: "number",
      piece_length: "number",
      info_hash: "text",
      magnet: "text",
      left_out: "list?",
    },
  },
  "show": {
    says: "`show`; fields that a magnet link does not have are null",
    fields: {
      name: "text?",
      info_hash: "text?",
      info_hash_v2: "text?",
      piece_length: "number?",
      piece_count: "number?",
      total_size: "number?",
      private: "flag?",
      trackers: "list",
      web_seeds: "list",
      comment: "text?",
      created_by: "text?",
      creation_date: "number?",
      source: "text?",
      files: "list?",
      peers: "list?",
      select: "list?",
      left_out: "list?",
    },
  },
  "link": { says: "`link`", fields: { ...TORRENT, magnet: "text" } },
  "edited": {
    says: "`edit`",
    fields: {
      ...TORRENT,
      torrent: "text",
      tracker_text: "text",
      comment: "text?",
      trackers: "list",
    },
  },
  "verified": {
    says: "`verify`, once for each torrent; files have path, length, good, verdict (good, bad, " +
      "unknown), actual_length, bad_pieces, and unknown_pieces with the files that share them. In a " +
      "peer's shell: how many pieces turned out damaged, and what the torrent does now",
    fields: {
      name: "text?",
      info_hash: "text?",
      folder: "text?",
      pieces_total: "number",
      pieces_good: "number",
      complete: "flag",
      files: "list?",
      damaged: "number?",
      state: "text?",
    },
  },
  "sent": {
    says: "`send`: the torrent is seeded; published: whether a catalogue has it",
    fields: {
      ...TORRENT,
      size: "number",
      pieces: "number",
      state: "text",
      published: "flag",
      magnet: "text?",
    },
  },
  "left-out": {
    says: "`send`: files of a folder that are not in its torrent",
    fields: { ...TORRENT, text: "text?" },
  },
  "seeding": { says: "`seed`: the torrent is seeded", fields: { ...TORRENT, magnet: "text" } },
  "downloading": {
    says: "`download` continues in the background",
    fields: { ...TORRENT, size: "number", dir: "text", complete: "flag", text: "text" },
  },
  "downloads": {
    says: "how each of several of `download` ended: name, state (complete, unfinished, failed), " +
      "progress, size, average speed in bytes per second",
    fields: { torrents: "list" },
  },
  "downloaded": {
    says: "`download` is complete",
    fields: {
      ...TORRENT,
      size: "number",
      dir: "text",
      complete: "flag?",
      files: "number?",
      text: "text",
    },
  },
  "list": { says: "`list`: the catalogue", fields: { torrents: "list" } },
  "status": {
    says:
      "`status` of a peer, once a second with --watch. `pieces` has the status of each piece; of a " +
      "torrent with more than 4096 it is left out, and `piece_count` and `pieces_have` tell how many " +
      "there are and are here",
    fields: { torrents: "list" },
  },
  "tracker": {
    says: "`status` of a tracker",
    fields: {
      announce: "text",
      running: "number",
      announces: "number",
      announces_per_second: "number",
      scrapes: "number",
      failures: "number",
      swarms: "number",
    },
  },
  "swarms": {
    says: "`status` of a tracker, and `room` without a name: its swarms",
    fields: { swarms: "list" },
  },
  "peerinfo": { says: "`peerinfo`", fields: { peers: "list" } },
  "fileinfo": {
    says: "`fileinfo`; `piece_map` is left out of a torrent with more than 4096 pieces",
    fields: {
      ...TORRENT,
      size: "number?",
      pieces: "number?",
      piece_length: "number?",
      private: "flag?",
      state: "text?",
      progress: "number?",
      folder: "text?",
      seeders: "number?",
      leechers: "number?",
      completed: "number?",
      piece_map: "list?",
      magnet: "text?",
    },
  },
  "files": { says: "`fileinfo`: its files", fields: { files: "list" } },
  "peers": { says: "`fileinfo`: the peers that have it", fields: { peers: "list" } },
  "scrape": {
    says: "`scrape`: counts of a tracker",
    fields: {
      name: "text?",
      info_hash: "text",
      tracker: "text?",
      seeders: "number",
      leechers: "number",
      completed: "number",
    },
  },
  "room": {
    says:
      "`room`, and once a second with `--watch`: how many have the torrent; `missing`: of `--peers`",
    fields: {
      name: "text",
      info_hash: "text",
      text: "text?",
      size: "number?",
      finished: "number",
      downloading: "number",
      lagging: "number",
      missing: "number?",
      gone: "text?",
      completed: "number",
      done: "flag",
    },
  },
  "room-peers": {
    says:
      "`room`: each peer, those with the most left first; `state`: downloading, lagging, finished",
    fields: { peers: "list" },
  },
  "selected": { says: "`select`", fields: { ...TORRENT, text: "text" } },
  "paused": { says: "`pause`", fields: { ...TORRENT, text: "text" } },
  "resumed": { says: "`resume`", fields: { ...TORRENT, text: "text", state: "text?" } },
  "stopped": { says: "`stop`", fields: { ...TORRENT, text: "text" } },
  "removed": {
    says: "`remove`",
    fields: { ...TORRENT, text: "text", data: "flag?", kept: "number?" },
  },
  "removed-several": {
    says: "`remove` of names with `*` or of an address at a tracker",
    fields: { meant: "text", count: "number", text: "text" },
  },
  "kept": { says: "`remove` was declined at the question", fields: { ...TORRENT, text: "text" } },
  "not-sent": {
    says: "`send` of a folder was declined at the question",
    fields: { path: "text", text: "text" },
  },
  "renamed": { says: "`rename`", fields: { name: "text", text: "text", before: "text?" } },
  "sent-away": { says: "`disconnect`", fields: SENT_AWAY },
  "readmitted": { says: "`reconnect`", fields: SENT_AWAY },
  "verbs": { says: "`help`", fields: { verbs: "list" } },
  "help": {
    says: "`help` of one verb, and a hint",
    fields: { verb: "text?", usage: "text?", summary: "text?", text: "text" },
  },
  "flags": { says: "`help`: the flags of a verb", fields: { flags: "list" } },
} as const satisfies Record<string, EventDoc>;

/** All events. */
export const EVENTS: Readonly<Record<string, EventDoc>> = {
  ...ANSWER_EVENTS,
  ...TRACKER_EVENTS,
  ...PEER_EVENTS,
  ...GRADE_EVENTS,
  ...LAB_EVENTS,
};

/** What is wrong with a line, by this table; undefined for nothing. */
export function schemaProblem(line: Readonly<Record<string, unknown>>): string | undefined {
  const { event, ...fields } = line;
  const doc = typeof event === "string" ? EVENTS[event] : undefined;
  if (doc === undefined) return `unknown event ${JSON.stringify(event)}`;
  for (const [name, type] of Object.entries(doc.fields)) {
    const value = fields[name];
    const isMissing = value === undefined || value === null;
    if (isMissing ? !type.endsWith("?") : kindOf(value) !== type.replace("?", "")) {
      return `${event}.${name} is ${isMissing ? "missing" : kindOf(value)}, not ${type}`;
    }
  }
  // Explanations carry what their message carries.
  const unknown = Object.keys(fields).find((name) => !Object.hasOwn(doc.fields, name));
  return unknown === undefined || event === "explain"
    ? undefined
    : `${event}.${unknown} is not documented`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  const kinds: Record<string, string> = { string: "text", boolean: "flag" };
  return kinds[typeof value] ?? typeof value;
}

/** A block of a page that a test types into a terminal of its own. */
function terminal(number: number, lines: readonly string[]): string {
  return [`<!-- terminal ${number} -->`, "", "```", ...lines, "```"].join("\n");
}

/**
 * `docs/events.md`.
 *
 * @param samples a line of each event, by its name
 */
export function eventsPage(samples: ReadonlyMap<string, string>): string {
  const sections = (events: Readonly<Record<string, EventDoc>>): string[] =>
    Object.entries(events).flatMap(([name, { says, fields }]) => {
      const list = Object.entries(fields).map(([field, type]) => `\`${field}\` ${type}`).join(", ");
      const sample = samples.get(name);
      return [
        `**\`${name}\`**: ${says}. ${list}.`,
        ...sample === undefined ? [] : [["```jsonl", sample, "```"].join("\n")],
      ];
    });
  return [
    "# Events: the lines of --json",
    "<!-- Made by `deno task docs` from shell/help/event_schema.ts: change that. -->",
    "With `--json` every program prints one JSON object per line on standard output and nothing " +
    'else. Each has `"event"`; what else it has is listed here. Names stay as they are; new events ' +
    "and new fields may come, so a reader should skip events and fields that it does not know. Sizes are bytes, rates " +
    "bytes per second, times seconds, shares 0 to 1, info hashes hex. A field with a question mark " +
    "may be left out or null. `docs/events.jsonl` has the sample lines of this page.",
    "A tracker and a peer that gives away a file:",
    terminal(1, ["$ ./vtorrent tracker", "Tracker: http://…:8000/announce …"]),
    terminal(2, [
      "$ mkdir -p peer_files/peer_ada",
      "$ head -c 8000000 /dev/urandom > peer_files/peer_ada/lecture.pdf",
      "$ ./vtorrent peer ada --upload-limit 2M",
      "peer ada> send lecture.pdf",
      "name …lecture.pdf",
    ]),
    "With `jq` the names of a catalogue, the rate once a second, and how many pieces were wrong (" +
    "`suspects` of `piece-failed` has those who sent one); with `grep` the end of a download:",
    terminal(3, [
      '$ ./vtorrent peer 1 --json -e "list; exit" | jq -r \'select(.event == "list") | .torrents[].name\'',
      "lecture.pdf",
      "$ ./vtorrent download lecture.pdf --json --dir one |" +
      " jq -c 'select(.event == \"progress\") | [.name, .download_rate]'",
      '["lecture.pdf",…]',
      '$ ./vtorrent peer 1 --json -e "download lecture.pdf; exit" |' +
      " jq -s 'map(select(.event == \"piece-failed\")) | length'",
      "0",
      '$ ./vtorrent download lecture.pdf --json --dir two | grep -m 1 \'"event":"downloaded"\'',
      '{"event":"downloaded","name":"lecture.pdf",…',
    ]),
    "## Answers of programs and verbs",
    ...sections(ANSWER_EVENTS),
    "## Events of a peer",
    ...sections(PEER_EVENTS),
    "## Events of a tracker",
    ...sections(TRACKER_EVENTS),
    "## Events of grading",
    ...sections(GRADE_EVENTS),
    "## Events of the lab",
    ...sections(LAB_EVENTS),
  ].join("\n\n") + "\n";
}
