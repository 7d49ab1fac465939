/**
 * Strategies that stall whoever asks them: one that is silent, and one that is slow on the last block.
 * Neither keeps honest peers from anything, and slowness is no reason to ban.
 *
 * @module
 */
import type { RunEvent } from "../../../lab/run/run_record.ts";
import type { PlannedMember } from "../../../lab/scenario/run_plan.ts";
import { behaviourOf } from "../../../lab/virtual/member_behaviour.ts";
import { VirtualSwarm } from "../../../lab/virtual/virtual_swarm.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { memberOf, swarmOf } from "./plans.ts";

const SIZE = 4 << 20;
const PIECE = 1 << 16;
const BLOCK = 1 << 14;
/** Bytes per second. */
const [SEED_UP, LEECH_UP] = [400_000, 100_000];
const LEECHES = 4;

/**
 * Seconds in which a seed and honest leeches give it to so many (a share: who has the rest), whatever
 * the one that stalls does: Kurose and Ross's bound, and a quarter more as the scenario "scaling" allows.
 */
function leastFor(takers: number): number {
  return 1.25 * takers * SIZE / (SEED_UP + LEECHES * LEECH_UP);
}

/** Seconds after which nothing of what a silent peer was asked for is waited for, and a tick. */
const SILENCE = 20 + 1;
/** Seconds by which a last block is late, of requests out to one peer (the window), and a tick. */
const LATE = 10 + 3 + 1;

/** A piece that a peer was asked for, and the part of the run that concerns it. */
interface Stalled {
  readonly who: string;
  readonly piece: number;
}

interface Played {
  /** Seconds until the last honest leech was complete. */
  readonly took: number;
  readonly events: readonly RunEvent[];
  /** Pieces that honest leeches began with the one that stalls. */
  readonly begun: readonly Stalled[];
  /** Blocks that waited at it and were asked of another: withdrawn first, or of both. */
  readonly moved: readonly Stalled[];
}

/** Plays one that stalls beside a seed and leeches. */
function play(staller: PlannedMember, seed: number): Played {
  const events: RunEvent[] = [];
  const [begun, moved]: [Stalled[], Stalled[]] = [[], []];
  const swarm = new VirtualSwarm(seed, SIZE / PIECE, PIECE, {
    isHonest: true,
    interval: 5,
    onEvent: (event) => events.push(event),
  }, SIZE);
  const arrive = (member: PlannedMember) =>
    swarm.add(behaviourOf(member, swarm.layout.pieceCount, swarm.random), member.id);
  const [own, ...leeches] = swarmOf(LEECHES, { up: LEECH_UP });
  const it = arrive(staller);
  arrive({ ...own!, up: SEED_UP });
  const honest = leeches.map((member) => {
    const who = member.id;
    const leech = arrive(member);
    leech.download.onBegin = ({ host }, piece) => {
      if (host === it.host) begun.push({ who, piece });
    };
    leech.download.onRelief = (_, { from, piece }) => {
      if (from.host === it.host) moved.push({ who, piece });
    };
    return leech;
  });
  swarm.time.runUntil(() => honest.every(({ have }) => have.isFull), 600_000);
  assert(honest.every(({ have }) => have.isFull), `seed ${seed}: some never had everything`);
  const took = Math.max(...honest.map(({ completedAt }) => completedAt!)) / 1000;
  return { took, events, begun, moved };
}

function blocksOf({ events }: Played, { who, piece }: Stalled) {
  return events.filter((event) => event.what === "block").filter((block) =>
    block.to === who && block.piece === piece
  );
}

/** Who was told of as banned. */
function banned({ events }: Played): string[] {
  return events.filter(({ what }) => what === "banned").map((event) => JSON.stringify(event));
}

for (const haveAtStart of [1, 0.5]) {
  const what = haveAtStart === 1 ? "everything" : "half of it";
  Deno.test(`a silent peer with ${what}: what it was asked for comes from others, within its silence`, () => {
    const silent = memberOf({ id: "silent", haveAtStart, strategy: "silent" });
    const most = leastFor(LEECHES + 1 - haveAtStart) + SILENCE;
    for (const seed of [1, 2, 3, 4, 5]) {
      const played = play(silent, seed);
      const { took, events, begun } = played;
      assert(took <= most, `seed ${seed}: ${took} s of ${most}`);
      // It lets others ask, which is what makes it worse than one that chokes.
      assert(events.some((event) => event.what === "unchoked" && event.who === "silent"));
      assert(!events.some((event) => event.what === "block" && event.from === "silent"));
      assert(begun.length > 0, `seed ${seed}: nobody asked it for anything`);
      for (const stalled of begun) {
        const own = blocksOf(played, stalled).filter(({ isDuplicate }) => !isDuplicate);
        assertEquals(own.length, PIECE / BLOCK, `seed ${seed}: ${JSON.stringify(stalled)}`);
      }
      assertEquals(banned(played), [], `seed ${seed}`);
    }
  });
}

Deno.test("a peer that is slow on the last block: who needs it asks another, and nobody bans it", () => {
  const slow = memberOf({ id: "slow", haveAtStart: 1, strategy: "slow last block" });
  const most = leastFor(LEECHES) + LATE;
  let rescued = 0;
  for (const seed of [1, 2, 3, 4, 5]) {
    const played = play(slow, seed);
    const { took, events, moved } = played;
    assert(took <= most, `seed ${seed}: ${took} s of ${most}`);
    assert(events.some((event) => event.what === "block" && event.from === "slow"));
    for (const stalled of moved) {
      const last = blocksOf(played, stalled).find(({ begin }) => begin + BLOCK === PIECE);
      assert(last !== undefined, `seed ${seed}: ${JSON.stringify(stalled)}`);
      if (last.from !== "slow") rescued++;
    }
    assertEquals(banned(played), [], `seed ${seed}`);
  }
  assert(rescued > 0, "no last block that waited at it ever came from another");
});
