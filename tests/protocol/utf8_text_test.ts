import fc from "fast-check";
import { utf8Text } from "../../protocol/utf8_text.ts";
import { assertEquals } from "../support/assert.ts";

/** What the runtime says, which throws for bytes that are not UTF-8. */
function told(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes that begin, continue and break characters, U+FFFD and the byte order mark among them. */
const pieces = fc.constantFrom(
  [0x61],
  [0xc3, 0xbc],
  [0xe2, 0x82, 0xac],
  [0xf0, 0x9f, 0x98, 0x80],
  [0xef, 0xbf, 0xbd],
  [0xef, 0xbb, 0xbf],
  [0xef],
  [0xbf],
  [0xbd],
  [0xe2],
  [0xf0, 0x9f],
  [0xed, 0xa0, 0x80],
  [0xc0, 0x80],
  [0xff],
);

Deno.test("text is told from bytes that are none as the runtime does it", () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const bytes = Uint8Array.from(parts.flat());
      assertEquals(utf8Text(bytes), told(bytes));
    }),
    { numRuns: 3000 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    assertEquals(utf8Text(bytes), told(bytes));
  }));
});
