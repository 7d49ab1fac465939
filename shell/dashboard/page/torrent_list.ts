/**
 * The list of torrents: how far each is, and what can be done with it.
 *
 * @module
 */
/// <reference lib="dom" />
import type { Removed, TorrentSummary } from "./api_types.ts";
import { post } from "./api_client.ts";
import { button, make, note, setAttribute, setText } from "./dom.ts";
import { KeyedTable } from "./keyed_table.ts";
import { bytes, duration, rate, share } from "./words.ts";

const STATES: Readonly<Record<string, string>> = {
  metadata: "fetching metadata",
  checking: "checking files",
  downloading: "downloading",
  seeding: "seeding",
  paused: "paused",
  stopped: "stopped",
  queued: "queued",
  error: "error",
};

/** The list. `choose` is called with the info hash whose details are wanted. */
export class TorrentList {
  readonly element: HTMLElement;
  readonly #table: KeyedTable<TorrentSummary>;
  readonly #torrents = new Map<string, TorrentSummary>();
  readonly #choose: (infoHash: string) => void;
  #chosen: string | undefined;

  constructor(choose: (infoHash: string) => void) {
    this.#choose = choose;
    this.#table = new KeyedTable<TorrentSummary>({
      label: "Torrents",
      empty: "No torrents yet. Add one above, or share a file.",
      key: ({ info_hash }) => info_hash,
      columns: [
        { title: "Name", isHeader: true, fill: (row, cell) => this.#name(row, cell) },
        { title: "State", text: ({ state, error }) => error ?? STATES[state] ?? state },
        { title: "Progress", isNumber: true, fill: progress },
        { title: "Size", isNumber: true, text: ({ wanted_size }) => bytes(wanted_size) },
        { title: "Down", isNumber: true, text: ({ download_rate }) => rate(download_rate) },
        { title: "Up", isNumber: true, text: ({ upload_rate }) => rate(upload_rate) },
        {
          title: "Time left",
          isNumber: true,
          text: ({ eta }) => eta === null ? "–" : duration(eta),
        },
        {
          title: "Ratio",
          isNumber: true,
          help: "Uploaded divided by downloaded",
          text: ({ ratio }) => ratio === null ? "–" : ratio.toFixed(2),
        },
        { title: "Peers", isNumber: true, text: ({ peers }) => String(peers) },
        { title: "Actions", fill: actions },
      ],
    });
    this.element = this.#table.element;
  }

  get(infoHash: string): TorrentSummary | undefined {
    return this.#torrents.get(infoHash);
  }

  /** The torrent whose details are shown. */
  set chosen(infoHash: string | undefined) {
    this.#chosen = infoHash;
    this.#show();
  }

  change(changed: readonly TorrentSummary[], removed: readonly string[]): void {
    for (const torrent of changed) this.#torrents.set(torrent.info_hash, torrent);
    for (const infoHash of removed) this.#torrents.delete(infoHash);
    this.#show();
  }

  #show(): void {
    this.#table.show([...this.#torrents.values()]);
  }

  #name({ info_hash: infoHash, name }: TorrentSummary, cell: HTMLElement): void {
    const shown = cell.firstElementChild as HTMLButtonElement | null ??
      cell.appendChild(button(name, () => this.#choose(infoHash), { class: "name" }));
    setText(shown, name);
    setAttribute(shown, "aria-expanded", String(this.#chosen === infoHash));
  }
}

function progress({ name, progress }: TorrentSummary, cell: HTMLElement): void {
  const bar = cell.querySelector("progress") ??
    cell.appendChild(make("progress", { max: 1, "aria-label": `Progress of ${name}` }));
  const text = cell.querySelector("span") ?? cell.appendChild(make("span", { class: "share" }));
  bar.value = progress;
  setText(text, share(progress));
}

/** The buttons that fit its state; they stay the same elements. */
function actions(torrent: TorrentSummary, cell: HTMLElement): void {
  if (cell.childElementCount === 0) {
    const tell = (verb: string) => () => void act(torrent.info_hash, verb);
    cell.append(
      button("Pause", tell("pause"), { "data-verb": "pause" }),
      button("Resume", tell("resume"), { "data-verb": "resume" }),
      button("Stop", tell("stop"), { "data-verb": "stop" }),
      button("Remove", () => askToRemove(torrent), { "data-verb": "remove" }),
    );
    cell.classList.add("actions");
    for (const one of cell.children) {
      one.setAttribute("aria-label", `${one.textContent} ${torrent.name}`);
    }
  }
  const rests = ["paused", "stopped", "error"].includes(torrent.state);
  for (const one of cell.children) {
    const verb = (one as HTMLElement).dataset["verb"];
    const hidden = verb === "pause" ? rests : verb === "resume" ? !rests : false;
    (one as HTMLElement).hidden = hidden || (verb === "stop" && torrent.state === "stopped");
  }
}

async function act(infoHash: string, verb: string, body: unknown = {}): Promise<void> {
  await post(`/torrents/${infoHash}/${verb}`, body).catch((error: Error) => note(error.message));
}

/** Says what was not deleted, and why. */
async function remove(infoHash: string, data: boolean): Promise<void> {
  try {
    const { kept } = await post<Removed>(`/torrents/${infoHash}/remove`, { data });
    for (const { path, reason } of kept.slice(0, 3)) note(`${path} stays: ${reason}`, "good");
  } catch (error) {
    note((error as Error).message);
  }
}

function askToRemove({ info_hash: infoHash, name }: TorrentSummary): void {
  const data = make("input", { type: "checkbox", id: "remove-data" });
  const dialog = make(
    "dialog",
    { "aria-labelledby": "remove-title", onclose: () => dialog.remove() },
    make("h2", { id: "remove-title", dir: "auto" }, `Remove “${name}”?`),
    make("p", {}, "The peer forgets this torrent. Its files stay unless you tick the box."),
    make("p", {}, data, make("label", { for: "remove-data" }, " Also delete the downloaded files")),
    make(
      "p",
      { class: "choices" },
      button("Keep it", () => dialog.close(), { autofocus: true }),
      button("Remove", () => {
        dialog.close();
        void remove(infoHash, data.checked);
      }, { class: "danger" }),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
