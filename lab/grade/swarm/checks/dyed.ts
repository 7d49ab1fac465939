/**
 * Who gave what, where nobody counts bytes: each source's copy is overwritten with a letter of its
 * own after it was shared, and the result is a map of who delivered which part.
 *
 * @module
 */
import {
  cannotTell,
  type CheckWorld,
  equalFinding,
  type Finding,
  finding,
  percent,
  USUAL_SIZE,
  watchOne,
} from "../check.ts";
import type { Download } from "../download.ts";
import { makeFile, type TestFile } from "../test_file.ts";

/** ms of a download that can never become right. */
const LIMIT = 20_000;
const SETTLE = 4000;
/** Share that makes a host count as a source. */
const SOURCE = 0.1;

/** S2b on one host: does h3, which downloaded, give to h4? */
export async function secondByDye(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2], fetch: [3, 4, 5] });
  await stage.share(2, file);
  const before = await stage.download(3, file);
  await watchOne(world, before);
  if (!before.isRight) return [equalFinding("S2", [before])];
  await stage.reshare(before);
  const plain = await stage.download(4, file);
  await watchOne(world, plain);
  await stage.alter(2, file, dyed(2, file));
  await stage.alterDownload(before, dyed(3, file));
  await stage.alterDownload(plain, dyed(4, file));
  const shares = await sharesOf(world, await stage.download(5, file));
  const seen = wordsOf(shares);
  const others = (shares.get(3) ?? 0) + (shares.get(4) ?? 0);
  return [
    equalFinding("S2", [plain]),
    shares.size === 0 ? cannotTell("S2b", `dyed copies: ${seen}`) : finding(
      "S2b",
      others >= SOURCE,
      `those who have downloaded give at least ${percent(SOURCE)}`,
      `dyed copies: ${seen}`,
    ),
  ];
}

/** S6 on one host: do both of two sources give? */
export async function twoSourcesByDye(world: CheckWorld): Promise<Finding[]> {
  const { stage } = world;
  const file = makeFile(USUAL_SIZE);
  await stage.open(file, { share: [2, 3], fetch: [4] });
  for (const host of [2, 3]) {
    await stage.share(host, file);
    await stage.alter(host, file, dyed(host, file));
  }
  const shares = await sharesOf(world, await stage.download(4, file));
  const seen = `dyed copies: ${wordsOf(shares)}`;
  if (shares.size === 0) return [cannotTell("S6", seen)];
  const least = Math.min(shares.get(2) ?? 0, shares.get(3) ?? 0);
  return [
    finding("S6", least >= SOURCE, `at least ${percent(SOURCE)} from each of h2 and h3`, seen),
  ];
}

/** A copy in which every byte is its host's letter. */
function dyed(host: number, file: TestFile): Uint8Array {
  return new Uint8Array(file.bytes.length).fill(letter(host));
}

/** Host → its share of what came. Empty where nothing came, or nothing of it was dyed. */
async function sharesOf(world: CheckWorld, download: Download): Promise<Map<number, number>> {
  await watchOne({ ...world, limit: LIMIT, settle: SETTLE }, download);
  const shares = new Map<number, number>();
  if (download.isRight) return shares;
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(download.path);
  } catch {
    return shares;
  }
  return dyeShares(bytes, download.file.bytes);
}

/** Host → share of the bytes that have its letter and not that of the file itself. */
export function dyeShares(bytes: Uint8Array, original: Uint8Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [at, byte] of bytes.entries()) {
    const host = byte - letter(0);
    if (host > 0 && host <= 16 && byte !== original[at]) {
      counts.set(host, (counts.get(host) ?? 0) + 1);
    }
  }
  const shares = [...counts].map(([host, count]) => [host, count / original.length] as const)
    // Random bytes look like every letter now and then.
    .filter(([, share]) => share > 0.02);
  return new Map(shares);
}

/** h2 is B. */
function letter(host: number): number {
  return 64 + host;
}

function wordsOf(shares: ReadonlyMap<number, number>): string {
  if (shares.size === 0) {
    return "none of them came: it compares with hashes, or sends from memory. Hosts would show it";
  }
  return [...shares].sort(([a], [b]) => a - b)
    .map(([host, share]) => `h${host} gave ${percent(share)}`).join(", ");
}
