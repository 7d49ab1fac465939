/**
 * The page of a peer: what it has, what it does, what can be done.
 *
 * @module
 */
/// <reference lib="dom" />
import type { DetailChange, PeerStatus, TorrentsChange } from "../api_types.ts";
import { AddForm } from "./add_form.ts";
import { listen, takeToken } from "../api_client.ts";
import { openDialog } from "../dialogs.ts";
import { button, byId, make, note, setText, showConnection, showTotals } from "../dom.ts";
import { EventLogView } from "./event_log.ts";
import { openSettings } from "./settings_dialog.ts";
import { listenForKeys, openShortcuts } from "./shortcuts.ts";
import { tellVerified } from "./torrent_actions.ts";
import { TorrentDetailView } from "./torrent_detail.ts";
import { TorrentList } from "./torrent_list.ts";
import { bytes, rate } from "../words.ts";

/** ms between two points of the chart, and two looks at the log. */
const TICK_MS = 1000;
/** Where details lie over the list; the style sheet has the same. */
const NARROW = matchMedia("(max-width: 1099px)");

takeToken(() => note("The new address is taken", "good"));

let chosen: string | undefined;
let hangUp: (() => void) | undefined;
/** Whether the peer answers: nothing is drawn of what is not known. */
let isConnected = false;
let status: PeerStatus | undefined;

const list = new TorrentList((infoHash) => choose(infoHash, true));
const detail = new TorrentDetailView(listenToDetail);
const add = new AddForm((infoHash) => choose(infoHash, false));

byId("add").append(add.element);
byId("torrents").append(list.element);
byId("detail-title").after(button("Close", close, { "aria-label": "Close details" }));
byId("detail").append(detail.element);
byId("tools").append(
  button("Log", openLog),
  button("Settings", () => status !== undefined && openSettings(status)),
  button("?", openShortcuts, { "aria-label": "Keys", "aria-keyshortcuts": "?" }),
);
listenForKeys({
  search: () => list.focusSearch(),
  close: () => {
    const wasOpen = chosen !== undefined;
    if (wasOpen) close();
    return wasOpen;
  },
});
NARROW.addEventListener("change", coverList);
setInterval(() => isConnected && detail.tick(), TICK_MS);
listenToList();

function listenToList(): void {
  /** All is told anew after a connection is made: what is not told then is gone. */
  let isFirst = true;
  listen("/events", {
    event: (name, data) => {
      if (name === "status") showStatus(data as PeerStatus);
      else if (name === "torrents") {
        if (isFirst) list.clear();
        isFirst = false;
        showTorrents(data as TorrentsChange);
      }
    },
    state: (problem) => {
      isFirst = true;
      isConnected = problem === undefined;
      showConnection(problem);
    },
  });
}

/** Shows a torrent whole, or none. */
function choose(infoHash: string | undefined, isFocused: boolean): void {
  const isOther = infoHash !== chosen;
  chosen = infoHash;
  byId("detail").hidden = infoHash === undefined;
  document.body.classList.toggle("with-detail", infoHash !== undefined);
  coverList();
  list.chosen = infoHash;
  if (isOther) {
    const torrent = infoHash === undefined ? undefined : list.get(infoHash);
    setText(byId("detail-title"), torrent?.name ?? "…");
    detail.open(torrent, infoHash);
    byId("detail").scrollTop = 0;
    listenToDetail();
  }
  if (infoHash !== undefined && isFocused) byId("detail-title").focus();
}

function close(): void {
  choose(undefined, false);
  list.focus();
}

function listenToDetail(): void {
  hangUp?.();
  hangUp = undefined;
  if (chosen === undefined) return;
  const files = detail.showsFiles ? "changes" : "none";
  hangUp = listen(`/events?torrent=${chosen}&only=detail&files=${files}`, {
    event: (name, data) => name === "detail" && detail.change(data as DetailChange),
    state: (problem) => problem === undefined && detail.connected(),
  });
}

/** What lies behind the details is not to be reached by keyboard. */
function coverList(): void {
  const isCovered = chosen !== undefined && NARROW.matches;
  for (const id of ["torrents", "add"]) byId(id).inert = isCovered;
}

function showStatus(now: PeerStatus): void {
  status = now;
  setText(byId("who"), `peer ${now.name}`);
  document.title = `vtorrent peer ${now.name}`;
  showTotals([
    ["Down", rate(now.download_rate)],
    ["Up", rate(now.upload_rate)],
    ["Taken", bytes(now.downloaded)],
    ["Given", bytes(now.uploaded)],
  ]);
}

function showTorrents({ changed, removed }: TorrentsChange): void {
  list.change(changed, removed);
  for (const torrent of changed) tellVerified(torrent);
  if (chosen === undefined) return;
  const torrent = list.get(chosen);
  if (torrent === undefined) {
    if (removed.includes(chosen)) choose(undefined, false);
    return;
  }
  setText(byId("detail-title"), torrent.name);
  detail.summary(torrent);
}

/** The log of all torrents. */
function openLog(): void {
  const log = new EventLogView();
  log.open("");
  log.look();
  const timer = setInterval(() => log.look(), TICK_MS);
  openDialog({
    title: "Log",
    isWide: true,
    body: [make("div", { class: "dialog-list" }, log.element)],
    onClose: () => clearInterval(timer),
  });
}
