/**
 * Sources of a torrent that are not used, as its events tell them: what a .torrent or link names
 * beyond the bounds.
 *
 * @module
 */
import { MAX_USED_WEB_SEEDS } from "../protocol/bounds.ts";
import { isSomeLeftOut, type LeftOut, NONE_LEFT_OUT } from "../protocol/left_out.ts";
import type { Magnet } from "../protocol/magnet.ts";
import type { Metainfo } from "../protocol/metainfo.ts";
import type { EngineListener } from "./events.ts";

/** Which kinds of sources are used at all: nothing of another kind is left out. */
export interface UsedSources {
  readonly webSeeds: boolean;
  readonly dht: boolean;
}

/** What is left out of a .torrent. */
export function leftOutOf({ info, webSeeds, leftOut }: Metainfo, uses: UsedSources): LeftOut {
  const read = leftOut ?? NONE_LEFT_OUT;
  return {
    ...read,
    webSeeds: uses.webSeeds ? read.webSeeds + beyondUse(webSeeds) : 0,
    // BEP 27: nobody asks for peers of a private torrent there.
    nodes: uses.dht && !info.private ? read.nodes : 0,
  };
}

/** What is left out of a link. */
export function leftOutOfLink({ webSeeds, leftOut }: Magnet, uses: UsedSources): LeftOut {
  const read = leftOut ?? NONE_LEFT_OUT;
  return { ...read, webSeeds: uses.webSeeds ? read.webSeeds + beyondUse(webSeeds) : 0 };
}

function beyondUse(webSeeds: readonly string[]): number {
  return Math.max(0, webSeeds.length - MAX_USED_WEB_SEEDS);
}

/** Tells how many there are; nothing where all are used. */
export function tellLeftOut(
  emit: EngineListener,
  torrent: { readonly infoHash: string; readonly name: string },
  leftOut: LeftOut,
): void {
  if (!isSomeLeftOut(leftOut)) return;
  const { infoHash, name } = torrent;
  emit({ infoHash, name, event: "sources-left-out", ...leftOut });
}
