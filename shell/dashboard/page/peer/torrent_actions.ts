/**
 * Torrent actions: what can be done with one torrent or with several that are selected.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Removed, TorrentDetail, TorrentSummary } from "../api_types.ts";
import { get, getFile, post } from "../api_client.ts";
import { askText, openDialog } from "../dialogs.ts";
import { button, make, note } from "../dom.ts";
import { count } from "../words.ts";

/** Requests that are under way at once: a browser has six connections to a server. */
const AT_ONCE = 4;
/** Different reasons that are told when some of many fail. */
const MAX_REASONS = 3;

/** One of them. */
export interface TorrentAction {
  readonly name: string;
  readonly help?: string;
  /** Whether it makes sense for a torrent as it is. */
  readonly fits: (torrent: TorrentSummary) => boolean;
  readonly run: (torrents: readonly TorrentSummary[]) => void;
}

const rests = ({ state }: TorrentSummary) => ["paused", "stopped", "error"].includes(state);
const hasMetadata = ({ state }: TorrentSummary) => state !== "metadata";

export const RESUME: TorrentAction = { name: "Resume", fits: rests, run: each("resume") };
export const PAUSE: TorrentAction = {
  name: "Pause",
  fits: (torrent) => !rests(torrent),
  run: each("pause"),
};
export const REMOVE: TorrentAction = {
  name: "Remove",
  fits: () => true,
  run: askToRemove,
};

/** Those for any number of torrents, in the order they are offered. */
export const ACTIONS: readonly TorrentAction[] = [
  RESUME,
  PAUSE,
  {
    name: "Stop",
    help: "Leave the swarm and keep everything",
    fits: ({ state }) => state !== "stopped",
    run: each("stop"),
  },
  {
    name: "Verify",
    help: "Hash all that is on disk; damaged pieces are fetched again",
    fits: (torrent) => hasMetadata(torrent) && torrent.verifying === null,
    run: (torrents) => void verify(torrents),
  },
  {
    name: "Announce now",
    help: "Ask the trackers for peers without waiting",
    fits: ({ state }) => state !== "stopped" && state !== "error",
    run: (torrents) =>
      void onEach(torrents, ({ info_hash: infoHash }) => post(`/torrents/${infoHash}/announce`))
        .then((done) => done > 0 && note("The trackers are asked for peers", "good")),
  },
  REMOVE,
];

/** Those for one torrent; `detail` is what its details say, as far as they are here. */
export function singleActions(detail: () => Partial<TorrentDetail>): readonly TorrentAction[] {
  return [
    {
      name: "Copy magnet link",
      fits: () => true,
      run: ([torrent]) =>
        void copy(() => magnetOf(torrent!, detail()), "The magnet link is copied"),
    },
    {
      name: "Copy name",
      fits: () => true,
      run: ([torrent]) => void copy(() => Promise.resolve(torrent!.name), "The name is copied"),
    },
    {
      name: "Save .torrent",
      fits: hasMetadata,
      run: ([torrent]) => void save(torrent!),
    },
    {
      name: "Rename",
      help: "Another name on disk for its file or folder",
      fits: hasMetadata,
      run: ([torrent]) => rename(torrent!, detail().facts?.disk_name),
    },
    {
      name: "Move",
      help: "Another folder of the store for its files",
      fits: hasMetadata,
      run: ([torrent]) => move(torrent!),
    },
    {
      name: "Write over",
      help: "Resume, and write the torrent's version over files that differ",
      fits: ({ state }) => state === "error",
      run: ([torrent]) => askToWriteOver(torrent!),
    },
  ];
}

/** Does one thing to each; says once what went wrong with how many. How many it was done to. */
async function onEach(
  torrents: readonly TorrentSummary[],
  work: (torrent: TorrentSummary) => Promise<unknown>,
): Promise<number> {
  const failures = new Map<string, string[]>();
  const queue = torrents.values();
  let done = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const torrent of queue) {
      try {
        await work(torrent);
        done++;
      } catch (error) {
        const { message } = error as Error;
        failures.set(message, [...failures.get(message) ?? [], torrent.name]);
      }
    }
  }));
  for (const [message, names] of [...failures].slice(0, MAX_REASONS)) {
    note(names.length === 1 ? message : `${count(names.length, "torrent")}: ${message}`);
  }
  return done;
}

function each(verb: string): TorrentAction["run"] {
  return (torrents) =>
    void onEach(torrents, ({ info_hash: infoHash }) => post(`/torrents/${infoHash}/${verb}`));
}

/** Torrents that are verified because somebody asked here: what was found is told when it is. */
const verifying = new Set<string>();

async function verify(torrents: readonly TorrentSummary[]): Promise<void> {
  let good = 0;
  await onEach(torrents, async (torrent) => {
    const { info_hash: infoHash } = torrent;
    const { done } = await post<{ done: boolean }>(`/torrents/${infoHash}/verify`);
    if (!done) return void verifying.add(infoHash);
    const found = torrents.length > 1
      ? undefined
      : await get<TorrentDetail>(`/torrents/${infoHash}`);
    if (found === undefined) good++;
    else tellFound(found.torrent);
  });
  if (good > 0) note(`${count(good, "torrent")} verified: the log has what was found`, "good");
}

/** Tells what a check has found, once it is over. */
export function tellVerified(torrent: TorrentSummary): void {
  if (torrent.verifying !== null || !verifying.delete(torrent.info_hash)) return;
  tellFound(torrent);
}

function tellFound({ name, pieces, pieces_have: have }: TorrentSummary): void {
  const all = count(pieces, "piece");
  note(`“${name}”: ${have === pieces ? `all ${all} good` : `${have} of ${all} good`}`, "good");
}

async function copy(text: () => Promise<string>, done: string): Promise<void> {
  try {
    const value = await text();
    try {
      await navigator.clipboard.writeText(value);
      note(done, "good");
    } catch {
      // Without a secure origin there is no clipboard: it is shown to be copied by hand.
      const area = make(
        "textarea",
        { rows: 4, readonly: true, "aria-label": "To be copied" },
        value,
      );
      openDialog({ title: "Copy this", body: [area] });
      area.select();
    }
  } catch (error) {
    note((error as Error).message);
  }
}

async function magnetOf(
  { info_hash: infoHash }: TorrentSummary,
  { facts }: Partial<TorrentDetail>,
): Promise<string> {
  return facts?.magnet ?? (await get<TorrentDetail>(`/torrents/${infoHash}`)).facts.magnet;
}

async function save({ info_hash: infoHash, name }: TorrentSummary): Promise<void> {
  try {
    const url = URL.createObjectURL(await getFile(`/torrents/${infoHash}/torrent`));
    make("a", { href: url, download: `${name}.torrent` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch (error) {
    note((error as Error).message);
  }
}

function rename({ info_hash: infoHash, name }: TorrentSummary, diskName?: string | null): void {
  const now = diskName ?? name;
  askText({
    title: `Rename “${now}”`,
    label: "Name on disk",
    value: now,
    hint: "Peers and links know it by its own name all the same. Nothing is overwritten.",
    confirm: "Rename",
    done: (to) => {
      if (to === now || to === "") return;
      post(`/torrents/${infoHash}/rename`, { name: to }).then(
        () => note(`“${now}” is “${to}” on disk`, "good"),
        (error: Error) => note(error.message),
      );
    },
  });
}

function move({ info_hash: infoHash, name }: TorrentSummary): void {
  askText({
    title: `Move “${name}”`,
    label: "Folder in the store",
    hint: "Empty for the store itself. The folder is made; nothing in it is overwritten.",
    confirm: "Move",
    done: (folder) => {
      post<{ done: boolean }>(`/torrents/${infoHash}/location`, { folder }).then(
        ({ done }) => {
          const place = folder === "" ? "the store" : folder;
          note(
            done ? `“${name}” is in ${place} now` : `“${name}” is on its way to ${place}`,
            "good",
          );
        },
        (error: Error) => note(error.message),
      );
    },
  });
}

function askToWriteOver({ info_hash: infoHash, name }: TorrentSummary): void {
  openDialog({
    title: `Write over “${name}”?`,
    body: [
      make(
        "p",
        {},
        "Its files become the torrent's version, and what differs in them is lost. " +
          "Resume fetches that version beside them instead.",
      ),
    ],
    buttons: (dialog) => [
      button("Keep the files", dialog.close, { autofocus: true }),
      button("Write over", () => {
        dialog.close();
        post(`/torrents/${infoHash}/resume`, { over: true }).catch((error: Error) =>
          note(error.message)
        );
      }, { class: "danger" }),
    ],
  });
}

function askToRemove(torrents: readonly TorrentSummary[]): void {
  const data = make("input", { type: "checkbox", id: "remove-data" });
  const [one] = torrents;
  if (one === undefined) return;
  const isOne = torrents.length === 1;
  openDialog({
    title: isOne ? `Remove “${one.name}”?` : `Remove ${count(torrents.length, "torrent")}?`,
    body: [
      make(
        "p",
        {},
        `The peer forgets ${isOne ? "this torrent" : "these torrents"}. ` +
          `${isOne ? "Its" : "Their"} files stay unless you tick the box.`,
      ),
      make(
        "p",
        {},
        data,
        make("label", { for: "remove-data" }, " Also delete the downloaded files"),
      ),
    ],
    buttons: (dialog) => [
      button(isOne ? "Keep it" : "Keep them", dialog.close, { autofocus: true }),
      button("Remove", () => {
        dialog.close();
        void remove(torrents, data.checked);
      }, { class: "danger" }),
    ],
  });
}

/** Says what was not deleted, and why. */
async function remove(torrents: readonly TorrentSummary[], data: boolean): Promise<void> {
  const stay: string[] = [];
  const done = await onEach(torrents, async ({ info_hash: infoHash }) => {
    const { kept } = await post<Removed>(`/torrents/${infoHash}/remove`, { data });
    for (const { path, reason } of kept) stay.push(`${path} stays: ${reason}`);
  });
  for (const text of stay.slice(0, MAX_REASONS)) note(text, "good");
  if (stay.length > MAX_REASONS) {
    note(`${count(stay.length - MAX_REASONS, "more file stays", "more files stay")}`, "good");
  }
  if (torrents.length > 1) note(`${count(done, "torrent")} removed`, "good");
}
