import fc from "fast-check";
import { AnnouncedRates } from "../../../../../shell/dashboard/page/board/announced_rates.ts";
import type {
  BoardLink,
  BoardSeat,
  SwarmMember,
} from "../../../../../shell/dashboard/page/api_types.ts";
import { Decisions, whyNone } from "../../../../../shell/dashboard/page/board/board_decisions.ts";
import { GivenLedger, headline } from "../../../../../shell/dashboard/page/board/board_headline.ts";
import {
  arrowsOf,
  type BoardMoment,
  type BoardPeer,
  isForUnchoke,
  NOBODY,
  peersOf,
  standing,
} from "../../../../../shell/dashboard/page/board/board_moment.ts";
import { TransferGroups } from "../../../../../shell/dashboard/page/board/transfer_groups.ts";
import { assert, assertEquals, assertMatch } from "../../../../support/assert.ts";

const MIB = 2 ** 20;

function link(to: string, change: Partial<BoardLink> = {}): BoardLink {
  const usual = { rate: 0, given: 0, choked: true, wanted: true, reason: "another takes more" };
  return { to, name: to, ...usual, ...change };
}

function seat(id: string, change: Partial<BoardSeat> = {}): BoardSeat {
  return {
    "peer_id": id,
    name: id,
    "info_hash": "cc".repeat(20),
    torrent: "film.mp4",
    pieces: 8,
    have: "AA==",
    active: [],
    progress: 0,
    size: 40 * MIB,
    downloaded: 0,
    uploaded: 0,
    "download_rate": 0,
    "upload_rate": 0,
    eta: null,
    links: [],
    ...change,
  };
}

function member(id: string, change: Partial<SwarmMember> = {}): SwarmMember {
  return {
    "peer_id": id,
    name: id,
    client: "vtorrent",
    address: "127.0.0.1:1",
    status: "leecher",
    uploaded: 0,
    downloaded: 0,
    left: 40 * MIB,
    "last_seen": 0,
    ...change,
  };
}

/** The headline after these moments. */
function said(...moments: Partial<BoardMoment>[]): string[] {
  const ledger = new GivenLedger();
  let peers: BoardPeer[] = [];
  for (const moment of moments) {
    peers = [...peersOf({ ...NOBODY, ...moment }).values()];
    ledger.note(peers);
  }
  return Object.values(headline(peers, ledger));
}

Deno.test("the headline: what the seed gave, and what it would have been alone", () => {
  const ada = seat("ada", { progress: 1, uploaded: 41 * MIB, upload_rate: 2 * MIB });
  const taker = (name: string, progress: number, eta: number | null = null) =>
    seat(name, { progress, downloaded: 40 * MIB * progress, uploaded: 20 * MIB, eta });
  assertEquals(
    said({ seats: [ada, taker("bob", 1), taker("eve", 1), taker("max", 1)] }),
    ["ada gave 41.0 MiB; alone it would be 120 MiB", "all 4 have everything · 2.0 MiB/s together"],
  );
  assertEquals(
    said({ seats: [ada, taker("bob", 1), taker("eve", 0.75, 65)] }),
    [
      "ada gave 41.0 MiB; alone it would be 70.0 MiB",
      "2 of 3 have everything · 2.0 MiB/s together · 1 min 5 s to go",
    ],
  );
  assertEquals(
    said({ seats: [seat("ada", { progress: 1 }), seat("bob"), seat("eve")] })[0],
    "ada has everything; 2 peers want it",
  );
  assertEquals(
    said({
      seats: [seat("ada", { progress: 1, uploaded: MIB }), seat("bob", { downloaded: MIB })],
    })[0],
    "ada gave 1.0 MiB; the others gave nothing yet",
  );
  assertEquals(said({ seats: [seat("bob"), seat("eve")] })[0], "2 peers wait for a seed");
  assertEquals(said({}), ["Nobody is in this swarm", ""]);
});

Deno.test("the headline counts those that left, and those that were started anew", () => {
  const ada = seat("ada", { progress: 1, uploaded: 41 * MIB });
  const bob = (downloaded: number) => seat("bob", { downloaded, uploaded: 10 * MIB });
  const eve = seat("eve", { progress: 1, downloaded: 40 * MIB, uploaded: 20 * MIB });
  assertEquals(
    said({ seats: [ada, bob(40 * MIB), eve] }, { seats: [ada, bob(2 * MIB)] })[0],
    "ada gave 41.0 MiB; alone it would be 82.0 MiB",
  );
  // It has it from the start of the page; the seed has left meanwhile.
  assertEquals(
    said({ seats: [ada, eve] }, { seats: [eve] })[0],
    "ada gave 41.0 MiB; the others gave 20.0 MiB",
  );
});

Deno.test("without a report the ring shows what the tracker knows", () => {
  const rates = new AnnouncedRates();
  const before = [member("ada", { status: "seeder", left: 0 }), member("bob")];
  assertEquals(rates.update(before, 0).size, 0);
  const now = [
    member("ada", { status: "seeder", left: 0, uploaded: 10 * MIB, last_seen: 5000 }),
    member("bob", { left: 30 * MIB, downloaded: 10 * MIB, last_seen: 5000 }),
  ];
  const announced = rates.update(now, 6000);
  const peers = peersOf({ ...NOBODY, members: now, announced, size: 40 * MIB });
  const bob = peers.get("bob")!;
  assertEquals(
    [bob.progress, bob.down, bob.eta, bob.reports, peers.get("ada")!.up],
    [0.25, 2 * MIB, 15, false, 2 * MIB],
  );
  assertEquals(
    said({ members: now, size: 40 * MIB })[0],
    "ada gave 10.0 MiB; the others gave nothing yet",
  );
  // Nobody knows the size: the emptiest of them gives it.
  const two = [member("bob", { left: 10 }), member("eve", { left: 40 })];
  assertEquals(peersOf({ ...NOBODY, members: two }).get("bob")!.progress, 0.75);
  // Long silence is no rate.
  assertEquals(rates.update(now, 120_000).size, 0);
});

Deno.test("who has everything gets nothing more, whatever the mean of the last seconds says", () => {
  const peers = peersOf({
    ...NOBODY,
    seats: [seat("ada", { progress: 1, download_rate: 9 }), seat("bob", { download_rate: 9 })],
  });
  assertEquals([...peers.values()].map(({ down }) => down), [0, 9]);
});

const flags = fc.record({
  rate: fc.oneof(fc.constant(0), fc.nat(1e9)),
  given: fc.nat(1e9),
  choked: fc.boolean(),
  wanted: fc.boolean(),
  reason: fc.constantFrom(
    "a slot was free",
    "optimistic turn",
    "another takes more",
    "not interested",
  ),
});

Deno.test("where something flows the board never says that it is choked or not wanted", () => {
  fc.assert(fc.property(flags, (change) => {
    const one = link("bob", change);
    if (one.rate > 0) assert(standing(one).startsWith("served"), standing(one));
    if (standing(one).startsWith("served")) assert(one.rate > 0 || !one.choked);
    const seats = [seat("ada", { links: [one] }), seat("bob")];
    const [arrow] = arrowsOf(seats, peersOf({ ...NOBODY, seats }));
    assert(!(arrow!.waits && arrow!.rate > 0));
    // Nor does it give the reason of one thing beside the other.
    const isServed = standing(one).startsWith("served");
    if (arrow!.reason !== "") assertEquals(isForUnchoke(arrow!.reason), isServed);
  }));
});

/** What is told of moments a second apart. */
function told(...moments: Partial<BoardMoment>[]): string[] {
  const decisions = new Decisions();
  for (const [at, change] of moments.entries()) {
    const moment = { ...NOBODY, members: [member("ada")], ...change, at: at * 1000 };
    decisions.note({ moment, peers: peersOf(moment) });
  }
  return decisions.last(20, Infinity).map(({ text, why }) => why === "" ? text : `${text}: ${why}`);
}

Deno.test("decisions: unchokes, chokes, optimistic turns and who is complete, with the reason", () => {
  const others = [seat("bob"), seat("eve")];
  const ada = (...links: BoardLink[]) => seat("ada", { progress: 1, links });
  assertEquals(
    told(
      { seats: [ada(link("bob"), link("eve")), ...others] },
      {
        seats: [
          ada(
            link("bob", {
              choked: false,
              reason: "rank 1 of 2 interested by our upload rate to it",
            }),
            link("eve", { choked: false, reason: "optimistic turn" }),
          ),
          ...others,
        ],
      },
      {
        seats: [
          ada(link("bob"), link("eve", { wanted: false, reason: "not interested" })),
          seat("bob", { progress: 1 }),
          seat("eve"),
        ],
      },
      { seats: [ada(), seat("bob", { progress: 1 })] },
      { seats: [ada(), seat("bob", { progress: 1 }), seat("max")] },
    ),
    [
      "max joins",
      "eve leaves",
      "ada chokes bob: another takes more",
      "bob has everything: it is a seeder now",
      "ada unchokes eve: optimistic turn",
      "ada unchokes bob: rank 1 of 2 by its download",
    ],
  );
});

Deno.test("decisions: interest that comes and goes with every piece is told once", () => {
  const ada = (change: Partial<BoardLink>) => ({
    seats: [seat("ada", { links: [link("bob", change)] }), seat("bob")],
  });
  const served = ada({ choked: false, reason: "a slot was free" });
  const idle = ada({ choked: true, wanted: false, reason: "not interested" });
  assertEquals(told(idle, served, idle, served, idle, served), [
    "ada unchokes bob: a slot was free",
  ]);
});

Deno.test("decisions: whom a peer serves when it is first heard of is told once, too", () => {
  const serving = (giver: string, taker: string) =>
    seat(giver, { links: [link(taker, { choked: false, reason: "a slot was free" })] });
  const before = { seats: [serving("ada", "bob"), seat("bob")] };
  const bobToo = { seats: [serving("ada", "bob"), serving("bob", "eve")] };
  assertEquals(told(before, before), ["ada unchokes bob: a slot was free"]);
  assertEquals(
    told({ seats: [seat("ada")] }, { seats: [seat("ada"), serving("bob", "ada")] }),
    ["bob unchokes ada: a slot was free", "bob joins"],
  );
  // It was silent for a while: that is no decision.
  const silent = { seats: [serving("ada", "bob")] };
  assertEquals(told(bobToo, ...Array(12).fill(silent), bobToo).filter((one) => /eve/.test(one)), [
    "bob unchokes eve: a slot was free",
  ]);
});

Deno.test("decisions: what was so when the board was opened has no time", () => {
  const decisions = new Decisions();
  const seats = (...links: BoardLink[]) => [seat("ada", { links }), seat("bob"), seat("eve")];
  const served = (to: string) => link(to, { choked: false, reason: "a slot was free" });
  for (
    const moment of [
      { ...NOBODY, at: 1000 },
      { ...NOBODY, at: 2000, seats: seats(served("bob")) },
      { ...NOBODY, at: 3000, seats: seats(served("bob"), served("eve")) },
    ]
  ) decisions.note({ moment, peers: peersOf(moment) });
  assertEquals(
    decisions.last(9, Infinity).map(({ text, isEarlier }) => [text, isEarlier]),
    [["ada unchokes eve", false], ["ada unchokes bob", true]],
  );
});

Deno.test("decisions: a leecher's first pieces are worth a line", () => {
  const ada = seat("ada", { progress: 1 });
  const bob = (progress: number) => ({ seats: [ada, seat("bob", { progress })] });
  assertEquals(told(bob(0), bob(0.1), bob(0.5)), [
    "bob has its first pieces: it can give them to others",
  ]);
});

Deno.test("where nothing was decided the board says why", () => {
  assertEquals(whyNone(NOBODY), "nobody is in this swarm");
  assertMatch(whyNone({ ...NOBODY, members: [member("bob")] }), /reports.*--report/);
  assertEquals(whyNone({ ...NOBODY, seats: [seat("ada"), seat("bob")] }), "no peer serves another");
});

const ids = ["ada", "bob", "eve", "max", "peer 2", "peer 10"];
const swarm = fc.array(
  fc.tuple(fc.constantFrom(...ids), fc.array(fc.tuple(fc.constantFrom(...ids), flags))),
).map((givers) =>
  [...new Map(givers).entries()].map(([id, links]) =>
    seat(id, { links: [...new Map(links).entries()].map(([to, change]) => link(to, change)) })
  )
);

Deno.test("rows of transfers keep their order, and stay while both peers do", () => {
  fc.assert(fc.property(fc.array(swarm, { maxLength: 8 }), (moments) => {
    const groups = new TransferGroups();
    let before = new Map<string, readonly string[]>();
    for (const seats of moments) {
      const peers = peersOf({ ...NOBODY, seats });
      groups.note(seats, peers);
      const now = new Map(
        groups.of(seats, peers).groups.map(({ id, rows }) => [id, rows.map((row) => row.id)]),
      );
      assertEquals([...now.keys()], [...now.keys()].sort(byPeople));
      for (const [id, rows] of before) {
        for (const taker of rows) {
          if (peers.has(id) && peers.has(taker)) {
            assert(now.get(id)?.includes(taker), `${id} ${taker}`);
          }
        }
      }
      for (const rows of now.values()) {
        assertEquals(rows, rows.toSorted(byPeople));
        assertEquals(rows.length, new Set(rows).size);
      }
      before = now;
    }
  }));
});

Deno.test("who was served and is gone from the connections keeps what it got", () => {
  const groups = new TransferGroups();
  const peers = (seats: BoardSeat[]) => peersOf({ ...NOBODY, seats });
  const before = [
    seat("ada", { links: [link("bob", { given: MIB, choked: false })] }),
    seat("bob"),
  ];
  const now = [seat("ada"), seat("bob")];
  groups.note(before, peers(before));
  groups.note(now, peers(now));
  assertEquals(
    groups.of(now, peers(now)).groups.map(({ rows }) =>
      rows.map((row) => [row.given, row.standing])
    ),
    [[[MIB, "not connected"]]],
  );
  // A replay of before shows what was so then.
  assertEquals(groups.of(before, peers(before)).groups[0]!.rows[0]!.standing, "served");
  groups.note([seat("ada")], peers([seat("ada")]));
  assertEquals(groups.of(now, peers(now)).groups, []);
});

function byPeople(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

Deno.test("rows of a large swarm are bounded, and the rest is counted", () => {
  const all = Array.from({ length: 40 }, (_, at) => `peer ${at}`);
  const seats = all.map((id) =>
    seat(id, { links: all.filter((to) => to !== id).map((to) => link(to)) })
  );
  const { groups, leftOut } = new TransferGroups().of(seats, new Map());
  assertEquals(groups.reduce((sum, { rows }) => sum + rows.length, 0), 200);
  assertEquals(leftOut, 40 * 39 - 200);
});
