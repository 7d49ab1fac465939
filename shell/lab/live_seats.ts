/**
 * Live seats: what the members of a run do at this moment, as the swarm board wants to be told.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { RunEvent } from "../../lab/run/run_record.ts";
import type { RunPlan } from "../../lab/scenario/run_plan.ts";
import type { BoardLink } from "../dashboard/page/api_types.ts";
import { cellsOf, type Report } from "../dashboard/report.ts";

/** What one member says and gives to another. */
interface Link {
  given: number;
  choked: boolean;
  wanted: boolean;
  reason: string;
  /** Blocks of the last moments. */
  recent: { t: number; length: number }[];
}

interface Seat {
  readonly id: string;
  readonly peerId: string;
  readonly have: Set<number>;
  readonly links: Map<string, Link>;
  downloaded: number;
  uploaded: number;
  isHere: boolean;
}

/** The members of one run, kept up to date by its events. */
export class LiveSeats {
  readonly infoHash: string;
  readonly #name: string;
  readonly #size: number;
  readonly #pieces: number;
  readonly #seats: ReadonlyMap<string, Seat>;

  constructor({ scenario, variant, seed, content: { size, pieceLength }, members }: RunPlan) {
    this.#name = variant === "" ? scenario : `${scenario}, ${variant}`;
    const idOf = (text: string) => createHash("sha1").update(text).digest("hex");
    this.infoHash = idOf(`${this.#name} ${seed}`);
    this.#size = size;
    this.#pieces = Math.ceil(size / pieceLength);
    this.#seats = new Map(members.map(({ id }) => [id, {
      ...{ id, peerId: idOf(id), have: new Set<number>(), links: new Map() },
      ...{ downloaded: 0, uploaded: 0, isHere: false },
    }]));
  }

  add(event: RunEvent): void {
    switch (event.what) {
      case "arrived":
        this.#seats.get(event.who)!.isHere = true;
        break;
      case "left":
      case "killed":
        this.#seats.get(event.who)!.isHere = false;
        break;
      case "piece":
        this.#seats.get(event.who)!.have.add(event.piece);
        break;
      case "block": {
        const { t, from, to, length } = event;
        const link = this.#link(from, to);
        link.given += length;
        link.recent.push({ t, length });
        this.#seats.get(to)!.downloaded += length;
        this.#seats.get(from)!.uploaded += length;
        break;
      }
      case "choked":
      case "unchoked": {
        const link = this.#link(event.who, event.whom);
        link.choked = event.what === "choked";
        link.reason = event.why ?? "";
        break;
      }
      case "interested":
      case "uninterested":
        this.#link(event.whom, event.who).wanted = event.what === "interested";
        break;
      case "disconnected":
        this.#seats.get(event.who)!.links.delete(event.whom);
        this.#seats.get(event.whom)!.links.delete(event.who);
        break;
      default:
    }
  }

  /**
   * Everybody who is here.
   *
   * @param now ms since the start of the run
   * @param span ms over which a rate is taken
   */
  reports(now: number, span: number): Report[] {
    const here = [...this.#seats.values()].filter(({ isHere }) => isHere);
    const rates = new Map(here.map(({ id }) => [id, 0]));
    const links = new Map(here.map((seat) => [
      seat.id,
      [...seat.links].map(([to, link]): BoardLink => {
        link.recent = link.recent.filter(({ t }) => now - t < span);
        const bytes = link.recent.reduce((sum, { length }) => sum + length, 0);
        const rate = Math.round(1000 * bytes / span);
        rates.set(to, (rates.get(to) ?? 0) + rate);
        const { given, choked, wanted, reason } = link;
        return {
          ...{ to: this.#seats.get(to)!.peerId, name: to },
          ...{ rate, given, choked, wanted, reason },
        };
      }),
    ]));
    return here.map((seat) => this.#report(seat, links.get(seat.id)!, rates.get(seat.id)!));
  }

  #report(seat: Seat, links: readonly BoardLink[], downloadRate: number): Report {
    const { id, peerId, have, downloaded, uploaded } = seat;
    const { cells, perCell } = cellsOf(this.#pieces);
    const bits = new Uint8Array(Math.ceil(cells / 8));
    for (let cell = 0; cell < cells; cell++) {
      const end = Math.min((cell + 1) * perCell, this.#pieces);
      let isWhole = true;
      for (let piece = cell * perCell; piece < end; piece++) isWhole &&= have.has(piece);
      if (isWhole) bits[cell >> 3]! |= 0x80 >> (cell & 7);
    }
    return {
      "peer_id": peerId,
      name: id,
      torrents: [{
        "info_hash": this.infoHash,
        torrent: this.#name,
        pieces: this.#pieces,
        have: bits.toBase64(),
        active: [],
        progress: have.size / this.#pieces,
        size: this.#size,
        ...{ downloaded, uploaded },
        "download_rate": downloadRate,
        "upload_rate": links.reduce((sum, { rate }) => sum + rate, 0),
        eta: null,
        links: [...links],
      }],
    };
  }

  #link(from: string, to: string): Link {
    const { links } = this.#seats.get(from)!;
    let link = links.get(to);
    if (link === undefined) {
      links.set(to, link = { given: 0, choked: true, wanted: false, reason: "", recent: [] });
    }
    return link;
  }
}
