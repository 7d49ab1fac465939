/**
 * The cast of the demo: what its peers are called, and what they share. Names that a class can speak
 * of stand for peers better than numbers do.
 *
 * @module
 */

const NAMES = (
  "ada bob carol dave eve frank grace heidi ivan judy kim leo mia nia olga paul quinn ruth sam tina " +
  "uma vic wendy xena yan zoe"
).split(" ");

/** What is shared where no file was named. */
export const FILM = "lecture.mp4";
/** Bytes of it. */
export const FILM_SIZE = 40 << 20;

/** The names of `count` peers, the first one first: `ada`, `bob` … `zoe`, `ada2` … */
export function castOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / NAMES.length);
    return NAMES[index % NAMES.length]! + (round === 0 ? "" : String(round + 1));
  });
}

/** Writes a film of which no two blocks are alike, so that each piece has a hash of its own. */
export async function writeFilm(path: string, stop: AbortSignal): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const chunk = new Uint8Array(1 << 20);
  for (let written = 0; written < FILM_SIZE && !stop.aborted; written += chunk.length) {
    // The most that is given at a time.
    for (let at = 0; at < chunk.length; at += 65_536) {
      crypto.getRandomValues(chunk.subarray(at, at + 65_536));
    }
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
  }
}
