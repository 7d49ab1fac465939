import fc from "fast-check";
import { cutText, cutUtf8, TEXT_LIMIT } from "../../protocol/cut_text.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("a text is kept, or cut at its limit and never within a character", () => {
  const texts = fc.string({ unit: "grapheme", maxLength: 800, size: "max" });
  fc.assert(fc.property(texts, (text) => {
    const cut = cutText(text);
    assertEquals(cutUtf8(new TextEncoder().encode(text)), cut);
    assert(cut.length <= TEXT_LIMIT && cut.isWellFormed());
    if (text.length <= TEXT_LIMIT) assertEquals(cut, text);
    else assert(cut.endsWith("…") && text.startsWith(cut.slice(0, -1)));
  }));
});
