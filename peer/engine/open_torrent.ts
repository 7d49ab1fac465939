/**
 * Opens a torrent: its layout, its part of the disk, and what is known of its past.
 *
 * @module
 */
import { layoutSteps } from "../../protocol/padded_layout.ts";
import type { PieceLayers } from "../../protocol/piece_layers.ts";
import { treesOf } from "../metainfo/info_hashes.ts";
import type { ResumeRecords } from "../resume/resume_db.ts";
import { slices } from "../../loop/process_loop.ts";
import { withMoreTrackers } from "../trackers/tiers.ts";
import { FileSelection, prioritiesOf } from "../pieces/file_priorities.ts";
import { PiecePicker } from "../pieces/piece_picker.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { TorrentInit } from "../torrent/torrent_init.ts";
import { webSeedsOf } from "../web_seed/web_seeds.ts";
import type { OpenDisk } from "./torrent_disk.ts";
import type { TorrentFacts } from "./torrent_facts.ts";

/**
 * Opens its files. Nothing is read or made yet.
 *
 * @param records where it is remembered; undefined for nowhere
 * @param how where its files are, whether it has to wait for its turn to download, whether web seeds are
 * asked, how a person goes on with files that differ, and what keeps the piece layers that peers told
 * (BEP 52)
 * @throws {StorageError} where its files cannot be put there
 */
export async function openTorrent(
  facts: TorrentFacts,
  records: ResumeRecords | undefined,
  { openDisk, isWaiting, webSeeds = true, saveLayers, random }: {
    openDisk: OpenDisk;
    isWaiting: boolean;
    random: () => number;
    webSeeds?: boolean | undefined;
    saveLayers: (layers: PieceLayers) => void;
  },
): Promise<TorrentInit<Torrent>> {
  const { info } = facts.metainfo;
  const record = records && await slices.run(records.recordSteps(facts.infoHash.toHex()));
  const layout = await slices.run(layoutSteps(info));
  const priorities = prioritiesOf(facts.choices.files);
  const trees = await treesOf(facts.metainfo);
  const disk = await openDisk({ facts, layout, trees, records, record, priorities });
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
    webSeeds: webSeedsOf(facts.metainfo, webSeeds),
    choices: facts.choices,
    isWaiting,
    wanted: facts.wanted,
    downloaded: record?.downloaded ?? 0,
    uploaded: record?.uploaded ?? 0,
    addedAt: facts.addedAt,
    completedAt: record?.completedAt,
    peers: record?.peers ?? [],
    saveLayers: () => saveLayers(trees!.layers),
    ...disk,
  };
}
