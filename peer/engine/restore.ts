/**
 * Restores the torrents of the last session.
 *
 * @module
 */
import type { Consent } from "../options.ts";
import { BencodeError, MetainfoError } from "../../protocol/errors.ts";
import { faultSentence } from "../../protocol/fault.ts";
import type { EngineListener, Wanted } from "../events.ts";
import { infoHashesOf } from "../metainfo/info_hashes.ts";
import type { OpeningMarks } from "../resume/opening_marks.ts";
import type { ResumeRecords } from "../resume/resume_db.ts";
import { readMetainfo, slices } from "../../loop/process_loop.ts";
import { HELD, openingOrder } from "../resume/opening_order.ts";
import type { TorrentRecord } from "../resume/resume_plan.ts";
import type { TorrentFacts } from "./torrent_facts.ts";
import { StorageError } from "../ports.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { Problem } from "../remedy.ts";
import type { Held, Unopened } from "../resume/unopened.ts";

/** The engine that goes on with them. */
export interface Restoring {
  /** Trackers of today, in front of their own. */
  readonly moreTrackers: readonly string[];
  readonly marks: OpeningMarks;
  /** Where those go that are not open. */
  readonly unopened: Unopened;
  /** Whether the engine is leaving: what is not open yet stays as it was left. */
  isClosing(): boolean;
  take(facts: TorrentFacts, bytes: Uint8Array): Promise<Torrent>;
  start(torrent: Torrent): void;
  emit: EngineListener;
}

/** What a person says when it is tried again. */
interface Again {
  readonly wanted: Wanted;
  readonly differing?: Consent | undefined;
}

/**
 * Takes in what the store remembers; what cannot go on says why and hinders nobody. What the process
 * ended with twice is not opened again unasked.
 */
export async function restoreTorrents(db: ResumeRecords, engine: Restoring): Promise<void> {
  const records = await slices.run(db.torrentSteps((about, error) => {
    hold(engine, { ...about, record: undefined, problem: problemOf(error) });
  }));
  const { open, held } = openingOrder(records, ({ infoHash }) => engine.marks.strikes(infoHash));
  for (const record of held) hold(engine, { ...record, record, problem: HELD });
  for (const record of open) {
    if (engine.isClosing()) return;
    await restoreTorrent(db, engine, record);
  }
}

/** Takes one of them in. */
export async function restoreTorrent(
  db: ResumeRecords,
  engine: Restoring,
  record: TorrentRecord,
  again?: Again,
): Promise<void> {
  const { infoHash, name } = record;
  let torrent: Torrent;
  engine.marks.begin(infoHash);
  try {
    const bytes = await db.torrentFile(infoHash);
    if (bytes === undefined) throw new MetainfoError("its .torrent is missing in the store");
    const facts = await factsOf(record, bytes, engine);
    torrent = await engine.take({ ...facts, ...again }, bytes);
  } catch (error) {
    return hold(engine, { infoHash, name, record, problem: problemOf(error) });
  } finally {
    engine.marks.end(infoHash);
  }
  engine.unopened.delete(infoHash);
  const { totalSize: size, pieceCount: pieces } = torrent.info;
  engine.emit({
    event: "torrent-restored",
    infoHash,
    name,
    size,
    pieces,
    wanted: again?.wanted ?? record.state,
  });
  engine.start(torrent);
}

function hold({ unopened, emit }: Restoring, held: Held): void {
  unopened.hold(held);
  const { infoHash, name, problem: { message: reason, remedy } } = held;
  emit({ event: "restore-failed", infoHash, name, reason, ...(remedy && { remedy }) });
}

function problemOf(error: unknown): Problem {
  const isExpected = error instanceof BencodeError || error instanceof MetainfoError ||
    error instanceof StorageError;
  return isExpected ? error : { message: faultSentence(error) };
}

async function factsOf(
  record: TorrentRecord,
  bytes: Uint8Array,
  { moreTrackers }: Restoring,
): Promise<TorrentFacts> {
  const metainfo = await readMetainfo(bytes);
  return {
    metainfo,
    infoHash: Uint8Array.fromHex(record.infoHash),
    hashes: await infoHashesOf(metainfo),
    dir: record.dir,
    tiers: record.trackers ?? metainfo.trackers,
    more: moreTrackers,
    wanted: record.state,
    data: "check",
    addedAt: record.addedAt,
    choices: record.choices ?? {},
  };
}
