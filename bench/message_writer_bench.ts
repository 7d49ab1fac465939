import { MessageWriter } from "../protocol/message_writer.ts";

const BLOCK = 16384;
const BLOCKS = 64;

const piece = new Uint8Array(BLOCK * BLOCKS);
const target = new Uint8Array(piece.length + BLOCKS * 13);
const writer = new MessageWriter(() => {});

Deno.bench("1 MiB copied", { group: "message writer: blocks", baseline: true }, () => {
  target.set(piece);
});
Deno.bench("1 MiB in blocks", { group: "message writer: blocks" }, () => {
  for (let begin = 0; begin < piece.length; begin += BLOCK) {
    writer.piece(7, begin, piece.subarray(begin, begin + BLOCK));
  }
  writer.take();
});

Deno.bench(
  "1,024 requests written by hand",
  { group: "message writer: requests", baseline: true },
  () => {
    const view = new DataView(target.buffer);
    for (let i = 0; i < 1024; i++) {
      const at = i * 17;
      view.setUint32(at, 13);
      view.setUint8(at + 4, 6);
      view.setUint32(at + 5, 7);
      view.setUint32(at + 9, i * BLOCK);
      view.setUint32(at + 13, BLOCK);
    }
  },
);
Deno.bench("1,024 requests", { group: "message writer: requests" }, () => {
  for (let i = 0; i < 1024; i++) writer.request(7, i * BLOCK, BLOCK);
  writer.take();
});
