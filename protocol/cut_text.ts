/**
 * Sentences of others, at a length that people read.
 *
 * @module
 */

/** Characters that are kept of what a server says. */
export const TEXT_LIMIT = 300;

/** `text`, or its beginning and an ellipsis: {@linkcode TEXT_LIMIT} UTF-16 units at most. */
export function cutText(text: string): string {
  if (text.length <= TEXT_LIMIT) return text;
  return `${text.slice(0, TEXT_LIMIT - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** The same of UTF-8, of which no more is decoded than is kept. */
export function cutUtf8(bytes: Uint8Array): string {
  // A character has four bytes at most; the one that the cut may split is beyond what is kept.
  return cutText(new TextDecoder().decode(bytes.subarray(0, 4 * (TEXT_LIMIT + 1))));
}
