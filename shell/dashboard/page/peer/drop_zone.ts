/**
 * Drop zone: the whole page takes .torrent files and links, dropped or pasted.
 *
 * @module
 */
/// <reference lib="dom" />
import { note } from "../dom.ts";
import { linksIn, sortDropped } from "./dropped.ts";

/** What came, and is of use. */
export type TakeDropped = (what: readonly File[] | string) => void;

/** Listens for what is dropped onto the page or pasted beside its fields. */
export function listenForDrops(take: TakeDropped): void {
  let depth = 0;
  const mark = () => document.body.classList.toggle("dropping", depth > 0);
  addEventListener("dragenter", () => {
    depth++;
    mark();
  });
  addEventListener("dragleave", () => {
    depth--;
    mark();
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    mark();
    void takeAll(event.dataTransfer, take);
  });
  addEventListener("paste", (event) => {
    const target = event.target as HTMLElement;
    if (target.closest("input, textarea, select, dialog") !== null) return;
    void takeAll(event.clipboardData, take);
  });
}

/** Takes what is of use, and says of the rest what it is. */
export async function takeFiles(files: readonly File[], take: TakeDropped): Promise<void> {
  const looked = await Promise.all(files.map(async (file) => ({
    name: file.name,
    size: file.size,
    first: (await file.slice(0, 1).bytes().catch(() => undefined))?.[0],
  })));
  const { used, problems } = sortDropped(looked);
  for (const problem of problems) note(problem);
  if (used.length > 0) take(used.map((at) => files[at]!));
}

async function takeAll(transfer: DataTransfer | null, take: TakeDropped): Promise<void> {
  if (transfer === null) return;
  // What a transfer holds is gone once the event is over.
  const files = [...transfer.files];
  const text = transfer.getData("text/uri-list") || transfer.getData("text/plain");
  if (files.length > 0) return await takeFiles(files, take);
  const links = linksIn(text);
  if (links !== undefined) take(links);
  else if (text.trim() !== "") {
    note("That is no magnet link or info hash: drop .torrent files or magnet links");
  }
}
