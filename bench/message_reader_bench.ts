import { MessageReader } from "../protocol/message_reader.ts";
import { MessageWriter } from "../protocol/message_writer.ts";

const BLOCK = 16384;
const MIB = 1 << 20;

/** What a seed sends: a MiB in blocks, one after the other. */
function blocks(): Uint8Array {
  const writer = new MessageWriter(() => {});
  for (let begin = 0; begin < MIB; begin += BLOCK) writer.piece(7, begin, new Uint8Array(BLOCK));
  return writer.take();
}

/** What a seed receives: the requests for 16 MiB. */
function requests(): Uint8Array {
  const writer = new MessageWriter(() => {});
  for (let begin = 0; begin < 16 * MIB; begin += BLOCK) writer.request(7, begin, BLOCK);
  return writer.take();
}

/** Feeds `stream` in reads of at most `size` bytes; the number of messages keeps it honest. */
function readAll(stream: Uint8Array, size: number): number {
  const reader = new MessageReader();
  let messages = 0;
  for (let at = 0; at < stream.length;) {
    const space = reader.space();
    const count = Math.min(space.length, size, stream.length - at);
    space.set(stream.subarray(at, at + count));
    reader.commit(count);
    at += count;
    while (reader.next() !== undefined) messages++;
  }
  return messages;
}

const pieces = blocks();
const wanted = requests();
const group = "message reader";

Deno.bench("1 MiB copied, not read", { group: `${group}: blocks`, baseline: true }, () => {
  new Uint8Array(pieces.length).set(pieces);
});
for (const size of [16384, 65536, 262144]) {
  Deno.bench(
    `1 MiB of blocks in reads of ${size / 1024} KiB`,
    { group: `${group}: blocks` },
    () => {
      readAll(pieces, size);
    },
  );
}

Deno.bench("1,024 requests walked by hand", { group: `${group}: requests`, baseline: true }, () => {
  const view = new DataView(wanted.buffer, wanted.byteOffset, wanted.byteLength);
  let sum = 0;
  for (let at = 0; at < wanted.length; at += 17) sum += view.getUint32(at + 9);
  if (sum === 0) throw new Error("No requests");
});
Deno.bench("1,024 requests", { group: `${group}: requests` }, () => {
  readAll(wanted, 65536);
});
