/**
 * Event log: what happened of late and why, of one torrent or of all.
 *
 * @module
 */
/// <reference lib="dom" />
import type { LogEntry } from "../api_types.ts";
import { get } from "../api_client.ts";
import { make } from "../dom.ts";

/** Lines that are kept on the page. */
const MAX_LINES = 500;

/** The log; it asks for news when it is told to look. */
export class EventLogView {
  readonly element: HTMLElement;
  readonly #lines = make("ol", { class: "log" });
  readonly #empty = make("p", { class: "empty" }, "Nothing happened since the page is served.");
  #infoHash = "";
  #last = 0;
  #isAsking = false;

  constructor() {
    const box = { class: "log-box", tabindex: 0, role: "log", "aria-label": "Events" };
    this.element = make("div", {}, make("div", box, this.#lines), this.#empty);
  }

  /** The log of a torrent, or for "" of all, from its beginning. */
  open(infoHash: string): void {
    this.#infoHash = infoHash;
    this.#last = 0;
    this.#lines.replaceChildren();
    this.#empty.hidden = false;
  }

  /** Asks what is new. */
  look(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const infoHash = this.#infoHash;
    const query = new URLSearchParams({ after: String(this.#last), torrent: infoHash });
    get<{ entries: LogEntry[] }>(`/log?${query}`).then(({ entries }) => {
      if (infoHash === this.#infoHash) this.#add(entries);
    }, () => {/* the page says that the peer does not answer */}).finally(() => {
      this.#isAsking = false;
    });
  }

  #add(entries: readonly LogEntry[]): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#last = last.number;
    this.#empty.hidden = true;
    // The newest stands at the top: it is seen without scrolling.
    this.#lines.prepend(...entries.toReversed().map((entry) => this.#line(entry)));
    while (this.#lines.childElementCount > MAX_LINES) this.#lines.lastElementChild!.remove();
  }

  #line({ at, torrent, text, bad }: LogEntry): HTMLElement {
    const time = new Date(at);
    return make(
      "li",
      { class: bad ? "bad" : "" },
      make("time", { datetime: time.toISOString() }, time.toLocaleTimeString()),
      " ",
      ...this.#infoHash === "" ? [make("b", { dir: "auto" }, torrent), " "] : [],
      make("span", { dir: "auto" }, text),
    );
  }
}
