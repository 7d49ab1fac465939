/**
 * Bytes that may be UTF-8. A decoder that throws takes longer for two bytes than another one for a
 * page, and strangers choose how many names of a torrent are no UTF-8.
 *
 * @module
 */

// A byte order mark is part of the text: dropping it would change a name.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text; undefined where the bytes are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  const text = decoder.decode(bytes);
  // What cannot be decoded becomes U+FFFD; the other ones are written in the bytes.
  return countIn(text) === countWritten(bytes, text) ? text : undefined;
}

function countIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\ufffd"); at >= 0; at = text.indexOf("\ufffd", at + 1)) count++;
  return count;
}

/** How often U+FFFD is written in the bytes of `text`: EF BF BD, which begins at no other place. */
function countWritten(bytes: Uint8Array, text: string): number {
  if (!text.includes("\ufffd")) return 0;
  let count = 0;
  for (let at = bytes.indexOf(0xef); at >= 0; at = bytes.indexOf(0xef, at + 1)) {
    if (bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) count++;
  }
  return count;
}
