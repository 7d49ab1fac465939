import fc from "fast-check";
import { equalBytes, parseInfoHash, percentEncode } from "../../protocol/bytes20.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { fromLatin1 } from "../support/bytes.ts";

Deno.test("parseInfoHash() takes 40 hex digits and nothing else", () => {
  const hex = "0123456789abcdef0123456789ABCDEF01234567";
  assertEquals(parseInfoHash(hex)?.toHex(), hex.toLowerCase());
  for (const text of ["", hex.slice(1), hex + "0", "g" + hex.slice(1), ` ${hex.slice(1)}`]) {
    assertEquals(parseInfoHash(text), undefined);
  }
});

Deno.test("percentEncode() leaves unreserved characters as they are", () => {
  assertEquals(percentEncode(new TextEncoder().encode("aZ09-._~")), "aZ09-._~");
  assertEquals(percentEncode(Uint8Array.of(0, 0x20, 0x25, 0x2b, 0x2f, 0xff)), "%00%20%25%2B%2F%FF");
});

Deno.test("percentEncode() reads back as the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
      const text = percentEncode(new Uint8Array(bytes));
      const back = text.replace(
        /%(..)/g,
        (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
      );
      assertEquals(back, fromLatin1(bytes));
    }),
    { seed: 1 },
  );
});

Deno.test("equalBytes() compares length and content", () => {
  assert(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
  assert(equalBytes(new Uint8Array(), new Uint8Array()));
  assert(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
  assert(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1)));
  assert(!equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0)));
});
