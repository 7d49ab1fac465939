/**
 * A torrent's part of the disk: its files, which pieces of it are there, and its record.
 *
 * @module
 */
import type { Layout } from "../../protocol/piece_layout.ts";
import type { FilePriority } from "../snapshot.ts";
import type { MappedFile } from "../pieces/file_map.ts";
import { checkPieces } from "../resume/check_on_start.ts";
import type { ResumeRecords } from "../resume/resume_db.ts";
import { type FileMark, originsOf, ownedBy, type TorrentRecord } from "../resume/resume_plan.ts";
import { saveRecord } from "../resume/torrent_record.ts";
import { verifyPieces } from "../resume/verifier.ts";
import { FileStore } from "../storage/file_store.ts";
import { renamedFiles } from "../storage/renamed_files.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { TorrentInit } from "../torrent/torrent_init.ts";
import type { HashTrees } from "../v2/hash_trees.ts";
import type { TorrentFacts } from "./torrent_facts.ts";

/** The part of a torrent that a disk makes. */
export type TorrentDisk = Pick<
  TorrentInit<Torrent>,
  "store" | "check" | "files" | "delete" | "diskName" | "pathsInUse" | "save"
>;

/** What a disk is told of a torrent. */
export interface DiskOptions {
  readonly facts: TorrentFacts;
  readonly layout: Layout;
  /** Of a v2 or hybrid torrent. */
  readonly trees: HashTrees | undefined;
  /** Where it is remembered; undefined for nowhere. */
  readonly records: ResumeRecords | undefined;
  /** What is remembered of it. */
  readonly record: TorrentRecord | undefined;
  /** How much each file is wanted; undefined: all as usual. */
  readonly priorities: readonly FilePriority[] | undefined;
}

/** Opens a torrent's files. Nothing is read or made yet. */
export type OpenDisk = (options: DiskOptions) => Promise<TorrentDisk>;

/** On the disk of this machine. @throws {StorageError} where its files cannot be put there */
export async function openTorrentDisk(options: DiskOptions): Promise<TorrentDisk> {
  const { facts, layout, trees, records, record, priorities } = options;
  const { info } = facts.metainfo;
  const store = await FileStore.open({
    dir: facts.dir,
    files: info.files,
    layout,
    paths: record?.paths ?? facts.paths,
    wanted: priorities?.map((priority) => priority !== "skip"),
    boundary: `.${facts.infoHash.toHex()}.parts`,
    lock: `.${facts.infoHash.toHex()}.lock`,
    origins: record && originsOf(record, layout, info.files),
    isOwn: facts.data === "own" || facts.data === "trust",
  });
  if (facts.differing !== undefined) store.claims.allow(facts.differing);
  return {
    store,
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
    diskName: () => store.name,
    pathsInUse: () => store.onDisk.paths(),
    save: async (torrent, have, clean) => {
      if (records === undefined) return;
      const files = () => store.onDisk.recorded();
      await saveRecord(records, { torrent, have, clean, files, aliveAt: Date.now() });
    },
  };
}

function isSameMark(a: FileMark | undefined, b: FileMark | undefined): boolean {
  return a?.size === b?.size && a?.mtime === b?.mtime;
}
