import { parseExtensionHandshake } from "../../protocol/extended.ts";
import { assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 16384;

Deno.test("peers hear when a torrent wants nothing any more, and when it does again (BEP 21)", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  await seed.put("d/a", someBytes(3 * PIECE));
  await seed.put("d/b", someBytes(3 * PIECE, 2));
  const { torrent, infoHash } = await seed.engine.share(`${seed.dir}/d`, { pieceLength: PIECE });
  await leech.engine.add(torrent, { select: "1" });
  await leech.until("torrent-checked");
  using peer = await FakePeer.connect(leech.engine.port);
  await peer.handshake(Uint8Array.fromHex(infoHash), { extended: true });
  const uploadOnly = async () => {
    for (let message; (message = await peer.hearUntil("extended")) !== undefined;) {
      if (message.type !== "extended" || message.id !== 0) continue;
      return parseExtensionHandshake(message.payload).uploadOnly;
    }
  };
  assertEquals(await uploadOnly(), false);
  leech.engine.addPeer(infoHash, addressOf(seed));
  assertEquals(await uploadOnly(), true, "one of its files was wanted, and is there");
  await seed.engine.stop(infoHash);
  await leech.engine.select(infoHash, "1-2");
  assertEquals(await uploadOnly(), false);
});
