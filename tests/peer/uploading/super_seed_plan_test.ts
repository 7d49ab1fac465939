import { Bitfield } from "../../../protocol/bitfield.ts";
import { SuperSeedPlan } from "../../../peer/uploading/super_seed_plan.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

class Leecher {
  readonly pieces: Bitfield;
  constructor(readonly name: string, pieces: number) {
    this.pieces = new Bitfield(pieces);
  }
}

function setUp(pieces: number, names: string) {
  const peers = [...names].map((name) => new Leecher(name, pieces));
  const availability = (piece: number) => peers.filter((peer) => peer.pieces.has(piece)).length;
  const seed = new SuperSeedPlan<Leecher>(pieces, availability, seededRandom(3));
  return { peers, seed };
}

Deno.test("peers are shown different pieces, and the next one when one was passed on", () => {
  const { peers: [a, b], seed } = setUp(10, "ab");
  const shown = [...seed.welcome(a!), ...seed.welcome(b!)].map(({ piece }) => piece);
  assertEquals(new Set(shown).size, 4);
  const [first] = shown;
  a!.pieces.add(first!);
  assertEquals([...seed.onHave(a!, first!, 0)], []);
  b!.pieces.add(first!);
  const next = [...seed.onHave(b!, first!, 0)];
  assertEquals(next.map(({ peer }) => peer.name), ["a"]);
  assert(!shown.includes(next[0]!.piece));
});

Deno.test("a peer that is alone, or that nobody takes from, is not left waiting", () => {
  const { peers: [a, b], seed } = setUp(10, "ab");
  const [one, two] = [...seed.welcome(a!)].map(({ piece }) => piece);
  a!.pieces.add(one!);
  assertEquals([...seed.onHave(a!, one!, 0)].length, 1);
  void [...seed.welcome(b!)];
  a!.pieces.add(two!);
  assertEquals([...seed.onHave(a!, two!, 1000)], []);
  assertEquals([...seed.tick(10_999)], []);
  assertEquals([...seed.tick(11_000)].map(({ peer }) => peer.name), ["a"]);
});

Deno.test("every piece is shown once before any twice, and it is over when all are out", () => {
  const pieces = 50;
  const { peers, seed } = setUp(pieces, "abcd");
  const times = new Array<number>(pieces).fill(0);
  const todo: { peer: Leecher; piece: number }[] = peers.flatMap((peer) => [...seed.welcome(peer)]);
  for (let now = 0; !seed.isOver; now++) {
    assert(todo.length > 0, "nobody has anything to fetch");
    const { peer, piece } = todo.shift()!;
    times[piece]!++;
    // It gets the piece from us, then everybody gets it from it.
    for (const other of [peer, ...peers.filter((one) => one !== peer)]) {
      if (other.pieces.has(piece)) continue;
      other.pieces.add(piece);
      todo.push(...seed.onHave(other, piece, now));
    }
  }
  assertEquals(times, new Array(pieces).fill(1));
});

Deno.test("a piece that left with its peer is offered to another", () => {
  const { peers: [a, b], seed } = setUp(2, "ab");
  assertEquals([...seed.welcome(a!)].length, 2);
  seed.onLeft(a!);
  assertEquals([...seed.welcome(b!)].map(({ piece }) => piece).sort(), [0, 1]);
});

Deno.test("of very many pieces a choice looks at some thousands", () => {
  const pieces = 1 << 21;
  let looks = 0;
  const seed = new SuperSeedPlan<Leecher>(
    pieces,
    () => {
      looks++;
      return 1;
    },
    seededRandom(3),
  );
  const peer = new Leecher("a", pieces);
  assertEquals([...seed.welcome(peer)].length, 2);
  assert(looks <= 2 * 4096, `${looks} looks`);
});

Deno.test("whether it is over is not asked of all pieces again and again", () => {
  const pieces = 1 << 21;
  let looks = 0;
  const availability = (piece: number) => {
    looks++;
    return piece === pieces - 1 ? 0 : 1;
  };
  const seed = new SuperSeedPlan<Leecher>(pieces, availability, seededRandom(3));
  for (let second = 0; second < 100; second++) assert(!seed.isOver);
  assert(looks <= pieces + 100, `${looks} looks`);
});
