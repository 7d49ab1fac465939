/**
 * Sound databases: a SQLite file that is damaged is moved aside, so that a peer or a tracker starts
 * with a new one and the old bytes are there to be looked at.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";

class DamageError extends Error {
  override name = "DamageError";
}

/** SQLite's codes for "malformed" and "not a database". Not all of its errors come with a code. */
const DAMAGE_CODES = [11, 26];

function isDamage(error: unknown): boolean {
  if (error instanceof DamageError) return true;
  const { errcode, message } = (error ?? {}) as { errcode?: unknown; message?: unknown };
  return DAMAGE_CODES.includes(Number(errcode) & 0xff) ||
    /malformed|not a database/.test(String(message));
}

/** Looks for damage; {@linkcode openOrReplace} knows what this throws. */
export function requireSound(db: DatabaseSync): void {
  const check = db.prepare("PRAGMA quick_check(1)").get();
  if (check?.quick_check !== "ok") throw new DamageError(String(check?.quick_check));
}

/**
 * Opens a database, or a new one after moving a damaged one aside.
 *
 * @param open makes the file where there is none; has called {@linkcode requireSound}
 * @returns also where the damaged file is now, if it was one
 * @throws what `open` throws for other reasons
 */
export function openOrReplace(
  path: string,
  open: (path: string) => DatabaseSync,
): { db: DatabaseSync; movedTo: string | undefined } {
  try {
    return { db: open(path), movedTo: undefined };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const movedTo = moveAside(path);
    return { db: open(path), movedTo };
  }
}

function moveAside(path: string): string {
  let to = `${path}.damaged`;
  for (let n = 1; exists(to); n++) to = `${path}.damaged.${n}`;
  Deno.renameSync(path, to);
  for (const suffix of ["-wal", "-shm"]) {
    if (exists(path + suffix)) Deno.renameSync(path + suffix, to + suffix);
  }
  return to;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
