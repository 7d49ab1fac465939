import { BufferPool } from "../../../peer/pieces/buffer_pool.ts";
import { SeedSparing } from "../../../peer/downloading/seed_sparing.ts";
import { Download } from "../../../peer/downloading/download.ts";
import { Peer } from "../../../peer/peers/peer.ts";
import { PiecePicker } from "../../../peer/pieces/piece_picker.ts";
import { Bitfield } from "../../../protocol/bitfield.ts";
import { BLOCK_LENGTH, Layout } from "../../../protocol/piece_layout.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

const PIECES = 2;
const BLOCKS = 4;

/** An unchoking peer that has all pieces: from the beginning (`seed`) or by now. */
function peerOf(id: number, options: { seed?: boolean; fast?: boolean; rate?: number } = {}): Peer {
  const peer = new Peer({
    ...{ host: `10.0.0.${id}`, port: 1, peerId: new Uint8Array(20).fill(id), source: "tracker" },
    ...{ incoming: false, extended: true, client: "test", pieceCount: PIECES, now: 0 },
    fast: options.fast ?? true,
  });
  peer.pieces = Bitfield.full(PIECES);
  peer.countedAsSeed = options.seed ?? false;
  peer.peerChoking = false;
  peer.amInterested = true;
  peer.down.rate = options.rate ?? 1_000_000;
  return peer;
}

/** A block of those that move. */
interface At {
  readonly from: Peer;
  readonly piece: number;
  readonly begin: number;
}

function setUp(peers: Peer[]) {
  const layout = new Layout(PIECES * BLOCKS * BLOCK_LENGTH, BLOCKS * BLOCK_LENGTH);
  const picker = PiecePicker.of(PIECES, seededRandom(1));
  const download = new Download(layout, picker, new BufferPool(1 << 20));
  download.company = new SeedSparing({ keys: () => peers });
  const ask = (peer: Peer, room: number) => download.assign(peer, room, 0, () => {});
  /** Relieves others; what was withdrawn, and how many blocks were doubled. */
  const relieve = (peer: Peer, room: number, now: number) => {
    const withdrawn: At[] = [];
    const doubled = download.relieve(
      peer,
      peers,
      room,
      now,
      () => {},
      (from, piece, begin) => withdrawn.push({ from, piece, begin }),
    );
    return { withdrawn, doubled };
  };
  return { download, ask, relieve };
}

Deno.test("a seed is not asked for what another has who has room, and is where that one is busy", () => {
  const seed = peerOf(1, { seed: true });
  const other = peerOf(2);
  const { ask } = setUp([seed, other]);
  assertEquals(ask(seed, 4), 0);
  other.window.close();
  assertEquals(ask(other, 4), 4);
  assertEquals(ask(seed, 4), 4);
});

Deno.test("a seed that is alone is asked for everything", () => {
  const seed = peerOf(1, { seed: true });
  const { ask } = setUp([seed]);
  assertEquals(ask(seed, 8), 8);
});

Deno.test("a request at a seed moves to a leecher that has the block, once the seed rejects it", () => {
  const seed = peerOf(1, { seed: true });
  const other = peerOf(2);
  other.peerChoking = true;
  const { download, ask, relieve } = setUp([seed, other]);
  assertEquals(ask(seed, 8), 8);
  other.peerChoking = false;
  const { withdrawn, doubled } = relieve(other, 3, 10);
  assertEquals([withdrawn.length, doubled], [3, 0]);
  assertEquals(relieve(other, 3, 20).withdrawn.length, 3, "others, not the same again");
  const [{ from, piece, begin }] = withdrawn as [typeof withdrawn[0]];
  assertEquals(from, seed);
  assertEquals(download.rejected(seed, piece, begin), other);
  assert(download.askFor(other, piece, begin, 30, () => {}));
  assert(!download.askFor(other, piece, begin, 30, () => {}), "it was asked for already");
  const block = new Uint8Array(BLOCK_LENGTH);
  assertEquals(download.accept(other, piece, begin, block, 40).kind, "accepted");
  assertEquals(download.wasted, 0);
});

Deno.test("a slow peer does not take over what a seed would bring sooner", () => {
  const seed = peerOf(1, { seed: true });
  const slow = peerOf(2, { rate: 1000 });
  slow.peerChoking = true;
  const { ask, relieve } = setUp([seed, slow]);
  ask(seed, 8);
  slow.peerChoking = false;
  assertEquals(relieve(slow, 4, 10), { withdrawn: [], doubled: 0 });
});

Deno.test("endgame: a block is withdrawn from a slow peer, and doubled only where it does not answer", () => {
  const slow = peerOf(1, { rate: 5000 });
  const fast = peerOf(2, { rate: 10_000_000 });
  const { ask, relieve } = setUp([slow, fast]);
  assertEquals(ask(slow, 8), 8);
  const { withdrawn, doubled } = relieve(fast, 8, 100);
  assertEquals([withdrawn.length, doubled], [8, 0]);
  assertEquals(relieve(fast, 8, 900), { withdrawn: [], doubled: 0 });
  assert(relieve(fast, 8, 1200).doubled > 0);
});

Deno.test("endgame: what a peer is asked for after all else was withdrawn from it moves, too", () => {
  const slow = peerOf(1, { rate: 5000 });
  const fast = peerOf(2, { rate: 10_000_000 });
  const { download, ask, relieve } = setUp([slow, fast]);
  assertEquals(ask(slow, 8), 8);
  const { withdrawn: [first] } = relieve(fast, 8, 100);
  const { piece, begin } = first!;
  assertEquals(relieve(fast, 8, 110).withdrawn, []);
  // The fast one cannot take it after all.
  download.rejected(slow, piece, begin);
  assertEquals(ask(slow, 8), 1);
  assertEquals(relieve(fast, 8, 120).withdrawn, [{ from: slow, piece, begin }]);
});

Deno.test("endgame: a seed that would be sooner keeps blocks from nobody once it went", () => {
  const slow = peerOf(1, { rate: 5000 });
  const fair = peerOf(2, { rate: 1_000_000 });
  const seed = peerOf(3, { rate: 100_000_000 });
  seed.down.total = 1;
  const peers = [slow, fair, seed];
  const { download, ask, relieve } = setUp(peers);
  assertEquals(ask(slow, 8), 8);
  assertEquals(relieve(fair, 8, 100).withdrawn, []);
  assertEquals(relieve(fair, 8, 110).withdrawn, []);
  peers.pop();
  download.releaseAll(seed);
  assertEquals(relieve(fair, 8, 120).withdrawn.length, 8);
});

Deno.test("endgame: nothing is withdrawn from one who could not say what becomes of it", () => {
  const slow = peerOf(1, { rate: 5000, fast: false });
  const fast = peerOf(2, { rate: 10_000_000 });
  const { ask, relieve } = setUp([slow, fast]);
  ask(slow, 8);
  const { withdrawn, doubled } = relieve(fast, 8, 100);
  assertEquals(withdrawn, []);
  assert(doubled > 0);
});

Deno.test("endgame: blocks that two were asked for are nobody's third, and count once", () => {
  const slow = peerOf(1, { rate: 40_000, fast: false });
  const rest = peerOf(2);
  const [one, other] = [peerOf(3), peerOf(4, { rate: 10_000_000 })];
  const { ask, relieve } = setUp([slow, rest, one, other]);
  assertEquals([ask(slow, 5), ask(rest, 3)], [5, 3]);
  assertEquals(relieve(one, 3, 100).doubled, 3);
  // Of so small a torrent four blocks are doubled before anybody is silent or late.
  assertEquals(relieve(other, 8, 100).doubled, 1);
});
