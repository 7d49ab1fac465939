import { Choker, type ChokerPeer } from "../../../peer/choking/choker.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { seededRandom } from "../../support/random.ts";

interface TestPeer extends ChokerPeer {
  readonly id: number;
  amChoking: boolean;
  unchokedAt: number;
}

function peer(id: number, facts: Partial<TestPeer> = {}): TestPeer {
  return {
    id,
    peerInterested: true,
    amChoking: true,
    snubbed: false,
    downloadRate: 0,
    uploadRate: 0,
    connectedAt: 0,
    unchokedAt: 0,
    idleTurns: 0,
    isStuck: false,
    hasNothing: false,
    ...facts,
  };
}

function unchoked(
  choker: Choker<TestPeer>,
  peers: TestPeer[],
  facts: { seeding?: boolean; now?: number; random?: () => number } = {},
): number[] {
  return choker.decide(peers, {
    seeding: facts.seeding ?? false,
    now: facts.now ?? 0,
    random: facts.random ?? seededRandom(1),
  }).flatMap(({ peer, unchoke }) => unchoke ? [peer.id] : []);
}

Deno.test("choker unchokes the peers that give most, and one more", () => {
  const peers = [1, 2, 3, 4, 5, 6].map((id) => peer(id, { downloadRate: id * 100 }));
  const chosen = unchoked(new Choker(3), peers);
  assertEquals(chosen.filter((id) => id > 3), [4, 5, 6]);
  assertEquals(chosen.length, 4);
});

Deno.test("choker gives no slot to peers that want nothing, nor for what a snubbing one once gave", () => {
  const peers = [
    peer(1, { downloadRate: 900, peerInterested: false }),
    peer(2, { downloadRate: 800, snubbed: true }),
    peer(3, { downloadRate: 10 }),
  ];
  const decisions = new Choker(1).decide(peers, {
    seeding: false,
    now: 0,
    random: seededRandom(1),
  });
  assertEquals(decisions.map(({ unchoke }) => unchoke), [false, true, true]);
  assertEquals(decisions[1]!.reason, "optimistic turn");
  assertEquals(decisions[2]!.reason, "rank 1 of 2 interested by its upload rate to us");
});

Deno.test("two peers in a room both start at once", () => {
  assertEquals(unchoked(new Choker(8), [peer(1), peer(2)]), [1, 2]);
  assert(new Choker(8).hasFreeSlot([peer(1, { amChoking: false })]));
});

Deno.test("who has no piece has the optimistic turn before all who have some, once", () => {
  const choker = new Choker<TestPeer>(1);
  const giver = peer(0, { downloadRate: 1000 });
  const others = [1, 2, 3, 4].map((id) => peer(id, { hasNothing: id > 2 }));
  const random = seededRandom(3);
  const turns = [0, 30_000, 60_000, 90_000].map((now) =>
    unchoked(choker, [giver, ...others], { now, random }).find((id) => id !== 0)!
  );
  assertEquals(turns.slice(0, 2).sort(), [3, 4]);
  assert(turns.slice(2).some((id) => id <= 2), "it says so for ever and is like the others then");
});

Deno.test("choker moves the optimistic unchoke every 30 s, and reaches everybody", () => {
  const choker = new Choker<TestPeer>(1);
  const peers = [peer(0, { downloadRate: 1000 }), ...[1, 2, 3, 4, 5].map((id) => peer(id))];
  const random = seededRandom(5);
  const turns: number[] = [];
  for (let now = 0; now < 1_200_000; now += 10_000) {
    turns.push(unchoked(choker, peers, { now, random }).find((id) => id !== 0)!);
  }
  for (let i = 0; i < turns.length; i += 3) {
    assert(turns[i] === turns[i + 1] && turns[i] === turns[i + 2], "it stays for 30 s");
  }
  assertEquals([...new Set(turns)].sort(), [1, 2, 3, 4, 5]);
});

Deno.test("who earns a regular slot in its optimistic turn hands that on at the same round", () => {
  const choker = new Choker<TestPeer>(1);
  const others = [1, 2, 3, 4].map((id) => peer(id));
  const random = seededRandom(5);
  const at = (now: number, peers: TestPeer[]) => unchoked(choker, peers, { now, random });
  const giver = peer(0, { downloadRate: 1000 });
  const first = at(0, [giver, ...others]).find((id) => id !== 0)!;
  // It gives more than the one that had the slot: there is no reason to wait for the 30 s.
  const better = others.map((one) => one.id === first ? peer(first, { downloadRate: 2000 }) : one);
  const second = at(10_000, [giver, ...better]);
  assertEquals(second.length, 2);
  assert(second.includes(first), "it keeps the slot that it has earned");
  const turn = second.find((id) => id !== first)!;
  // The next turn is as long as any.
  assertEquals(at(20_000, [giver, ...better]), second);
  assertEquals(at(30_000, [giver, ...better]), second);
  assert(!at(40_000, [giver, ...better]).includes(turn), "it lasts 30 s from when it began");
});

Deno.test("a seed gives everybody a turn, whoever is fastest", () => {
  const choker = new Choker<TestPeer>(2);
  const peers = [1, 2, 3, 4, 5, 6].map((id) => peer(id, { uploadRate: id * 1000 }));
  const served = new Map<number, number>();
  const random = seededRandom(9);
  for (let now = 0; now < 1_800_000; now += 10_000) {
    const chosen = unchoked(choker, peers, { seeding: true, now, random });
    for (const one of peers) {
      const unchoke = chosen.includes(one.id);
      if (unchoke && one.amChoking) one.unchokedAt = now;
      one.amChoking = !unchoke;
      if (unchoke) served.set(one.id, (served.get(one.id) ?? 0) + 1);
    }
  }
  for (const { id } of peers) assert((served.get(id) ?? 0) > 30, `${id}: ${served.get(id)}`);
});

Deno.test("a peer that requested nothing in its turn comes after all others, for both kinds of slots", () => {
  const idle = Array.from({ length: 30 }, (_, id) => peer(id, { idleTurns: 1, amChoking: id > 2 }));
  const fresh = [peer(100), peer(101), peer(102)];
  for (const seeding of [true, false]) {
    const chosen = unchoked(new Choker(2), [...idle, ...fresh], { seeding });
    assert(chosen.every((id) => id >= 100), `${chosen}`);
    assertEquals(chosen.length, 3);
  }
  assertEquals(unchoked(new Choker(2), idle).length, 3, "where nobody else wants, they stay");
});

Deno.test("one that no longer reads loses its slot to one that waits, unless it gives", () => {
  const stuck = [1, 2, 3].map((id) =>
    peer(id, { amChoking: false, uploadRate: 900, isStuck: true })
  );
  const waiting = peer(4);
  for (const seeding of [true, false]) {
    assert(unchoked(new Choker(1), [...stuck, waiting], { seeding }).includes(4));
  }
  const giving = peer(5, { amChoking: false, downloadRate: 10, isStuck: true });
  assertEquals(unchoked(new Choker(1), [giving, waiting]).includes(5), true);
});
