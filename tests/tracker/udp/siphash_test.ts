import { sipHash } from "../../../tracker/udp/siphash.ts";
import { assertEquals } from "../../support/assert.ts";

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);

Deno.test("SipHash-2-4 gives what its authors' examples give", () => {
  // Hashes of the first bytes of 0, 1, 2, …, in the order of the reference implementation's table.
  const table: [length: number, hash: string][] = [
    [0, "310e0edd47db6f72"],
    [1, "fd67dc93c539f874"],
    [2, "5a4fa9d909806c0d"],
    [7, "37d1018bf50002ab"],
    [8, "6224939a79f5f593"],
    [15, "e545be4961ca29a1"],
  ];
  for (const [length, hash] of table) {
    assertEquals(sipHash(KEY.subarray(0, length), KEY).toHex(), hash, `${length} bytes`);
  }
});

Deno.test("another key or another message, another hash", () => {
  const message = Uint8Array.of(127, 0, 0, 1, 0, 0, 0, 7);
  const hashes = new Set([sipHash(message, KEY).toHex()]);
  for (let bit = 0; bit < 64; bit++) {
    hashes.add(sipHash(message.with(bit >> 3, message[bit >> 3]! ^ 1 << (bit & 7)), KEY).toHex());
  }
  for (let bit = 0; bit < 128; bit++) {
    hashes.add(sipHash(message, KEY.with(bit >> 3, KEY[bit >> 3]! ^ 1 << (bit & 7))).toHex());
  }
  assertEquals(hashes.size, 1 + 64 + 128);
});
