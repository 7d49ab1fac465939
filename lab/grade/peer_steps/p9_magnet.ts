/**
 * P9: magnet links (BEP 9) and the extension protocol (BEP 10).
 *
 * @module
 */
import { METADATA_PIECE_LENGTH } from "../../../protocol/mod.ts";
import type { Wanted } from "../answers.ts";
import { ask } from "../ask.ts";
import { fetchFile } from "../fetch_file.ts";
import { metadataManner, type MetadataWish } from "../metadata_manner.ts";
import type { ScriptedPeer } from "../scripted_peer.ts";
import type { Probe, Step } from "../step.ts";
import { type MadeTorrent, pieceOf, type TorrentWish } from "../torrents.ts";
import type { TorrentOnDisk, Trial } from "../trial.ts";
import { infoHashWanted, lengthWanted } from "./p2_info.ts";

const BITS =
  "BEP 10: bit 0x10 of the reserved byte 5 says that extended messages (ID 20) may be sent; " +
  "extended message 0 is the handshake with the IDs of the others";
const METADATA =
  "BEP 9: the metadata is asked for in parts of 16 KiB, and right if its SHA-1 is the " +
  "info hash of the link";

/** A link with this tracker. */
function magnetOf(torrent: MadeTorrent, tracker: string): string {
  const hash = torrent.infoHash.toHex();
  return `magnet:?xt=urn:btih:${hash}&dn=${torrent.name}&tr=${encodeURIComponent(tracker)}`;
}

interface Scene {
  readonly torrent: TorrentOnDisk;
  readonly magnet: string;
}

/** A swarm of peers with metadata behind a link. */
async function setUp(
  trial: Trial,
  peers: readonly ((torrent: TorrentOnDisk) => MetadataWish)[],
  wish: TorrentWish = {},
): Promise<Scene> {
  const tracker = trial.tracker();
  const torrent = await trial.torrent({ announce: tracker.url, ...wish });
  for (const make of peers) {
    const peer: ScriptedPeer = trial.peer(torrent, metadataManner(() => peer, make(torrent)));
  }
  return { torrent, magnet: magnetOf(torrent, tracker.url) };
}

/** What `magnet_info` has to print. */
function infoWanted(torrent: MadeTorrent): Wanted[] {
  return [
    lengthWanted(torrent.length),
    {
      name: "piece_hash",
      label: "hash of piece 0",
      value: torrent.hashes[0]!.toHex(),
    },
  ];
}

/** Asks `magnet_info`. */
async function asksInfo(trial: Trial, { torrent, magnet }: Scene, why = METADATA): Promise<void> {
  await ask(trial, {
    word: "magnet_info",
    values: { magnet },
    wanted: infoWanted(torrent),
    why,
  });
}

/** An info dictionary of exactly so many bytes. */
function paddingFor(length: number, without: number): Uint8Array {
  // `5:x-pad<digits>:` goes around it.
  let size = length - without;
  while (without + `5:x-pad${size}:`.length + size > length) size--;
  return new Uint8Array(size);
}

const PROBES: readonly Probe[] = [
  {
    id: "P9.1",
    title: "A link's info hash and tracker",
    points: 2,
    uses: ["magnet_parse"],
    plain: true,
    run: async (trial) => {
      const torrent = await trial.torrent({ hashHas: [0xab] });
      const url = `http://127.0.0.1:${4000 + trial.random.below(2000)}/announce`;
      await ask(trial, {
        word: "magnet_parse",
        values: { magnet: magnetOf(torrent, url) },
        wanted: [
          { name: "tracker", label: "Tracker URL", value: url, instead: /https?[:%]\S*/i },
          infoHashWanted(torrent.infoHash),
        ],
        why: "BEP 9: magnet:?xt=urn:btih:<info hash in hexadecimal>&tr=<tracker, percent-encoded>",
      });
    },
  },
  {
    id: "P9.2",
    title: "The extension bit, and the other side's ID for ut_metadata",
    points: 3,
    uses: ["magnet_handshake"],
    run: async (trial: Trial) => {
      const id = 2 + trial.random.below(200);
      const { magnet } = await setUp(trial, [() => ({ id })]);
      const peer = trial.peers[0]!;
      const judge = () => {
        trial.judgeFaults();
        const connection = peer.connections[0];
        const heard = connection?.heard[0];
        if (heard?.said.type === "handshake" && !heard.said.handshake.extended) {
          trial.fail({
            expected: "10 (hexadecimal) in byte 25: it knows extended messages",
            seen: "the bit is not set",
            why: BITS,
            ...connection!.placeOf(heard, [25, 26]),
          });
        }
      };
      try {
        await ask(trial, {
          word: "magnet_handshake",
          values: { magnet },
          wanted: [
            {
              name: "peer_id",
              label: "Peer ID",
              value: peer.peerId.toHex(),
              instead: /id\W{0,4}([0-9a-f]{20,})/i,
            },
            {
              name: "metadata_id",
              label: "Peer Metadata Extension ID",
              value: String(id),
              instead: /extension id\W{0,4}([^\n]*)/i,
            },
          ],
          why: BITS,
        });
      } finally {
        judge();
      }
    },
  },
  {
    id: "P9.3",
    title: "Metadata of one part",
    points: 4,
    uses: ["magnet_info"],
    run: async (trial) => await asksInfo(trial, await setUp(trial, [() => ({})])),
  },
  {
    id: "P9.4",
    title: "Its messages go under the other side's number, 77",
    points: 1,
    uses: ["magnet_info"],
    run: async (trial) =>
      await asksInfo(
        trial,
        await setUp(trial, [() => ({ id: 77 })]),
        "BEP 10: a message is sent under the ID that the *other* side names in its handshake",
      ),
  },
  {
    id: "P9.5",
    title: "Metadata of three parts, the last one shorter",
    points: 2,
    uses: ["magnet_info"],
    run: async (trial) => {
      const pieces = Math.ceil(2.3 * METADATA_PIECE_LENGTH / 20);
      await asksInfo(
        trial,
        await setUp(trial, [() => ({})], { pieceLength: 64, length: 64 * pieces }),
      );
    },
  },
  {
    id: "P9.6",
    title: "Metadata of exactly two parts",
    points: 1,
    uses: ["magnet_info"],
    run: async (trial) => {
      const probe = await trial.torrent({ announce: "http://127.0.0.1:9999/announce" });
      const pad = paddingFor(2 * METADATA_PIECE_LENGTH, probe.infoBytes.length);
      await asksInfo(
        trial,
        await setUp(trial, [() => ({})], { info: { "x-pad": pad } }),
        "BEP 9: every part but the last has 16 KiB; where the size is a multiple of it, the last has, " +
          "too",
      );
    },
  },
  {
    id: "P9.7",
    title: "The first peer rejects, the second one has it",
    points: 1,
    uses: ["magnet_info"],
    run: async (trial) =>
      await asksInfo(
        trial,
        await setUp(trial, [() => ({ rejects: true }), () => ({})]),
        "BEP 9: a peer may reject (msg_type 2); ask another peer then",
      ),
  },
  {
    id: "P9.8",
    title: "The first peer gives wrong metadata",
    points: 1,
    uses: ["magnet_info"],
    run: async (trial) =>
      await asksInfo(
        trial,
        await setUp(trial, [
          ({ infoBytes }) => {
            const wrong = infoBytes.slice();
            // Still a dictionary: a letter of the name is another one.
            const at = new TextDecoder("latin1").decode(wrong).indexOf("4:name8:") + 8;
            wrong[at] = wrong[at] === 0x61 ? 0x62 : 0x61;
            return { metadata: wrong };
          },
          () => ({}),
        ]),
      ),
  },
  {
    id: "P9.9",
    title: "A piece by a link",
    points: 2,
    uses: ["magnet_download_piece"],
    run: async (trial) => {
      const { torrent, magnet } = await setUp(trial, [() => ({})]);
      await fetchFile(trial, {
        word: "magnet_download_piece",
        torrent,
        values: { magnet, piece: 2 },
        content: pieceOf(torrent, 2),
        what: "piece 2",
        offset: 2 * torrent.pieceLength,
        why: "BEP 9: with the metadata a link is a torrent like any other",
      });
    },
  },
  {
    id: "P9.10",
    title: "A file by a link",
    points: 3,
    uses: ["magnet_download"],
    run: async (trial) => {
      const { torrent, magnet } = await setUp(trial, [() => ({})], { length: 6 * 32768 + 4321 });
      await fetchFile(trial, {
        word: "magnet_download",
        torrent,
        values: { magnet },
        content: torrent.content,
        what: "the file",
        why: "BEP 9: with the metadata a link is a torrent like any other",
      });
    },
  },
];

export const P9: Step = {
  id: "P9",
  of: "peer",
  title: "Magnet links",
  needs: ["P5"],
  probes: PROBES,
};
