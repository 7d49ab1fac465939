/**
 * T2: peers in their two forms, and bytes that are no text.
 *
 * @module
 */
import { percentEncode } from "../../../protocol/mod.ts";
import { expectPeers } from "../expected_peers.ts";
import { NotOffered, type Probe, type Step } from "../step.ts";
import { StudentTracker } from "../student_tracker.ts";
import type { Announcer } from "../tracker_request.ts";
import { listedPeers, placeInBody } from "../tracker_reply.ts";
import type { Trial } from "../trial.ts";

const uses = ["tracker"];

const WHY_LISTED = "BEP 3: peers are the others that announced the same info hash, each at the " +
  "address that it announced from and the port that it named";
const WHY_BYTES =
  "BEP 3: an info hash is 20 bytes of any value: %XX stands for a byte, and bytes " +
  "are not decoded as UTF-8 or anything else";

/** Every byte as `%XX`, in small letters or not, letters among them. */
function allEscaped(bytes: Uint8Array, digits: "upper" | "lower"): string {
  return Array.from(bytes, (byte) => {
    const two = byte.toString(16).padStart(2, "0");
    return `%${digits === "upper" ? two.toUpperCase() : two}`;
  }).join("");
}

/** Info hashes in which each of the 256 bytes occurs. */
function hashesOfAllBytes(trial: Trial): Uint8Array<ArrayBuffer>[] {
  const order = trial.random.shuffled(Array.from({ length: 256 }, (_, byte) => byte));
  const all = [...order, ...order.slice(0, 4)];
  return Array.from(
    { length: 13 },
    (_, index) => Uint8Array.from(all.slice(20 * index, 20 * index + 20)),
  );
}

/** Pairs of bytes that become one where bytes are taken for text; `after`: the byte in front of both. */
const PAIRS: readonly (readonly [one: number, other: number, how: string, after?: number])[] = [
  [0x80, 0x81, "no byte from 0x80 on is UTF-8 by itself: both became U+FFFD"],
  [0xc3, 0xe9, "no byte from 0x80 on is UTF-8 by itself: both became U+FFFD"],
  [0x41, 0x61, "one was made a small letter"],
  [0x20, 0x2b, "a plus sign was taken for a space"],
  [0x01, 0x02, "a zero byte in front of it ended the string", 0x00],
];

const PROBES: readonly Probe[] = [
  {
    id: "T2.1",
    title: "A second peer is told where the first is, and of no other torrent's peers",
    points: 4,
    plain: true,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const [first, second] = [tracker.newPeer(), tracker.newPeer()];
      const stranger = tracker.newPeer();
      await tracker.announce({ torrent: tracker.newTorrent(), peer: stranger });
      await tracker.announce({ torrent, peer: first });
      const reply = await tracker.announce({ torrent, peer: second });
      expectPeers(reply, { has: [first], as: "the first peer", why: WHY_LISTED });
      expectPeers(reply, { hasNot: [stranger], as: "a peer of another torrent", why: WHY_LISTED });
    },
  },
  {
    id: "T2.2",
    title: "compact=1: six bytes for each peer",
    points: 2,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      const [first, second] = [tracker.newPeer(), tracker.newPeer()];
      await tracker.announce({ torrent, peer: first });
      const reply = await tracker.announce({ torrent, peer: second });
      const listed = expectPeers(reply, { has: [first], as: "the first peer", why: WHY_LISTED });
      if (listed.form === "list") {
        throw new NotOffered("it answers compact=1 with a list, which BEP 23 allows", {
          expected: "peers: a string, six bytes for each peer",
          seen: "peers: a list of dictionaries",
          why: "BEP 23: compact=1 asks for four bytes of address and two of port for each peer",
          ...placeInBody(reply.http, listed.place),
        });
      }
    },
  },
  {
    id: "T2.3",
    title: "compact=0: a list of dictionaries with ip, port and peer id",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const first = tracker.newPeer();
      const { reply, listed } = await listOf(tracker, first);
      const found = listed.peers.find(({ port }) => port === first.port)!;
      if (found.id === undefined) {
        trial.fail({
          expected: "ip, port and peer id for each peer",
          seen: "no peer id in an entry",
          why: "BEP 3: peer id is the ID that the peer chose; only no_peer_id=1 leaves it out",
          ...placeInBody(reply.http, found.place),
        });
      }
    },
  },
  {
    id: "T2.4",
    title: "Info hashes with all 256 bytes",
    points: 3,
    uses,
    run: async (trial) => {
      const torrents = hashesOfAllBytes(trial);
      const tracker = await StudentTracker.start(trial, { torrents });
      const peers = torrents.map(() => tracker.newPeer());
      for (const [index, torrent] of torrents.entries()) {
        await tracker.announce({ torrent, peer: peers[index]! }, WHY_BYTES);
      }
      for (const [index, torrent] of torrents.entries()) {
        const reply = await tracker.announce({ torrent, peer: tracker.newPeer() }, WHY_BYTES);
        expectPeers(reply, {
          has: [peers[index]!],
          hasNot: peers.filter((_, other) => other !== index),
          as: `the peer of info_hash=${percentEncode(torrent)}`,
          why: WHY_BYTES,
        });
      }
    },
  },
  {
    id: "T2.5",
    title: "Info hashes that differ in one byte are two torrents",
    points: 2,
    uses,
    run: async (trial) => {
      const base = trial.random.bytes(20);
      const place = 1 + trial.random.below(18);
      const pairs = PAIRS.map(([one, other, , after = 0x7e]) =>
        [one, other].map((byte) => {
          const hash = base.slice();
          // The pairs differ from each other, too.
          hash[19] = one;
          hash[place - 1] = after;
          hash[place] = byte;
          return hash;
        })
      );
      const tracker = await StudentTracker.start(trial, { torrents: pairs.flat() });
      for (const [index, [one, other]] of pairs.entries()) {
        const [first, second] = [tracker.newPeer(), tracker.newPeer()];
        await tracker.announce({ torrent: one!, peer: first }, WHY_BYTES);
        await tracker.announce({ torrent: other!, peer: second }, WHY_BYTES);
        const reply = await tracker.announce({ torrent: other!, peer: tracker.newPeer() });
        const [a, b, how] = PAIRS[index]!;
        expectPeers(reply, {
          has: [second],
          hasNot: [first],
          as: `the peer of another info hash (byte ${place} is ${hexByte(a)} there and ` +
            `${hexByte(b)} here; where they are one: ${how})`,
          why: WHY_BYTES,
        });
      }
    },
  },
  {
    id: "T2.6",
    title: "Escapes in small and capital digits, and of letters that need none",
    points: 1,
    uses,
    run: async (trial) => {
      const torrent = Uint8Array.from([
        ...new TextEncoder().encode("aZ09.-_~"),
        ...[0xab, 0xcd, 0xef, 0x1a, 0x2b, 0x3c, 0x4d, 0x5e, 0x6f, 0x7a, 0x8b, 0x9c],
      ]);
      torrent.set(trial.random.bytes(2), 18);
      const tracker = await StudentTracker.start(trial, { torrents: [torrent] });
      const forms: ((bytes: Uint8Array) => string)[] = [
        percentEncode,
        (bytes) => allEscaped(bytes, "upper"),
        (bytes) => allEscaped(bytes, "lower"),
      ];
      let before: Announcer | undefined;
      for (const escape of forms) {
        const peer = tracker.newPeer();
        const reply = await tracker.announce({ torrent, peer, escape }, WHY_BYTES);
        expectPeers(reply, {
          has: before === undefined ? [] : [before],
          as: "a peer whose info hash was written with other escapes",
          why: "RFC 3986: %ab and %AB are one byte, and %61 is the letter a",
        });
        before = peer;
      }
    },
  },
  {
    id: "T2.7",
    title: "Ports with every kind of byte in them",
    points: 2,
    uses,
    run: async (trial) => {
      const tracker = await StudentTracker.start(trial);
      const ports = [0x0a0d, 0x00ff, 0x0100, 0x3a65, 0x8081, 0xc3a9, 0xffff, 0x2580];
      for (const port of ports) {
        const torrent = tracker.newTorrent();
        const peer = tracker.newPeer({ port });
        await tracker.announce({ torrent, peer });
        const reply = await tracker.announce({ torrent, peer: tracker.newPeer() });
        expectPeers(reply, {
          has: [peer],
          why: "BEP 23: the two bytes of a port are bytes, and no text: 0x0a, 0x00 and 0xff are " +
            "among them",
        });
      }
    },
  },
  {
    id: "T2.8",
    title: "Peer IDs of any bytes, which come back as they were",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const ids = [0x80, 0x81, 0x00].map((byte) => {
        const id = trial.random.bytes(20);
        id.set(new TextEncoder().encode("-GR0001-"));
        id.fill(byte, 12, 16);
        return id;
      });
      for (const { id, port } of ids.map((id) => tracker.newPeer({ id }))) {
        const { reply, listed } = await listOf(tracker, { id, port });
        const found = listed.peers.find((peer) => peer.port === port)!;
        if (found.id === undefined || found.id.toHex() === id.toHex()) continue;
        trial.fail({
          expected: `peer id: ${id.toHex()}`,
          seen: `peer id: ${found.id.toHex()}, ${found.id.length} bytes`,
          why: "BEP 3: a peer ID is 20 bytes of any value, and no text",
          ...placeInBody(reply.http, found.place),
        });
      }
    },
  },
];

/** A peer announces, and another one asks for the list. @throws {NotOffered} where none is given */
async function listOf(tracker: StudentTracker, peer: Announcer) {
  const torrent = tracker.newTorrent();
  await tracker.announce({ torrent, peer, compact: 0 });
  const reply = await tracker.announce({ torrent, peer: tracker.newPeer(), compact: 0 });
  if (listedPeers(reply).form === "compact") {
    expectPeers(reply, { has: [peer], why: WHY_LISTED });
    throw new NotOffered("it answers compact=0 with a string, which BEP 23 allows", {
      expected: "peers: a list of dictionaries with ip, port and peer id",
      seen: "peers: a string",
      why: "BEP 23: compact=0 asks for the list of BEP 3",
      ...placeInBody(reply.http, listedPeers(reply).place),
    });
  }
  return { reply, listed: expectPeers(reply, { has: [peer], why: WHY_LISTED }) };
}

function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

export const T2: Step = {
  id: "T2",
  of: "tracker",
  title: "Peers, and bytes that are no text",
  needs: ["T1"],
  probes: PROBES,
};
