/**
 * The tracker of a run, which is its topology: every member has an announce URL of its own, and is told
 * the ports of wires in place of those of the other members.
 *
 * @module
 */
import { type AnnounceRequest, parseAnnounceQuery } from "../../protocol/announce.ts";
import { encodeBencode } from "../../protocol/bencode.ts";
import { encodePeers } from "../../protocol/compact_peers.ts";
import { TrackerError } from "../../protocol/errors.ts";

/** Longest path and query that are read, in characters. */
const MAX_URL = 4096;

/** What happens at a tracker. */
export interface TrackerHost {
  /** Where it listens, and where the wires do. */
  readonly address: string;
  readonly infoHash: Uint8Array;
  /** ms between regular announces */
  readonly interval: number;
  /** most peers in a reply */
  readonly numwant: number;
  /** The port of the wire from one member to another; undefined where none is. */
  readonly wire: (from: string, to: string) => number | undefined;
  /** A member has announced; undefined where it was not answered: why. */
  readonly onAnnounce: (who: string, announce: Announce) => void;
  /** A member was told of another for the first time. */
  readonly onFound: (who: string, whom: string) => void;
}

/** One announce. */
export interface Announce {
  readonly request: AnnounceRequest | undefined;
  readonly isAnswered: boolean;
  /** peers in the reply */
  readonly peers: number;
}

interface Listed {
  readonly port: number;
  readonly peerId: Uint8Array;
  left: number;
}

/** Serves on a free port until it is disposed. */
export class TopologyTracker implements AsyncDisposable {
  readonly #host: TrackerHost;
  /** Last part of an announce URL → member. */
  readonly #members = new Map<string, string>();
  readonly #listed = new Map<string, Listed>();
  readonly #told = new Map<string, Set<string>>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** It does not answer. */
  isDown = false;

  constructor(members: readonly string[], host: TrackerHost) {
    for (const who of members) {
      const key = who.replaceAll(/[^\w-]+/g, "-");
      this.#members.set(this.#members.has(key) ? `${key}-${this.#members.size}` : key, who);
    }
    this.#host = host;
    this.#server = Deno.serve(
      { hostname: host.address, port: 0, onListen: () => {}, onError: () => new Response(null) },
      (request) => this.#answer(request),
    );
  }

  /** The announce URL of one member. Its name stands where a passkey does elsewhere. */
  url(who: string): string {
    const [key] = [...this.#members].find(([, member]) => member === who)!;
    return `http://${this.#host.address}:${this.#server.addr.port}/announce/${key}`;
  }

  /** Where a member listens by its own word; undefined before it has announced and after it left. */
  portOf(who: string): number | undefined {
    return this.#listed.get(who)?.port;
  }

  /** A member is gone without a word. */
  forget(who: string): void {
    this.#listed.delete(who);
    this.#told.delete(who);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(request: Request): Response {
    const url = new URL(request.url);
    const [, what, key] = /^\/(announce|scrape)\/([\w-]+)$/.exec(url.pathname) ?? [];
    const name = key === undefined ? undefined : this.#members.get(key);
    if (name === undefined || request.url.length > MAX_URL) {
      return new Response("No such path\n", { status: 404 });
    }
    if (this.isDown) {
      if (what === "announce") {
        this.#host.onAnnounce(name, { request: undefined, isAnswered: false, peers: 0 });
      }
      return new Response("The tracker is down\n", { status: 503 });
    }
    return what === "announce" ? this.#announce(name, url.search.slice(1)) : this.#scrape();
  }

  #announce(who: string, query: string): Response {
    let request: AnnounceRequest;
    try {
      request = parseAnnounceQuery(query);
      if (request.infoHash.toHex() !== this.#host.infoHash.toHex()) {
        throw new TrackerError("this info hash is not served here");
      }
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      this.#host.onAnnounce(who, { request: undefined, isAnswered: false, peers: 0 });
      return reply({ "failure reason": error.message });
    }
    if (request.event === "stopped") this.#listed.delete(who);
    else {
      const { port, peerId, left } = request;
      this.#listed.set(who, { port, peerId: peerId.slice(), left });
    }
    const peers = request.event === "stopped" ? [] : this.#peersFor(who, request);
    this.#host.onAnnounce(who, { request, isAnswered: true, peers: peers.length });
    const seconds = Math.max(1, Math.round(this.#host.interval / 1000));
    const listed = [...this.#listed.values()];
    const complete = listed.filter(({ left }) => left === 0).length;
    return reply({
      interval: seconds,
      "min interval": Math.max(1, Math.floor(seconds / 2)),
      complete,
      incomplete: listed.length - complete,
      peers: request.compact ? encodePeers(peers).peers : peers.map(({ host, port, id }) => {
        return { ip: host, port, ...(request.noPeerId ? {} : { "peer id": id }) };
      }),
    });
  }

  /** Wires to the others. */
  #peersFor(
    who: string,
    request: AnnounceRequest,
  ): { host: string; port: number; id: Uint8Array }[] {
    const most = request.numwant < 0
      ? this.#host.numwant
      : Math.min(request.numwant, this.#host.numwant);
    const told = this.#told.get(who) ?? new Set();
    this.#told.set(who, told);
    const peers = [];
    for (const [other, { peerId, left, port }] of this.#listed) {
      if (peers.length === most) break;
      // Two that have everything have nothing to say to each other.
      if (other === who || port === 0 || (left === 0 && request.left === 0)) continue;
      const wire = this.#host.wire(who, other);
      if (wire === undefined) continue;
      peers.push({ host: this.#host.address, port: wire, id: peerId });
      if (told.has(other)) continue;
      told.add(other);
      this.#host.onFound(who, other);
    }
    return peers;
  }

  #scrape(): Response {
    const listed = [...this.#listed.values()];
    const complete = listed.filter(({ left }) => left === 0).length;
    const counts = { complete, downloaded: 0, incomplete: listed.length - complete };
    const key = String.fromCharCode(...this.#host.infoHash);
    return reply({ files: new Map([[key, counts]]) });
  }
}

function reply(value: Parameters<typeof encodeBencode>[0]): Response {
  return new Response(encodeBencode(value), { headers: { "content-type": "text/plain" } });
}
