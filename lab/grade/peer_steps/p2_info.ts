/**
 * P2: what a .torrent says, by way of `info`.
 *
 * @module
 */
import { type BencodeInput, encodeBencode } from "../../../protocol/mod.ts";
import type { Wanted } from "../answers.ts";
import { ask } from "../ask.ts";
import type { Probe, Step } from "../step.ts";
import { type MadeTorrent, sha1, type TorrentWish } from "../torrents.ts";
import type { Trial } from "../trial.ts";

/** Nobody listens there: `info` asks no tracker. */
const ANNOUNCE = "http://127.0.0.1:9/announce";

const RAW =
  "BEP 3: the info hash is the SHA-1 of the info dictionary exactly as it stands in the " +
  "file, from its d to its e; what is decoded and encoded again may differ";

export function infoHashWanted(infoHash: Uint8Array): Wanted {
  return {
    name: "info_hash",
    label: "Info Hash",
    value: infoHash.toHex(),
    instead: /hash\W{0,4}([0-9a-f]{20,64})/i,
  };
}

export function lengthWanted(length: number): Wanted {
  return {
    name: "length",
    label: "Length",
    value: String(length),
    // As programs for people write it.
    or: [length.toLocaleString("en-US")],
    instead: /(?<!piece )length\W{0,4}([^\n]*)/i,
  };
}

/** Asks `info`, whose answers all stand in the torrent. */
async function asksInfo(
  trial: Trial,
  wish: TorrentWish,
  wanted: (torrent: MadeTorrent) => readonly Wanted[],
  why: string,
): Promise<void> {
  const torrent = await trial.torrent({ announce: ANNOUNCE, ...wish });
  const { path } = torrent;
  await ask(trial, { word: "info", values: { torrent: path }, wanted: wanted(torrent), why });
}

/** Asks `info` of a .torrent that is put together by the probe. */
async function asksInfoOf(
  trial: Trial,
  bytes: Uint8Array,
  wanted: readonly Wanted[],
  why: string,
): Promise<void> {
  const path = trial.path("made.torrent");
  await Deno.writeFile(path, bytes);
  await ask(trial, { word: "info", values: { torrent: path }, wanted, why });
}

function pieceHashes(torrent: MadeTorrent): Wanted[] {
  return torrent.hashes.map((hash, piece) => ({
    name: "piece_hash",
    label: `hash of piece ${piece}`,
    value: hash.toHex(),
  }));
}

const uses = ["info"];

const PROBES: readonly Probe[] = [
  {
    id: "P2.1",
    title: "Tracker, length and info hash of a file",
    points: 5,
    plain: true,
    uses,
    run: (trial) =>
      asksInfo(trial, {}, ({ length, infoHash }) => [
        { name: "tracker", label: "Tracker URL", value: ANNOUNCE, instead: /https?:\S*/i },
        lengthWanted(length),
        infoHashWanted(infoHash),
      ], RAW),
  },
  {
    id: "P2.2",
    title: "Piece length and the hash of each piece, the last one shorter",
    points: 2,
    uses,
    run: (trial) =>
      asksInfo(
        trial,
        { length: 5 * 32768 + 12_345 },
        (torrent) => [
          {
            name: "piece_length",
            label: "Piece Length",
            value: String(torrent.pieceLength),
            instead: /piece length\W{0,4}([^\n]*)/i,
          },
          ...pieceHashes(torrent),
        ],
        "BEP 3: `pieces` is a string of 20 bytes for each piece, that of the shorter last one included",
      ),
  },
  {
    id: "P2.3",
    title: "Info hash with keys that a beginner's program does not know",
    points: 3,
    uses,
    run: (trial) =>
      asksInfo(
        trial,
        { info: { private: 1, source: "course", "x-unknown": [1, { deep: "value" }] } },
        ({ infoHash }) => [infoHashWanted(infoHash)],
        RAW,
      ),
  },
  {
    id: "P2.4",
    title: "Info hash of a dictionary whose keys are not sorted",
    points: 1,
    uses,
    run: (trial) =>
      asksInfo(trial, { unsorted: true }, ({ infoHash }) => [infoHashWanted(infoHash)], RAW),
  },
  {
    id: "P2.5",
    title: "Several files",
    points: 2,
    uses,
    run: (trial) =>
      asksInfo(
        trial,
        { files: [50_000, 31, 20_000] },
        ({ infoHash, length }) => [infoHashWanted(infoHash), lengthWanted(length)],
        "BEP 3: with `files` in place of `length`, the length is the sum of theirs",
      ),
  },
  {
    id: "P2.6",
    title: "Text that looks like the info dictionary stands before it",
    points: 1,
    uses,
    run: async (trial) => {
      const torrent = await trial.torrent({ announce: ANNOUNCE });
      const bytes = around(torrent.infoBytes, { comment: "4:infod4:name4:fake" });
      await asksInfoOf(
        trial,
        bytes,
        [infoHashWanted(torrent.infoHash)],
        "BEP 3: the file is one dictionary: to find `info`, walk through it; a search for its " +
          "letters finds them in a comment, too",
      );
    },
  },
  {
    id: "P2.7",
    title: "A file of more than 4 GiB",
    points: 1,
    uses,
    run: async (trial) => {
      const length = 5_000_000_000 + trial.random.below(1_000_000);
      const pieceLength = 16 * 1024 * 1024;
      const infoBytes = encodeBencode({
        length,
        name: `${trial.random.letters(8)}.iso`,
        "piece length": pieceLength,
        pieces: trial.random.bytes(20 * Math.ceil(length / pieceLength)),
      });
      await asksInfoOf(
        trial,
        around(infoBytes, {}),
        [lengthWanted(length), infoHashWanted(sha1(infoBytes))],
        "BEP 3: integers have no limit; 32 bits end at 4,294,967,295",
      );
    },
  },
];

/** A .torrent around an info dictionary that is kept byte by byte. */
function around(infoBytes: Uint8Array, more: Record<string, BencodeInput>): Uint8Array {
  const head = encodeBencode({ announce: ANNOUNCE, ...more });
  const key = new TextEncoder().encode("4:info");
  const bytes = new Uint8Array(head.length + key.length + infoBytes.length);
  bytes.set(head.subarray(0, -1));
  bytes.set(key, head.length - 1);
  bytes.set(infoBytes, head.length - 1 + key.length);
  bytes.set(head.subarray(-1), bytes.length - 1);
  return bytes;
}

export const P2: Step = {
  id: "P2",
  of: "peer",
  title: "A .torrent and its info hash",
  needs: [],
  probes: PROBES,
};
