import { createHash } from "node:crypto";
import { allowedFastSet } from "../../protocol/allowed_fast.ts";
import { assert, assertEquals } from "../support/assert.ts";

const infoHash = new Uint8Array(20).fill(0xaa);

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash("sha1").update(bytes).digest();
}

Deno.test("allowedFastSet() gives the values of BEP 6", async () => {
  const seven = [1059, 431, 808, 1217, 287, 376, 1188];
  const ip = Uint8Array.of(80, 4, 4, 200);
  assertEquals(await allowedFastSet({ infoHash, ip, pieceCount: 1313, count: 7 }, sha1), seven);
  assertEquals(
    await allowedFastSet({ infoHash, ip, pieceCount: 1313, count: 9 }, sha1),
    [...seven, 353, 508],
  );
});

Deno.test("allowedFastSet() is the same for all of a /24", async () => {
  const options = { infoHash, pieceCount: 5000 };
  assertEquals(
    await allowedFastSet({ ...options, ip: Uint8Array.of(80, 4, 4, 1) }, sha1),
    await allowedFastSet({ ...options, ip: Uint8Array.of(80, 4, 4, 2) }, sha1),
  );
});

Deno.test("allowedFastSet() copes with few pieces, with none, and with IPv6", async () => {
  const ip = Uint8Array.of(127, 0, 0, 1);
  for (const pieceCount of [1, 2, 9, 10, 11]) {
    const set = await allowedFastSet({ infoHash, ip, pieceCount }, sha1);
    assertEquals(set.length, Math.min(10, pieceCount));
    assertEquals(new Set(set).size, set.length);
    assert(set.every((piece) => piece >= 0 && piece < pieceCount));
  }
  assertEquals(await allowedFastSet({ infoHash, ip, pieceCount: 0 }, sha1), []);
  assertEquals(await allowedFastSet({ infoHash, ip: new Uint8Array(16), pieceCount: 5 }, sha1), []);
});

Deno.test("allowedFastSet() also takes digests that come later", async () => {
  const ip = Uint8Array.of(80, 4, 4, 200);
  const later = (bytes: Uint8Array): Promise<Uint8Array> => Promise.resolve(sha1(bytes));
  assertEquals(await allowedFastSet({ infoHash, ip, pieceCount: 1313, count: 1 }, later), [1059]);
});
