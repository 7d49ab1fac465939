/**
 * A student's program that gives: the files are put in place, it is started, and it listens.
 *
 * @module
 */
import { join } from "@std/path";
import type { PeerConnection } from "./peer_connection.ts";
import { howItEnded } from "./ask.ts";
import type { Manner, ScriptedPeer } from "./scripted_peer.ts";
import { peersBody, type ScriptedTracker } from "./scripted_tracker.ts";
import type { ProgramRun } from "../programs/program_run.ts";
import type { TorrentWish } from "./torrents.ts";
import type { TorrentOnDisk, Trial } from "./trial.ts";

/** ms between two tries whether it listens. */
const TRY_INTERVAL = 100;

/** A program that seeds a torrent. */
export interface Seeding {
  readonly torrent: TorrentOnDisk;
  readonly run: ProgramRun;
  readonly port: number;
  readonly tracker: ScriptedTracker;
}

/** Starts `seed` and waits until it can be called. */
export async function startSeed(trial: Trial, wish: TorrentWish = {}): Promise<Seeding> {
  // It names nobody: a program that called the newcomers, too, would have each of them twice.
  const tracker = trial.tracker(() => ({ body: peersBody([]) }));
  const torrent = await trial.torrent({ announce: tracker.url, ...wish });
  const dir = await trial.newFolder("content");
  await writeContent(dir, torrent);
  const port = trial.port();
  const run = await trial.start("seed", { torrent: torrent.path, dir, port });
  await untilListening(trial, run, port);
  return { torrent, run, port, tracker };
}

/** A scripted peer without pieces, which calls and says its handshake. */
export function newcomer(trial: Trial, torrent: TorrentOnDisk, manner: Manner = {}): ScriptedPeer {
  return trial.peer(torrent, { has: () => false, greet: () => {}, ...manner });
}

/**
 * Calls a program that seeds. One that hangs up without a word may still be reading its files: it is
 * called again while patience lasts. Fails where nobody listens any more.
 */
export async function callSeed(
  trial: Trial,
  { run, port }: Seeding,
  peer: ScriptedPeer,
): Promise<PeerConnection> {
  const limit = trial.fairTime + trial.patience;
  while (true) {
    const connection = await peer.call(port).catch(() => undefined);
    if (connection === undefined) {
      await run.ended(500);
      trial.fail({
        expected: `it takes calls at 127.0.0.1:${port}`,
        seen: `nobody listens there any more${howItEnded(run)}`,
        why: "BEP 3: a seed serves one peer after the other, and many at a time",
      });
    }
    await trial.until(() => connection.heard.length > 0 || connection.closed || undefined, run);
    const isBusy = connection.closed && connection.heard.length === 0 && run.end === undefined;
    if (!isBusy || trial.fairTime > limit) return connection;
    await run.until(() => undefined, TRY_INTERVAL);
  }
}

/** Waits for a message of a kind on one connection; fails where it does not come. */
export async function expectMessage(
  trial: Trial,
  { run }: Seeding,
  connection: PeerConnection,
  type: string,
  why: string,
  after = 0,
): Promise<PeerConnection["heard"][number]> {
  const found = await trial.until(
    () =>
      connection.heard.find(({ said, number }) => number > after && said.type === type) ??
        (connection.closed ? null : undefined),
    run,
  );
  trial.judgeFaults();
  if (found) return found;
  const ended = run.end === undefined ? "" : howItEnded(run);
  const seen = connection.closed || found === null
    ? "it closed the connection"
    : `nothing for ${Math.round(trial.patience / 1000)} s`;
  trial.fail({
    expected: type,
    seen: `${seen}, after it was told: ${connection.lastSaid}. It had said last: ` +
      `${connection.lastHeardWords()}${ended}`,
    why,
    connection: connection.number,
    at: connection.closedAt ?? trial.now(),
  });
}

/** Puts a torrent's files below a folder, where a program that seeds looks for them. */
export async function writeContent(dir: string, torrent: TorrentOnDisk): Promise<void> {
  for (const { path, offset, length } of torrent.files) {
    const file = join(dir, torrent.name, ...path);
    await Deno.mkdir(join(file, ".."), { recursive: true });
    await Deno.writeFile(file, torrent.content.subarray(offset, offset + length));
  }
}

/** Waits until a program takes calls at a port; fails where it does not. */
export async function untilListening(trial: Trial, run: ProgramRun, port: number): Promise<void> {
  const limit = trial.fairTime + trial.patience;
  while (true) {
    trial.check();
    try {
      const socket = await Deno.connect({ hostname: "127.0.0.1", port });
      socket.close();
      return;
    } catch {
      // Not yet.
    }
    if (run.end !== undefined || trial.fairTime > limit) break;
    await run.until(() => undefined, TRY_INTERVAL);
  }
  await run.ended(200);
  const says = run.lastLines(1)[0];
  trial.fail({
    expected: `it listens at 127.0.0.1:${port}`,
    seen: `nobody does${howItEnded(run)}${says === undefined ? "" : `; it says: ${says}`}`,
    why: "BEP 3: a peer is called at the port that it was given and tells its tracker",
  });
}
