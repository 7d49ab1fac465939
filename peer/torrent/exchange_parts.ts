/**
 * Wiring of one torrent's exchange: makes its parts and tells each which others it may call.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import type { BackgroundTasks } from "../background_tasks.ts";
import type { Clock } from "../clock.ts";
import type { CrowdRules, RuleDecision } from "../crowd_rules.ts";
import { Unchoker, type UnchokerContext } from "../choking/unchoker.ts";
import type { UplinkFacts } from "../choking/upload_slots.ts";
import {
  Connections,
  type ConnectionsContext,
  type ConnectionsOwner,
} from "../connections/connections.ts";
import { BlockRequests, type BlockRequestsContext } from "../downloading/block_requests.ts";
import { DownlinkQueue } from "../downloading/downlink_queue.ts";
import { Download } from "../downloading/download.ts";
import { PieceWriter } from "../downloading/piece_writer.ts";
import { SeedSparing } from "../downloading/seed_sparing.ts";
import { SmartBan, type SmartBanContext } from "../downloading/smart_ban.ts";
import type { TorrentEvent } from "../events.ts";
import {
  ExtensionProtocol,
  type ExtensionProtocolContext,
} from "../extensions/extension_protocol.ts";
import type { Peer } from "../peers/peer.ts";
import { ToldPieces } from "../peers/told_pieces.ts";
import type { BufferPool } from "../pieces/buffer_pool.ts";
import type { PiecePicker } from "../pieces/piece_picker.ts";
import { JointLimit, RateLimit } from "../rate/rate_limit.ts";
import { RateMeter } from "../rate/rate_meter.ts";
import type { RoundRobin } from "../rate/round_robin.ts";
import { slices } from "../../loop/process_loop.ts";
import { FileFinisher } from "../storage/file_finisher.ts";
import { AllowedFastOffer } from "../uploading/allowed_fast_offer.ts";
import type { PieceCache } from "../uploading/piece_cache.ts";
import { SuperSeeding } from "../uploading/super_seeding.ts";
import { UploadQueue } from "../uploading/upload_queue.ts";
import { HashExchange } from "../v2/hash_exchange.ts";
import { WebSeeds, type WebSeedsContext } from "../web_seed/web_seeds.ts";
import type { ExchangeOwner } from "./exchange_owner.ts";
import { HaveBatch } from "./have_batch.ts";

/** The part of the engine that exchanging pieces needs. */
export type ExchangeContext =
  & ConnectionsContext
  & ExtensionProtocolContext
  & WebSeedsContext
  & BlockRequestsContext
  & SmartBanContext
  & UnchokerContext
  & {
    readonly clock: Clock;
    readonly rules: CrowdRules;
    readonly buffers: BufferPool;
    readonly cache: PieceCache;
    /** Whether complete torrents are super-seeded (BEP 16). */
    readonly superSeed: boolean;
    readonly downLimit: RateLimit;
    readonly upLimit: RateLimit;
    /** Peers of all torrents that wait for the upload limit. */
    readonly upRoundRobin: RoundRobin<Peer>;
  };

/** The facts of the exchange that its parts ask for, and what they call. */
export interface ExchangeHooks extends
  Pick<
    ConnectionsOwner,
    "onOpen" | "onMessage" | "onBatch" | "onClosed"
  > {
  readonly background: BackgroundTasks;
  /** The pieces owned. */
  have(): Bitfield;
  /** Whether everything that is wanted is there. */
  isComplete(): boolean;
  /** Whether pieces are hidden from peers (BEP 16). */
  isHiding(): boolean;
  /** Whether newcomers are given something while they are choked (BEP 6). */
  isGiving(): boolean;
  onBlock(peer: Peer, piece: number, begin: number, block: Uint8Array): void;
  /** Pieces can be checked that could not be before (BEP 52). */
  onCheckable(pieces: Iterable<number>): void;
  emit(event: TorrentEvent): void;
}

/** Everything that takes part in the exchange of one torrent's pieces. */
export interface ExchangeParts {
  readonly picker: PiecePicker;
  readonly told: ToldPieces;
  readonly download: Download;
  readonly connections: Connections;
  readonly webSeeds: WebSeeds;
  readonly down: RateMeter;
  readonly up: RateMeter;
  readonly downLimit: RateLimit;
  readonly upLimit: RateLimit;
  readonly unchoker: Unchoker;
  /** What limits what is given, and how much is. */
  uplink(): UplinkFacts;
  readonly writer: PieceWriter;
  readonly finisher: FileFinisher;
  readonly uploads: UploadQueue;
  readonly haves: HaveBatch;
  /** Only where super-seeding is wanted. */
  readonly superSeeding: SuperSeeding | undefined;
  readonly allowedFast: AllowedFastOffer;
  readonly blockRequests: BlockRequests;
  readonly extensions: ExtensionProtocol;
  readonly hashes: HashExchange;
  readonly smartBan: SmartBan;
}

/** Makes the parts, each with the few others that it may call. */
export function exchangeParts(
  context: ExchangeContext,
  owner: ExchangeOwner,
  hooks: ExchangeHooks,
): ExchangeParts {
  const { info, names, trees, layout, store } = owner;
  const infoHash = names.primary;
  const emit = (event: TorrentEvent): void => hooks.emit(event);
  const onFault = (fault: unknown): void => owner.onError(fault);
  const owns = (piece: number): boolean => hooks.have().has(piece);
  const isGiving = (): boolean => hooks.isGiving();
  const tell = (decision: RuleDecision): void =>
    context.tapping.current?.ruled?.(infoHash, decision);
  const down = new RateMeter();
  const up = new RateMeter();
  const downLimit = new RateLimit();
  const upLimit = new RateLimit();
  const limit = new JointLimit(context.downLimit, downLimit);

  const { picker } = owner;
  const told = new ToldPieces({
    picker,
    layout,
    later: (steps) => hooks.background.run(slices.run(steps)),
  });
  const download = new Download(layout, picker, context.buffers);
  const writer = new PieceWriter(info, context.hasher, store, trees);
  const finisher = new FileFinisher(info.files, layout, store, (path, disk) => {
    emit({ event: "file-completed", path, disk });
  });
  const uploads = new UploadQueue({
    store,
    layout,
    cache: context.cache,
    limit: new JointLimit(context.upLimit, upLimit),
    turns: context.upRoundRobin,
    rules: context.rules,
    tell,
    meter: up,
    owns,
    isGiving,
    isOnlyHere: (piece) => connections.size > 1 && picker.availability(piece) === 0,
    onError: (error) => owner.onUnreadable(error),
  });
  const connections: Connections = new Connections(context, {
    names,
    pieceCount: layout.pieceCount,
    usesDht: !info.private,
    isSeeding: () => hooks.isComplete(),
    isFetching: () => owner.canDownload() && !hooks.isComplete(),
    onOpen: (peer, connection) => hooks.onOpen(peer, connection),
    onMessage: (peer, connection, message) => hooks.onMessage(peer, connection, message),
    onBatch: (peer, connection) => hooks.onBatch(peer, connection),
    onDrained: (peer, { writer }) => uploads.pump(peer, writer, context.now()),
    onClosed: (peer, reason) => hooks.onClosed(peer, reason),
    onFault,
  });
  connections.toCall.onDecision = (called, places) =>
    tell({ rule: "caller-places", called, places });
  download.company = new SeedSparing(connections, context.rules.has("seed-sparing"));
  const spared = new WeakMap<Peer, Set<number>>();
  download.company.onSpared = (peer, piece, from) => {
    if (context.tapping.current === undefined) return;
    const told = spared.get(peer) ?? new Set();
    spared.set(peer, told);
    if (told.has(piece)) return;
    told.add(piece);
    tell({ rule: "seed-sparing", peer, piece, from });
  };
  if (context.rules.has("downlink-queue")) {
    download.downlink = new DownlinkQueue(connections);
    download.downlink.onFull = (isFull, rate) => tell({ rule: "downlink-queue", isFull, rate });
  }
  download.onBegin = (peer, piece, why) =>
    context.tapping.current?.chose({
      infoHash,
      peer,
      piece,
      why,
      copies: picker.availability(piece),
      peers: connections.size,
    });
  download.onRelief = (peer, run) => {
    const sparesSeed = run.from.countedAsSeed && !peer.countedAsSeed;
    tell({ rule: "relief", peer, ...run, sparesSeed });
  };
  const haves = new HaveBatch(hooks.background, context.clock, (pieces) => {
    for (const [, { writer }] of connections) for (const piece of pieces) writer.have(piece);
  });
  const extensions = new ExtensionProtocol(context, {
    infoBytes: owner.infoBytes,
    connections: connections,
    told,
    exchangesPeers: info.private ? "never" : "tells",
    isSeeding: () => hooks.isComplete() && !hooks.isHiding(),
  });
  const webSeeds = new WebSeeds(context, owner.webSeeds, {
    info,
    layout,
    download,
    mayAsk: () => owner.isRunning() && owner.canDownload() && !hooks.isComplete(),
    peers: connections,
    limit,
    onBlock: (peer, piece, begin, block) => hooks.onBlock(peer, piece, begin, block),
    emit,
    onFault,
  });
  const blockRequests = new BlockRequests(context, {
    download,
    connections: connections,
    webSeeds,
    limit,
    canDownload: () => owner.canDownload(),
    // Whoever has everything asks nobody for anything.
    tell: (decision) => hooks.isComplete() ? undefined : tell(decision),
    onFault,
  }, layout.pieceLength);
  const hashes = new HashExchange(
    context,
    owner,
    connections,
    owns,
    (pieces) => hooks.onCheckable(pieces),
    (...leaves) => hooks.background.run(smartBan.onLeaves(...leaves)),
  );
  const smartBan: SmartBan = new SmartBan(context, {
    ...{ connections: connections, download, webSeeds, hashes },
    checkedBy: (piece) => writer.hashes(piece),
    onLie: (peer) => blockRequests.lied(peer),
    emit,
  });
  const superSeeding = context.superSeed
    ? new SuperSeeding(connections, picker, context.random)
    : undefined;
  const uplink = (): UplinkFacts => {
    const limits = [context.upLimit.limit, upLimit.limit].filter((limit) => limit > 0);
    return { limit: limits.length === 0 ? 0 : Math.min(...limits), rate: up.rate };
  };
  const unchoker = new Unchoker(context, {
    ...{ connections, uploads, emit, tell },
    pieceLength: layout.pieceLength,
    uplink,
  });
  const allowedFast = new AllowedFastOffer(context, { infoHash, layout, isGiving });
  return {
    ...{ picker, told, download, connections, webSeeds, down, up, downLimit, upLimit },
    ...{ unchoker, uplink, writer, finisher, uploads, haves, superSeeding, allowedFast },
    ...{ blockRequests, extensions, hashes, smartBan },
  };
}
