/**
 * What a folder holds, as digests: to say that two folders are the same.
 *
 * @module
 */
import { join } from "@std/path";
import { createHash } from "node:crypto";

/** Path → SHA-256 (hex) of every file below `folder`, sorted. */
export async function digestsOf(folder: string): Promise<Record<string, string>> {
  const paths = await Array.fromAsync(files(folder, ""));
  const digests: Record<string, string> = {};
  for (const path of paths.sort()) digests[path] = await digestOf(join(folder, path));
  return digests;
}

/** SHA-256 of one file, in hex, read in pieces. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(2 ** 20);
  for (let read = await file.read(buffer); read !== null; read = await file.read(buffer)) {
    hash.update(buffer.subarray(0, read));
  }
  return hash.digest("hex");
}

async function* files(folder: string, path: string): AsyncIterable<string> {
  for await (const entry of Deno.readDir(join(folder, path))) {
    const inner = join(path, entry.name);
    if (entry.isDirectory) yield* files(folder, inner);
    else yield inner;
  }
}
