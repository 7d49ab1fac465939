/**
 * A download by a student's program, watched until the file is there or nothing follows any more.
 *
 * @module
 */
import { join } from "@std/path";
import { expectEnd, howItEnded } from "./ask.ts";
import type { Values } from "./commands.ts";
import type { Finding } from "./finding.ts";
import type { PeerConnection } from "./peer_connection.ts";
import type { ProgramRun } from "../programs/program_run.ts";
import type { MadeTorrent } from "./torrents.ts";
import type { Trial } from "./trial.ts";

/** What is downloaded, and how. */
export interface Fetch {
  /** A word of the command table with an `{output}`. */
  readonly word: string;
  readonly torrent: MadeTorrent;
  readonly values: Values;
  /** What has to be in the file, and how the report calls it. */
  readonly content: Uint8Array;
  readonly what: string;
  /** Why a right program gets it, a sentence with the BEP. */
  readonly why: string;
  /** Where it begins in the torrent: a program that fetches the whole file has it, too. */
  readonly offset?: number;
  /** Where it goes; by default a fresh path. */
  readonly output?: string;
  /** The folder of the program. */
  readonly folder?: string;
}

/** How a download came out. */
export interface Fetched {
  readonly run: ProgramRun;
  /** Whether the file has every byte right. */
  readonly right: boolean;
  /** What is in the file; undefined where there is none. */
  readonly file: Uint8Array | undefined;
}

/** ms between two looks at the file. */
const LOOK_INTERVAL = 60;
/** Blocks asked for at once beyond which a remark is made. */
const MANY_OPEN = 64;

/** Has the program download, and fails the probe where the file is not right in the end. */
export async function fetchFile(trial: Trial, fetch: Fetch): Promise<ProgramRun> {
  const fetched = await tryFetch(trial, fetch);
  if (!fetched.right) {
    trial.judgeFaults();
    trial.fail(findingOf(trial, fetch, fetched));
  }
  await expectEnd(trial, fetched.run);
  if (trial.peers.some(({ wasMetEncrypted }) => wasMetEncrypted)) {
    trial.remark("begins encrypted (MSE), and plainly with a peer that hangs up on that");
  }
  const most = Math.max(0, ...trial.peers.map(({ mostOpen }) => mostOpen));
  if (most > MANY_OPEN) {
    trial.remark(`asks for ${most} blocks at once: many peers drop what is beyond some hundred`);
  }
  return fetched.run;
}

/** Has the program download, and says how that came out. */
export async function tryFetch(
  trial: Trial,
  fetch: Fetch,
  enough: () => boolean = () => false,
): Promise<Fetched> {
  const output = fetch.output ?? trial.path("output");
  const folder = fetch.folder ?? await trial.newFolder("run");
  const run = await trial.start(fetch.word, { output, ...fetch.values }, folder);
  const places = [output, join(trial.program.folder ?? folder, fetch.torrent.name)];
  let file: Uint8Array | undefined;
  let wasSilent = false;
  while (true) {
    trial.check();
    const ended = run.end !== undefined;
    const isSilent = trial.isSilent();
    // Twice, as in `until`.
    const quiet = isSilent && wasSilent;
    wasSilent = isSilent;
    file = await readIfWhole(places, fetch.content.length, ended || quiet);
    if (file !== undefined && isSame(file, fetch.content)) return { run, right: true, file };
    if (await isInWhole(places, fetch)) return { run, right: true, file };
    const isFaulty = trial.peers.some(({ faults }) => faults.length > 0);
    if (ended || quiet || isFaulty || enough()) break;
    await run.until(() => undefined, LOOK_INTERVAL);
  }
  await run.ended(0);
  return { run, right: false, file };
}

/** Why a download failed, in the words of the report. */
export function findingOf(trial: Trial, fetch: Fetch, { run, file }: Fetched): Finding {
  const expected = `${fetch.what}: ${fetch.content.length} bytes, every one right`;
  const saying = run.lastLines(1)[0];
  const says = saying === undefined ? "" : `; it says: ${saying.slice(0, 160)}`;
  if (file !== undefined && (run.end !== undefined || file.length === fetch.content.length)) {
    return { expected, why: fetch.why, ...fileFault(file, fetch.content, says) };
  }
  const connection = lastActive(trial);
  if (run.end !== undefined) {
    return {
      expected,
      seen: `no file${howItEnded(run)}${says}`,
      why: fetch.why,
      ...lastPlace(connection),
    };
  }
  const seconds = Math.round(trial.quietFor() / 1000);
  if (connection === undefined) {
    const asked = trial.trackers.some((tracker) => tracker.asked.length > 0);
    return {
      expected: asked
        ? "a connection to the peer that the tracker named"
        : trial.trackers.length > 0
        ? "an announce to the tracker"
        : "a connection to the peer",
      seen: `nothing for ${seconds} s${says}`,
      why: fetch.why,
    };
  }
  return {
    expected: awaitedOf(connection),
    seen: `${
      connection.closed
        ? `it closed the connection; nothing more for ${seconds} s`
        : `nothing for ${seconds} s`
    }, after it was told: ${connection.lastSaid}. It had said last: ${connection.lastHeardWords()}`,
    why: fetch.why,
    ...lastPlace(connection),
  };
}

/** What a peer has to say next. */
export function awaitedOf(connection: PeerConnection): string {
  const has = (type: string) => connection.heard.some(({ said }) => said.type === type);
  if (!has("handshake")) return "the handshake";
  if (!has("interested")) return "interested";
  if (!has("request")) return "a request: piece, begin, length";
  return "requests of the blocks that are missing";
}

/** The connection on which something happened last. */
function lastActive(trial: Trial): PeerConnection | undefined {
  return trial.peers.flatMap(({ connections }) => connections)
    .sort((a, b) => (b.heard.at(-1)?.at ?? 0) - (a.heard.at(-1)?.at ?? 0))[0];
}

function lastPlace(connection: PeerConnection | undefined): Partial<Finding> {
  const last = connection?.heard.at(-1);
  if (connection === undefined || last === undefined) return {};
  return connection.placeOf(last);
}

/** From which byte on a file differs. */
function fileFault(
  file: Uint8Array,
  content: Uint8Array,
  says: string,
): Pick<Finding, "seen" | "marked"> {
  if (file.length === 0) return { seen: `an empty file${says}` };
  let at = 0;
  while (at < file.length && at < content.length && file[at] === content[at]) at++;
  if (at === file.length) {
    return {
      seen: `a file of ${file.length} bytes: what is there is right, the rest is missing${says}`,
    };
  }
  if (at === content.length) {
    return {
      seen: `a file of ${file.length} bytes: ${file.length - at} too many at its end${says}`,
    };
  }
  let end = at;
  const limit = Math.min(file.length, content.length, at + 16);
  while (end < limit && file[end] !== content[end]) end++;
  const start = Math.max(0, at - at % 16);
  const bytes = file.slice(start, start + 48);
  return {
    seen: `a file of ${file.length} bytes that differs from byte ${at} on${says}`,
    marked: { bytes, wrong: [at - start, end - start], offset: start },
  };
}

/** Whether the whole torrent is there, with the wanted part in its place. */
async function isInWhole(
  places: readonly string[],
  { torrent, offset, content }: Fetch,
): Promise<boolean> {
  if (offset === undefined || torrent.length === content.length) return false;
  const whole = await readIfWhole(places, torrent.length, false);
  return whole !== undefined && isSame(whole.subarray(offset, offset + content.length), content);
}

/** The file, once it has its length; at the end whatever is there. */
async function readIfWhole(
  places: readonly string[],
  length: number,
  atEnd: boolean,
): Promise<Uint8Array | undefined> {
  for (const path of places) {
    try {
      const { size, isFile } = await Deno.stat(path);
      // A program cannot make us read more than a little beyond what it should have written.
      if (isFile && (size === length || (atEnd && size <= 2 * length + 65536))) {
        return await Deno.readFile(path);
      }
    } catch {
      // Not there yet.
    }
  }
  return undefined;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
