/**
 * P3: asking a tracker, by way of `peers`.
 *
 * @module
 */
import { type BencodeInput, concatBytes, percentEncode } from "../../../protocol/mod.ts";
import type { Wanted } from "../answers.ts";
import { ask, howItEnded, listen } from "../ask.ts";
import {
  type Asked,
  peersBody,
  percentBytes,
  placeIn,
  type Reply,
  type ScriptedTracker,
} from "../scripted_tracker.ts";
import type { Finding, Probe, Step } from "../step.ts";
import type { ProgramRun } from "../../programs/program_run.ts";
import type { MadeTorrent, TorrentWish } from "../torrents.ts";
import type { TorrentOnDisk, Trial } from "../trial.ts";

/** ms within which a failure has to be told. */
const FAILURE_TIME = 5000;

interface Address {
  readonly host: string;
  readonly port: number;
  readonly id?: Uint8Array;
}

/**
 * Addresses that nobody is called at: `peers` only prints them. No byte of them is NUL, so that
 * programs for which NUL ends a text fail the probe for that, and no other by chance.
 */
function someAddresses(trial: Trial, count = 3): Address[] {
  const byte = () => 1 + trial.random.below(200);
  return Array.from({ length: count }, (_, index) => ({
    host: `127.${byte()}.${byte()}.${index + 1}`,
    port: 256 * (40 + byte()) + byte(),
  }));
}

function addressWanted({ host, port }: Address): Wanted {
  return {
    name: "peer",
    label: "a peer",
    value: `${host}:${port}`,
    // Not that of a tracker's URL that it prints, too.
    instead: /(?<![\d./])\d+\.\d+\.\d+\.\d+:\d+/,
  };
}

/** Asks `peers`, with a tracker that answers so; gives the announce that came. */
async function asksPeers(
  trial: Trial,
  options: {
    readonly wish?: TorrentWish;
    readonly addresses?: readonly Address[];
    readonly reply?: (addresses: readonly Address[], asked: Asked) => Reply;
    readonly why: string;
    /** Judges the announce before the answer is looked at. */
    readonly judge?: (asked: Asked, torrent: MadeTorrent) => void;
  },
): Promise<{ torrent: TorrentOnDisk; tracker: ScriptedTracker; run: ProgramRun }> {
  const addresses = options.addresses ?? someAddresses(trial);
  const reply = options.reply ?? (() => ({ body: peersBody(addresses) }));
  const tracker = trial.tracker((asked) => reply(addresses, asked));
  const torrent = await trial.torrent({ announce: tracker.url, ...options.wish });
  try {
    const run = await ask(trial, {
      word: "peers",
      values: { torrent: torrent.path },
      wanted: addresses.map(addressWanted),
      why: options.why,
    });
    judgeAnnounce(trial, tracker, torrent, options.judge);
    return { torrent, tracker, run };
  } catch (failure) {
    // Where it asked wrongly, that is what is told.
    judgeAnnounce(trial, tracker, torrent, options.judge);
    throw failure;
  }
}

function judgeAnnounce(
  trial: Trial,
  tracker: ScriptedTracker,
  torrent: MadeTorrent,
  judge?: (asked: Asked, torrent: MadeTorrent) => void,
): void {
  const asked = tracker.announces()[0] ?? tracker.asked[0];
  if (asked === undefined) {
    trial.fail({
      expected: `GET /announce?info_hash=… at ${tracker.url}`,
      seen: "no request",
      why: "BEP 3: the tracker's address is the torrent's `announce`",
    });
  }
  const wrong = infoHashFault(asked, torrent);
  if (wrong !== undefined) trial.fail(wrong);
  judge?.(asked, torrent);
}

/** What is wrong with an announce's info hash. */
export function infoHashFault(asked: Asked, torrent: MadeTorrent): Finding | undefined {
  const written = asked.query.get("info_hash");
  const expected = `info_hash=${percentEncode(torrent.infoHash)}`;
  const why =
    "BEP 3: the 20 bytes of the info hash, each escaped as %XX unless it is a letter, a " +
    "digit or one of .-_~";
  if (written === undefined) {
    return { expected, seen: "no info_hash in the request", why, ...placeIn(asked) };
  }
  const bytes = percentBytes(written);
  if (bytes !== undefined && bytes.toHex() === torrent.infoHash.toHex()) return undefined;
  let seen = `info_hash=${written}`;
  if (bytes?.length === 40) seen += " (its 40 hexadecimal digits as text)";
  else if (bytes !== undefined && bytes.length !== 20) seen += ` (${bytes.length} bytes)`;
  else if (written.includes("+")) seen += " (a + is a plus sign there, not a space)";
  const place = placeIn(asked, "info_hash");
  const start = place.marked?.wrong?.[0];
  const differing = bytes?.length === 20 ? firstDifference(written, torrent.infoHash) : undefined;
  if (place.marked === undefined || start === undefined || differing === undefined) {
    return { expected, seen, why, ...place };
  }
  const wrong = [start + differing[0], start + differing[1]] as const;
  return { expected, seen, why, ...place, marked: { ...place.marked, wrong } };
}

/** Where in a value the first character or escape stands that is another byte. */
function firstDifference(written: string, expected: Uint8Array): [number, number] | undefined {
  let index = 0;
  for (const { 0: part, index: at } of written.matchAll(/%..|[^%]/gs)) {
    if (percentBytes(part)?.[0] !== expected[index++]) return [at, at + part.length];
  }
  return undefined;
}

/** Fails where a key of an announce has another value. */
function expectKey(trial: Trial, asked: Asked, key: string, value: string, why: string): void {
  const written = asked.query.get(key);
  if (written === value) return;
  trial.fail({
    expected: `${key}=${value}`,
    seen: written === undefined ? `no ${key} in the request` : `${key}=${written}`,
    why,
    ...placeIn(asked, key),
  });
}

/** The keys that BEP 3 asks for, beside the info hash. */
function judgeKeys(trial: Trial, asked: Asked, torrent: MadeTorrent): void {
  const id = percentBytes(asked.query.get("peer_id") ?? "");
  if (id?.length !== 20) {
    trial.fail({
      expected: "a peer_id of 20 bytes",
      seen: asked.query.has("peer_id")
        ? `peer_id=${asked.query.get("peer_id")} (${id?.length ?? 0} bytes)`
        : "no peer_id in the request",
      why: "BEP 3: every peer names itself by 20 bytes",
      ...placeIn(asked, "peer_id"),
    });
  }
  const port = Number(asked.query.get("port"));
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    trial.fail({
      expected: "a port from 1 to 65535",
      seen: asked.query.has("port") ? `port=${asked.query.get("port")}` : "no port in the request",
      why: "BEP 3: others call it at this port",
      ...placeIn(asked, "port"),
    });
  }
  expectKey(trial, asked, "uploaded", "0", "BEP 3: nothing was given yet");
  expectKey(trial, asked, "downloaded", "0", "BEP 3: nothing was downloaded yet");
  expectKey(
    trial,
    asked,
    "left",
    String(torrent.length),
    "BEP 3: `left` is what is still missing in bytes, as a decimal number; by it a tracker tells " +
      "seeds from others",
  );
}

/** Has it meet a tracker that is of no help: it says so, with another status than 0, in time. */
async function tellsFailure(
  trial: Trial,
  torrent: TorrentOnDisk,
  words: string | undefined,
  why: string,
): Promise<void> {
  const run = await listen(trial, "peers", { torrent: torrent.path });
  const text = run.stdout.text() + run.stderr.text();
  const told = words === undefined || text.includes(words);
  if (!told) {
    trial.fail({
      expected: `"${words}" on standard output or standard error`,
      seen: (text.trim() === "" ? "nothing printed" : `it says: ${run.lastLines(1)[0]}`) +
        howItEnded(run),
      why,
    });
  }
  if (run.end === undefined || run.age() > FAILURE_TIME + trial.patience || run.end.code === 0) {
    trial.fail({
      expected: "another exit status than 0, within seconds",
      seen: run.end === undefined ? `it still runs after ${run.age() / 1000 | 0} s` : "status 0",
      why,
    });
  }
}

const uses = ["peers"];

/** The reply as every public tracker gives it. */
const COMPACT =
  "BEP 23: in a compact reply each peer is 6 bytes: 4 of its address, 2 of its port, " +
  "big endian";

const HTTP = "RFC 9112: a body ends where Content-Length, the last chunk or the end of the " +
  "connection says so; a read ends anywhere";

const PROBES: readonly Probe[] = [
  {
    id: "P3.1",
    title: "A tracker's compact reply",
    points: 5,
    plain: true,
    uses,
    run: async (trial) => {
      await asksPeers(trial, { why: COMPACT });
    },
  },
  {
    id: "P3.2",
    title: "Info hash with a space, % and &",
    points: 2,
    uses,
    run: async (trial) => {
      await asksPeers(trial, { wish: { hashHas: [0x20, 0x25, 0x26] }, why: COMPACT });
    },
  },
  {
    id: "P3.3",
    title: "Info hash with NUL, + and FF",
    points: 2,
    uses,
    run: async (trial) => {
      await asksPeers(trial, { wish: { hashHas: [0x00, 0x2b, 0xff] }, why: COMPACT });
    },
  },
  {
    id: "P3.4",
    title: "peer_id, port, uploaded, downloaded and left",
    points: 3,
    uses,
    run: async (trial) => {
      await asksPeers(trial, {
        wish: { length: 3 * 32768 + 1 + trial.random.below(30_000) },
        why: COMPACT,
        judge: (asked, torrent) => judgeKeys(trial, asked, torrent),
      });
      const asked = trial.trackers[0]?.announces()[0];
      if (asked !== undefined && asked.query.get("compact") !== "1") {
        trial.remark("announces without compact=1: many trackers answer compact all the same");
      }
    },
  },
  {
    id: "P3.5",
    title: "Peers as a list of dictionaries",
    points: 2,
    uses,
    run: async (trial) => {
      const why =
        "BEP 3: `peers` may be a list of dictionaries with `ip` and `port`; BEP 23 made " +
        "the compact string of it";
      const addresses = someAddresses(trial).map((one) => ({ ...one, id: trial.random.bytes(20) }));
      const list = (body: readonly Address[]) => ({ body: peersBody(body, { list: true }) });
      await asksPeers(trial, { addresses, reply: list, why });
      // BEP 3 names no key `peer id` that has to be there once `no_peer_id` was said.
      await asksPeers(trial, { reply: list, why });
    },
  },
  {
    id: "P3.6",
    title: "Binary values: NUL bytes before the peers, ports that look like text",
    points: 2,
    uses,
    run: async (trial) => {
      const [one, two, three] = someAddresses(trial);
      const addresses = [
        { ...one!, port: 0x6931 }, // "i1"
        { ...two!, port: 0x3a31 }, // ":1"
        { ...three!, host: "127.0.0.10", port: 0x6565 }, // "ee", and NUL and line end before it
      ];
      const extra: Record<string, BencodeInput> = {
        complete: 3,
        "external ip": Uint8Array.of(127, 0, 0, 1),
      };
      await asksPeers(trial, {
        addresses,
        reply: (all) => ({ body: peersBody(all, { extra }) }),
        why:
          "BEP 3, 23, 24: bencoded strings are bytes, not text: no NUL ends them, and no UTF-8 is " +
          "in them",
      });
    },
  },
  {
    id: "P3.7",
    title: "A tracker's failure reason is shown",
    points: 2,
    uses,
    run: async (trial) => {
      const reason = `torrent ${trial.random.letters(6)} is not registered`;
      const text = `d14:failure reason${reason.length}:${reason}e`;
      const tracker = trial.tracker(() => ({ body: new TextEncoder().encode(text) }));
      const torrent = await trial.torrent({ announce: tracker.url });
      await tellsFailure(
        trial,
        torrent,
        reason,
        "BEP 3: with `failure reason` there are no other keys; it is a sentence for a person",
      );
    },
  },
  {
    id: "P3.8",
    title: "Replies in chunks, without a length, and in small packets",
    points: 2,
    uses,
    run: async (trial) => {
      const forms: Partial<Reply>[] = [{ form: "chunked" }, { form: "close" }, { cut: 9 }];
      for (const form of forms) {
        await asksPeers(trial, {
          reply: (all) => ({ body: peersBody(all), ...form }),
          why: HTTP,
        });
      }
    },
  },
  {
    id: "P3.9",
    title: "A redirect to another address",
    points: 1,
    uses,
    run: async (trial) => {
      const addresses = someAddresses(trial);
      const second = trial.tracker(() => ({ body: peersBody(addresses) }));
      await asksPeers(trial, {
        addresses,
        reply: (_, asked) => ({
          body: new Uint8Array(),
          status: 302,
          headers: [`Location: ${second.url}${/\?\S*/.exec(asked.head)?.[0] ?? ""}`],
        }),
        why: "RFC 9110: status 302 names in Location where to ask; trackers that moved do so",
      });
    },
  },
  {
    id: "P3.10",
    title: "Announce URL with a query of its own",
    points: 1,
    uses,
    run: async (trial) => {
      const addresses = someAddresses(trial);
      const key = trial.random.letters(10);
      const tracker = trial.tracker(() => ({ body: peersBody(addresses) }));
      const torrent = await trial.torrent({ announce: `${tracker.url}?passkey=${key}` });
      const why = "RFC 3986: a URL has one ?; behind a query that is there already goes a &";
      const judge = () => {
        const asked = tracker.asked[0];
        if (asked !== undefined) expectKey(trial, asked, "passkey", key, why);
      };
      try {
        await ask(trial, {
          word: "peers",
          values: { torrent: torrent.path },
          wanted: addresses.map(addressWanted),
          why,
        });
      } finally {
        judge();
      }
    },
  },
  {
    id: "P3.11",
    title: "A tracker that does not run",
    points: 1,
    uses,
    run: async (trial) => {
      const torrent = await trial.torrent({
        announce: `http://127.0.0.1:${trial.port()}/announce`,
      });
      await tellsFailure(
        trial,
        torrent,
        undefined,
        "Trackers do go down: a program that cannot announce says so",
      );
    },
  },
  {
    id: "P3.12",
    title: "The first tracker is down, the next tier answers",
    points: 1,
    uses,
    run: async (trial) => {
      const dead = `http://127.0.0.1:${trial.port()}/announce`;
      const addresses = someAddresses(trial);
      const tracker = trial.tracker(() => ({ body: peersBody(addresses) }));
      const torrent = await trial.torrent({
        announce: dead,
        announceList: [[dead], [tracker.url]],
      });
      await ask(trial, {
        word: "peers",
        values: { torrent: torrent.path },
        wanted: addresses.map(addressWanted),
        why:
          "BEP 12: with `announce-list`, the trackers of a tier are asked in turn, and the next " +
          "tier where all of them fail",
      });
    },
  },
  {
    id: "P3.13",
    title: "IPv6 peers beside the others",
    points: 1,
    uses,
    run: async (trial) => {
      const addresses = someAddresses(trial, 2);
      const sixes = [someSix(trial), someSix(trial)];
      const peers6 = concatBytes(
        sixes.map(({ bytes, port }) => Uint8Array.of(...bytes, port >> 8, port & 0xff)),
      );
      const why =
        "BEP 7: `peers6` has 18 bytes for each IPv6 peer: 16 of its address, 2 of its port, big " +
        "endian";
      const tracker = trial.tracker(() => ({
        body: peersBody(addresses, { extra: { peers6 } }),
      }));
      const torrent = await trial.torrent({ announce: tracker.url });
      await ask(trial, {
        word: "peers",
        values: { torrent: torrent.path },
        wanted: [...addresses.map(addressWanted), ...sixes.map(sixWanted)],
        why,
      });
    },
  },
];

/** An address without zeros, which every program writes in the same way. */
function someSix(trial: Trial): { bytes: Uint8Array; port: number } {
  const bytes = Uint8Array.from({ length: 16 }, () => 17 + trial.random.below(230));
  bytes[0] = 0xfd;
  return { bytes, port: 10_000 + trial.random.below(50_000) };
}

function sixWanted({ bytes, port }: { bytes: Uint8Array; port: number }): Wanted {
  const host = bytes.toHex().match(/.{4}/g)!.join(":");
  return {
    name: "peer",
    label: "an IPv6 peer",
    value: `[${host}]:${port}`,
    or: [`${host}:${port}`, `${host} ${port}`, `${host}, ${port}`],
    instead: /\[?[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,}\]?:?\d*/i,
  };
}

export const P3: Step = {
  id: "P3",
  of: "peer",
  title: "Asking a tracker",
  needs: ["P2"],
  probes: PROBES,
};
