/**
 * The 20-byte names of the protocol: info hashes and peer IDs. On the wire they are bytes; as keys
 * and for people they are lower-case hex.
 *
 * @module
 */

/** Length in bytes of an info hash (SHA-1) and of a peer ID (BEP 3). */
export const ID_LENGTH = 20;

/** Whether two byte strings are the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The bytes of 40 hex digits, or undefined where `text` is anything else. */
export function parseInfoHash(text: string): Uint8Array | undefined {
  return /^[0-9a-fA-F]{40}$/.test(text) ? Uint8Array.fromHex(text) : undefined;
}

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;

const PERCENT: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return UNRESERVED.test(character)
    ? character
    : "%" + byte.toString(16).toUpperCase().padStart(2, "0");
});

/** Bytes as they stand in an announce URL: unreserved characters as they are, the rest `%XX`. */
export function percentEncode(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += PERCENT[byte];
  return text;
}
