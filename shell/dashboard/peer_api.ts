/**
 * The API of a peer: THE table of what pages and scripts can ask it.
 *
 * @module
 */
import {
  AlreadyAddedError,
  type EngineEvent,
  FILE_PRIORITIES,
  infoHashesOf,
  readMetainfo,
  slices,
  StorageError,
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
import { newName } from "../commands/rename.ts";
import type { Listed } from "../trackers/catalogues.ts";
import { CommandError, UsageError } from "../base/errors.ts";
import { doubtAbout } from "../arguments/doubtful_source.ts";
import { snapshotOf } from "../arguments/known_torrent.ts";
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
import type {
  CatalogueItem,
  Inspected,
  LogEntry,
  OtherVersion,
  PeerRates,
} from "./page/api_types.ts";
import { EventStream } from "./event_stream.ts";
import { factsNow, FILE_NEWS, type PeerFactsNow, tellPeer, TorrentDetails } from "./peer_events.ts";
import { problemWords } from "./log_words.ts";
import { RecentEvents } from "./recent_events.ts";
import { RateHistory, SAMPLE_MS } from "./rate_history.ts";
import { pieceFacts, pieceMap, torrentDetail } from "./peer_views.ts";
import { listStore, pathInStore } from "./store_paths.ts";
import { whatToAdd } from "./what_to_add.ts";

/** What the page of a peer works on. */
export type DashboardSession =
  & Pick<
    PeerSession,
    "engine" | "catalogues" | "trackersGiven" | "peers"
  >
  & Partial<Pick<PeerSession, "home">>
  & {
    /** Puts what is shared into the catalogues; undefined where there are none to put it in. */
    readonly publisher: PeerSession["publisher"] | undefined;
  };

/** ms that a move and a check are waited for; a server has to answer within a minute. */
const MOVE_MS = 20_000;
const VERIFY_MS = 1000;
/** Others of a name that are told: anybody may publish under it. */
const MAX_OTHERS = 20;

/** A torrent that was added, or was here already. */
interface Added {
  readonly "info_hash": string;
  readonly name: string;
  readonly created: boolean;
}

/** The API over one peer. Dispose it to end what is being told. */
export class PeerApi implements Disposable {
  readonly #session: DashboardSession;
  readonly #events: EventStream<PeerFactsNow>;
  readonly #details = new TorrentDetails();
  readonly #stop = new AbortController();
  readonly #rates = new RateHistory(2);
  readonly #log = new RecentEvents(() => Date.now());
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
      act("rename", async (infoHash, call) => {
        const name = textOf(call.json(), "name")?.trim() ?? "";
        if (name === "") {
          throw new UsageError('"name" is missing: what its file or folder is called');
        }
        await engine.relocate(infoHash, { name });
      }),
      {
        method: "POST",
        path: "/torrents/{info_hash}/location",
        respond: (call) => this.#move(call),
      },
      {
        method: "POST",
        path: "/torrents/{info_hash}/verify",
        respond: (call) => this.#verify(call),
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
      {
        method: "POST",
        path: "/name",
        respond: (call) => {
          engine.rename(newName(engine, textOf(call.json(), "name") ?? ""));
          return DONE;
        },
      },
      {
        method: "GET",
        path: "/log",
        respond: ({ query }) => jsonReply(200, { entries: this.#logged(query) }),
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

  /** Takes what happened into the log; to be called with every event of the engine. */
  log(event: EngineEvent): void {
    this.#log.add(event);
  }

  #logged(query: URLSearchParams): readonly LogEntry[] {
    const after = Number(query.get("after") ?? 0);
    if (!Number.isSafeInteger(after) || after < 0) {
      throw new UsageError('"after" is the number of an entry');
    }
    return this.#log.since(after, query.get("torrent")?.toLowerCase() || undefined);
  }

  /** What has to be copied to another disk goes on after the answer. */
  async #move(call: ApiCall): Promise<HttpReply> {
    const { infoHash } = this.#torrent(call);
    const { engine } = this.#session;
    const dir = await pathInStore(engine.dir, textOf(call.json(), "folder") ?? "");
    const moved = engine.relocate(infoHash, { dir });
    return jsonReply(200, { ok: true, done: await isDoneWithin(moved, MOVE_MS) });
  }

  /** Hashing goes on after the answer: `verifying` says how far it is, the log what was found. */
  async #verify(call: ApiCall): Promise<HttpReply> {
    const { infoHash, name } = this.#torrent(call);
    const verified = this.#session.engine.verify(infoHash);
    verified.catch((error) => {
      if (!(error instanceof StorageError)) return;
      this.#log.note({ infoHash, name, event: "verify-failed", ...problemWords(error) });
    });
    return jsonReply(200, { ok: true, done: await isDoneWithin(verified, VERIFY_MS) });
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
    const infoHash = query.get("torrent")?.toLowerCase();
    const [only, news] = [query.get("only"), query.get("files") ?? "all"];
    const files = FILE_NEWS.find((one) => one === news);
    if (files === undefined) {
      throw new UsageError(`"files" is "${news}": give ${FILE_NEWS.join(", ")}`);
    }
    if (only !== null && (only !== "detail" || infoHash === undefined)) {
      throw new UsageError('"only" goes with "torrent" and is "detail"');
    }
    const wish = { infoHash, isDetailOnly: only !== null, files };
    return this.#events.reply(tellPeer(wish), request.remote);
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
    return await this.#lookUp(whatToAdd(textOf(call.json(), "what")));
  }

  #lookUp(what: string): Promise<Found> {
    return findTorrent(what, {
      catalogues: this.#session.catalogues,
      folders: [],
      signal: this.#stop.signal,
      whatThereIs: "Press Catalogue to see what there is",
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
      return { info_hash: infoHash, name: this.#nameOf(infoHash), created: true };
    } catch (error) {
      if (!(error instanceof AlreadyAddedError)) throw error;
      return { info_hash: error.infoHash, name: this.#nameOf(error.infoHash), created: false };
    }
  }

  /** A link has its own name for it, or its info hash, until its metadata is here. */
  #nameOf(infoHash: string): string {
    return snapshotOf(this.#session.engine, infoHash)?.name ?? infoHash;
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
      others: otherVersions(found.others ?? []),
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
    const doubt = switchOf(body, "sure") ? undefined : await doubtAbout(path, this.#session.home);
    if (doubt !== undefined) {
      const error = `${text} ${doubt}: ask again with "sure": true to share it all the same`;
      return jsonReply(409, { error, doubt });
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

/** Whether `work` ends within so many ms; it goes on all the same. Rejected if it is by then. */
async function isDoneWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  // What it fails with later is told by the torrent itself.
  work.catch(() => {});
  let timer;
  const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), ms));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
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

/** The others of a name, as far as anybody reads. */
function otherVersions(others: readonly Listed[]): OtherVersion[] {
  return others.slice(0, MAX_OTHERS).map((other) => ({
    info_hash: other.infoHash,
    size: other.totalSize,
    files: other.fileCount,
    published_by: other.publishedBy ?? null,
    published_at: other.publishedAt > 0 ? other.publishedAt : null,
    seeders: other.seeders,
  }));
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
