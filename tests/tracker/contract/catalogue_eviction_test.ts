import fc from "fast-check";
import {
  CatalogueEviction,
  FRESH,
  SEEDED,
  SHARE,
  TAKEN,
  UNUSED,
  type Use,
} from "../../../tracker/contract/catalogue_eviction.ts";
import { assert, assertEquals } from "../../support/assert.ts";

/** A catalogue of torrents of one byte. */
class Library {
  readonly room: CatalogueEviction;
  readonly uses = new Map<string, Use>();
  readonly owner = new Map<string, string>();
  /** Torrents whose use was asked for. */
  asked = 0;
  #next = 0;

  constructor(entries: number, bytes = Infinity) {
    this.room = new CatalogueEviction({ entries, bytes });
  }

  /** Whether one more was taken; it becomes as much used as given at once. */
  publish(host: string, use: Use, { size = 1, now = 0 } = {}): boolean {
    while (!this.room.fits(size)) {
      const question = this.room.choose(host, size, now);
      let step = question.next();
      while (!step.done) {
        this.asked += step.value.length;
        step = question.next(step.value.map((one) => this.uses.get(one)!));
      }
      if (step.value === undefined) return false;
      this.room.delete(step.value, this.owner.get(step.value)!);
      assert(this.owner.delete(step.value), "it was there");
    }
    const infoHash = String(this.#next++);
    this.room.add(infoHash, host, size);
    this.uses.set(infoHash, use);
    this.owner.set(infoHash, host);
    return true;
  }

  held(host: string, use?: Use): number {
    return [...this.owner].filter(([infoHash, of]) =>
      of === host && (use === undefined || this.uses.get(infoHash) === use)
    ).length;
  }
}

Deno.test("eviction takes unseeded torrents of the host that holds the most, oldest first", () => {
  const library = new Library(10);
  for (let i = 0; i < 3; i++) library.publish("teacher", UNUSED);
  for (let i = 0; i < 7; i++) library.publish("flood", i === 0 ? SEEDED : UNUSED);
  assert(library.publish("student", SEEDED));
  assertEquals([library.held("teacher"), library.held("flood")], [3, 6]);
  assert(library.owner.has("3") && !library.owner.has("4"));
  // Whoever holds the most makes room for itself, and keeps what is seeded.
  for (let i = 0; i < 100; i++) assert(library.publish("flood", UNUSED));
  assertEquals([library.held("teacher"), library.held("flood"), library.held("student")], [
    3,
    6,
    1,
  ]);
  assertEquals(library.held("flood", SEEDED), 1);
});

Deno.test("a class of 40 at one address publishes beside a flood, from elsewhere and from there", () => {
  for (const from of ["elsewhere", "class"]) {
    // What an attacker claims to seed counts like what is seeded, and fills the catalogue first.
    for (const claimed of [UNUSED, FRESH, SEEDED] as const) {
      const library = new Library(10_000);
      for (let i = 0; i < 10_000; i++) assert(library.publish(from, claimed));
      for (let i = 0; i < 40; i++) {
        assert(library.publish("class", TAKEN));
        for (let more = 0; more < 20; more++) library.publish(from, claimed);
      }
      assertEquals(library.held("class", TAKEN), 40);
      assert(library.asked < 60_000, `${library.asked}`);
    }
  }
});

Deno.test("a seeded torrent keeps its place beyond every host's share", () => {
  const library = new Library(320);
  for (let i = 0; i < 320; i++) library.publish("school", SEEDED);
  for (let i = 0; i < 100; i++) library.publish("flood", SEEDED);
  assertEquals(library.held("flood"), SHARE * 320);
  assertEquals(library.held("school"), 320 - SHARE * 320);
});

Deno.test("a torrent that found a seed meanwhile is spared", () => {
  const library = new Library(4);
  for (let i = 0; i < 4; i++) library.publish("a", UNUSED);
  library.publish("b", SEEDED);
  library.uses.set("1", SEEDED);
  library.publish("b", SEEDED);
  assert(library.owner.has("1") && !library.owner.has("2"));
});

Deno.test("bytes are shared like places", () => {
  const library = new Library(1000, 100);
  for (let i = 0; i < 9; i++) library.publish("flood", UNUSED, { size: 10 });
  library.publish("small", UNUSED, { size: 5 });
  assert(library.publish("large", SEEDED, { size: 40 }));
  assertEquals([library.held("flood"), library.held("small")], [5, 1]);
  assert(!library.publish("large", SEEDED, { size: 101 }));
});

Deno.test("limits hold, and who holds least is never refused a place that nobody uses", () => {
  const step = fc.record({
    host: fc.integer({ min: 0, max: 4 }),
    use: fc.constantFrom<Use>(UNUSED, FRESH, SEEDED, TAKEN),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const library = new Library(12);
    for (const [now, { host, use }] of steps.entries()) {
      const mine = library.held(String(host)) + 1;
      const isSpare = [0, 1, 2, 3, 4].some((one) =>
        library.held(String(one)) >= mine && library.held(String(one), UNUSED) > 0
      );
      const taken = library.publish(String(host), use, { now: now * 100_000 });
      assert(library.owner.size <= 12);
      if (isSpare) assert(taken);
    }
  }));
});
