/**
 * One torrent's web seeds (BEP 19): web servers that give parts of its files.
 *
 * Peers are asked first: while they deliver, each web seed is asked for one thing at a time, and for
 * what they lack. Otherwise for two.
 *
 * @module
 */
import type { WebClient } from "./web_client.ts";
import { MAX_USED_WEB_SEEDS } from "../../protocol/bounds.ts";
import type { Layout } from "../../protocol/piece_layout.ts";
import type { Info, Metainfo } from "../../protocol/metainfo.ts";
import { webSeedPathSteps, webSeedUrl } from "../../protocol/web_seed.ts";
import type { TorrentEvent } from "../events.ts";
import { WebSeedError } from "./web_client.ts";
import { BackgroundTasks } from "../background_tasks.ts";
import type { Download } from "../downloading/download.ts";
import type { Peer } from "../peers/peer.ts";
import { slices } from "../../loop/process_loop.ts";
import { startOfRun } from "./gap_picker.ts";
import type { Limit } from "../rate/rate_limit.ts";
import { WebPace } from "./web_pace.ts";
import { BlockCutter, rangesOf, sortBlocks, type WantedBlock } from "./ranges.ts";
import { WebSeed } from "./web_seed.ts";
import type { WebSeedSnapshot } from "../snapshot.ts";

/** Requests under way at once, of one torrent and of one web seed. */
const MAX_REQUESTS = 8;
const MAX_PER_SEED = 2;
/** Blocks asked for when no whole piece is left. */
const LEFTOVER_BLOCKS = 64;

/** What is known of a torrent's web seeds. */
export interface WebSeedSource {
  readonly urls: readonly string[];
  /** Path of each file there, by component. */
  readonly paths: () => Promise<readonly (readonly string[])[]>;
  /** Whether any are asked. */
  readonly wanted: boolean;
}

/** The web seeds that a .torrent names; none where they are not `wanted`. */
export function webSeedsOf({ infoBytes, info, webSeeds }: Metainfo, wanted = true): WebSeedSource {
  let paths: Promise<string[][]> | undefined;
  return {
    urls: wanted ? webSeeds : [],
    paths: () => paths ??= slices.run(webSeedPathSteps(infoBytes, info)),
    wanted,
  };
}

/** How many web seeds were not known, and how many of those there was no room for. */
export interface AddedWebSeeds {
  readonly added: number;
  readonly leftOut: number;
}

/** The torrent. Calls are synchronous. */
export interface WebSeedsOwner {
  readonly info: Info;
  readonly layout: Layout;
  readonly download: Download;
  /** Whether anything may be asked for. */
  mayAsk(): boolean;
  /** Those that are connected. */
  readonly peers: { keys(): Iterable<Peer> };
  readonly limit: Limit;
  onBlock(from: Peer, piece: number, begin: number, block: Uint8Array): void;
  emit(event: TorrentEvent): void;
  /** There is a bug. */
  onFault(fault: unknown): void;
}

/** One request at a time, which the download sees as a peer that has everything. */
interface Lane {
  readonly seed: WebSeed;
  readonly peer: Peer;
  readonly stop: AbortController;
  readonly pace: WebPace;
  /** It waits for the rate limit, not for the server. */
  resume: (() => void) | undefined;
}

/** The part of the engine that web seeds need. */
export interface WebSeedsContext {
  readonly web: WebClient;
  /** ms since the epoch, never going back. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
}

/** All web seeds of one torrent. */
export class WebSeeds {
  readonly #context: WebSeedsContext;
  readonly #owner: WebSeedsOwner;
  readonly #source: WebSeedSource;
  readonly #seeds: WebSeed[] = [];
  readonly #lanes = new Set<Lane>();
  readonly #background: BackgroundTasks;
  #version = 0;

  constructor(context: WebSeedsContext, source: WebSeedSource, owner: WebSeedsOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#background = new BackgroundTasks((fault) => owner.onFault(fault));
    this.#source = source;
    this.addWebSeeds(source.urls);
  }

  /** More of them, as far as web seeds are wanted and may be so many. */
  addWebSeeds(urls: readonly string[]): AddedWebSeeds {
    const fresh = !this.#source.wanted
      ? []
      : [...new Set(urls)].filter((url) =>
        URL.canParse(url) && !this.#seeds.some((seed) => seed.url === url)
      );
    const taken = fresh.slice(0, Math.max(0, MAX_USED_WEB_SEEDS - this.#seeds.length));
    for (const url of taken) this.#seeds.push(new WebSeed(url, this.#owner.layout.pieceCount));
    if (taken.length > 0) this.#version++;
    return { added: taken.length, leftOut: fresh.length - taken.length };
  }

  /** All that are asked for blocks: peers, and requests to web seeds. */
  *everybody(): Generator<Peer> {
    yield* this.#owner.peers.keys();
    for (const { peer } of this.#lanes) yield peer;
  }

  /** Grows whenever {@linkcode copies} may be others than before. */
  get version(): number {
    return this.#version;
  }

  /** Web seeds that may have a piece. */
  copies(piece: number): number {
    let copies = 0;
    for (const seed of this.#seeds) if (!seed.isGivenUp && seed.pieces.has(piece)) copies++;
    return copies;
  }

  snapshot(now: number): WebSeedSnapshot[] {
    return this.#seeds.map((seed) => seed.snapshot(now));
  }

  /** A second has passed. */
  tick(now: number): void {
    for (const seed of this.#seeds) seed.down.tick();
    for (const lane of this.#lanes) {
      lane.peer.tick();
      const fault = lane.resume === undefined ? lane.pace.fault(now) : undefined;
      if (fault !== undefined) lane.stop.abort(new WebSeedError("failed", fault));
    }
    this.pulse(now);
    this.ask(now);
  }

  /** Lets requests go on that waited for the rate limit. */
  pulse(now: number): void {
    for (const lane of this.#lanes) {
      if (lane.resume === undefined || this.#owner.limit.available(now) === 0) continue;
      lane.resume();
      lane.resume = undefined;
    }
  }

  /** Asks for what is to be had. */
  ask(now: number): void {
    if (this.#seeds.length === 0 || !this.#owner.mayAsk()) return;
    const peersDeliver = [...this.#owner.peers.keys()].some(({ downloadRate }) => downloadRate > 0);
    const each = peersDeliver ? 1 : MAX_PER_SEED;
    for (const seed of this.#seeds) {
      while (
        seed.isReady(now) && seed.requests < each && this.#lanes.size < MAX_REQUESTS &&
        this.#begin(seed, now)
      );
    }
  }

  /** Gives up all requests; the next `ask` begins anew. */
  stop(): void {
    for (const lane of this.#lanes) {
      this.#owner.download.releaseAll(lane.peer);
      lane.stop.abort();
      lane.resume?.();
    }
  }

  /** Resolves when all requests have ended. */
  async close(): Promise<void> {
    this.stop();
    await this.#background.settled();
  }

  /** A piece from here was wrong: whether it was from here. */
  ban(peer: Peer, reason: string): boolean {
    const seed = this.#seeds.find((seed) => seed.peers.has(peer));
    if (seed === undefined) return false;
    this.#giveUp(seed, `banned: ${reason}`);
    return true;
  }

  #giveUp(seed: WebSeed, reason: string): void {
    if (seed.isGivenUp) return;
    seed.giveUp(reason);
    this.#version++;
    for (const lane of this.#lanes) if (lane.seed === seed) lane.stop.abort();
    this.#tell(seed, reason);
  }

  #tell(seed: WebSeed, reason: string): void {
    this.#owner.emit({ event: "web-seed-failed", url: seed.url, reason, givenUp: seed.isGivenUp });
  }

  /** One request more; false where there is nothing to ask for. */
  #begin(seed: WebSeed, now: number): boolean {
    const peer = seed.newRequest(now);
    const blocks = this.#claim(seed, peer, now);
    if (blocks.length === 0) return false;
    seed.peers.add(peer);
    seed.requests++;
    const stop = new AbortController();
    const lane: Lane = { seed, peer, stop, pace: new WebPace(now), resume: undefined };
    this.#lanes.add(lane);
    this.#background.run(this.#run(lane, sortBlocks(blocks)));
    return true;
  }

  /** Takes whole pieces in a row; where none are left, what others have not brought yet. */
  #claim(seed: WebSeed, peer: Peer, now: number): WantedBlock[] {
    const { download, layout } = this.#owner;
    const blocks: WantedBlock[] = [];
    const request = (piece: number, begin: number, length: number) =>
      void blocks.push({ piece, begin, length });
    const bytes = seed.requestBytes;
    const most = Math.ceil(bytes / layout.pieceLength);
    const goOn = seed.next !== undefined && seed.next < layout.pieceCount &&
      download.picker.isCandidate(seed.next) && peer.pieces.has(seed.next);
    const first = goOn
      ? seed.next
      : startOfRun(download.picker, peer.pieces, most, this.#context.random);
    if (first !== undefined) download.assignRun(peer, first, bytes, now, request);
    seed.next = blocks.at(-1) === undefined ? undefined : blocks.at(-1)!.piece + 1;
    if (blocks.length === 0) download.assign(peer, LEFTOVER_BLOCKS, now, request);
    if (blocks.length === 0) {
      // Asking the same server twice for the same would bring nothing sooner.
      const others = [...this.everybody()].filter((other) => !seed.peers.has(other));
      download.relieve(peer, others, LEFTOVER_BLOCKS, now, request);
    }
    return blocks;
  }

  async #run(lane: Lane, blocks: readonly WantedBlock[]): Promise<void> {
    const { seed, peer, stop: { signal } } = lane;
    const { download, info, layout } = this.#owner;
    const cutter = new BlockCutter(
      blocks,
      ({ piece, begin }, bytes) => this.#owner.onBlock(peer, piece, begin, bytes),
    );
    let at: number | undefined;
    try {
      const paths = await this.#source.paths();
      signal.throwIfAborted();
      for (const { file, offset, length } of rangesOf(blocks, info.files, layout)) {
        at = file;
        if (file === undefined) {
          cutter.push(new Uint8Array(length));
          continue;
        }
        const url = webSeedUrl(seed.url, paths[file]!, info.multiFile);
        const size = info.files[file]!.length;
        for await (const chunk of this.#context.web.get(url, { offset, length, size, signal })) {
          signal.throwIfAborted();
          await this.#onChunk(lane, chunk, cutter);
        }
      }
      seed.succeeded();
    } catch (error) {
      this.#failed(lane, error, at);
    } finally {
      download.releaseAll(peer);
      seed.requests--;
      this.#lanes.delete(lane);
    }
    this.ask(this.#context.now());
  }

  async #onChunk(lane: Lane, chunk: Uint8Array, cutter: BlockCutter): Promise<void> {
    const { limit } = this.#owner;
    lane.pace.heard(chunk.length, this.#context.now());
    lane.seed.down.add(chunk.length);
    limit.spend(chunk.length);
    cutter.push(chunk);
    while (limit.available(this.#context.now()) === 0 && !lane.stop.signal.aborted) {
      await new Promise<void>((resolve) => lane.resume = resolve);
      lane.pace.pardon(this.#context.now());
    }
  }

  /** @param file the one that was being fetched */
  #failed({ seed, stop }: Lane, error: unknown, file: number | undefined): void {
    const cause = error instanceof WebSeedError
      ? error
      : stop.signal.reason instanceof WebSeedError
      ? stop.signal.reason
      : undefined;
    if (cause === undefined) {
      if (stop.signal.aborted) return; // we did not want it any more
      throw error;
    }
    if (cause.kind === "failed") {
      const facts = { now: this.#context.now(), random: this.#context.random() };
      seed.failed(cause.message, { ...facts, wish: cause.pause });
      return this.#tell(seed, cause.message);
    }
    if (cause.kind === "missing" && file !== undefined) {
      const { offset, length, path } = this.#owner.info.files[file]!;
      const pieces = this.#owner.layout.piecesOf(offset, length);
      if (pieces !== undefined) seed.lacks(pieces.first, pieces.last);
      this.#version++;
      if (seed.pieces.count > 0) return this.#tell(seed, `${path}: ${cause.message}`);
    }
    this.#giveUp(seed, cause.message);
  }
}
