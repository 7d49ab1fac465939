import type { RuleDecision } from "../../../peer/mod.ts";
import { assertEquals } from "../../support/assert.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { someBytes, TestEngine } from "../../support/swarm.ts";

const PIECE = 32768;
const BLOCK = 16384;

Deno.test("a block that a peer asks for again while it waits for it comes once", async () => {
  await using seed = await TestEngine.start();
  const told: RuleDecision[] = [];
  const nothing = () => {};
  seed.engine.tap = {
    ...{ wire: nothing, link: nothing, chose: nothing, tracker: nothing },
    ruled: (_, decision) => told.push(decision),
  };
  const file = await seed.put("f", someBytes(8 * PIECE));
  const { infoHash } = await seed.engine.share(file, { pieceLength: PIECE });
  await seed.until("torrent-checked");
  const join = async () => {
    const peer = await FakePeer.connect(seed.engine.port);
    await peer.handshake(Uint8Array.fromHex(infoHash));
    peer.say.interested();
    await peer.flush();
    await peer.hearUntil("unchoke");
    return peer;
  };
  const nextBlock = async (peer: FakePeer) => {
    const message = await peer.hearUntil("piece");
    return message?.type === "piece" ? [message.piece, message.begin] : undefined;
  };
  using first = await join();
  using second = await join();
  first.say.request(0, 0, BLOCK);
  await first.flush();
  assertEquals(await nextBlock(first), [0, 0]);
  // The piece goes to the first one now: the second waits.
  for (let i = 0; i < 3; i++) second.say.request(0, BLOCK, BLOCK);
  await second.flush();
  first.say.have(0);
  await first.flush();
  assertEquals(await nextBlock(second), [0, BLOCK]);
  second.say.request(5, 0, BLOCK);
  await second.flush();
  assertEquals(await nextBlock(second), [5, 0]);
  // Whoever listens in was told once, not each time that it asked.
  const kept = told.flatMap((one) =>
    one.rule === "first-copies" && one.what === "kept" ? [[one.piece, one.peer !== one.first]] : []
  );
  assertEquals(kept, [[0, true]]);
});
