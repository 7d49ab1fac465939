/**
 * Whole swarms in virtual time: the real picker, download, choker, announce plan and swarm store;
 * network, disk and hash are made up. One seed of randomness, one course of events.
 *
 * @module
 */
import { BLOCK_LENGTH, Layout } from "../../protocol/piece_layout.ts";
import { MemoryStore } from "../../tracker/mod.ts";
import type { RunEvent } from "../run/run_record.ts";
import type { Net } from "../scenario/run_plan.ts";
import type { Behaviour } from "./behaviour.ts";
import { Course } from "./course.ts";
import type { Happening } from "./happening.ts";
import { seededRandom } from "./seeded_random.ts";
import { VirtualNetworks } from "./virtual_network.ts";
import { VirtualPeer } from "./virtual_peer.ts";
import { VirtualTime } from "./virtual_time.ts";

/** Like between hosts of one country. */
const NEAR: Net = { latency: 20, jitter: 0, loss: 0 };
/** ms between two looks of the tracker for peers that are gone. */
const SWEEP_MS = 1000;

/** What a swarm is about. */
export interface SwarmOptions {
  readonly network?: Net;
  /** Seconds between announces; undefined: what our tracker wishes. */
  readonly interval?: number;
  /** Most peers in a tracker's reply. Default 50. */
  readonly numwant?: number;
  /** Connections of each peer. Default 80, like the engine's. */
  readonly connections?: number;
  /** Nobody sends wrong blocks, so that one piece of memory does for all. Default false. */
  readonly isHonest?: boolean;
  /** Told of everything, at once. */
  readonly onEvent?: (event: RunEvent) => void;
}

/** A swarm with its tracker. */
export class VirtualSwarm {
  readonly time = new VirtualTime();
  readonly layout: Layout;
  readonly random: () => number;
  readonly tracker: MemoryStore;
  readonly networks: VirtualNetworks;
  readonly options: SwarmOptions;
  readonly peers: VirtualPeer[] = [];
  /** Whether announces are answered. */
  isTrackerUp = true;
  /** Any difference in what happens changes it. */
  readonly course = new Course();
  /** Times (ms) of announces, by peer. */
  readonly announces: { peer: number; at: number; event: string }[] = [];
  /** for `pieceMemory`. */
  readonly memory = new Map<number, Uint8Array>();
  readonly #incomplete = new Set<VirtualPeer>();
  readonly #byHost = new Map<string, VirtualPeer>();
  /** Pairs that cannot reach each other. */
  readonly #cuts = new Map<VirtualPeer, Set<VirtualPeer>>();

  /** @param size bytes of the content; default: all pieces, but for the last kilobyte */
  constructor(
    seed: number,
    pieces = 64,
    pieceLength = 2 * BLOCK_LENGTH,
    options: SwarmOptions = {},
    size = pieces * pieceLength - 1000,
  ) {
    this.options = options;
    this.layout = new Layout(size, pieceLength);
    this.random = seededRandom(seed);
    this.tracker = new MemoryStore(this.random);
    this.networks = new VirtualNetworks(options.network ?? NEAR, this.random);
    this.#sweep();
  }

  /** A new peer comes. */
  add(behaviour: Behaviour = {}, id = `peer ${this.peers.length}`): VirtualPeer {
    const peer = new VirtualPeer(this, this.peers.length, behaviour, id);
    this.peers.push(peer);
    this.#byHost.set(peer.host, peer);
    peer.start();
    return peer;
  }

  get leechers(): VirtualPeer[] {
    return this.peers.filter((peer) => !peer.behaviour.seed);
  }

  /** Runs until all who are there have everything; false where that took longer (ms). */
  complete(limit = 3_600_000): boolean {
    return this.time.runUntil(() => this.isComplete, limit);
  }

  /** Whether all who are there have everything. */
  get isComplete(): boolean {
    return this.#incomplete.size === 0;
  }

  /** It came, went, or has everything. */
  note(peer: VirtualPeer): void {
    if (peer.hasLeft || peer.have.isFull) this.#incomplete.delete(peer);
    else this.#incomplete.add(peer);
  }

  /** Something happened. */
  tell(what: Happening): void {
    const event = { t: this.time.now, ...what } as RunEvent;
    this.course.add(event);
    this.options.onEvent?.(event);
  }

  /** The peer that listens at an address. */
  at(host: string): VirtualPeer | undefined {
    const peer = this.#byHost.get(host);
    return peer?.hasLeft ? undefined : peer;
  }

  /** Whether two peers cannot reach each other. */
  isCut(one: VirtualPeer, other: VirtualPeer): boolean {
    return this.#cuts.get(one)?.has(other) ?? false;
  }

  /** From now on they cannot reach each other. */
  cut(some: readonly VirtualPeer[], others: readonly VirtualPeer[]): void {
    for (const one of some) {
      for (const other of others) {
        if (one === other) continue;
        this.#cutsOf(one).add(other);
        this.#cutsOf(other).add(one);
        one.disconnect(other, "the network is cut");
      }
    }
  }

  /** They can again. */
  join(some: readonly VirtualPeer[], others: readonly VirtualPeer[]): void {
    for (const one of some) {
      for (const other of others) {
        this.#cuts.get(one)?.delete(other);
        this.#cuts.get(other)?.delete(one);
      }
    }
  }

  #cutsOf(peer: VirtualPeer): Set<VirtualPeer> {
    let cuts = this.#cuts.get(peer);
    if (cuts === undefined) this.#cuts.set(peer, cuts = new Set());
    return cuts;
  }

  #sweep(): void {
    this.time.after(SWEEP_MS, () => {
      this.tracker.sweep(this.time.now);
      this.#sweep();
    });
  }
}
