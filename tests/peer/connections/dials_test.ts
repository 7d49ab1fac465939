import { ALL_RULES } from "../../../peer/crowd_rules.ts";
import { Dials } from "../../../peer/connections/dials.ts";
import { type KnownPeer, PeerList } from "../../../peer/peers/peer_list.ts";
import { assert, assertEquals } from "../../support/assert.ts";

/** A torrent whose calls wait until the test answers them. */
class Torrent {
  readonly list = new PeerList();
  readonly called: KnownPeer[] = [];
  readonly dials: Dials;
  isFetching = true;
  readonly #open: { readonly connectedAt: number }[] = [];
  readonly #ends: (() => void)[] = [];
  #dialled = 0;

  constructor() {
    const context = { places: { mayDial: () => true }, ranks: { of: () => 0 }, rules: ALL_RULES };
    const open = this.#open;
    const dialled = () => this.#dialled;
    this.dials = new Dials(context, this.list, 80, {
      company: {
        get size() {
          return open.length;
        },
        get dialled() {
          return dialled();
        },
        keys: () => open,
      },
      isConnected: () => false,
      isSeeding: () => false,
      isFetching: () => this.isFetching,
      isStopped: () => false,
      call: (known, ended) => {
        this.called.push(known);
        this.#ends.push(ended);
      },
    });
  }

  knows(count: number, net: number): void {
    for (let n = 1; n <= count; n++) this.list.add(`10.0.${net}.${n}`, 6881, "tracker", 0);
  }

  /** All calls under way lead to a peer. */
  answer(now: number): void {
    for (const ended of this.#ends.splice(0)) {
      ended();
      this.#open.push({ connectedAt: now });
      this.#dialled++;
    }
  }

  /** Calls whom it may, each of whom answers, until there is nobody more. */
  fill(now: number): number {
    for (let before = -1; before < this.called.length;) {
      before = this.called.length;
      this.dials.dial(now);
      this.answer(now);
    }
    return this.#open.length;
  }
}

Deno.test("a download that starves calls on, up to sixty", () => {
  const torrent = new Torrent();
  torrent.knows(100, 1);
  assertEquals(torrent.fill(0), 40);
  assertEquals(torrent.fill(29_999), 40);
  torrent.isFetching = false;
  assertEquals(torrent.fill(30_000), 40, "it lacks nothing");
  torrent.isFetching = true;
  assertEquals(torrent.fill(30_000), 60);
  assertEquals(torrent.fill(90_000), 60, "the rest is for callers");
});

Deno.test("a peer that a person names is called at once, where forty are connected", () => {
  const torrent = new Torrent();
  torrent.knows(100, 1);
  torrent.fill(0);
  assert(torrent.list.add("10.9.9.9", 6881, "manual", 1000));
  torrent.dials.dial(1000);
  assertEquals(torrent.called.slice(40).map(({ host }) => host), ["10.9.9.9"]);
  // One that the tracker had named, and that waited for a place.
  const known = Array.from({ length: 100 }, (_, n) => torrent.list.get(`10.0.1.${n + 1}`, 6881)!);
  const waiting = known.find(({ state }) => state === "idle")!;
  assert(!torrent.list.add(waiting.host, waiting.port, "manual", 1000), "it is known");
  torrent.dials.dial(1000);
  assertEquals(torrent.called[41], waiting);
  assertEquals(waiting.source, "manual");
});

Deno.test("a peer that a person names is called before others, and while these do not answer", () => {
  const torrent = new Torrent();
  torrent.knows(100, 1);
  for (let now = 0; now < 6000; now += 1000) torrent.dials.dial(now);
  assert(torrent.dials.size >= 40, "as many as may are under way");
  torrent.list.add("10.9.9.9", 6881, "manual", 6000);
  torrent.dials.dial(6000);
  assertEquals(torrent.called.at(-1)?.host, "10.9.9.9");

  const fresh = new Torrent();
  fresh.knows(3, 1);
  fresh.list.add("10.9.9.9", 6881, "manual", 0);
  fresh.dials.dial(0);
  assertEquals(fresh.called[0]?.host, "10.9.9.9");
});

Deno.test("of hundreds that a link names eight are called beside those that the tracker names", () => {
  const torrent = new Torrent();
  for (let n = 1; n <= 200; n++) torrent.list.add(`10.9.9.${n}`, 6881, "manual", 0);
  torrent.dials.dial(0);
  assertEquals(torrent.dials.size, 24);
  assertEquals(torrent.fill(1000), 80, "none is called beyond the places");
});
