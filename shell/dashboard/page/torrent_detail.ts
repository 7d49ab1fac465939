/**
 * Torrent detail: pieces, rates, files, peers, trackers, limits.
 *
 * @module
 */
/// <reference lib="dom" />
import type {
  DetailChange,
  FileFacts,
  PeerFacts,
  PeerRates,
  TorrentFacts,
  TorrentSummary,
  TrackerFacts,
  WebSeedFacts,
} from "./api_types.ts";
import { get, post } from "./api_client.ts";
import { button, make, note, setText } from "./dom.ts";
import { KeyedTable } from "./keyed_table.ts";
import { LineChart } from "./line_chart.ts";
import { PieceMapView } from "./piece_map.ts";
import { bytes, duration, parseRate, rate, share } from "./words.ts";

const CHOKE_HELP =
  "Choked: it may not request now. Only a few peers are served at a time: those that " +
  "upload most, and one in rotation (the optimistic unchoke) to give newcomers a chance";

/** The section of one torrent. */
export class TorrentDetailView {
  readonly element: HTMLElement;
  readonly #pieces = new PieceMapView();
  readonly #chart = new LineChart("Rates", [
    { name: "down", colour: "down" },
    { name: "up", colour: "up", dash: [6, 3] },
  ], (value) => `${bytes(value)}/s`);
  readonly #facts = make("dl", { class: "facts" });
  readonly #files: KeyedTable<FileFacts>;
  readonly #peers = new KeyedTable<PeerFacts>(PEERS);
  readonly #trackers = new KeyedTable<TrackerFacts>(TRACKERS);
  readonly #webSeeds = new KeyedTable<WebSeedFacts>(WEB_SEEDS);
  readonly #limits: { down: HTMLInputElement; up: HTMLInputElement };
  #infoHash = "";
  #known: { torrent?: TorrentSummary; facts?: TorrentFacts } = {};

  constructor() {
    this.#files = new KeyedTable<FileFacts>({
      label: "Files",
      empty: "The file list appears once a peer has sent the metadata.",
      key: ({ path }) => path,
      columns: [
        { title: "Wanted", fill: (row, cell) => this.#wanted(row, cell) },
        { title: "File", isHeader: true, text: ({ path }) => path },
        { title: "Size", isNumber: true, text: ({ length }) => bytes(length) },
        {
          title: "Here",
          isNumber: true,
          text: ({ have, length }) => share(length === 0 ? 1 : have / length),
        },
      ],
    });
    this.#limits = {
      down: make("input", { id: "limit-down", inputmode: "text", size: 8, placeholder: "none" }),
      up: make("input", { id: "limit-up", inputmode: "text", size: 8, placeholder: "none" }),
    };
    const limits = make(
      "form",
      { class: "limits", onsubmit: (event) => this.#limit(event) },
      make("label", { for: "limit-down" }, "Download limit"),
      this.#limits.down,
      make("label", { for: "limit-up" }, "Upload limit"),
      this.#limits.up,
      make("button", { type: "submit" }, "Set limits"),
      make("span", { class: "hint" }, "bytes per second, such as 500k or 2M; empty for no limit"),
    );
    this.element = make(
      "div",
      { class: "detail" },
      make("h3", {}, "Pieces"),
      this.#pieces.element,
      make("h3", {}, "Rates"),
      this.#chart.element,
      this.#facts,
      limits,
      make("h3", {}, "Files"),
      this.#files.element,
      make("h3", {}, "Peers"),
      this.#peers.element,
      make("h3", {}, "Trackers"),
      this.#trackers.element,
      make("h3", {}, "Web seeds"),
      this.#webSeeds.element,
    );
  }

  /** From now on another torrent is shown. */
  open(infoHash: string): void {
    this.#infoHash = infoHash;
    this.#known = {};
    this.#chart.clear();
    this.#pieces.show(infoHash, { status: "", copies: [] });
    for (const table of [this.#files, this.#peers, this.#trackers, this.#webSeeds]) table.show([]);
    this.#limits.down.value = this.#limits.up.value = "";
  }

  /** The parts that changed. */
  change(change: DetailChange): void {
    if (change.info_hash !== this.#infoHash) return;
    if (change.files !== undefined) this.#files.show(change.files);
    if (change.peers !== undefined) this.#peers.show(change.peers);
    if (change.trackers !== undefined) this.#trackers.show(change.trackers);
    if (change.web_seeds !== undefined) this.#webSeeds.show(change.web_seeds);
    if (change.piece_map !== undefined) this.#pieces.show(this.#infoHash, change.piece_map);
    if (change.torrent !== undefined) this.#known.torrent = change.torrent;
    if (change.facts !== undefined) {
      if (this.#known.facts === undefined) this.#showLimits(change.facts);
      this.#known.facts = change.facts;
    }
    this.#showFacts();
  }

  /** The peer answers (again): what the chart missed. */
  connected(): void {
    const infoHash = this.#infoHash;
    get<PeerRates>(`/torrents/${infoHash}/rates`).then(({ download, upload }) => {
      if (infoHash !== this.#infoHash) return;
      this.#chart.fill(download.map((down, at) => [down, upload[at] ?? 0]));
    }, () => {/* the next connection brings it */});
  }

  /** Once a second, for the chart. */
  tick(): void {
    const { torrent } = this.#known;
    if (torrent !== undefined) this.#chart.add([torrent.download_rate, torrent.upload_rate]);
  }

  #showFacts(): void {
    const { torrent, facts } = this.#known;
    if (torrent === undefined || facts === undefined) return;
    const rows: readonly (readonly [string, string])[] = [
      ["Progress", `${share(torrent.progress)}, ${bytes(torrent.left)} left`],
      ["Time left", torrent.eta === null ? "–" : duration(torrent.eta)],
      ["Taken", `${bytes(torrent.downloaded)} at ${rate(torrent.download_rate)}`],
      ["Given", `${bytes(torrent.uploaded)} at ${rate(torrent.upload_rate)}`],
      ["Ratio", torrent.ratio === null ? "–" : torrent.ratio.toFixed(2)],
      ["Copies", `${facts.distributed_copies} of the rarest piece`],
      ["Wasted", bytes(facts.wasted)],
      ["Pieces", `${torrent.pieces_have} of ${torrent.pieces}, ${bytes(facts.piece_length)} each`],
      ["Folder", facts.dir],
      ["Info hash", torrent.info_hash],
      ["Magnet link", facts.magnet],
    ];
    if (this.#facts.childElementCount === 0) {
      this.#facts.append(
        ...rows.flatMap(([name]) => [make("dt", {}, name), make("dd", { dir: "auto" })]),
      );
    }
    const values = this.#facts.querySelectorAll("dd");
    for (const [at, [, value]] of rows.entries()) setText(values[at]!, value);
  }

  #showLimits(facts: TorrentFacts): void {
    const words = (limit: number) => limit === 0 ? "" : `${Math.round(limit / 1024)}k`;
    this.#limits.down.value = words(facts.download_limit);
    this.#limits.up.value = words(facts.upload_limit);
  }

  #limit(event: Event): void {
    event.preventDefault();
    const download = parseRate(this.#limits.down.value);
    const upload = parseRate(this.#limits.up.value);
    if (download === undefined || upload === undefined) {
      return note("Give a limit in bytes per second, such as 500k or 2M");
    }
    post(`/torrents/${this.#infoHash}/limits`, { download, upload }).then(
      () => note("The limits are set", "good"),
      (error: Error) => note(error.message),
    );
  }

  #wanted({ number, path, priority }: FileFacts, cell: HTMLElement): void {
    if (number === null) return;
    const choice = cell.querySelector("select") ?? cell.appendChild(
      make(
        "select",
        {
          "aria-label": `Priority of ${path}`,
          onchange: () => void this.#choose(number, choice.value),
        },
        ...["skip", "low", "normal", "high"].map((one) => make("option", { value: one }, one)),
      ),
    );
    if (document.activeElement !== choice) choice.value = priority;
  }

  async #choose(number: number, priority: string): Promise<void> {
    await post(`/torrents/${this.#infoHash}/select`, { select: String(number), priority })
      .catch((error: Error) => note(error.message));
  }

  /** A button to leave by. */
  static closer(close: () => void): HTMLButtonElement {
    return button("Close details", close);
  }
}

/** Of an address what tells where it is; the whole is in the list of trackers. */
function hostOf(via: string): string {
  return URL.parse(via)?.host || via;
}

const PEERS = {
  label: "Peers",
  empty: "No peer is connected.",
  key: ({ address, peer_id }: PeerFacts) => `${address} ${peer_id}`,
  columns: [
    {
      title: "Peer",
      isHeader: true,
      text: ({ name, address }: PeerFacts) => name === null ? address : `${name} (${address})`,
    },
    { title: "Client", text: ({ client }: PeerFacts) => client },
    {
      title: "Found by",
      text: ({ source, via, incoming }: PeerFacts) =>
        incoming ? "it connected to us" : via === null ? source : `${source} ${hostOf(via)}`,
    },
    {
      title: "From it",
      help: CHOKE_HELP,
      text: (peer: PeerFacts) =>
        `${peer.peer_choking ? "chokes us" : "serves us"}, ` +
        `${peer.am_interested ? "we want" : "we want nothing"}` +
        (peer.snubbed ? ", sends nothing" : ""),
    },
    {
      title: "To it",
      help: CHOKE_HELP,
      text: (peer: PeerFacts) =>
        `${peer.am_choking ? "choked" : "served"}, ` +
        `${peer.peer_interested ? "it wants" : "it wants nothing"}`,
    },
    { title: "Why", text: ({ choke_reason }: PeerFacts) => choke_reason },
    {
      title: "Down",
      isNumber: true,
      text: ({ download_rate }: PeerFacts) => rate(download_rate),
    },
    { title: "Up", isNumber: true, text: ({ upload_rate }: PeerFacts) => rate(upload_rate) },
    {
      title: "Latency",
      isNumber: true,
      help: "Time from a request to its block",
      text: ({ latency }: PeerFacts) => latency === null ? "–" : `${latency} ms`,
    },
    { title: "Has", isNumber: true, text: ({ progress }: PeerFacts) => share(progress) },
    {
      title: "Way",
      text: ({ transport, encryption }: PeerFacts) =>
        encryption === "none" ? transport : `${transport}, ${encryption}`,
    },
  ],
};

const TRACKERS = {
  label: "Trackers",
  empty: "This torrent has no tracker.",
  key: ({ url }: TrackerFacts) => url,
  columns: [
    { title: "Tracker", isHeader: true, text: ({ url }: TrackerFacts) => url },
    { title: "State", text: ({ status }: TrackerFacts) => status },
    { title: "Message", text: ({ message }: TrackerFacts) => message ?? "–" },
    {
      title: "Seeders",
      isNumber: true,
      text: ({ seeders }: TrackerFacts) => seeders === null ? "–" : String(seeders),
    },
    {
      title: "Leechers",
      isNumber: true,
      text: ({ leechers }: TrackerFacts) => leechers === null ? "–" : String(leechers),
    },
    {
      title: "Next announce",
      isNumber: true,
      text: ({ next_announce_in }: TrackerFacts) =>
        next_announce_in === null ? "–" : duration(next_announce_in),
    },
  ],
};

const WEB_SEEDS = {
  label: "Web seeds",
  empty: "This torrent has no web seeds.",
  key: ({ url }: WebSeedFacts) => url,
  columns: [
    { title: "Web seed", isHeader: true, text: ({ url }: WebSeedFacts) => url },
    { title: "State", text: ({ status }: WebSeedFacts) => status },
    {
      title: "Down",
      isNumber: true,
      text: ({ download_rate }: WebSeedFacts) => rate(download_rate),
    },
    { title: "Taken", isNumber: true, text: ({ downloaded }: WebSeedFacts) => bytes(downloaded) },
  ],
};
