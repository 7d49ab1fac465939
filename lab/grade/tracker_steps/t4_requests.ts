/**
 * T4: what an announce asks for, what it leaves out, and scrapes.
 *
 * @module
 */
import { type BencodeValue, percentEncode } from "../../../protocol/mod.ts";
import { expectPeers } from "../expected_peers.ts";
import type { HttpReply } from "../http_connection.ts";
import { NotOffered, type Probe, type Step } from "../step.ts";
import { StudentTracker } from "../student_tracker.ts";
import { countsOf, expectCounts, scrapeEntry } from "../swarm_counts.ts";
import { asked } from "../tracker_request.ts";
import {
  countIn,
  failureReason,
  kindOf,
  listedPeers,
  placeInBody,
  placeOfKey,
  shown,
  type TrackerReply,
} from "../tracker_reply.ts";
import type { Trial } from "../trial.ts";

const uses = ["tracker"];

const WHY_FAILURE = "BEP 3: a request that cannot be served is answered by a dictionary with the " +
  "one key failure reason, a text for the person";
const WHY_SCRAPE = "BEP 48: files is a dictionary whose keys are the info hashes, 20 bytes each, " +
  "and whose values have complete, downloaded and incomplete";

/** Says something wrong, and expects a `failure reason`. */
async function expectFailure(
  trial: Trial,
  tracker: StudentTracker,
  what: string,
  query: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const words = { torrent: tracker.newTorrent(), peer: tracker.newPeer(), query };
  const request = tracker.announceRequest(words);
  const expected = `failure reason, for ${what}`;
  const http = await tracker.ask(request, WHY_FAILURE);
  if (isPlainRefusal(http)) {
    trial.fail({
      expected,
      seen: `${http.statusLine}, without a dictionary: ${shown(http.body)}`,
      why: `${WHY_FAILURE}; an HTTP status says nothing to that person`,
      ...placeInBody(http),
    });
  }
  const reply = tracker.read(http, expected, request);
  const reason = failureReason(reply);
  if (reason === undefined) {
    const value = reply.dict.get("failure reason");
    trial.fail({
      expected,
      seen: value === undefined
        ? `a dictionary without it: ${shown(http.body)}, after ${asked(request)}`
        : `failure reason: ${kindOf(value)}`,
      why: WHY_FAILURE,
      ...placeInBody(http, placeOfKey(reply, "failure reason")),
    });
  }
  if (reason.trim() === "") {
    trial.fail({
      expected,
      seen: "a failure reason without words",
      why: WHY_FAILURE,
      ...placeInBody(http, placeOfKey(reply, "failure reason")),
    });
  }
  if (http.status !== 200) {
    trial.remark(`failure reason with ${http.statusLine}: some peers read the body of 200 only`);
  }
}

/** A refusal by HTTP alone. */
function isPlainRefusal({ status, body }: HttpReply): boolean {
  return status !== undefined && status >= 400 && body[0] !== 0x64;
}

/** A scrape that has to have an entry for each torrent. @throws {NotOffered} where there is none */
async function scrapeOf(
  trial: Trial,
  tracker: StudentTracker,
  torrents: readonly Uint8Array[],
): Promise<TrackerReply> {
  const request = tracker.scrapeRequest(torrents);
  const http = await tracker.ask(request, WHY_SCRAPE);
  if (http.status === 404 || http.status === 501 || isPlainRefusal(http)) {
    throw new NotOffered("it has no scrape, which is BEP 48 and not BEP 3", {
      expected: "a bencoded dictionary with files",
      seen: `${http.statusLine}, after ${asked(request)}`,
      why: WHY_SCRAPE,
      ...placeInBody(http),
    });
  }
  const reply = tracker.read(http, "a bencoded dictionary with files", request);
  const files = reply.dict.get("files");
  if (!(files instanceof Map)) {
    const reason = failureReason(reply);
    trial.fail({
      expected: "files: a dictionary with an entry for each info hash",
      seen: reason === undefined
        ? `files: ${kindOf(files)}; the keys of the reply: ${
          [...reply.dict.keys()].slice(0, 8).join(", ")
        }`
        : `failure reason: ${reason.slice(0, 200)}`,
      why: WHY_SCRAPE,
      ...placeInBody(http, placeOfKey(reply, "files")),
    });
  }
  for (const torrent of torrents) {
    if (scrapeEntry(reply, torrent) !== undefined) continue;
    trial.fail({
      expected: `an entry whose key is the 20 bytes ${torrent.toHex()}`,
      seen: keysOf(files),
      why: WHY_SCRAPE,
      ...placeInBody(http, placeOfKey(reply, "files")),
    });
  }
  return reply;
}

/** The keys of `files`, in hexadecimal, with what went wrong where that can be seen. */
function keysOf(files: ReadonlyMap<string, BencodeValue>): string {
  const keys = [...files.keys()];
  if (keys.length === 0) return "files is empty";
  const [first] = keys;
  const length = first!.length;
  const guess = length === 20
    ? ""
    : /^[0-9a-f]{40}$/i.test(first!)
    ? ", its digits as text"
    : length > 20
    ? ", as UTF-8 text each byte from 0x80 on takes two or three"
    : "";
  const bytes = Uint8Array.from(first!, (character) => character.charCodeAt(0));
  const others = keys.length > 1 ? ` and ${keys.length - 1} more` : "";
  return `a key of ${length} bytes: ${bytes.toHex()}${guess}${others}`;
}

const PROBES: readonly Probe[] = [
  {
    id: "T4.1",
    title: "A peer that announces twice is one peer",
    points: 2,
    plain: true,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const peer = tracker.newPeer();
      const why = "BEP 3: peers announce each interval: the same peer ID at the same address and " +
        "port is the same peer";
      await tracker.announce({ torrent, peer });
      await tracker.announce({ torrent, peer, event: "" });
      await tracker.announce({ torrent, peer });
      const reply = await tracker.announce({ torrent, peer: tracker.newPeer() });
      const { peers } = expectPeers(reply, { has: [peer], why });
      const same = peers.filter(({ port }) => port === peer.port);
      if (same.length > 1) {
        trial.fail({
          expected: `127.0.0.1:${peer.port} once among the peers`,
          seen: `it is there ${same.length} times`,
          why,
          ...placeInBody(reply.http, [same[1]!.place[0], same.at(-1)!.place[1]]),
        });
      }
    },
  },
  {
    id: "T4.2",
    title: "It counts once, too",
    points: 1,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const peer = tracker.newPeer();
      await tracker.announce({ torrent, peer });
      await tracker.announce({ torrent, peer, event: "" });
      const last = await tracker.announce({ torrent, peer, event: "" });
      const why = "BEP 3: incomplete is the number of peers, not of announces";
      const counts = await countsOf(tracker, torrent, last, why);
      expectCounts(counts, { complete: 0, incomplete: 1 }, "three announces of one peer", why);
    },
  },
  {
    id: "T4.3",
    title: "numwant: at most so many peers",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      for (let count = 0; count < 8; count++) {
        await tracker.announce({ torrent, peer: tracker.newPeer() });
      }
      const asker = tracker.newPeer();
      for (const numwant of [3, 0, 1]) {
        const reply = await tracker.announce({ torrent, peer: asker, event: "", numwant });
        const { peers, place } = listedPeers(reply);
        if (peers.length <= numwant) continue;
        trial.fail({
          expected: `at most ${numwant} peers, for numwant=${numwant}`,
          seen: `${peers.length} peers`,
          why:
            "BEP 3: numwant is the number of peers that are wanted: who has enough asks for none",
          ...placeInBody(reply.http, [peers[numwant]?.place[0] ?? place[0], place[1]]),
        });
      }
      const reply = await tracker.announce({ torrent, peer: asker, event: "", numwant: 200 });
      const others = listedPeers(reply).peers.filter(({ port }) => port !== asker.port);
      if (others.length < 8) {
        trial.fail({
          expected: "all 8 other peers, for numwant=200",
          seen: `${others.length} of them`,
          why: "BEP 3: numwant is the number of peers that are wanted, 50 where it is left out",
          ...placeInBody(reply.http, listedPeers(reply).place),
        });
      }
    },
  },
  {
    id: "T4.4",
    title: "What is missing is told as a failure reason",
    points: 3,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      for (const key of ["info_hash", "peer_id", "port"]) {
        await expectFailure(trial, tracker, `an announce without ${key}`, { [key]: undefined });
      }
    },
  },
  {
    id: "T4.5",
    title: "What is wrong is told as a failure reason",
    points: 2,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const { random } = trial;
      const cases: [what: string, query: Record<string, string>][] = [
        ["an info_hash of 19 bytes", { "info_hash": random.letters(19) }],
        ["an info_hash of 40 hexadecimal digits", { "info_hash": random.bytes(20).toHex() }],
        ["a peer_id of 21 bytes", { "peer_id": random.letters(21) }],
        ["a port that is no number", { port: "http" }],
        ["the port 70000", { port: "70000" }],
      ];
      for (const [what, query] of cases) await expectFailure(trial, tracker, what, query);
    },
  },
  {
    id: "T4.6",
    title: "A failure reason is for one announce: the next one is served",
    points: 1,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const [first, second] = [tracker.newPeer(), tracker.newPeer()];
      await tracker.announce({ torrent, peer: first });
      const wrong = tracker.announceRequest({
        torrent,
        peer: second,
        query: { port: undefined, left: "many" },
      });
      await tracker.ask(wrong, WHY_FAILURE);
      const reply = await tracker.announce({ torrent, peer: second });
      expectPeers(reply, {
        has: [first],
        as: "the first peer",
        why: "What was refused leaves the swarm as it was",
      });
    },
  },
  {
    id: "T4.7",
    title: "Scrape: complete, downloaded and incomplete of a torrent",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      await tracker.announce({ torrent, peer: tracker.newPeer(), left: 0 });
      for (let count = 0; count < 2; count++) {
        await tracker.announce({ torrent, peer: tracker.newPeer() });
      }
      const reply = await scrapeOf(trial, tracker, [torrent]);
      const entry = scrapeEntry(reply, torrent)!;
      const path = ["files", String.fromCharCode(...torrent)];
      for (const key of ["complete", "downloaded", "incomplete"]) {
        if (countIn(entry, key) !== undefined) continue;
        trial.fail({
          expected: `${key}: an integer`,
          seen: `${key}: ${kindOf(entry.get(key))}`,
          why: WHY_SCRAPE,
          ...placeInBody(reply.http, placeOfKey(reply, ...path, key) ?? placeOfKey(reply, ...path)),
        });
      }
      const sum = countIn(entry, "complete")! + countIn(entry, "incomplete")!;
      if (sum === 3) return;
      trial.fail({
        expected: "complete and incomplete of three peers",
        seen: `complete: ${countIn(entry, "complete")}, incomplete: ${
          countIn(entry, "incomplete")
        }`,
        why: WHY_SCRAPE,
        ...placeInBody(reply.http, placeOfKey(reply, ...path)),
      });
    },
  },
  {
    id: "T4.8",
    title: "Scrape: info hashes of any bytes, and two at once",
    points: 2,
    uses,
    run: async (trial) => {
      const torrents = [0x80, 0x00].map((byte) => {
        const torrent = trial.random.bytes(20);
        torrent.fill(byte, 4, 8);
        torrent[9] = 0xff;
        return torrent;
      });
      const tracker = await StudentTracker.start(trial, { torrents });
      for (const torrent of torrents) {
        await tracker.announce({ torrent, peer: tracker.newPeer() });
      }
      for (const torrent of torrents) await scrapeOf(trial, tracker, [torrent]);
      await scrapeOf(trial, tracker, torrents);
    },
  },
  {
    id: "T4.9",
    title: "Scrape: a torrent that nobody announced",
    points: 1,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const [known, unknown] = [tracker.newTorrent(), tracker.newTorrent()];
      await tracker.announce({ torrent: known, peer: tracker.newPeer() });
      await scrapeOf(trial, tracker, [known]);
      const request = tracker.scrapeRequest([unknown]);
      const http = await tracker.ask(request, WHY_SCRAPE);
      const why = "BEP 48: it is left out of files, or stands there with zeros, or there is a " +
        "failure reason; none of it ends the tracker";
      if ((http.status ?? 0) >= 500) {
        trial.fail({
          expected: `a dictionary, for info_hash=${percentEncode(unknown)}`,
          seen: http.statusLine,
          why,
          ...placeInBody(http),
        });
      }
      const reply = tracker.read(http, "a dictionary", request);
      const entry = scrapeEntry(reply, unknown);
      for (const key of ["complete", "incomplete", "downloaded"]) {
        const value = entry === undefined ? 0 : countIn(entry, key) ?? 0;
        if (value === 0) continue;
        trial.fail({
          expected: `${key}: 0`,
          seen: `${key}: ${value}`,
          why,
          ...placeInBody(
            http,
            placeOfKey(reply, "files", String.fromCharCode(...unknown), key),
          ),
        });
      }
    },
  },
];

export const T4: Step = {
  id: "T4",
  of: "tracker",
  title: "Requests of every kind",
  needs: ["T3"],
  probes: PROBES,
};
