/**
 * The API of a peer: THE table of what pages and scripts can ask it.
 *
 * @module
 */
import {
  AlreadyAddedError,
  FILE_PRIORITIES,
  infoHashesOf,
  readMetainfo,
  slices,
  type TorrentSnapshot,
  UnknownTorrentError,
} from "../../peer/mod.ts";
import {
  jsonBytesSteps,
  MagnetError,
  MAX_LINKS,
  MAX_TORRENT_SIZE,
  parseLink,
  parseMetainfo,
  splitLinks,
  type Steps,
  swarmHashes,
} from "../../protocol/mod.ts";
import { type HttpReply, jsonBytesReply, jsonReply } from "../../tracker/mod.ts";
import { moreTrackers } from "../commands/download.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { magnetLink } from "../arguments/magnet_link.ts";
import { slotsIn } from "../flags/engine_options.ts";
import { addFound, findTorrent, type Found } from "../arguments/torrent_argument.ts";
import type { PeerSession } from "../commands/verb.ts";
import {
  type ApiCall,
  type ApiRoute,
  DONE,
  numberOf,
  rateOf,
  switchOf,
  textOf,
} from "./api_router.ts";
import type { CatalogueItem, Inspected, PeerRates } from "./page/api_types.ts";
import { EventStream } from "./event_stream.ts";
import { factsNow, type PeerFactsNow, tellPeer, TorrentDetails } from "./peer_events.ts";
import { RateHistory, SAMPLE_MS } from "./rate_history.ts";
import { pieceFacts, pieceMap, torrentDetail } from "./peer_views.ts";
import { listStore, pathInStore } from "./store_paths.ts";

/** What the page of a peer works on. */
export type DashboardSession =
  & Pick<
    PeerSession,
    "engine" | "catalogues" | "trackersGiven" | "peers"
  >
  & {
    /** Puts what is shared into the catalogues; undefined where there are none to put it in. */
    readonly publisher: PeerSession["publisher"] | undefined;
  };

/** A torrent that was added, or was here already. */
interface Added {
  readonly "info_hash": string;
  readonly created: boolean;
}

/** The API over one peer. Dispose it to end what is being told. */
export class PeerApi implements Disposable {
  readonly #session: DashboardSession;
  readonly #events: EventStream<PeerFactsNow>;
  readonly #details = new TorrentDetails();
  readonly #stop = new AbortController();
  readonly #rates = new RateHistory(2);
  /** Links of torrents, which take a hash to make. */
  readonly #magnets = new Map<string, string>();

  constructor(session: DashboardSession) {
    this.#session = session;
    this.#events = new EventStream(() => this.#now());
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    this.#events[Symbol.dispose]();
  }

  /** Remembers how fast everything is now; to be called once a second. */
  sample(): void {
    const { torrents, downloadRate, uploadRate } = this.#session.engine.snapshot();
    this.#rates.add([
      ["", [downloadRate, uploadRate]],
      ...torrents.map((one) => [one.infoHash, [one.downloadRate, one.uploadRate]] as const),
    ]);
  }

  #ratesOf(key: string): PeerRates {
    const [download, upload] = [this.#rates.series(key, 0), this.#rates.series(key, 1)];
    return { every: SAMPLE_MS, download, upload };
  }

  /** The table. */
  routes(): readonly ApiRoute[] {
    const { engine } = this.#session;
    /** A row that does something to one torrent. */
    const act = (
      verb: string,
      run: (infoHash: string, call: ApiCall) => void | Promise<void>,
    ): ApiRoute => ({
      method: "POST",
      path: `/torrents/{info_hash}/${verb}`,
      respond: async (call) => {
        const { infoHash } = this.#torrent(call);
        await run(infoHash, call);
        return DONE;
      },
    });
    return [
      { method: "GET", path: "/status", respond: () => jsonReply(200, this.#now().status) },
      { method: "GET", path: "/rates", respond: () => jsonReply(200, this.#ratesOf("")) },
      { method: "GET", path: "/events", respond: (call) => this.#listen(call) },
      {
        method: "GET",
        path: "/torrents",
        respond: () => jsonReply(200, { torrents: this.#now().torrents }),
      },
      {
        method: "POST",
        path: "/torrents",
        maxBody: MAX_TORRENT_SIZE,
        respond: (call) => this.#add(call),
      },
      {
        method: "POST",
        path: "/inspect",
        maxBody: MAX_TORRENT_SIZE,
        respond: (call) => this.#inspect(call),
      },
      {
        method: "GET",
        path: "/torrents/{info_hash}",
        respond: (call) => {
          const torrent = this.#torrent(call);
          return longReply(torrentDetail(torrent, this.#magnet(torrent.infoHash)));
        },
      },
      {
        method: "GET",
        path: "/torrents/{info_hash}/pieces",
        respond: (call) => longReply(pieceMap(this.#torrent(call))),
      },
      {
        method: "GET",
        path: "/torrents/{info_hash}/pieces/{piece}",
        respond: (call) => piece(this.#torrent(call), call.params["piece"]!),
      },
      {
        method: "GET",
        path: "/torrents/{info_hash}/rates",
        respond: (call) => jsonReply(200, this.#ratesOf(this.#torrent(call).infoHash)),
      },
      {
        method: "GET",
        path: "/torrents/{info_hash}/torrent",
        respond: (call) => this.#file(call),
      },
      act("pause", (infoHash) => engine.pause(infoHash)),
      act("resume", (infoHash, call) => {
        engine.resume(infoHash, call.isJson && switchOf(call.json(), "over") ? "over" : "beside");
      }),
      act("start", (infoHash) => engine.resume(infoHash)),
      act("stop", (infoHash) => engine.stop(infoHash)),
      act("announce", (infoHash) => engine.announceNow(infoHash)),
      {
        method: "POST",
        path: "/torrents/{info_hash}/remove",
        respond: async (call) => {
          const { infoHash } = this.#torrent(call);
          const data = switchOf(call.json(), "data") ?? false;
          const kept = await engine.remove(infoHash, { data });
          this.#magnets.delete(infoHash);
          return jsonReply(200, { ok: true, kept });
        },
      },
      act("select", (infoHash, call) => this.#select(infoHash, call)),
      act("limits", (infoHash, call) => engine.setLimits(limitsIn(call), infoHash)),
      act("sequential", (infoHash, call) => {
        engine.setSequential(infoHash, switchOf(call.json(), "sequential") ?? true);
      }),
      {
        method: "POST",
        path: "/limits",
        respond: (call) => {
          const slots = numberOf(call.json(), "upload_slots");
          if (slots !== undefined) slotsIn(slots, '"upload_slots"');
          engine.setLimits(limitsIn(call));
          if (slots !== undefined) engine.setUploadSlots(slots);
          return DONE;
        },
      },
      { method: "GET", path: "/catalogue", respond: (call) => this.#catalogue(call) },
      {
        method: "GET",
        path: "/store",
        respond: async ({ query }) =>
          jsonReply(200, { entries: await listStore(engine.dir, query.get("path") ?? "") }),
      },
      { method: "POST", path: "/share", respond: (call) => this.#share(call) },
    ];
  }

  #now(): PeerFactsNow {
    const { engine, catalogues } = this.#session;
    return factsNow(engine.snapshot(), {
      dir: engine.dir,
      trackers: catalogues.trackers,
      magnet: (infoHash) => this.#magnet(infoHash),
      details: this.#details,
    });
  }

  #listen({ query, request }: ApiCall): HttpReply {
    return this.#events.reply(tellPeer(query.get("torrent") ?? undefined), request.remote);
  }

  #torrent({ params }: ApiCall): TorrentSnapshot {
    const infoHash = params["info_hash"]!.toLowerCase();
    const { torrents } = this.#session.engine.snapshot();
    const torrent = torrents.find((one) => one.infoHash === infoHash);
    if (torrent === undefined) throw new UnknownTorrentError(`No torrent ${infoHash} here`);
    return torrent;
  }

  /** What a body means: a .torrent itself, or JSON that names one. */
  async #found(call: ApiCall): Promise<Found> {
    const { body } = call.request;
    if (!call.isJson) {
      if (body.length === 0) throw new UsageError("Send a .torrent, or JSON with what to add");
      await readMetainfo(body);
      return { bytes: body, trackers: [], peers: [] };
    }
    const what = textOf(call.json(), "what")?.trim() ?? "";
    if (what === "") {
      throw new UsageError('"what" is missing: a magnet link, a catalogue name or an info hash');
    }
    // The page is not to make this machine read files or ask servers for whoever it shows.
    if (/^https?:/i.test(what)) {
      throw new UsageError("The page does not fetch URLs: save the .torrent and drop it here");
    }
    return await this.#lookUp(what);
  }

  #lookUp(what: string): Promise<Found> {
    return findTorrent(what, {
      catalogues: this.#session.catalogues,
      folders: [],
      signal: this.#stop.signal,
    });
  }

  /** Several links of one body are added one by one; one that is of no use hinders no other. */
  async #add(call: ApiCall): Promise<HttpReply> {
    const what = call.isJson ? textOf(call.json(), "what") ?? "" : "";
    const links = splitLinks(what) ?? [];
    if (links.length > MAX_LINKS) {
      throw new UsageError(`These are ${links.length} links: up to ${MAX_LINKS} are taken at once`);
    }
    if (links.length < 2) {
      const { created, ...one } = await this.#addOne(call, await this.#found(call));
      return jsonReply(created ? 201 : 200, { ...one, created });
    }
    const torrents: Added[] = [];
    const problems: string[] = [];
    for (const link of links) {
      try {
        torrents.push(await this.#addOne(call, await this.#lookUp(link)));
      } catch (error) {
        if (!(error instanceof MagnetError || error instanceof CommandError)) throw error;
        problems.push(error.message);
      }
    }
    const [first] = torrents;
    if (first === undefined) throw new CommandError("failed", problems.join("; "));
    return jsonReply(201, { ...first, torrents, problems });
  }

  async #addOne(call: ApiCall, found: Found): Promise<Added> {
    const { engine, peers } = this.#session;
    const options = call.isJson ? call.json() : fromQuery(call.query);
    const folder = textOf(options, "folder");
    const dir = folder === undefined || folder === ""
      ? undefined
      : await pathInStore(engine.dir, folder);
    try {
      const infoHash = await addFound(engine, found, {
        trackers: moreTrackers(this.#session, found),
        peers,
        ...(dir === undefined ? {} : { dir }),
        paused: switchOf(options, "paused") ?? false,
        select: textOf(options, "select"),
        sequential: switchOf(options, "sequential"),
      });
      return { info_hash: infoHash, created: true };
    } catch (error) {
      if (!(error instanceof AlreadyAddedError)) throw error;
      return { info_hash: error.infoHash, created: false };
    }
  }

  async #inspect(call: ApiCall): Promise<HttpReply> {
    const links = call.isJson ? splitLinks(textOf(call.json(), "what") ?? "") ?? [] : [];
    if (links.length > 1) {
      // Each tells its files by itself when its metadata is here.
      const [first] = links.map(parseLink);
      const all: Inspected = {
        name: `${links.length} links`,
        "info_hash": first!.infoHash.toHex(),
        "total_size": null,
        private: false,
        files: [],
      };
      return jsonReply(200, all);
    }
    const found = await this.#found(call);
    if ("magnet" in found) {
      const link: Inspected = {
        name: found.magnet.name ?? found.magnet.infoHash.toHex(),
        "info_hash": found.magnet.infoHash.toHex(),
        "total_size": null,
        private: false,
        files: [],
      };
      return jsonReply(200, link);
    }
    const metainfo = parseMetainfo(found.bytes);
    const { info } = metainfo;
    const [infoHash] = swarmHashes(await infoHashesOf(metainfo));
    const files = info.files.filter((file) => !file.pad && !file.symlink);
    const inspected: Inspected = {
      name: info.name,
      "info_hash": infoHash!.toHex(),
      "total_size": info.totalSize,
      private: info.private,
      files: files.map(({ path, length }, index) => ({ number: index + 1, path, length })),
    };
    return jsonBytesReply(200, await slices.run(jsonBytesSteps(inspected)));
  }

  #file(call: ApiCall): HttpReply {
    const { infoHash } = this.#torrent(call);
    return {
      status: 200,
      type: "application/x-bittorrent",
      headers: { "Content-Disposition": `attachment; filename="${infoHash}.torrent"` },
      body: [this.#session.engine.torrentBytes(infoHash)],
    };
  }

  async #select(infoHash: string, call: ApiCall): Promise<void> {
    const body = call.json();
    const which = textOf(body, "select");
    if (which === undefined) throw new UsageError('"select" is missing: files as "1,3-5,*.pdf"');
    const text = textOf(body, "priority");
    const priority = FILE_PRIORITIES.find((one) => one === text);
    if (text !== undefined && priority === undefined) {
      throw new UsageError(`"priority" is "${text}": give ${FILE_PRIORITIES.join(", ")}`);
    }
    await this.#session.engine.select(infoHash, which, priority);
  }

  async #catalogue({ query }: ApiCall): Promise<HttpReply> {
    const { engine, catalogues } = this.#session;
    const { entries, failures } = await catalogues.list(query.get("search") ?? undefined);
    const here = new Set(engine.snapshot().torrents.map(({ infoHash }) => infoHash));
    const torrents = entries.map((entry): CatalogueItem => ({
      name: entry.name,
      info_hash: entry.infoHash,
      size: entry.totalSize,
      files: entry.fileCount,
      published_by: entry.publishedBy ?? null,
      seeders: entry.seeders,
      leechers: entry.leechers,
      here: here.has(entry.infoHash),
    }));
    return jsonReply(200, { torrents, failures });
  }

  async #share(call: ApiCall): Promise<HttpReply> {
    const { engine, publisher } = this.#session;
    const body = call.json();
    const text = textOf(body, "path") ?? "";
    const path = await pathInStore(engine.dir, text);
    if (text === "" || path === engine.dir) {
      throw new UsageError("Share what? Name a file or folder of the store");
    }
    const options = {
      signal: this.#stop.signal,
      private: switchOf(body, "private"),
      comment: textOf(body, "comment"),
    };
    const shared = publisher === undefined
      ? { ...await engine.share(path, options), taken: 0, problems: [] }
      : await publisher.share(path, options);
    const { taken, problems } = shared;
    return jsonReply(201, {
      info_hash: shared.infoHash,
      name: shared.name,
      published: taken > 0,
      problems,
    });
  }

  #magnet(infoHash: string): string {
    const known = this.#magnets.get(infoHash);
    if (known !== undefined) return known;
    const { engine } = this.#session;
    try {
      const metainfo = parseMetainfo(engine.torrentBytes(infoHash));
      const torrent = engine.snapshot().torrents.find((one) => one.infoHash === infoHash);
      const link = magnetLink(
        metainfo,
        torrent?.trackers.map(({ url }) => url) ?? [],
        torrent?.webSeeds.map(({ url }) => url) ?? [],
      );
      this.#magnets.set(infoHash, link);
      return link;
    } catch (error) {
      // Only its link is known so far.
      if ((error as Error).name !== "UnknownTorrentError") throw error;
      return `magnet:?xt=urn:btih:${infoHash}`;
    }
  }
}

/** A value that takes long to find out and to write. */
async function longReply(steps: Steps<unknown>): Promise<HttpReply> {
  const written = function* (): Steps<Uint8Array> {
    return yield* jsonBytesSteps(yield* steps);
  };
  return jsonBytesReply(200, await slices.run(written()));
}

function piece(torrent: TorrentSnapshot, text: string): HttpReply {
  const facts = /^\d{1,9}$/.test(text) ? pieceFacts(torrent, Number(text)) : undefined;
  if (facts !== undefined) return jsonReply(200, facts);
  throw new CommandError(
    "failed",
    `"${torrent.name}" has no piece ${text}: they are 0 to ${torrent.pieceCount - 1}`,
  );
}

/** What goes with an upload is in its query. */
function fromQuery(query: URLSearchParams): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const key of ["folder", "select"]) if (query.has(key)) values[key] = query.get(key)!;
  for (const key of ["paused", "sequential"]) {
    if (query.has(key)) values[key] = query.get(key) === "true";
  }
  return values;
}

function limitsIn(call: ApiCall): { download?: number; upload?: number } {
  const body = call.json();
  const download = rateOf(body, "download");
  const upload = rateOf(body, "upload");
  return {
    ...(download === undefined ? {} : { download }),
    ...(upload === undefined ? {} : { upload }),
  };
}
