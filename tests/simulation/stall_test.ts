/**
 * A download does not stand still while somebody has what is missing and answers anything at all, in
 * virtual time: whatever kind of peer loses requests, alone and beside good ones.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../protocol/piece_layout.ts";
import { assert } from "../support/assert.ts";
import type { Behaviour } from "../../lab/virtual/behaviour.ts";
import { VirtualSwarm } from "../../lab/virtual/virtual_swarm.ts";

/** Kinds of seeds, and the seconds that each may cost over one that loses nothing. */
const KINDS: readonly [what: string, options: Behaviour, seconds: number][] = [
  ["loses the first request", { loses: 1 }, 10],
  ["loses the first four requests", { loses: 4 }, 10],
  ["loses the first twelve requests", { loses: 12 }, 15],
  // Four probes of a newcomer: three seconds each, and up to a tick more.
  ["loses all of the first window", { loses: 16 }, 16],
  ["answers one request at a time", { keeps: 1 }, 40],
  ["keeps four requests", { keeps: 4 }, 40],
  ["keeps fifty requests", { keeps: 50 }, 20],
  ["chokes without a word", { chokesSilently: true }, 15],
  ["hangs up after each thirty blocks", { hangsUpAfter: 30 }, 60],
];

/** Seconds until one peer has everything, and what became of its requests. */
function fetched(seeds: readonly Behaviour[], others = 1, seed = 1) {
  const swarm = new VirtualSwarm(seed, 60, 4 * BLOCK_LENGTH);
  for (const options of seeds) swarm.add({ seed: true, up: 400_000, ...options });
  for (let i = 0; i < others; i++) swarm.add();
  assert(swarm.complete(600_000), JSON.stringify(seeds));
  const { leechers, layout } = swarm;
  const wasted = leechers.reduce((sum, { download }) => sum + download.wasted, 0);
  return {
    took: Math.max(...leechers.map(({ completedAt }) => completedAt!)) / 1000,
    waste: wasted / leechers.length / layout.totalSize,
    asked: leechers[0]!.asked,
    blocks: Math.ceil(layout.totalSize / BLOCK_LENGTH),
  };
}

for (const [what, options, seconds] of KINDS) {
  Deno.test(`the only seed ${what}`, () => {
    for (const seed of [1, 2, 3]) {
      const bare = fetched([{}], 1, seed).took;
      const { took, waste, asked, blocks } = fetched([options], 1, seed);
      assert(
        took < bare + seconds,
        `seed ${seed}: ${took.toFixed(1)} s, ${bare.toFixed(1)} s bare`,
      );
      assert(waste < 0.01, `seed ${seed}: ${(100 * waste).toFixed(2)} % came twice`);
      assert(asked < 2.5 * blocks, `seed ${seed}: ${asked} requests for ${blocks} blocks`);
    }
  });

  Deno.test(`a seed ${what} beside a good one`, () => {
    for (const seed of [1, 2, 3]) {
      const bare = fetched([{}], 1, seed).took;
      const { took, waste } = fetched([options, {}], 1, seed);
      assert(took < bare + 10, `seed ${seed}: ${took.toFixed(1)} s, ${bare.toFixed(1)} s bare`);
      assert(waste < 0.01, `seed ${seed}: ${(100 * waste).toFixed(2)} % came twice`);
    }
  });
}

Deno.test("a peer that never gives one piece holds up only that piece", () => {
  const { took } = fetched([{ withholds: 7 }, {}]);
  assert(took < fetched([{}]).took + 10, `${took} s`);
});

Deno.test("a seed of 500 B/s alone is slow, not lost: little comes twice", () => {
  const swarm = new VirtualSwarm(4, 10, 4 * BLOCK_LENGTH);
  swarm.add({ seed: true, up: 500 });
  const leech = swarm.add();
  assert(swarm.complete(3_600_000));
  const twice = leech.download.wasted / BLOCK_LENGTH;
  assert(twice <= 3, `${twice} of 40 blocks came twice`);
});

Deno.test("eight peers around a seed that loses requests complete, and little comes twice", () => {
  for (const options of [{ loses: 4 }, { keeps: 1 }, { chokesSilently: true }]) {
    const { waste } = fetched([options], 8);
    assert(waste < 0.01, `${JSON.stringify(options)}: ${(100 * waste).toFixed(2)} % came twice`);
  }
});

/** Fifteen seeds of each kind that are no use, beside a good one: the seconds they may cost. */
const USELESS: readonly [what: string, options: Behaviour][] = [
  ["never answer", { loses: Infinity }],
  ["give a block every two seconds", { up: BLOCK_LENGTH / 2 }],
  ["answer one request and forget the rest", { keeps: 1, up: BLOCK_LENGTH }],
];

for (const [what, options] of USELESS) {
  Deno.test(`fifteen seeds that ${what} beside a good one`, () => {
    for (const seed of [1, 2, 3]) {
      const bare = fetched([{}], 1, seed).took;
      const { took, waste } = fetched([...Array<Behaviour>(15).fill(options), {}], 1, seed);
      assert(took < bare + 5, `seed ${seed}: ${took.toFixed(1)} s, ${bare.toFixed(1)} s bare`);
      assert(waste < 0.06, `seed ${seed}: ${(100 * waste).toFixed(2)} % came twice`);
    }
  });
}
