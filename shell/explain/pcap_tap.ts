/**
 * A tap that makes a packet capture of what is said with peers and trackers.
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import type { Tap, TapLink, TrackerLink } from "../../peer/mod.ts";
import { addressTowards } from "./address_towards.ts";
import type { Direction } from "./message_words.ts";
import { type Endpoint, PcapConnection, pcapDatagram, pcapHeader, type Side } from "./pcap.ts";

/** Ports that are made up where ours is not known. */
const EPHEMERAL = 49152;

/** Gives the capture's bytes as they come. */
export class PcapTap implements Tap {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #now: () => number;
  readonly #connections = new Map<TapLink, PcapConnection>();
  #made = 0;

  /** @param now ms since the epoch */
  constructor(write: (bytes: Uint8Array) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
    write(pcapHeader());
  }

  wire(link: TapLink, direction: Direction, bytes: Uint8Array): void {
    const side: Side = direction === "sent" ? "ours" : "theirs";
    let connection = this.#connections.get(link);
    if (connection === undefined) {
      // Whoever speaks first has called.
      connection = new PcapConnection(this.#ours(link), link.remote);
      this.#connections.set(link, connection);
      for (const record of connection.open(side, this.#now())) this.#write(record);
    }
    for (const record of connection.say(side, bytes, this.#now())) this.#write(record);
  }

  link(link: TapLink, state: Parameters<Tap["link"]>[1]): void {
    if ("ended" in state) this.#end(link);
  }

  trackerBytes(link: TrackerLink, direction: Direction, bytes: Uint8Array | undefined): void {
    if (link.transport === "tcp") {
      return bytes === undefined ? this.#end(link) : this.wire(link, direction, bytes);
    }
    if (bytes === undefined) return;
    const ours = this.#ours(link);
    const [from, to] = direction === "sent" ? [ours, link.remote] : [link.remote, ours];
    this.#write(pcapDatagram(from, to, bytes, this.#now()));
  }

  #end(link: TapLink): void {
    const connection = this.#connections.get(link);
    if (connection === undefined) return;
    this.#connections.delete(link);
    for (const record of connection.close("ours", this.#now())) this.#write(record);
  }

  chose(): void {}

  tracker(): void {}

  /** Our end. A socket of all addresses does not tell which one it uses. */
  #ours(link: Pick<TrackerLink, "local" | "remote">): Endpoint {
    const { local, remote } = link;
    if (local === undefined) return this.#madeUp(link);
    if (local.host !== "0.0.0.0" && local.host !== "::") return local;
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    return { ...local, host: addressTowards(remote.host, own.map(({ address }) => address)) };
  }

  #madeUp({ remote }: Pick<TapLink, "remote">): Endpoint {
    const host = remote.host.includes(":") ? "::1" : "127.0.0.1";
    return { host, port: EPHEMERAL + this.#made++ % (65536 - EPHEMERAL) };
  }
}
