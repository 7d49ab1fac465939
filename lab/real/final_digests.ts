/**
 * Final digests: what each member has on its disk when a run ends.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { CONTENT_NAME } from "../run/content.ts";
import type { MemberStart } from "./running_member.ts";

/** ms that programs have to write what they have, and between two looks. */
const SETTLE = 4000;
const SETTLE_POLL = 100;

/**
 * SHA-256 of what each member has in the end. Programs need a moment from the last block to the last
 * byte on the disk.
 *
 * @param wanted of the whole content
 * @param isComplete whether a member was seen to get everything
 */
export async function finalDigests(
  places: Iterable<{ readonly start: Pick<MemberStart, "id" | "dir"> }>,
  wanted: string,
  isComplete: (who: string) => boolean,
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  const until = performance.now() + SETTLE;
  for (const { start: { id, dir } } of places) {
    while (true) {
      const digest = await digestOf(join(dir, CONTENT_NAME));
      if (digest !== undefined) digests[id] = digest;
      if (digest === wanted || !isComplete(id) || performance.now() > until) break;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL));
    }
  }
  return digests;
}

async function digestOf(path: string): Promise<string | undefined> {
  try {
    return createHash("sha256").update(await Deno.readFile(path)).digest("hex");
  } catch {
    // It has no such file: nothing was finished.
    return undefined;
  }
}
