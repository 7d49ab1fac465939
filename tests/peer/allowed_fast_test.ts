import { allowedFastSet } from "../../protocol/allowed_fast.ts";
import { Bitfield } from "../../protocol/bitfield.ts";
import { assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 32768;
const PIECES = 200;
const BLOCK = 16384;

/** A seed of 200 pieces, and a choked peer that has `pieces`. */
async function choked(pieces: readonly number[]) {
  const stack = new AsyncDisposableStack();
  const seed = stack.use(await TestEngine.start());
  const bytes = someBytes(PIECES * PIECE);
  const { infoHash } = await seed.engine.share(await seed.put("f", bytes), { pieceLength: PIECE });
  await seed.until("torrent-checked");
  const peer = stack.use(await FakePeer.connect(seed.engine.port));
  const hash = Uint8Array.fromHex(infoHash);
  await peer.handshake(hash, { fast: true });
  const have = new Bitfield(PIECES);
  for (const piece of pieces) have.add(piece);
  peer.say.bitfield(have.bytes);
  await peer.flush();
  const set = await allowedFastSet(
    { infoHash: hash, ip: Uint8Array.of(127, 0, 0, 1), pieceCount: PIECES, count: 4 },
    async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)),
  );
  /** What the answer to a request is. */
  const ask = async (piece: number, begin = 0) => {
    peer.say.request(piece, begin, BLOCK);
    await peer.flush();
    for (;;) {
      const message = await peer.hear();
      if (message === undefined) return "closed";
      if (message.type === "reject") return "reject";
      if (message.type !== "piece") continue;
      const at = message.piece * PIECE + message.begin;
      assertEquals(message.block, bytes.subarray(at, at + BLOCK));
      return "piece";
    }
  };
  return { stack, peer, set, ask, pause: () => seed.engine.pause(infoHash) };
}

Deno.test("a choked newcomer is told of a few pieces and gets them, and nothing else", async () => {
  const { stack, peer, set, ask } = await choked([]);
  await using _ = stack;
  const told: number[] = [];
  while (told.length < set.length) {
    const message = await peer.hearUntil("allowed-fast");
    if (message?.type === "allowed-fast") told.push(message.piece);
  }
  assertEquals(told, set);
  const other = [...Array(PIECES).keys()].find((piece) => !set.includes(piece))!;
  assertEquals(await ask(set[0]!), "piece");
  assertEquals(await ask(set[0]!, BLOCK), "piece");
  assertEquals(await ask(other), "reject");
  assertEquals(await ask(set[1]!), "piece");
});

Deno.test("a choked newcomer gets a piece twice at most", async () => {
  const { stack, peer, set, ask } = await choked([]);
  await using _ = stack;
  await peer.hearUntil("allowed-fast");
  const answers: string[] = [];
  for (let i = 0; i < 6; i++) answers.push(await ask(set[0]!));
  assertEquals(answers, ["piece", "piece", "piece", "piece", "reject", "reject"]);
});

Deno.test("a peer with ten pieces gets nothing while it is choked", async () => {
  const { stack, peer, set, ask } = await choked([]);
  await using _ = stack;
  await peer.hearUntil("allowed-fast");
  const others = [...Array(PIECES).keys()].filter((piece) => !set.includes(piece));
  for (const piece of others.slice(0, 10)) peer.say.have(piece);
  assertEquals(await ask(set[0]!), "reject");
});

Deno.test("a peer that arrives with ten pieces is offered none", async () => {
  const { stack, ask, set } = await choked([...Array(10).keys()]);
  await using _ = stack;
  assertEquals(await ask(set[0]!), "reject");
});

Deno.test("a paused torrent gives nothing to anybody", async () => {
  const { stack, peer, set, ask, pause } = await choked([]);
  await using _ = stack;
  await peer.hearUntil("allowed-fast");
  assertEquals(await ask(set[0]!), "piece");
  pause();
  assertEquals(await ask(set[0]!), "reject");
});
