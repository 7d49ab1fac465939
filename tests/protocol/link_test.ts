import fc from "fast-check";
import { bareInfoHash, parseLink, splitLinks } from "../../protocol/link.ts";
import { MagnetError } from "../../protocol/errors.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const A = "0123456789abcdef0123456789abcdef01234567";
/** The same in base32. */
const A32 = "AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH";
const B = "89abcdef0123456789abcdef0123456789abcdef";
const LINK = `magnet:?xt=urn:btih:${A}&dn=one`;

Deno.test("an info hash is taken as 40 hex digits or 32 of base32, blanks and all", () => {
  const bytes = Uint8Array.fromHex(A);
  for (
    const text of [
      A,
      A.toUpperCase(),
      ` ${A}\n`,
      `${A.slice(0, 20)} ${A.slice(20)}`,
      `urn:btih:${A}`,
      A32,
      A32.toLowerCase(),
    ]
  ) {
    assertEquals(bareInfoHash(text), bytes, text);
    assertEquals(parseLink(text)?.infoHash, bytes, text);
  }
  for (const text of ["", "lecture.pdf", A.slice(1), `${A}0`, "1".repeat(32)]) {
    assertEquals(bareInfoHash(text), undefined, text);
    assertEquals(parseLink(text), undefined, text);
  }
  assertThrows(() => parseLink("magnet:?xt=urn:btih:no"), MagnetError);
});

Deno.test("several links are told apart, whatever stands between them", () => {
  const other = `magnet:?xt=urn:btih:${B}&tr=http%3A%2F%2Fa%2Fannounce`;
  for (const gap of [" ", "\n", "\r\n\r\n", ", ", ""]) {
    assertEquals(splitLinks(LINK + gap + other), [LINK, other], JSON.stringify(gap));
    assertEquals(splitLinks(A + gap + B), [A, B], JSON.stringify(gap));
  }
  assertEquals(splitLinks(`${A}\n${LINK}\n${B}`), [A, LINK, B]);
  for (const text of ["", "lecture.pdf", `send ${A}`, `${A} lecture.pdf`, "a.torrent"]) {
    assertEquals(splitLinks(text), undefined, text);
  }
});

Deno.test("a link that was broken into lines is one link", () => {
  for (let at = "magnet:?".length; at < LINK.length; at++) {
    const broken = `${LINK.slice(0, at)}\n    ${LINK.slice(at)}`;
    const links = splitLinks(broken);
    assertEquals(links?.length, 1, broken);
    assertEquals(parseLink(links![0]!)?.infoHash.toHex(), A, broken);
  }
  const hashBehind = splitLinks(`magnet:?xt=urn:btih:\n${A}`);
  assertEquals(hashBehind?.length, 1);
});

Deno.test("links in any number and order come out as they went in", () => {
  const hash = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => bytes.toHex());
  const link = fc.oneof(hash, hash.map((hex) => `magnet:?xt=urn:btih:${hex}`));
  fc.assert(fc.property(
    fc.array(link, { minLength: 1, maxLength: 20 }),
    fc.constantFrom("\n", " \n ", "\r\n"),
    (links, gap) => assertEquals(splitLinks(links.join(gap)), links),
  ));
});
