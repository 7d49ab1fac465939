/**
 * Bytes from text, for tests that spell out what goes over the wire.
 *
 * @module
 */

/** One byte for each character: `\x00` to `\xff`. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One character for each byte. */
export function fromLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
