import { encodeLsd, type LsdAnnounce, MAX_LSD_HASHES, parseLsd } from "../../protocol/lsd.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const hashes = (count: number) =>
  Array.from({ length: count }, (_, n) => new Uint8Array(20).fill(n));
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a packet is that of BEP 14, and is read back", () => {
  const announce: LsdAnnounce = { infoHashes: hashes(2), port: 6881, cookie: "abc" };
  assertEquals(
    new TextDecoder().decode(encodeLsd(announce, 4)),
    "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n" +
      `Infohash: ${"00".repeat(20)}\r\nInfohash: ${"01".repeat(20)}\r\ncookie: abc\r\n\r\n\r\n`,
  );
  for (const family of [4, 6] as const) {
    assertEquals(parseLsd(encodeLsd(announce, family)), announce);
  }
  const full = encodeLsd({
    infoHashes: hashes(MAX_LSD_HASHES),
    port: 65535,
    cookie: "x".repeat(12),
  }, 6);
  assertEquals(full.length <= 1400, true, `${full.length} bytes`);
  assertThrows(() => encodeLsd({ ...announce, infoHashes: hashes(21) }, 4), RangeError);
});

Deno.test("messages of other clients are read, invalid ones are not", () => {
  const hash = "ab".repeat(20);
  const read = (text: string) => parseLsd(bytes(text));
  assertEquals(
    read(`BT-SEARCH * HTTP/1.1\nhost: x\nPORT:  51413 \ninfohash: ${hash.toUpperCase()}\n\n`),
    { infoHashes: [Uint8Array.fromHex(hash)], port: 51413, cookie: undefined },
  );
  for (
    const wrong of [
      "",
      `GET * HTTP/1.1\r\nPort: 1\r\nInfohash: ${hash}\r\n\r\n`,
      `BT-SEARCH * HTTP/1.1\r\nInfohash: ${hash}\r\n\r\n`,
      `BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: ${hash}\r\n\r\n`,
      `BT-SEARCH * HTTP/1.1\r\nPort: 1e3x\r\nInfohash: ${hash}\r\n\r\n`,
      `BT-SEARCH * HTTP/1.1\r\nPort: 70000\r\nInfohash: ${hash}\r\n\r\n`,
      `BT-SEARCH * HTTP/1.1\r\nPort: 6881\r\nInfohash: short\r\n\r\n`,
      `BT-SEARCH * HTTP/1.1\r\nPort: 6881\r\n${`Infohash: ${hash}\r\n`.repeat(40)}`,
    ]
  ) assertEquals(read(wrong), undefined, wrong);
});
