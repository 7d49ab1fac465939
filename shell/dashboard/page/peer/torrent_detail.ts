/**
 * Torrent detail: what is known of one torrent, and what can be done with it, beside the list or
 * over it.
 *
 * @module
 */
/// <reference lib="dom" />
import type {
  DetailChange,
  FileFacts,
  PeerFacts,
  PeerRates,
  TorrentDetail,
  TorrentFacts,
  TorrentSummary,
  TrackerFacts,
  WebSeedFacts,
} from "../api_types.ts";
import { get, post } from "../api_client.ts";
import { PEERS, TRACKERS, WEB_SEEDS } from "./detail_tables.ts";
import { button, make, note, setText } from "../dom.ts";
import { EventLogView } from "./event_log.ts";
import { rangesOf } from "./file_tree.ts";
import { FileTreeView } from "./file_tree_view.ts";
import { KeyedTable } from "../keyed_table.ts";
import { LineChart } from "../line_chart.ts";
import { PieceMapView } from "./piece_map.ts";
import { Tabs } from "../tabs.ts";
import { ACTIONS, singleActions, type TorrentAction } from "./torrent_actions.ts";
import { stateWords } from "./torrent_list.ts";
import { bytes, duration, parseRate, rate, share } from "../words.ts";

/** Tabs, in their order. */
const TABS = ["Overview", "Files", "Peers", "Trackers", "Log"] as const;
type Tab = typeof TABS[number];

/** What is shown of a torrent. */
export class TorrentDetailView {
  readonly element: HTMLElement;
  readonly #state = make("p", { class: "hint detail-state", dir: "auto" });
  readonly #tabs: Tabs<Tab>;
  readonly #pieces = new PieceMapView();
  readonly #chart = new LineChart("Rates", [
    { name: "down", colour: "down" },
    { name: "up", colour: "up", dash: [6, 3] },
  ], (value) => `${bytes(value)}/s`);
  readonly #facts = make("dl", { class: "facts" });
  readonly #files = new FileTreeView({
    empty: "The file list appears once a peer has sent the metadata.",
    isBefore: false,
    choose: (numbers, priority) => void this.#select(numbers, priority),
  });
  readonly #peers = new KeyedTable<PeerFacts>(PEERS);
  readonly #trackers = new KeyedTable<TrackerFacts>(TRACKERS);
  readonly #webSeeds = new KeyedTable<WebSeedFacts>(WEB_SEEDS);
  readonly #log = new EventLogView();
  readonly #limits: { down: HTMLInputElement; up: HTMLInputElement };
  readonly #sequential: HTMLInputElement;
  readonly #actions: readonly { action: TorrentAction; element: HTMLButtonElement }[];
  readonly #menu: HTMLDetailsElement;
  readonly #filesWanted: () => void;
  #infoHash = "";
  #torrent: TorrentSummary | undefined;
  #known: Partial<TorrentDetail> = {};
  #fileList: FileFacts[] | undefined;

  /** @param filesWanted the files are looked at, and are to be told from now on */
  constructor(filesWanted: () => void) {
    this.#filesWanted = filesWanted;
    this.#limits = {
      down: make("input", { id: "limit-down", size: 8, placeholder: "none" }),
      up: make("input", { id: "limit-up", size: 8, placeholder: "none" }),
    };
    this.#sequential = make("input", {
      type: "checkbox",
      id: "sequential",
      onchange: () => void this.#setSequential(),
    });
    const act = (action: TorrentAction) => ({
      action,
      element: button(action.name, () => this.#run(action), {
        class: action.name === "Remove" ? "danger" : "",
        ...(action.help === undefined ? {} : { title: action.help }),
      }),
    });
    const many = ACTIONS.map(act);
    const single = singleActions(() => this.#known).map(act);
    this.#actions = [...many, ...single];
    this.#menu = make(
      "details",
      { class: "menu", onkeydown: (event) => this.#menuKey(event as KeyboardEvent) },
      make("summary", {}, "More"),
      make("div", { class: "menu-items" }, ...single.map(({ element }) => element)),
    );
    document.addEventListener("click", ({ target }) => {
      if (!this.#menu.querySelector("summary")!.contains(target as Node)) this.#menu.open = false;
    });
    this.#tabs = new Tabs(TABS, {
      Overview: [
        this.#pieces.element,
        make("h3", {}, "Rates"),
        this.#chart.element,
        this.#facts,
        this.#limitsForm(),
      ],
      Files: [this.#files.element],
      Peers: [this.#peers.element],
      Trackers: [
        this.#trackers.element,
        make("h3", {}, "Web seeds"),
        this.#webSeeds.element,
      ],
      Log: [this.#log.element],
    }, () => this.#showTab());
    this.element = make(
      "div",
      { class: "detail" },
      this.#state,
      make(
        "div",
        { class: "detail-actions", role: "group", "aria-label": "Actions" },
        ...many.map(({ element }) => element),
        this.#menu,
      ),
      this.#tabs.element,
    );
  }

  /** Whether the files are looked at. */
  get showsFiles(): boolean {
    return this.#tabs.chosen === "Files";
  }

  /** From now on another torrent is shown, or none. */
  open(torrent: TorrentSummary | undefined, infoHash = ""): void {
    this.#infoHash = infoHash;
    this.#torrent = undefined;
    this.#known = {};
    this.#fileList = undefined;
    this.#menu.open = false;
    this.#chart.clear();
    this.#pieces.show(infoHash, { status: "", copies: [] });
    this.#facts.replaceChildren();
    this.#files.open([]);
    for (const table of [this.#peers, this.#trackers, this.#webSeeds]) table.show([]);
    this.#limits.down.value = this.#limits.up.value = "";
    this.#log.open(infoHash);
    if (torrent !== undefined) this.summary(torrent);
    this.#showTab();
  }

  /** What the list says of it. */
  summary(torrent: TorrentSummary): void {
    if (torrent.info_hash !== this.#infoHash) return;
    this.#torrent = torrent;
    setText(this.#state, stateWords(torrent));
    this.#state.classList.toggle("bad", torrent.state === "error");
    for (const { action, element } of this.#actions) {
      const fits = action.fits(torrent);
      const isEither = action.name === "Resume" || action.name === "Pause";
      if (isEither) element.hidden = !fits;
      else element.disabled = !fits;
    }
    this.#showFacts();
  }

  /** The parts that changed. */
  change(change: DetailChange): void {
    if (change.info_hash !== this.#infoHash) return;
    const { facts, files, files_changed: changedFiles } = change;
    if (facts !== undefined && this.#known.facts === undefined) this.#showLimits(facts);
    if (facts !== undefined) this.#sequential.checked = facts.sequential;
    this.#known = { ...this.#known, ...change };
    if (change.piece_map !== undefined) this.#pieces.show(this.#infoHash, change.piece_map);
    if (files !== undefined) this.#takeFiles([...files]);
    if (changedFiles !== undefined) this.#changeFiles(changedFiles);
    this.#showTables(change);
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

  /** Once a second, for the chart and the log. */
  tick(): void {
    const torrent = this.#torrent;
    if (torrent === undefined) return;
    if (this.#tabs.chosen === "Overview") {
      this.#chart.add([torrent.download_rate, torrent.upload_rate]);
    } else this.#chart.note([torrent.download_rate, torrent.upload_rate]);
    if (this.#tabs.chosen === "Log") this.#log.look();
  }

  /** Tables that nobody sees are not kept up to date. */
  #showTables({ peers, trackers, web_seeds: webSeeds }: Partial<TorrentDetail>): void {
    const { chosen } = this.#tabs;
    if (chosen === "Peers" && peers !== undefined) this.#peers.show(peers);
    if (chosen !== "Trackers") return;
    if (trackers !== undefined) this.#trackers.show(trackers);
    if (webSeeds !== undefined) this.#webSeeds.show(webSeeds);
  }

  #showTab(): void {
    const { chosen } = this.#tabs;
    this.#showTables(this.#known);
    if (chosen === "Overview") {
      this.#pieces.draw();
      this.#chart.draw();
    }
    if (chosen === "Files") {
      if (this.#fileList === undefined) this.#filesWanted();
      else this.#files.update(this.#fileList);
    }
    if (chosen === "Log") this.#log.look();
  }

  #takeFiles(files: FileFacts[]): void {
    const isSame = this.#fileList?.length === files.length;
    this.#fileList = files;
    if (isSame) this.#files.update(files);
    else this.#files.open(files);
  }

  #changeFiles(changed: readonly FileFacts[]): void {
    const byPath = new Map(changed.map((file) => [file.path, file]));
    this.#fileList = this.#fileList?.map((file) => byPath.get(file.path) ?? file);
    if (this.#fileList !== undefined && this.showsFiles) this.#files.update(this.#fileList);
  }

  #run(action: TorrentAction): void {
    // What has the focus goes with the menu: a dialog would give it back to nobody.
    if (this.#menu.open) this.#menu.querySelector("summary")!.focus();
    this.#menu.open = false;
    if (this.#torrent !== undefined) action.run([this.#torrent]);
  }

  #menuKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.#menu.open) return;
    event.stopPropagation();
    this.#menu.open = false;
    this.#menu.querySelector("summary")!.focus();
  }

  #limitsForm(): HTMLElement {
    return make(
      "form",
      { class: "limits", onsubmit: (event) => this.#limit(event) },
      make("label", { for: "limit-down" }, "Download limit"),
      this.#limits.down,
      make("label", { for: "limit-up" }, "Upload limit"),
      this.#limits.up,
      make("button", { type: "submit" }, "Set limits"),
      make("span", { class: "hint" }, "bytes per second, such as 500k or 2M; empty for no limit"),
      make(
        "span",
        { class: "switch" },
        this.#sequential,
        make("label", { for: "sequential" }, " Pieces in order, to look at a file while it comes"),
      ),
    );
  }

  #showFacts(): void {
    const torrent = this.#torrent;
    const { facts } = this.#known;
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
      ["Added", new Date(facts.added_at).toLocaleString()],
      ["Folder", facts.dir],
      ["Name on disk", facts.disk_name ?? torrent.name],
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

  async #setSequential(): Promise<void> {
    const sequential = this.#sequential.checked;
    await post(`/torrents/${this.#infoHash}/sequential`, { sequential }).catch((error: Error) => {
      this.#sequential.checked = !sequential;
      note(error.message);
    });
  }

  async #select(numbers: readonly number[], priority: string): Promise<void> {
    await post(`/torrents/${this.#infoHash}/select`, { select: rangesOf(numbers), priority })
      .catch((error: Error) => note(error.message));
  }
}
