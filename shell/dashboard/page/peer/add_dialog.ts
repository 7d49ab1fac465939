/**
 * Add dialog: what a torrent holds, which files of it are wanted and where they go, before it is
 * added; for several torrents their names.
 *
 * @module
 */
/// <reference lib="dom" />
import type { FileFacts, Inspected, OtherVersion } from "../api_types.ts";
import { post } from "../api_client.ts";
import { openDialog } from "../dialogs.ts";
import { button, make, note } from "../dom.ts";
import { rangesOf } from "./file_tree.ts";
import { FileTreeView } from "./file_tree_view.ts";
import { bytes, count } from "../words.ts";

/** What is to be added: a .torrent, or a text that names one or several. */
export type What = File | string;

/** What a person chose. */
interface Choices {
  readonly folder: string;
  readonly paused: boolean;
  readonly sequential: boolean;
  /** The files that are wanted; undefined for all. */
  readonly select?: string | undefined;
}

/** Told which torrent is here now. */
export type OnAdded = (infoHash: string) => void;

/** Torrents that are looked into at once. */
const AT_ONCE = 4;

/** Looks into one and asks about it; whether it was one. */
export async function askToAdd(what: What, added: OnAdded): Promise<boolean> {
  try {
    ask(what, await inspect(what), added);
    return true;
  } catch (error) {
    note((error as Error).message);
    return false;
  }
}

/** Looks into several .torrents and asks once. */
export async function askToAddAll(files: readonly File[], added: OnAdded): Promise<void> {
  const [first] = files;
  if (files.length < 2) return void (first !== undefined && await askToAdd(first, added));
  const found = new Map<number, Inspected>();
  const queue = files.entries();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const [at, file] of queue) {
      try {
        found.set(at, await inspect(file));
      } catch (error) {
        note((error as Error).message);
      }
    }
  }));
  const good = files.flatMap((file, at) => {
    const torrent = found.get(at);
    return torrent === undefined ? [] : [{ file, torrent }];
  });
  if (good.length === 0) return;
  const place = placeFields();
  openDialog({
    title: `Add ${count(good.length, "torrent")}`,
    body: [
      make(
        "ul",
        { class: "choices-list", tabindex: 0, "aria-label": "Torrents to add" },
        ...good.map(({ torrent: { name, total_size: size } }) =>
          make("li", { dir: "auto" }, size === null ? name : `${name} (${bytes(size)})`)
        ),
      ),
      ...place.elements,
    ],
    buttons: (dialog) => [
      button("Cancel", dialog.close),
      button("Add", () => {
        dialog.close();
        void addAll(good.map(({ file }) => file), place.choices(), added);
      }, { class: "main", autofocus: true }),
    ],
  });
}

async function inspect(what: What): Promise<Inspected> {
  try {
    return await post<Inspected>("/inspect", bodyOf(what));
  } catch (error) {
    if (typeof what === "string") throw error;
    throw new Error(`“${what.name}” cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

function ask(what: What, torrent: Inspected, added: OnAdded): void {
  let files: FileFacts[] = torrent.files.map((file) => ({ ...file, have: 0, priority: "normal" }));
  const tree = new FileTreeView({
    empty: "The file list comes from its peers.",
    isBefore: true,
    choose: (numbers, priority) => {
      const chosen = new Set(numbers);
      files = files.map((file) => chosen.has(file.number!) ? { ...file, priority } : file);
      tree.update(files);
    },
  });
  const place = placeFields();
  const select = (): string | undefined => {
    const wanted = files.filter(({ priority }) => priority !== "skip");
    if (wanted.length === files.length) return undefined;
    return wanted.length === 0 ? "none" : rangesOf(wanted.map(({ number }) => number!));
  };
  const dialog = openDialog({
    title: `Add “${torrent.name}”`,
    isWide: true,
    body: [
      ...torrent.total_size === null ? [] : [
        make(
          "p",
          {},
          `${count(files.length, "file")}, ${bytes(torrent.total_size)}` +
            (torrent.private ? ", private" : ""),
        ),
      ],
      ...versions(torrent.others ?? [], (infoHash) => {
        dialog.close();
        void askToAdd(infoHash, added);
      }),
      tree.element,
      ...place.elements,
    ],
    buttons: (dialog) => [
      button("Cancel", dialog.close),
      button("Add", () => {
        dialog.close();
        void add(what, { ...place.choices(), select: select() }, added);
      }, { class: "main", autofocus: true }),
    ],
  });
  tree.open(files);
}

/** Says that there are others of this name, and lets one of them be looked at instead. */
function versions(
  others: readonly OtherVersion[],
  look: (infoHash: string) => void,
): HTMLElement[] {
  if (others.length === 0) return [];
  const items = others.map((other) =>
    make(
      "li",
      {},
      `${versionWords(other)} `,
      button("Look at this one", () => look(other.info_hash), {
        "aria-label": `Look at the one with info hash ${other.info_hash}`,
      }),
    )
  );
  return [
    make(
      "details",
      { class: "versions", open: others.length <= 3 },
      make(
        "summary",
        {},
        `${
          others.length + 1
        } torrents have this name: this is the newest, and has seeders if any has`,
      ),
      make("ul", {}, ...items),
    ),
  ];
}

function versionWords(other: OtherVersion): string {
  const when = other.published_at === null
    ? ""
    : `, published ${new Date(other.published_at).toLocaleString()}`;
  return `${bytes(other.size)}, ${count(other.files, "file")}, from ` +
    `${other.published_by ?? "somebody"}${when}, ${count(other.seeders, "seeder")}`;
}

function placeFields(): { elements: HTMLElement[]; choices: () => Choices } {
  const folder = make("input", {
    type: "text",
    id: "choose-folder",
    autocomplete: "off",
    placeholder: "the store itself",
  });
  const paused = make("input", { type: "checkbox", id: "choose-paused" });
  const sequential = make("input", { type: "checkbox", id: "choose-sequential" });
  return {
    elements: [
      make(
        "p",
        { class: "asked" },
        make("label", { for: "choose-folder" }, "Folder in the store"),
        folder,
      ),
      make(
        "p",
        { class: "switches" },
        make("span", {}, paused, make("label", { for: "choose-paused" }, " Add without starting")),
        make(
          "span",
          {},
          sequential,
          make("label", { for: "choose-sequential" }, " Pieces in order"),
        ),
      ),
    ],
    choices: () => ({
      folder: folder.value.trim(),
      paused: paused.checked,
      sequential: sequential.checked,
    }),
  };
}

/** What the API says about something that was added. */
interface Answer {
  readonly "info_hash": string;
  readonly created: boolean;
  readonly torrents?: readonly unknown[];
  readonly problems?: readonly string[];
}

async function send(what: What, { select, ...choices }: Choices): Promise<Answer> {
  const chosen = { ...choices, ...select === undefined ? {} : { select } };
  if (typeof what === "string") return await post<Answer>("/torrents", { what, ...chosen });
  const texts = Object.entries(chosen).map(([name, value]) => [name, String(value)]);
  return await post<Answer>(`/torrents?${new URLSearchParams(texts)}`, what);
}

async function add(what: What, choices: Choices, added: OnAdded): Promise<void> {
  try {
    const { info_hash: infoHash, created, torrents, problems } = await send(what, choices);
    for (const problem of problems ?? []) note(problem);
    if (torrents !== undefined) note(`${count(torrents.length, "torrent")} added`, "good");
    else if (!created) note("It is here already", "good");
    added(infoHash);
  } catch (error) {
    note((error as Error).message);
  }
}

async function addAll(files: readonly File[], choices: Choices, added: OnAdded): Promise<void> {
  let [fresh, known] = [0, 0];
  let last: string | undefined;
  for (const file of files) {
    try {
      const { info_hash: infoHash, created } = await send(file, choices);
      if (created) fresh++;
      else known++;
      last = infoHash;
    } catch (error) {
      note(`“${file.name}” cannot be added: ${(error as Error).message}`);
    }
  }
  const already = known === 0 ? "" : `, ${known} ${known === 1 ? "is" : "are"} here already`;
  note(`${count(fresh, "torrent")} added${already}`, "good");
  if (last !== undefined && fresh === 1) added(last);
}

function bodyOf(what: What): unknown {
  return typeof what === "string" ? { what } : what;
}
