/**
 * One peer of a virtual swarm, with what the real one decides by: its life from its arrival on. Whom it
 * knows and reaches is in `virtual_connections.ts`, what it asks for in `virtual_downloading.ts`, what
 * it gives in `virtual_uploading.ts`; `virtual_member.ts` has what these say to each other.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import { ALL_RULES, type CrowdRules, type Download } from "../../peer/lab.ts";
import type { Behaviour } from "./behaviour.ts";
import { Uplink } from "./uplink.ts";
import { hostOf } from "./virtual_address.ts";
import { VirtualAnnounces } from "./virtual_announces.ts";
import { VirtualConnections } from "./virtual_connections.ts";
import { VirtualDownloading } from "./virtual_downloading.ts";
import { isQuiet, isUseless } from "./virtual_link.ts";
import type { VirtualMember } from "./virtual_member.ts";
import type { VirtualPeerContext } from "./virtual_peer_context.ts";
import { VirtualUploading } from "./virtual_uploading.ts";

/** ms between the housekeeping of a peer, and what it checks of itself. */
const TICK = 1000;
/** Default bytes per second. */
const UP = 200_000;

/** A peer from its arrival on; it may leave or die and start again with what it had. */
export class VirtualPeer implements VirtualMember {
  readonly swarm: VirtualPeerContext<VirtualMember>;
  readonly host: string;
  readonly peerId: Uint8Array;
  readonly rules: CrowdRules;
  readonly have: Bitfield;
  readonly banned = new Set<VirtualMember>();
  down: number;
  busyUntil = 0;
  asked = 0;
  fromLeechers = 0;
  hasLeft = true;
  completedAt: number | undefined;
  connections!: VirtualConnections;
  downloading!: VirtualDownloading;
  uploading!: VirtualUploading;
  #announces!: VirtualAnnounces;
  #session = 0;
  readonly #uplink: Uplink<VirtualMember>;

  constructor(
    swarm: VirtualPeerContext<VirtualMember>,
    readonly number: number,
    readonly behaviour: Behaviour,
    readonly id: string,
  ) {
    this.swarm = swarm;
    const { layout: { pieceCount } } = swarm;
    this.host = hostOf(number);
    this.peerId = new TextEncoder().encode(`-VT0100-${String(number).padStart(12, "0")}`);
    this.rules = behaviour.rules ?? ALL_RULES;
    this.have = behaviour.seed ? Bitfield.full(pieceCount) : new Bitfield(pieceCount);
    if (!behaviour.seed) { for (const piece of behaviour.pieces ?? []) this.have.add(piece); }
    this.down = behaviour.down ?? Infinity;
    this.#uplink = new Uplink(
      behaviour.up ?? UP,
      swarm.time,
      (link, request) => this.uploading.onSent(link, request),
    );
  }

  /** Bytes per second. */
  get up(): number {
    return this.#uplink.rate;
  }

  set up(rate: number) {
    this.#uplink.rate = rate;
    this.#uplink.run();
  }

  /** Bytes given, in whole blocks. */
  get uploaded(): number {
    return this.#uplink.total;
  }

  /** Bytes of pieces on their way. */
  get lent(): number {
    return this.downloading.lent;
  }

  /** Its blocks on their way, and what came in vain. */
  get download(): Download {
    return this.downloading.download;
  }

  /** Comes, or comes back with the pieces that it had. */
  start(): void {
    if (!this.hasLeft) return;
    this.hasLeft = false;
    const { time, layout, random } = this.swarm;
    this.connections = new VirtualConnections(this);
    this.downloading = new VirtualDownloading(this);
    this.uploading = new VirtualUploading(this, this.#uplink);
    this.#announces = new VirtualAnnounces(this.swarm, this.peerId, this.have.isFull);
    this.swarm.note(this);
    this.swarm.tell({ what: "arrived", who: this.id });
    for (let piece = 0; piece < layout.pieceCount; piece++) {
      if (this.have.has(piece)) {
        this.swarm.tell({ what: "piece", who: this.id, piece, isStart: true });
      }
    }
    const session = ++this.#session;
    const tick = () => {
      if (this.#session !== session) return;
      if (!this.connections.isPaused) this.#tick();
      time.after(TICK, tick);
    };
    time.after(random() * TICK, tick);
  }

  complete(): void {
    this.completedAt = this.swarm.time.now;
    this.swarm.note(this);
    this.swarm.tell({ what: "completed", who: this.id });
  }

  /** Goes, telling the tracker. */
  leave(): void {
    if (this.hasLeft) return;
    this.#end("left");
    this.#announces.stop(this);
  }

  /** Dies without a word; the system closes its connections. */
  kill(): void {
    if (!this.hasLeft) this.#end("killed");
  }

  /** Stands still in the middle; its connections stay open. */
  pause(): void {
    this.connections.pause();
    this.#uplink.cutOff();
  }

  /** Goes on where it stood. */
  resume(): void {
    this.connections.resume();
    this.#uplink.run();
  }

  /** Its connection to another ends. */
  disconnect(other: VirtualMember, why: string): void {
    this.connections.disconnect(other, why);
  }

  #end(what: "left" | "killed"): void {
    this.hasLeft = true;
    this.#session++;
    this.connections.end(`it ${what}`);
    this.#uplink.cutOff();
    this.downloading.end();
    this.swarm.note(this);
    this.swarm.tell({ what, who: this.id });
  }

  #tick(): void {
    const { now } = this.swarm.time;
    const isDone = this.have.isFull;
    for (const link of this.connections.links.values()) {
      const { peer, other } = link;
      if (isDone && link.isSeed) {
        if (isUseless(peer, now)) this.disconnect(other, "both are seeds");
        continue;
      }
      if (link.isQuiet) continue;
      peer.tick();
      link.isQuiet = isQuiet(peer);
      if (!isDone) this.downloading.tickPeer(peer, now);
    }
    if (!isDone) this.downloading.tick(now);
    this.uploading.tick(now);
    this.connections.learn(this.#announces.tick(this, now));
    this.connections.dial(now);
    this.uploading.decide(now);
  }
}
