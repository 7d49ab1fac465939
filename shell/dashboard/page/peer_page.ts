/**
 * The page of a peer: what it has, what it does, what can be done.
 *
 * @module
 */
/// <reference lib="dom" />
import type { DetailChange, PeerStatus, TorrentsChange } from "./api_types.ts";
import { AddForm } from "./add_form.ts";
import { listen, post, takeToken } from "./api_client.ts";
import { byId, make, note, setText, showConnection, showTotals } from "./dom.ts";
import { TorrentDetailView } from "./torrent_detail.ts";
import { TorrentList } from "./torrent_list.ts";
import { bytes, parseRate, rate } from "./words.ts";

/** ms between two points of the chart. */
const TICK_MS = 1000;

takeToken();

let chosen: string | undefined;
let hangUp: (() => void) | undefined;
/** Whether the peer answers: nothing is drawn of what is not known. */
let isConnected = false;

/** Upload slots: what is typed, before it the number there is. */
const allSlots = make("input", { id: "all-slots", inputmode: "numeric", size: 4 });
const list = new TorrentList((infoHash) => choose(infoHash === chosen ? undefined : infoHash));
const detail = new TorrentDetailView();
const add = new AddForm((infoHash) => choose(infoHash));

byId("add").append(add.element);
add.folds.append(limitsForm());
byId("torrents").append(list.element);
byId("detail-title").after(TorrentDetailView.closer(() => choose(undefined)));
byId("detail").append(detail.element);
setInterval(() => isConnected && detail.tick(), TICK_MS);
choose(undefined);

/** Shows a torrent whole, or none. */
function choose(infoHash: string | undefined): void {
  chosen = infoHash;
  list.chosen = infoHash;
  byId("detail").hidden = infoHash === undefined;
  if (infoHash !== undefined) {
    setText(byId("detail-title"), list.get(infoHash)?.name ?? "…");
    detail.open(infoHash);
  }
  hangUp?.();
  hangUp = listen(infoHash === undefined ? "/events" : `/events?torrent=${infoHash}`, {
    event: (name, data) => {
      if (name === "status") showStatus(data as PeerStatus);
      else if (name === "torrents") showTorrents(data as TorrentsChange);
      else if (name === "detail") showDetail(data as DetailChange);
    },
    state: (problem) => {
      isConnected = problem === undefined;
      if (isConnected && chosen !== undefined) detail.connected();
      showConnection(problem);
    },
  });
}

function showStatus(status: PeerStatus): void {
  setText(byId("who"), `peer ${status.name}`);
  document.title = `vtorrent peer ${status.name}`;
  allSlots.placeholder = String(status.upload_slots);
  showTotals([
    ["Down", rate(status.download_rate)],
    ["Up", rate(status.upload_rate)],
    ["Taken", bytes(status.downloaded)],
    ["Given", bytes(status.uploaded)],
  ]);
}

function showTorrents({ changed, removed }: TorrentsChange): void {
  list.change(changed, removed);
  if (chosen === undefined) return;
  if (removed.includes(chosen)) choose(undefined);
  else setText(byId("detail-title"), list.get(chosen)?.name ?? "…");
}

function showDetail(change: DetailChange): void {
  detail.change(change);
}

/** Limits of all torrents together; the upload slots are shown as they are. */
function limitsForm(): HTMLElement {
  const down = make("input", { id: "all-down", size: 8, placeholder: "none" });
  const up = make("input", { id: "all-up", size: 8, placeholder: "none" });
  const set = (event: Event) => {
    event.preventDefault();
    const download = parseRate(down.value);
    const upload = parseRate(up.value);
    if (download === undefined || upload === undefined) {
      return note("Give a limit in bytes per second, such as 500k or 2M");
    }
    const slots = allSlots.value.trim();
    if (slots !== "" && !/^\d{1,4}$/.test(slots)) {
      return note("Give a whole number of upload slots");
    }
    const more = slots === "" ? {} : { upload_slots: Number(slots) };
    post("/limits", { download, upload, ...more }).then(
      () => note("The limits are set", "good"),
      (error: Error) => note(error.message),
    );
  };
  return make(
    "details",
    {},
    make("summary", {}, "Limits for all torrents together"),
    make(
      "form",
      { class: "limits", onsubmit: set },
      make("label", { for: "all-down" }, "Download limit"),
      down,
      make("label", { for: "all-up" }, "Upload limit"),
      up,
      make("label", { for: "all-slots" }, "Upload slots"),
      allSlots,
      make("button", { type: "submit" }, "Set limits"),
      make(
        "span",
        { class: "hint" },
        "bytes per second, such as 500k or 2M; empty for no limit. " +
          "Upload slots: peers that each torrent serves at a time, and one optimistic one",
      ),
    ),
  );
}
