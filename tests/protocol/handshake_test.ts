import { ProtocolError } from "../../protocol/errors.ts";
import {
  decodeHandshake,
  encodeHandshake,
  type Handshake,
  HANDSHAKE_LENGTH,
  isHandshakePrefix,
} from "../../protocol/handshake.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { fromLatin1, latin1 } from "../support/bytes.ts";

const handshake: Handshake = {
  infoHash: new Uint8Array(20).fill(0xaa),
  peerId: latin1("-VT0100-abcdefghijkl"),
  fast: true,
  extended: true,
  dht: false,
  v2: false,
};

Deno.test("encodeHandshake() writes the 68 bytes of BEP 3 with the bits of BEP 6 and 10", () => {
  assertEquals(
    fromLatin1(encodeHandshake(handshake)),
    "\x13BitTorrent protocol\0\0\0\0\0\x10\0\x04" + "\xaa".repeat(20) + "-VT0100-abcdefghijkl",
  );
  assertEquals(encodeHandshake({ ...handshake, fast: false, dht: true })[27], 1);
  // BEP 52: the fourth most significant bit of the last reserved byte.
  assertEquals(encodeHandshake({ ...handshake, fast: false, v2: true })[27], 0x10);
});

Deno.test("decodeHandshake() reads back every combination of extensions", () => {
  for (const fast of [false, true]) {
    for (const extended of [false, true]) {
      for (const dht of [false, true]) {
        for (const v2 of [false, true]) {
          const value = { ...handshake, fast, extended, dht, v2 };
          assertEquals(decodeHandshake(encodeHandshake(value)), value);
        }
      }
    }
  }
});

Deno.test("decodeHandshake() ignores reserved bits it does not know and owns its bytes", () => {
  const bytes = encodeHandshake(handshake);
  bytes[20] = 0xff;
  bytes[24] = 0xff;
  const value = decodeHandshake(bytes);
  bytes.fill(0);
  assertEquals(value, handshake);
});

Deno.test("decodeHandshake() refuses other protocols and other lengths", () => {
  const bytes = encodeHandshake(handshake);
  assertThrows(() => decodeHandshake(bytes.subarray(1)), ProtocolError);
  assertThrows(() => decodeHandshake(new Uint8Array(HANDSHAKE_LENGTH)), ProtocolError);
  assertThrows(
    () => decodeHandshake(latin1("GET / HTTP/1.1\r\n".padEnd(HANDSHAKE_LENGTH))),
    ProtocolError,
    "does not speak BitTorrent",
  );
});

Deno.test("isHandshakePrefix() tells a stranger from its first byte on", () => {
  const bytes = encodeHandshake(handshake);
  for (let length = 0; length <= bytes.length; length++) {
    assert(isHandshakePrefix(bytes.subarray(0, length)));
  }
  assert(!isHandshakePrefix(latin1("G")));
  assert(!isHandshakePrefix(latin1("\x13BitTorrent protokol")));
});
