/**
 * SHA-256 of little at once: nodes of Merkle trees.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The SHA-256 of some bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}
