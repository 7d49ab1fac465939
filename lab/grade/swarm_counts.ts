/**
 * A swarm's numbers, as a student's tracker tells them: in its replies to announces and in its scrapes.
 *
 * @module
 */
import type { BencodeDict, BencodeValue } from "../../protocol/mod.ts";
import { Failure, NotOffered } from "./finding.ts";
import type { StudentTracker } from "./student_tracker.ts";
import { countIn, placeInBody, placeOfKey, type TrackerReply } from "./tracker_reply.ts";

/** The numbers in one reply. */
export interface Counts {
  /** Which reply that is, in words. */
  readonly where: string;
  readonly reply: TrackerReply;
  /** The keys that lead to the numbers. */
  readonly path: readonly string[];
  readonly dict: BencodeDict;
}

/** What is expected of them. */
export interface CountsWanted {
  readonly complete?: number;
  readonly incomplete?: number;
  readonly downloaded?: number;
}

const KEYS = ["complete", "incomplete", "downloaded"] as const;

/** The entry of a torrent in a scrape; undefined where there is none. */
export function scrapeEntry({ dict }: TrackerReply, torrent: Uint8Array): BencodeDict | undefined {
  const files: BencodeValue | undefined = dict.get("files");
  if (!(files instanceof Map)) return undefined;
  const entry = files.get(String.fromCharCode(...torrent));
  return entry instanceof Map ? entry : undefined;
}

/**
 * Where a tracker tells numbers of a torrent.
 *
 * @param last its reply to the last announce
 * @throws {NotOffered} where it tells none
 */
export async function countsOf(
  tracker: StudentTracker,
  torrent: Uint8Array,
  last: TrackerReply,
  why: string,
): Promise<Counts[]> {
  const counts: Counts[] = [
    { where: "its reply to the last announce", reply: last, path: [], dict: last.dict },
  ];
  try {
    const reply = await tracker.scrape([torrent], why);
    const dict = scrapeEntry(reply, torrent);
    const path = ["files", String.fromCharCode(...torrent)];
    if (dict !== undefined) counts.push({ where: "its scrape", reply, path, dict });
  } catch (error) {
    // That its scrape is wrong is told elsewhere.
    if (!(error instanceof Failure) && !(error instanceof NotOffered)) throw error;
  }
  const told = counts.filter(({ dict }) => KEYS.some((key) => dict.has(key)));
  if (told.length > 0) return told;
  throw new NotOffered("it tells no numbers of a swarm, neither in its replies nor in a scrape", {
    expected: "complete and incomplete, in the reply or in a scrape (BEP 48)",
    seen: `neither; the keys of its reply: ${[...last.dict.keys()].slice(0, 12).join(", ")}`,
    why,
    ...placeInBody(last.http),
  });
}

/**
 * Judges them, wherever they are told.
 *
 * @param when what has happened, in words
 * @throws {Failure}
 */
export function expectCounts(
  counts: readonly Counts[],
  wanted: CountsWanted,
  when: string,
  why: string,
): void {
  for (const { where, reply, path, dict } of counts) {
    for (const key of KEYS) {
      const value = wanted[key];
      if (value === undefined || !dict.has(key) || countIn(dict, key) === value) continue;
      throw new Failure({
        expected: `${key}: ${value} in ${where}, after ${when}`,
        seen: `${key}: ${countIn(dict, key) ?? "no integer"}`,
        why,
        ...placeInBody(reply.http, placeOfKey(reply, ...path, key)),
      });
    }
  }
}

/** Whether a number is told anywhere. */
export function isTold(counts: readonly Counts[], key: keyof CountsWanted): boolean {
  return counts.some(({ dict }) => dict.has(key));
}
