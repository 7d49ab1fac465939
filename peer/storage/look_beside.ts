/**
 * Finds what an earlier download put beside files that are not the torrent's: `name (1).ext`, or its
 * `.part`. So a folder is judged alike by whoever looks at it, and nothing is fetched a second time.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Steps } from "../../protocol/steps.ts";
import { alternativeName, partName } from "./disk_name.ts";
import type { FileState } from "./file_faults.ts";
import type { MappedFile } from "../pieces/file_map.ts";
import type { DataFolder } from "./data_folder.ts";
import type { FileStamps } from "./file_stamps.ts";
import type { FileNames, Place } from "./file_names.ts";
import { slices } from "../../loop/process_loop.ts";

/** Numbers that are tried behind a name; one that is free ends the search. */
const MAX_NUMBER = 9;

export interface NamesBesideOptions {
  readonly folder: DataFolder;
  readonly names: FileNames;
  readonly marks: FileStamps;
  readonly files: readonly MappedFile[];
  /** Where each file is: switched here. */
  readonly places: readonly Place[];
}

/** The other names under which a torrent's files may lie. */
export class NamesBeside {
  readonly #options: NamesBesideOptions;

  constructor(options: NamesBesideOptions) {
    this.#options = options;
  }

  get files(): readonly MappedFile[] {
    return this.#options.files;
  }

  /** Each place, in the order to try: its `.part`, `name (1).ext`, its `.part`, and so on. */
  *candidates(file: number, own: ReadonlySet<string>): Generator<Place> {
    const { folder, names, places, files } = this.#options;
    const { path, part, at } = places[file]!;
    const { length } = files[file]!;
    if (at === "boundary") return;
    for (let n = 0; n <= MAX_NUMBER; n++) {
      const name = alternativeName(path, n);
      const place: Place = { path: name, part: n === 0 ? part : partName(name), at: "part" };
      const isMine = n > 0 && (own.has(name) || own.has(place.part));
      const final = n === 0 || isMine ? undefined : folder.entry(name);
      if (final?.isFile && final.size === length) yield { ...place, at: "final" };
      const isTried = isMine || n === 0 && at === "part" || names.isInUse(place);
      const unfinished = isTried ? undefined : folder.entry(place.part);
      if (unfinished?.isFile) yield place;
      if (n > 0 && !isMine && final === undefined && unfinished === undefined) return;
    }
  }

  /** Has a file be where `place` says; where it was before. */
  move(file: number, place: Place): Place {
    const { folder, marks, places } = this.#options;
    const before = { ...places[file]! };
    Object.assign(places[file]!, place);
    marks.forget(file);
    if (place.at === "final") marks.note(file, folder.entry(place.path));
    return before;
  }

  /** Every name that is the torrent's own. */
  async own(): Promise<Set<string>> {
    const own = new Set<string>();
    await slices.each(this.#options.places, ({ path, part }) => own.add(path).add(part));
    return own;
  }
}

export interface LookBesideOptions {
  readonly store: {
    readonly beside: NamesBeside;
    readonly claims: { states(have: Bitfield): Promise<readonly FileState[]> };
  };
  readonly layout: Layout;
  /** The pieces found good: put right here. */
  readonly have: Bitfield;
  /** Whether unfinished files count, too. */
  readonly parts: boolean;
  /** Which of some pieces are good as the files are now. */
  readonly verify: (pieces: number[]) => Promise<Bitfield>;
}

/**
 * Moves files to the names under which most of their pieces are good; one that is whole wins over one
 * that is not.
 *
 * @throws {StorageError} where a file cannot be read
 */
export async function lookBeside(options: LookBesideOptions): Promise<void> {
  const { store: { beside, claims }, layout, have, parts, verify } = options;
  const { files } = beside;
  const own = await beside.own();
  const rangeOf = (file: number) =>
    layout.piecesOf(files[file]!.offset, files[file]!.length) ?? { first: 0, last: -1 };
  /** Files in ascending order: each begins in the last piece of the one before, or behind it. */
  const pieceSteps = function* (of: Iterable<number>): Steps<number[]> {
    const pieces: number[] = [];
    for (const file of of) {
      const { first, last } = rangeOf(file);
      for (let piece = Math.max(first, (pieces.at(-1) ?? -1) + 1); piece <= last; piece++) {
        pieces.push(piece);
        yield;
      }
      yield;
    }
    return pieces;
  };
  const searches = new Map<number, Generator<Place>>();
  await slices.each((await claims.states(have)).entries(), ([file, state]) => {
    if (state !== "whole" && state !== "unclear") {
      searches.set(file, beside.candidates(file, own));
    }
  });
  const pause = slices.pacer();
  const take = (pieces: number[], good: Bitfield): void => {
    for (const piece of pieces) {
      if (good.has(piece)) have.add(piece);
      else have.delete(piece);
    }
  };
  // Files that share pieces were put beside together: one candidate of each at a time.
  while (searches.size > 0) {
    const before = new Map<number, Place>();
    for (const [file, search] of searches) {
      await pause();
      const next = nextOf(search, parts);
      if (next === undefined) searches.delete(file);
      else before.set(file, beside.move(file, next));
    }
    if (before.size === 0) return;
    const pieces = await slices.run(pieceSteps(before.keys()));
    const good = await verify(pieces);
    let isBack = false;
    for (const [file, place] of before) {
      await pause();
      const range = rangeOf(file);
      const now = good.countIn(range.first, range.last);
      const then = have.countIn(range.first, range.last);
      if (now === range.last - range.first + 1) searches.delete(file);
      else if (now === 0 || now < then) {
        beside.move(file, place);
        isBack = true;
      }
    }
    take(pieces, isBack ? await verify(pieces) : good);
  }
}

function nextOf(search: Generator<Place>, parts: boolean): Place | undefined {
  for (;;) {
    const { value } = search.next();
    if (value === undefined || parts || value.at === "final") return value;
  }
}
