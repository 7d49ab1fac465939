import { assertEquals, assertRejects } from "../../support/assert.ts";
import { JoinedWrites, type Run } from "../../../peer/storage/joined_writes.ts";

const PIECE = 16384;
const SIZE = 16 * PIECE;

/** A file that is as slow as the test likes: each call waits until it is let go. */
class SlowFile {
  /** Offset and length of each call. */
  readonly calls: [number, number][] = [];
  readonly bytes: Uint8Array;
  readonly #waiting: PromiseWithResolvers<void>[] = [];

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  async write({ offset, bytes }: Run): Promise<void> {
    this.calls.push([offset, bytes.length]);
    const done = Promise.withResolvers<void>();
    this.#waiting.push(done);
    await done.promise;
    this.bytes.set(bytes, offset);
  }

  /** The call that waits longest ends, in failure where there is an error. */
  end(error?: Error): void {
    const done = this.#waiting.shift()!;
    if (error === undefined) done.resolve();
    else done.reject(error);
  }
}

function piece(index: number, length = PIECE): Uint8Array {
  return new Uint8Array(length).fill(index + 1);
}

/** Everything that does not wait for the file happens. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function writesTo(file: SlowFile, lanes: number): JoinedWrites {
  return new JoinedWrites({
    lanes,
    size: SIZE,
    async write(next) {
      const run = next();
      if (run !== undefined) await file.write(run);
    },
  });
}

Deno.test("neighbours that come in one turn are one call, in their places", async () => {
  const file = new SlowFile(8 * PIECE);
  const writes = writesTo(file, 2);
  const written = [0, 1, 2, 3, 6, 7].map((index) => writes.write(index * PIECE, piece(index)));
  await turn();
  assertEquals(file.calls, [[0, 4 * PIECE], [6 * PIECE, 2 * PIECE]]);
  file.end();
  file.end();
  await Promise.all(written);
  const each = Array.from({ length: 8 }, (_, index) => file.bytes[index * PIECE]);
  assertEquals(each, [1, 2, 3, 4, 0, 0, 7, 8]);
  assertEquals(file.bytes[4 * PIECE - 1], 4);
});

Deno.test("a piece alone waits for nobody, and those behind a slow disk are joined", async () => {
  const file = new SlowFile(8 * PIECE);
  const writes = writesTo(file, 1);
  const written = [writes.write(0, piece(0))];
  await turn();
  assertEquals(file.calls, [[0, PIECE]]);
  for (const index of [1, 2, 3]) {
    written.push(writes.write(index * PIECE, piece(index)));
    await turn();
  }
  assertEquals(file.calls.length, 1);
  file.end();
  await written[0];
  await turn();
  assertEquals(file.calls, [[0, PIECE], [PIECE, 3 * PIECE]]);
  file.end();
  await Promise.all(written);
});

Deno.test("a call is no longer than it may be, except for a piece that is", async () => {
  const count = SIZE / PIECE + 1;
  const file = new SlowFile(4 * SIZE);
  const writes = writesTo(file, 4);
  for (let index = 0; index < count; index++) void writes.write(index * PIECE, piece(index));
  void writes.write(2 * SIZE, piece(0, 2 * SIZE));
  await turn();
  assertEquals(file.calls, [
    [0, SIZE],
    [SIZE, PIECE],
    [2 * SIZE, 2 * SIZE],
  ]);
  for (let call = 0; call < 3; call++) file.end();
  await writes.settled();
});

Deno.test("a call that fails is told to all of its pieces, and to no others", async () => {
  const file = new SlowFile(8 * PIECE);
  const writes = writesTo(file, 1);
  const failed = [0, 1].map((index) => writes.write(index * PIECE, piece(index)));
  const right = writes.write(4 * PIECE, piece(4));
  await turn();
  file.end(new Error("no space"));
  for (const promise of failed) await assertRejects(() => promise, Error, "no space");
  await turn();
  file.end();
  await right;
  await writes.settled();
});

Deno.test("where there is no handle, everything that waits fails", async () => {
  const writes = new JoinedWrites({
    lanes: 2,
    size: SIZE,
    write: () => Promise.reject(new Error("it is missing")),
  });
  const failed = [0, 4].map((index) => writes.write(index * PIECE, piece(index)));
  for (const promise of failed) await assertRejects(() => promise, Error, "it is missing");
  await writes.settled();
});
