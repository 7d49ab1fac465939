/**
 * A member that is a whole engine: it comes, goes, is killed and comes back to what lies on its disk.
 *
 * @module
 */
import type { Bitfield } from "../../protocol/bitfield.ts";
import { parseMagnet } from "../../protocol/magnet.ts";
import { Engine, type EngineEvent, PoolHasher, type World } from "../../peer/lab.ts";
import { whyOf } from "../run/choke_reason.ts";
import type { SharedContent } from "../run/content.ts";
import { Holdings } from "../run/holdings.ts";
import { rulesOf } from "../run/rules_of.ts";
import { toldLimits } from "../run/told_limits.ts";
import type { TrafficCount } from "../run/traffic.ts";
import type { PlannedMember } from "../scenario/run_plan.ts";
import type { Happening } from "../virtual/happening.ts";
import type { Actor } from "../virtual/planned_run.ts";
import { seededRandom } from "../virtual/seeded_random.ts";
import type { VirtualTime } from "../virtual/virtual_time.ts";
import { VirtualClock } from "./virtual_clock.ts";
import { VirtualDisk } from "./virtual_disk.ts";
import { VirtualHost } from "./virtual_host.ts";
import type { VirtualInternet } from "./virtual_internet.ts";
import type { VirtualTracker } from "./virtual_tracker.ts";

/** Where all engines listen. */
export const PORT = 6881;
/** Types of messages (BEP 3), and where they stand in a frame. */
const TYPE_AT = 4;
const INTERESTED = 2;
const NOT_INTERESTED = 3;
const PIECE = 7;
/** Bytes of a block's message before the block: length, type, piece and offset. */
const BLOCK_HEAD = 13;

/** What a member needs of the swarm. */
export interface EngineMemberContext {
  readonly time: VirtualTime;
  readonly internet: VirtualInternet;
  readonly tracker: VirtualTracker;
  readonly content: SharedContent;
  /** bytes */
  readonly pieceLength: number;
  /** What reaches members of what others say. */
  readonly traffic: TrafficCount;
  /** Where the DHT is entered. */
  readonly bootstrap: readonly { host: string; port: number }[];
  /** The member at an address. */
  memberAt(host: string): string | undefined;
  /** Uniform in [0, 1). */
  random(): number;
  tell(what: Happening): void;
  /** It came, went, or has everything. */
  note(member: EngineMember): void;
  /** Real work that time stands still for. */
  waitFor(work: () => Promise<unknown>): void;
  onFault(fault: unknown): void;
}

/** See the module. */
export class EngineMember implements Actor {
  readonly id: string;
  readonly address: string;
  hasLeft = true;
  readonly #member: PlannedMember;
  readonly #context: EngineMemberContext;
  readonly #disk: VirtualDisk;
  #rates: { up: number; down: number };
  #host: VirtualHost | undefined;
  #engine: Engine | undefined;

  /** @param has pieces that it has from the start */
  constructor(
    member: PlannedMember,
    address: string,
    has: readonly number[],
    context: EngineMemberContext,
  ) {
    this.id = member.id;
    this.address = address;
    this.#member = member;
    this.#context = context;
    this.#rates = { up: member.up ?? Infinity, down: member.down ?? Infinity };
    this.#disk = new VirtualDisk(context.content, context.pieceLength, has);
  }

  /** What lies on its disk. */
  get have(): Bitfield {
    return this.#disk.have;
  }

  get up(): number {
    return this.#rates.up;
  }

  set up(rate: number) {
    this.#rates = { ...this.#rates, up: rate };
    if (this.#host !== undefined) this.#host.line.rate = rate;
    if (this.#member.uploadLimit === undefined) this.#engine?.setLimits({ upload: rate });
  }

  get down(): number {
    return this.#rates.down;
  }

  set down(rate: number) {
    this.#rates = { ...this.#rates, down: rate };
    if (this.#host !== undefined) this.#host.down = rate;
  }

  start(): void {
    if (!this.hasLeft) return;
    this.hasLeft = false;
    const { time, internet, tell, note } = this.#context;
    const host = new VirtualHost(this.address, this.#rates, time);
    this.#host = host;
    internet.add(host);
    tell({ what: "arrived", who: this.id });
    const { have } = this;
    for (let piece = 0; piece < have.length; piece++) {
      if (have.has(piece)) tell({ what: "piece", who: this.id, piece, isStart: true });
    }
    note(this);
    this.#context.waitFor(() => this.#begin(host));
  }

  leave(): void {
    if (this.hasLeft) return;
    const [engine, host] = [this.#engine, this.#host!];
    this.#end();
    if (engine === undefined) return this.#gone(host, "left");
    engine[Symbol.asyncDispose]().then(() => this.#gone(host, "left"), this.#context.onFault);
  }

  kill(): void {
    if (this.hasLeft) return;
    const host = this.#host!;
    this.#end();
    this.#gone(host, "killed");
  }

  pause(): void {
    this.#host?.pause();
  }

  resume(): void {
    this.#host?.resume();
  }

  fillDisk(): void {
    this.#disk.isFull = true;
  }

  #end(): void {
    this.hasLeft = true;
    this.#engine = undefined;
    this.#host = undefined;
    this.#context.note(this);
  }

  #gone(host: VirtualHost, what: "left" | "killed"): void {
    host.die();
    this.#context.tell({ what, who: this.id });
  }

  async #begin(host: VirtualHost): Promise<void> {
    const { content, bootstrap, tracker, onFault } = this.#context;
    const { policies: { sources, slots, isSuperSeed, order }, isMagnet } = this.#member;
    const engine = await Engine.start({
      name: this.id,
      host: this.address,
      port: PORT,
      dir: "/",
      stateDir: "/",
      utp: this.#member.utp,
      sources: {
        tracker: sources.includes("tracker"),
        pex: sources.includes("pex"),
        lsd: sources.includes("lsd"),
        dht: sources.includes("dht") ? "on" : "off",
      },
      dhtBootstrap: bootstrap.filter(({ host }) => host !== this.address),
      superSeed: isSuperSeed,
      // The optimistic slot comes on top of these.
      ...(slots === undefined ? {} : { uploadSlots: Math.max(1, slots - 1) }),
      ...toldLimits({ ...this.#member, up: this.#rates.up }),
      onFault,
      restoresLater: true,
    }, this.#world(host));
    if (host.isDead) return;
    this.#engine = engine;
    this.#watch(engine, host);
    await engine.restore();
    if (engine.remembered.length > 0) return;
    const trackers = sources.includes("tracker") ? tracker.urls : [];
    if (isMagnet) {
      const link = `magnet:?xt=urn:btih:${content.infoHash.toHex()}`;
      const named = trackers.map((url) => `&tr=${encodeURIComponent(url)}`).join("");
      engine.addMagnet(parseMagnet(link + named));
    } else {
      await engine.add(content.torrent(...trackers), { sequential: order === "sequential" });
    }
  }

  #world(host: VirtualHost): World {
    const { time, internet, tracker, tell } = this.#context;
    const random = seededRandom(Math.floor(this.#context.random() * 2 ** 31));
    const trackers = tracker.of(
      host,
      ({ event, isAnswered, peers }) =>
        tell({ what: "announced", who: this.id, event, isAnswered, peers }),
    );
    return {
      clock: new VirtualClock(time, host),
      random,
      randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256)),
      // On the spot: what is hashed beside this thread is done at a time that nobody knows.
      hasher: new PoolHasher(1, true),
      network: { ...internet.of(host), trackers: () => trackers },
      disk: this.#disk,
      rules: rulesOf(this.#member.policies),
    };
  }

  /** Tells of what the engine does and hears. */
  #watch(engine: Engine, host: VirtualHost): void {
    const { content, pieceLength, memberAt, tell, traffic } = this.#context;
    const who = this.id;
    const holdings = new Holdings(content.bytes.length, pieceLength);
    for (let piece = 0; piece < this.have.length; piece++) {
      if (this.have.has(piece)) holdings.add(piece);
    }
    engine.subscribe((event) => {
      if (!host.isDead) this.#onEvent(event);
    });
    engine.tap = {
      wire: ({ remote }, direction, bytes) => {
        if (direction !== "received" || host.isDead) return;
        const other = memberAt(remote.host);
        if (other === undefined) return;
        // A handshake is no frame: as one it would be longer than any.
        const type = bytes[0] === 0 ? bytes[TYPE_AT] : undefined;
        traffic.add(other, who, bytes.length, type === PIECE ? bytes.length - BLOCK_HEAD : 0);
        if (type === PIECE) {
          const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
          const [piece, begin, length] = [
            view.getUint32(5),
            view.getUint32(9),
            bytes.length - BLOCK_HEAD,
          ];
          const { isDuplicate } = holdings.deliver(piece, begin, length, true, other);
          const twice = isDuplicate ? { isDuplicate } : {};
          tell({ what: "block", from: other, to: who, piece, begin, length, ...twice });
        } else if (bytes.length === 5 && (type === INTERESTED || type === NOT_INTERESTED)) {
          const what = type === INTERESTED ? "interested" : "uninterested";
          tell({ what, who: other, whom: who });
        }
      },
      link: () => {},
      called: ({ host: address }) => {
        const whom = memberAt(address);
        if (whom !== undefined && !host.isDead) tell({ what: "dialled", who, whom });
      },
      chose: () => {},
      tracker: () => {},
    };
  }

  #onEvent(event: EngineEvent): void {
    const { tell, note, memberAt } = this.#context;
    const who = this.id;
    const whom = "address" in event ? memberAt(event.address.split(":")[0]!) : undefined;
    switch (event.event) {
      case "piece-verified":
        return tell({ what: "piece", who, piece: event.piece });
      case "piece-failed":
        return tell({ what: "failed", who, piece: event.piece, from: [] });
      case "torrent-completed":
        note(this);
        return tell({ what: "completed", who });
      case "peer-connected":
        // Both ends say so: the one that called is told of.
        if (whom === undefined || event.source === "incoming") return;
        tell({ what: "found", who, whom, by: event.source });
        return tell({ what: "connected", who, whom });
      case "peer-disconnected":
        if (whom === undefined || !event.address.endsWith(`:${PORT}`)) return;
        return tell({ what: "disconnected", who, whom, why: event.reason });
      case "peer-banned":
        return whom === undefined ? undefined : tell({ what: "banned", who, whom });
      case "unchoked":
      case "choked":
        if (whom === undefined) return;
        return tell({ what: event.event, who, whom, why: whyOf(event.reason, this.have.isFull) });
      default:
    }
  }
}
