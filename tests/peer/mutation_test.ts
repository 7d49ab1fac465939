/**
 * 200,000 damaged handshakes and messages at a live engine that serves, downloads and waits for
 * metadata meanwhile: the same ones each time.
 *
 * @module
 */
import { createTorrent, type Tap } from "../../peer/mod.ts";
import { infoHashesOf } from "../../peer/metainfo/info_hashes.ts";
import { swarmHashes } from "../../protocol/info_hash.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { parseMagnet } from "../../protocol/magnet.ts";
import { parseMetainfo } from "../../protocol/metainfo.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { memoryAtRest } from "../support/memory.ts";
import { DamagedStream, type DamagedSwarm } from "../support/damaged_stream.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { seededRandom } from "../support/random.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

/** Those that the engine read: what lies behind the one that ends a connection does not count. */
const DAMAGES = 200_000;
const MESSAGES = 12;
const CONNECTIONS = 12;
const PIECE = 32768;
const PIECES = 40;

/** A torrent of one file, in one of three lives. */
async function swarmOf(
  owner: TestEngine,
  name: string,
  kind: "v1" | "v2",
): Promise<DamagedSwarm & { torrent: Uint8Array }> {
  const content = someBytes(PIECE * PIECES - 7, name.length);
  const path = await owner.put(name, content);
  const { bytes: torrent } = await createTorrent({ path, kind, pieceLength: PIECE });
  const metainfo = parseMetainfo(torrent);
  const [infoHash] = swarmHashes(await infoHashesOf(metainfo));
  const root = metainfo.info.files[0]!.piecesRoot ?? new Uint8Array(32);
  const { infoBytes } = metainfo;
  return {
    infoHash: infoHash!,
    pieceLength: PIECE,
    pieceCount: PIECES,
    content,
    infoBytes,
    root,
    torrent,
  };
}

/** Asserts that somebody who behaves is served. */
async function assertServed(engine: TestEngine, { infoHash, content }: DamagedSwarm) {
  using peer = await FakePeer.connect(engine.engine.port);
  await peer.handshake(infoHash);
  peer.say.interested();
  await peer.flush();
  assert(await peer.hearUntil("unchoke") !== undefined);
  peer.say.request(3, 0, BLOCK_LENGTH);
  await peer.flush();
  const piece = await peer.hearUntil("piece");
  assert(piece?.type === "piece");
  assertEquals(piece.block, content.subarray(3 * PIECE, 3 * PIECE + BLOCK_LENGTH));
}

/** Sends one connection's worth and hears it out. */
async function throwAt(port: number, bytes: Uint8Array): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
    await conn.closeWrite();
    const buffer = new Uint8Array(65536);
    while (await conn.read(buffer) !== null);
  } catch (error) {
    // It may hang up while we are still talking.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

Deno.test(`${DAMAGES} damages on the wire: no crash, no growth, good peers go on`, async () => {
  await using victim = await TestEngine.start({ sources: { pex: false }, uploadSlots: 1000 });
  await using friend = await TestEngine.start();
  const seeded = await swarmOf(victim, "seeded", "v2");
  const wanted = await swarmOf(friend, "wanted", "v1");
  const linked = await swarmOf(friend, "from a link", "v1");
  await victim.engine.add(seeded.torrent);
  const wantedHash = await victim.engine.add(wanted.torrent);
  const link = `magnet:?xt=urn:btih:${linked.infoHash.toHex()}`;
  const linkedHash = victim.engine.addMagnet(parseMagnet(link));
  await victim.until("torrent-state", ({ state }) => state === "seeding");
  await friend.engine.add(wanted.torrent);
  await friend.engine.add(linked.torrent);

  let frames = 0;
  const nothing = () => {};
  const counting: Tap = {
    wire: (_link, direction) => {
      if (direction === "received") frames++;
    },
    link: nothing,
    chose: nothing,
    tracker: nothing,
  };
  victim.engine.tap = counting;

  const random = seededRandom(6881);
  const stream = new DamagedStream(random);
  let damages = 0;
  let connections = 0;
  const work = async (enough: number): Promise<void> => {
    while (damages < enough) {
      const swarm = [seeded, wanted, linked][connections++ % 3]!;
      await throwAt(victim.engine.port, stream.next(swarm, MESSAGES));
      // Half of what was read was damaged, and so was what ended the connection.
      damages = frames / 2;
      if (connections % 500 === 0) {
        await assertServed(victim, seeded);
        victim.events.length = 0;
      }
    }
  };
  const workUntil = (enough: number) =>
    Promise.all(Array.from({ length: CONNECTIONS }, () => work(enough)));
  // What is made while it warms up stays.
  await workUntil(DAMAGES / 2);
  const memory = await memoryAtRest();
  await workUntil(DAMAGES);
  const growth = await memoryAtRest() - memory;
  assert(growth < 16 << 20, `grew by ${growth >> 20} MiB`);
  await assertServed(victim, seeded);

  victim.engine.addPeer(wantedHash, addressOf(friend));
  victim.engine.addPeer(linkedHash, addressOf(friend));
  for (
    const [infoHash, { content }, name] of [
      [wantedHash, wanted, "wanted"],
      [linkedHash, linked, "from a link"],
    ] as const
  ) {
    await victim.until("torrent-completed", (event) => event.infoHash === infoHash);
    assertEquals(await victim.read(name), content);
  }
});
