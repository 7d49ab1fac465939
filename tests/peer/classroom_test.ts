/**
 * A class behind one address (NAT) takes its pieces beside an attacker who takes places: at another
 * address, and at its own.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { connectFrom } from "../support/connect_from.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 16384;
const PIECES = 100;
const STUDENTS = 40;
/** As many as there are places. */
const HOSTILE = 200;
const CLASSROOM = "127.0.0.50";
/** ms that a student waits at most; on a free machine it is a second. */
const PATIENCE = 120_000;

/** Calls until it has a piece, as clients do; the piece and its bytes. */
async function study(port: number, infoHash: Uint8Array): Promise<[number, Uint8Array]> {
  for (;;) {
    using student = new FakePeer(await connectFrom(CLASSROOM, port));
    try {
      await student.handshake(infoHash, { fast: true });
      student.say.haveNone();
      student.say.interested();
      await student.flush();
      for (let heard; (heard = await student.hear()) !== undefined;) {
        if (heard.type === "piece") return [heard.piece, heard.block.slice()];
        if (heard.type === "unchoke") student.say.request(7, 0, PIECE);
        else if (heard.type === "allowed-fast") student.say.request(heard.piece, 0, PIECE);
        else continue;
        await student.flush();
      }
    } catch {
      // It was hung up on: it calls again.
    }
  }
}

for (const [where, attacker] of [["elsewhere", "127.0.0.66"], ["there, too", CLASSROOM]] as const) {
  Deno.test(`a class of forty at one address is served beside an attacker ${where}`, async () => {
    await using seed = await TestEngine.start({ sources: { tracker: false } });
    const bytes = someBytes(PIECES * PIECE);
    const path = await seed.put("f", bytes);
    const { infoHash } = await seed.engine.share(path, { pieceLength: PIECE });
    await seed.until("torrent-state", ({ state }) => state === "seeding");
    const hash = Uint8Array.fromHex(infoHash);
    const { port } = seed.engine;
    using stack = new DisposableStack();
    const shown = () => seed.engine.snapshot().torrents[0]!.peers.length;
    await Promise.all(Array.from({ length: HOSTILE }, async (_, index) => {
      const hostile = stack.use(new FakePeer(await connectFrom(attacker, port)));
      // Half of them say nothing at all, the others that they want something.
      if (index % 2 === 0) return;
      await hostile.handshake(hash, { hear: false });
      hostile.say.interested();
      await hostile.flush();
    }));
    await seed.when(() => shown() > HOSTILE / 4, "the attacker to have places");
    const late = Promise.withResolvers<never>();
    const limit = setTimeout(() => late.reject(new Error("not all were served")), PATIENCE);
    const served = await Promise.race([
      Promise.all(Array.from({ length: STUDENTS }, () => study(port, hash))),
      late.promise,
    ]).finally(() => clearTimeout(limit));
    assertEquals(served.length, STUDENTS);
    for (const [piece, block] of served) {
      assert(block.every((byte, at) => byte === bytes[piece * PIECE + at]), `piece ${piece}`);
    }
  });
}
