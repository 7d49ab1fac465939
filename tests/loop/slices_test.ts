import { encodeBencode } from "../../protocol/bencode.ts";
import { BencodeError, MetainfoError } from "../../protocol/errors.ts";
import { metainfoSteps, parseMetainfo } from "../../protocol/metainfo.ts";
import { Slices } from "../../loop/slices.ts";
import { atOnce, type Steps } from "../../protocol/steps.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/assert.ts";

/** A clock that every step moves on, and pauses that are ended by hand. */
class Loop {
  ms = 0;
  readonly #waiting: (() => void)[] = [];
  readonly slices = new Slices({
    now: () => this.ms,
    pause: () => new Promise<void>((resolve) => this.#waiting.push(resolve)),
    length: 8,
  });

  *work(steps: number, ms: number, log: string[], name: string): Steps<string> {
    for (let i = 0; i < steps; i++) {
      this.ms += ms;
      log.push(name);
      yield;
    }
    return name;
  }

  /** Everything that goes on in one turn; false where nothing waits for one. */
  async turn(): Promise<boolean> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    const due = this.#waiting.splice(0);
    for (const resolve of due) resolve();
    for (let i = 0; i < 20; i++) await Promise.resolve();
    return due.length > 0;
  }
}

Deno.test("a slice ends after its time, and the work goes on in the next turn", async () => {
  const loop = new Loop();
  const log: string[] = [];
  const result = loop.slices.run(loop.work(10, 3, log, "a"));
  const perTurn: number[] = [];
  while (await loop.turn()) perTurn.push(log.splice(0).length);
  assertEquals(await result, "a");
  assertEquals(perTurn.filter((count) => count > 0), [3, 3, 3, 1]);
});

Deno.test("of several long works one has a slice in a turn, each in its time", async () => {
  const loop = new Loop();
  const log: string[] = [];
  const all = ["a", "b", "c"].map((name) => loop.slices.run(loop.work(4, 9, log, name)));
  const perTurn: string[] = [];
  while (await loop.turn()) perTurn.push(log.splice(0).join(""));
  assertEquals(await Promise.all(all), ["a", "b", "c"]);
  assertEquals(perTurn.filter((turn) => turn !== "").join(" "), "a b c a b c a b c a b c");
});

Deno.test("an error of the work is thrown on, and other work continues", async () => {
  const loop = new Loop();
  const log: string[] = [];
  const fails = loop.slices.run((function* (): Steps<void> {
    yield;
    throw new MetainfoError("no");
  })());
  const refused = assertRejects(() => fails, MetainfoError, "no");
  const result = loop.slices.run(loop.work(2, 9, log, "b"));
  while (await loop.turn());
  await refused;
  assertEquals(await result, "b");
});

function manyFiles(count: number): Uint8Array {
  const files = Array.from({ length: count }, (_, i) => ({ length: 1, path: [`d${i}`, `f${i}`] }));
  const info = { files, name: "n", "piece length": 2 ** 20, pieces: new Uint8Array(20) };
  return encodeBencode({ info });
}

function manyInTree(count: number): Uint8Array {
  const leaf = { "": { length: 1, "pieces root": new Uint8Array(32).fill(1) } };
  const names = Array.from({ length: count }, (_, i) => `f${String(i).padStart(6, "0")}`);
  const tree = Object.fromEntries(names.map((name) => [name, leaf]));
  const info = { "file tree": tree, "meta version": 2, name: "n", "piece length": 16384 };
  return encodeBencode({ info });
}

/** Pauses while reading, and what was read. */
function paused(bytes: Uint8Array): { pauses: number; files: number } {
  const steps = metainfoSteps(bytes);
  for (let pauses = 0;; pauses++) {
    const { done, value } = steps.next();
    if (done) return { pauses, files: value.info.files.length };
  }
}

Deno.test("a .torrent is read with pauses that grow with its files, to the same", () => {
  for (const make of [manyFiles, manyInTree]) {
    const few = paused(make(1000));
    const many = paused(make(4000));
    assert(few.pauses >= 50, `${few.pauses} pauses`);
    assert(many.pauses >= 3.5 * few.pauses && many.pauses <= 4.5 * few.pauses);
    const bytes = make(500);
    assertEquals(atOnce(metainfoSteps(bytes.slice())), parseMetainfo(bytes));
  }
});

Deno.test("a value read in steps equals the value read at once", () => {
  const bytes = manyFiles(10);
  assert(atOnce(metainfoSteps(bytes)) === parseMetainfo(bytes));
  assertEquals(paused(bytes).pauses, 0);
});

Deno.test("a key or name that nobody can have meant is refused before it is made text", () => {
  const long = "k".repeat(65_537);
  const info = { length: 1, name: "n", "piece length": 16384, pieces: new Uint8Array(20) };
  assertThrows(
    () => parseMetainfo(encodeBencode({ info, [long]: 1 })),
    BencodeError,
    "Key of 65537 bytes: up to 65536 are supported",
  );
  for (const more of [{ name: long }, { name: "n", files: [{ length: 1, path: [long] }] }]) {
    assertThrows(
      () => parseMetainfo(encodeBencode({ info: { ...info, ...more } })),
      MetainfoError,
      "Torrent has a name of 65537 characters: up to 65536 are supported",
    );
  }
});
