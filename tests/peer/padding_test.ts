/**
 * Peers that take padding (BEP 47) for files: they are given zeros, they are seeds where they lack no
 * more than that, and a download from them is complete without it.
 *
 * @module
 */
import { hash } from "node:crypto";
import { encodeMetainfo } from "../../protocol/metainfo.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = BLOCK_LENGTH;
const [A, B] = [someBytes(20_000, 1), someBytes(30_000, 2)];
/** Up to the end of the fourth piece: the third and the fourth are padding alone. */
const PAD = 4 * PIECE - A.length;
const PADDING = [2, 3];

function padded(filler = 0): { content: Uint8Array; torrent: Uint8Array; infoHash: Uint8Array } {
  const content = new Uint8Array(A.length + PAD + B.length);
  content.set(A);
  content.fill(filler, A.length, A.length + PAD);
  content.set(B, A.length + PAD);
  const count = Math.ceil(content.length / PIECE);
  const pieces = new Uint8Array(20 * count);
  for (let i = 0; i < count; i++) {
    const piece = content.subarray(i * PIECE, (i + 1) * PIECE);
    pieces.set(hash("sha1", piece, "buffer"), 20 * i);
  }
  const files = [
    { path: ["a"], length: A.length, pad: false },
    { path: [".pad", `${PAD}`], length: PAD, pad: true },
    { path: ["b"], length: B.length, pad: false },
  ];
  const { length } = content;
  const { bytes, infoBytes } = encodeMetainfo({
    ...{ name: "t", pieceLength: PIECE, pieces, files, length },
  });
  return { content, torrent: bytes, infoHash: hash("sha1", infoBytes, "buffer") };
}

Deno.test("from a peer that lacks the padding everything comes, and it is shown as a seed", async () => {
  const { content, torrent, infoHash } = padded();
  await using leech = await TestEngine.start();
  await leech.engine.add(torrent);
  await leech.until("torrent-checked");
  using peer = await FakePeer.connect(leech.engine.port);
  await peer.handshake(infoHash);
  peer.say.bitfield(new Uint8Array([0b1100_1100]));
  peer.say.unchoke();
  await peer.flush();
  const asked = new Set<number>();
  const serving = (async () => {
    for (let message; (message = await peer.hear()) !== undefined;) {
      if (message.type !== "request") continue;
      const { piece, begin, length } = message;
      asked.add(piece);
      const from = piece * PIECE + begin;
      peer.say.piece(piece, begin, content.subarray(from, from + length));
      await peer.flush();
    }
  })();
  await leech.until("torrent-completed");
  assertEquals([await leech.read("t/a"), await leech.read("t/b")], [A, B]);
  assertEquals([...asked].sort(), [0, 1, 4, 5]);
  assertEquals(leech.engine.snapshot().torrents[0]!.peers[0]!.progress, 1);
  peer[Symbol.dispose]();
  await serving;
});

Deno.test("a peer that has all but the padding bit by bit is a seed at the last of it", async () => {
  const { torrent, infoHash } = padded();
  await using leech = await TestEngine.start();
  await leech.engine.add(torrent);
  await leech.until("torrent-checked");
  using peer = await FakePeer.connect(leech.engine.port);
  await peer.handshake(infoHash);
  const shown = () => leech.engine.snapshot().torrents[0]!.peers[0]?.progress;
  for (const piece of [0, 1, 4]) peer.say.have(piece);
  await peer.flush();
  await leech.when(() => shown() === 0.5, "three of six pieces");
  peer.say.have(5);
  await peer.flush();
  await leech.when(() => shown() === 1, "a seed");
});

Deno.test("a peer that requests padding gets zeros", async () => {
  const { content, torrent, infoHash } = padded();
  await using seed = await TestEngine.start();
  await seed.put("t/a", A);
  await seed.put("t/b", B);
  await seed.engine.add(torrent);
  await seed.until("torrent-checked");
  using peer = await FakePeer.connect(seed.engine.port);
  await peer.handshake(infoHash);
  peer.say.interested();
  await peer.flush();
  assert(await peer.hearUntil("unchoke") !== undefined);
  // The end of a file with the padding behind it, and padding alone.
  for (const piece of [1, ...PADDING]) {
    peer.say.request(piece, 0, PIECE);
    await peer.flush();
    const answer = await peer.hearUntil("piece");
    assert(answer?.type === "piece");
    assertEquals(answer.block, content.subarray(piece * PIECE, (piece + 1) * PIECE));
  }
});

Deno.test("padding that is not zeros does not count as present", async () => {
  const { torrent } = padded(7);
  await using leech = await TestEngine.start();
  await leech.engine.add(torrent);
  await leech.until("torrent-checked");
  assertEquals(leech.engine.snapshot().torrents[0]!.piecesHave, 0);
});
