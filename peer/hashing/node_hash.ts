/**
 * Node's hashes, loaded when the first one is made.
 *
 * They hash on the spot, without a copy, but loading them takes 20 ms: a third of a program that only
 * reads or makes a small .torrent and gets by with Web Crypto.
 *
 * @module
 */
import type { Hash } from "node:crypto";

type NodeCrypto = Pick<typeof import("node:crypto"), "createHash">;

let nodeCrypto: NodeCrypto | undefined;

/** Begins a digest. */
export function createHash(algorithm: "sha1" | "sha256"): Hash {
  nodeCrypto ??= (globalThis as unknown as {
    process: { getBuiltinModule(name: "node:crypto"): NodeCrypto };
  }).process.getBuiltinModule("node:crypto");
  return nodeCrypto.createHash(algorithm);
}

/** The SHA-256 of little: nodes of Merkle trees. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}
