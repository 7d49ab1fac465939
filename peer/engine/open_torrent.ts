/**
 * Opens a torrent: its files, its resume data, and the functions that check and save it.
 *
 * @module
 */
import type { InfoHashes } from "../../protocol/info_hash.ts";
import { layoutSteps } from "../../protocol/padded_layout.ts";
import type { Metainfo } from "../../protocol/metainfo.ts";
import type { PieceLayers } from "../../protocol/piece_layers.ts";
import type { Wanted } from "../events.ts";
import { FileStore } from "../storage/file_store.ts";
import { treesOf } from "../metainfo/info_hashes.ts";
import type { ResumeDb } from "../resume/resume_db.ts";
import { checkPieces } from "../resume/check_on_start.ts";
import { slices } from "../../loop/process_loop.ts";
import { verifyPieces } from "../resume/verifier.ts";
import type { Advice } from "../advice.ts";
import { withMoreTrackers } from "../trackers/tiers.ts";
import { FileSelection, prioritiesOf } from "../pieces/file_priorities.ts";
import type { MappedFile } from "../pieces/file_map.ts";
import { PiecePicker } from "../pieces/piece_picker.ts";
import { renamedFiles } from "../storage/renamed_files.ts";
import { type FileMark, originsOf, ownedBy } from "../resume/resume_plan.ts";
import type { AddOptions, TorrentChoices } from "../options.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { TorrentInit } from "../torrent/torrent_init.ts";
import { saveRecord } from "../resume/torrent_record.ts";
import { webSeedsOf } from "../web_seed/web_seeds.ts";

/** What is known of a torrent before its files are. */
export interface TorrentFacts {
  readonly metainfo: Metainfo;
  /** The name that it goes by here. */
  readonly infoHash: Uint8Array;
  readonly hashes: InfoHashes;
  readonly dir: string;
  readonly tiers: readonly (readonly string[])[];
  /** Trackers of today, in front of its own. */
  readonly more?: readonly string[];
  readonly wanted: Wanted;
  readonly data: NonNullable<AddOptions["data"]>;
  readonly differing?: AddOptions["differing"];
  readonly paths?: readonly string[] | undefined;
  readonly addedAt: number;
  readonly choices: TorrentChoices;
}

/**
 * Opens its files. Nothing is read or made yet.
 *
 * @param db where it is remembered; undefined for nowhere
 * @param how whether it has to wait for its turn to download, whether web seeds are asked, how a person
 * goes on with files that differ, and what keeps the piece layers that peers told (BEP 52)
 * @throws {StorageError} where its files cannot be put there
 */
export async function openTorrent(
  facts: TorrentFacts,
  db: ResumeDb | undefined,
  { isWaiting, webSeeds = true, advice, saveLayers, random }: {
    isWaiting: boolean;
    random: () => number;
    webSeeds?: boolean | undefined;
    advice?: Advice | undefined;
    saveLayers: (layers: PieceLayers) => void;
  },
): Promise<TorrentInit<Torrent>> {
  const { info } = facts.metainfo;
  const hex = facts.infoHash.toHex();
  const record = db?.torrent(hex);
  const layout = await slices.run(layoutSteps(info));
  const priorities = prioritiesOf(facts.choices.files);
  const trees = await treesOf(facts.metainfo);
  const store = await FileStore.open({
    dir: facts.dir,
    files: info.files,
    layout,
    paths: record?.paths ?? facts.paths,
    wanted: priorities?.map((priority) => priority !== "skip"),
    boundary: `.${hex}.parts`,
    origins: record && originsOf(record, layout, info.files),
    advice,
    isOwn: facts.data === "own" || facts.data === "trust",
  });
  if (facts.differing !== undefined) store.claims.allow(facts.differing);
  return {
    info,
    infoBytes: facts.metainfo.infoBytes,
    infoHash: facts.infoHash,
    hashes: facts.hashes,
    trees,
    nodes: facts.metainfo.nodes,
    tiers: withMoreTrackers(facts.tiers, facts.more ?? [], info.private),
    ownTiers: facts.tiers,
    // BEP 27: a private torrent keeps to its own.
    lists: info.private && facts.tiers.length > 0 ? [] : facts.choices.lists ?? [],
    layout,
    selection: await slices.run(FileSelection.steps(layout, info.files, priorities)),
    picker: await slices.run(PiecePicker.steps(layout.pieceCount, random)),
    dir: facts.dir,
    store,
    webSeeds: webSeedsOf(facts.metainfo, webSeeds),
    choices: facts.choices,
    isWaiting,
    wanted: facts.wanted,
    downloaded: record?.downloaded ?? 0,
    uploaded: record?.uploaded ?? 0,
    addedAt: facts.addedAt,
    completedAt: record?.completedAt,
    peers: record?.peers ?? [],
    check: (onProgress, signal) =>
      checkPieces({
        info,
        layout,
        store,
        trees,
        record,
        data: facts.data,
        onProgress,
        signal,
      }),
    files: {
      suspects: () => store.onDisk.suspects(),
      verify: async (pieces, onProgress, signal) => {
        await store.lookAgain();
        return await verifyPieces({
          store,
          layout,
          hashes: info.pieces,
          trees,
          pieces,
          onProgress,
          signal,
        });
      },
      allow: (consent) => store.claims.allow(consent),
      prepare: (have, signal) => store.prepare(have, signal),
      renamed: () => renamedFiles(info.files, store.paths),
    },
    delete: async (data, have, inUse) => {
      await store.forget();
      if (!data) return [];
      const entries = have === undefined ? await store.onDisk.entries() : [];
      const isRight = (file: number) => isAsDownloaded(file, info.files[file]!);
      const isAsDownloaded = (file: number, { offset, length }: MappedFile): boolean => {
        const owned = have ?? ownedBy(record, layout);
        const pieces = layout.piecesOf(offset, length);
        if (pieces !== undefined && !owned?.hasRange(pieces.first, pieces.last)) return false;
        return have !== undefined || isSameMark(record?.files[file], entries[file]);
      };
      return await store.deleteData(isRight, await inUse());
    },
    pathsInUse: () => store.onDisk.paths(),
    saveLayers: () => saveLayers(trees!.layers),
    save: async (torrent, have, clean) => {
      if (db !== undefined) await saveRecord(db, { torrent, store, have, clean });
    },
  };
}

function isSameMark(a: FileMark | undefined, b: FileMark | undefined): boolean {
  return a?.size === b?.size && a?.mtime === b?.mtime;
}
