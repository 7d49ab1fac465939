/**
 * Peers that lose requests, over real sockets: what they did not answer is asked again, and nothing
 * stands still while they answer anything at all.
 *
 * @module
 */
import { createTorrent } from "../../peer/mod.ts";
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 65536;
const PIECES = 8;
const CONTENT = someBytes(PIECE * PIECES - 5);
const BLOCKS = CONTENT.length / BLOCK_LENGTH;

/** Answers requests until the connection ends. */
type Act = (
  peer: FakePeer,
  give: (piece: number, begin: number, length: number) => void,
) => Promise<
  void
>;

/** Hears requests; `lose` says which (by their number) are forgotten. */
function losing(lose: (request: number) => boolean): Act {
  return async (peer, give) => {
    peer.say.unchoke();
    await peer.flush();
    for (let asked = 0;;) {
      const message = await peer.hear();
      if (message === undefined) return;
      if (message.type !== "request") continue;
      if (!lose(asked++)) give(message.piece, message.begin, message.length);
      await peer.flush();
    }
  };
}

/** Reads one request, and forgets what comes until it has answered that one. */
const oneAtATime: Act = async (peer, give) => {
  peer.say.unchoke();
  await peer.flush();
  let isBusy = false;
  for (;;) {
    const message = await peer.hear();
    if (message === undefined) return;
    if (message.type !== "request" || isBusy) continue;
    isBusy = true;
    const { piece, begin, length } = message;
    setTimeout(() => {
      isBusy = false;
      give(piece, begin, length);
      peer.flush().catch(() => {});
    }, 5);
  }
};

/** Chokes after the first four requests, which it forgets, and unchokes a second later. */
const choking: Act = async (peer, give) => {
  peer.say.unchoke();
  await peer.flush();
  for (let asked = 0;;) {
    const message = await peer.hear();
    if (message === undefined) return;
    if (message.type !== "request") continue;
    if (++asked > 4) give(message.piece, message.begin, message.length);
    else if (asked === 4) {
      peer.say.choke();
      setTimeout(() => {
        peer.say.unchoke();
        peer.flush().catch(() => {});
      }, 1000);
    }
    await peer.flush();
  }
};

/** Answers six requests and hangs up. */
const leaving: Act = async (peer, give) => {
  peer.say.unchoke();
  await peer.flush();
  for (let given = 0; given < 6;) {
    const message = await peer.hear();
    if (message === undefined) return;
    if (message.type !== "request") continue;
    give(message.piece, message.begin, message.length);
    given++;
    await peer.flush();
  }
};

const KINDS: readonly [what: string, fast: boolean, act: Act][] = [
  ["loses the first request", false, losing((request) => request < 1)],
  ["loses the first four requests", true, losing((request) => request < 4)],
  // A newcomer is asked for one piece, and for another each time that nothing came for a while.
  ["loses the first four pieces that it is asked for", false, losing((request) => request < 16)],
  ["loses every tenth request", true, losing((request) => request % 10 === 9)],
  ["answers one request at a time", false, oneAtATime],
  ["chokes without refusing (BEP 6)", true, choking],
  ["chokes, and knows no BEP 6", false, choking],
  ["hangs up again and again", true, leaving],
];

/** Serves the torrent in this way, connecting as often as it was left; how many blocks it gave. */
async function serve(
  leech: TestEngine,
  infoHash: string,
  [, fast, act]: (typeof KINDS)[number],
  isOver: () => boolean,
): Promise<number> {
  let given = 0;
  const peerId = crypto.getRandomValues(new Uint8Array(20));
  while (!isOver()) {
    using peer = await FakePeer.connect(leech.engine.port);
    try {
      await peer.handshake(Uint8Array.fromHex(infoHash), { fast, peerId });
      peer.say.bitfield(new Uint8Array([0xff]));
      await act(peer, (piece, begin, length) => {
        given++;
        const from = piece * PIECE + begin;
        peer.say.piece(piece, begin, CONTENT.subarray(from, from + length));
      });
    } catch (error) {
      // The end of the download may be the end of a write.
      if (!isOver()) throw error;
    }
  }
  return given;
}

/** Downloads from the given kinds of peers at once, and from a good seed where wanted. */
async function download(kinds: typeof KINDS, withSeed: boolean): Promise<number> {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const source = await seed.put("file", CONTENT);
  const { bytes } = await createTorrent({ path: source, pieceLength: PIECE });
  const infoHash = await leech.engine.add(bytes);
  let isOver = false;
  const serving = kinds.map((kind) => serve(leech, infoHash, kind, () => isOver));
  if (withSeed) {
    await seed.engine.share(source, { pieceLength: PIECE });
    leech.engine.addPeer(infoHash, addressOf(seed));
  }
  await leech.until("torrent-completed");
  isOver = true;
  assertEquals(await leech.read("file"), CONTENT);
  await leech.engine.remove(infoHash);
  const given = await Promise.all(serving);
  return given.reduce((sum, one) => sum + one, 0);
}

Deno.test("whatever way the only seed loses requests: it is asked again, and hardly anything comes twice", async () => {
  // Side by side, since each of them waits for seconds.
  const given = await Promise.all(KINDS.map((kind) => download([kind], false)));
  for (const [i, [what]] of KINDS.entries()) {
    assert(given[i]! <= BLOCKS + 3, `${what}: ${given[i]} blocks for ${BLOCKS}`);
  }
});

Deno.test("all of them beside a good seed", async () => {
  await download(KINDS, true);
});
