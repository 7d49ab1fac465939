import {
  SMALL_UPLOAD,
  UploadsFullError,
  UploadTurns,
} from "../../../tracker/logic/upload_turns.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

const LARGE = 1 << 20;
const LIMITS = { bytes: 8 * LARGE, ofHost: 3 * LARGE };

/** Uploads that are read until they are told to end. */
class Uploads {
  readonly turns = new UploadTurns(LIMITS);
  /** Who is read now, in the order in which they began. */
  readonly reading: string[] = [];
  readonly #ends = new Map<string, () => void>();

  send(name: string, bytes: number, host: string): Promise<void> {
    return this.turns.run(bytes, host, async () => {
      this.reading.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#ends.set(name, resolve);
      await promise;
      this.reading.splice(this.reading.indexOf(name), 1);
    });
  }

  end(name: string): void {
    this.#ends.get(name)!();
  }
}

Deno.test("of large uploads one is read at a time, hosts by turns", async () => {
  const uploads = new Uploads();
  const sent = [["a1", "a"], ["a2", "a"], ["a3", "a"], ["b1", "b"]].map(([name, host]) =>
    uploads.send(name!, LARGE, host!)
  );
  for (const [place, name] of [[0, "a1"], [3, "b1"], [1, "a2"], [2, "a3"]] as const) {
    await Promise.resolve();
    assertEquals(uploads.reading, [name]);
    uploads.end(name);
    await sent[place];
  }
});

Deno.test("a small upload does not wait for a large one", async () => {
  const uploads = new Uploads();
  const large = uploads.send("large", LARGE, "a");
  const small = uploads.send("small", SMALL_UPLOAD, "a");
  await Promise.resolve();
  assertEquals(uploads.reading, ["large", "small"]);
  uploads.end("small");
  await small;
  uploads.end("large");
  await large;
});

Deno.test("what waits is bounded, of one host and of all; places come back", async () => {
  const uploads = new Uploads();
  const sent = ["a", "a", "a", "b", "b", "b", "c", "c"].map((host, i) =>
    uploads.send(String(i), LARGE, host)
  );
  await assertRejects(() => uploads.send("no", LARGE, "a"), UploadsFullError);
  await assertRejects(() => uploads.send("no", LARGE, "d"), UploadsFullError);
  await Promise.resolve();
  uploads.end(uploads.reading[0]!);
  await sent[0];
  sent.push(uploads.send("8", LARGE, "d"));
  while (uploads.reading.length > 0) {
    uploads.end(uploads.reading[0]!);
    for (let turn = 0; turn < 9; turn++) await Promise.resolve();
  }
  await Promise.all(sent);
});

Deno.test("an upload that fails gives its turn on", async () => {
  const { turns } = new Uploads();
  const failing = turns.run(LARGE, "a", () => Promise.reject(new TypeError("no torrent")));
  const next = turns.run(LARGE, "b", () => Promise.resolve("read"));
  await assertRejects(() => failing, TypeError);
  assertEquals(await next, "read");
});
