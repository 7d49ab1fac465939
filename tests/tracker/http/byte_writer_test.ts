import fc from "fast-check";
import { ByteWriter, type Part, partLength } from "../../../tracker/http/byte_writer.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("parts are written as they are counted: numbers in decimal, text as bytes", () => {
  const part: fc.Arbitrary<Part> = fc.oneof(
    fc.string({ unit: "binary-ascii" }),
    fc.maxSafeNat(),
    fc.uint8Array({ maxLength: 50 }),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const writer = new ByteWriter(1);
      let expected = "";
      for (const part of parts) {
        writer.write(part);
        expected += typeof part === "object" ? String.fromCharCode(...part) : String(part);
        assertEquals(writer.length, expected.length);
      }
      assertEquals(parts.reduce<number>((sum, one) => sum + partLength(one), 0), expected.length);
      assertEquals(String.fromCharCode(...writer.written), expected);
    }),
    { seed: 3 },
  );
});
