/**
 * Two ends of uTP and a line that does what real ones do, in virtual time.
 *
 * @module
 */
import { UtpConnection } from "../../peer/utp/utp_connection.ts";
import { decodeUtp, UtpType } from "../../protocol/utp_packet.ts";
import { assert, assertEquals } from "./assert.ts";
import { seededRandom } from "./random.ts";
import { someBytes } from "./swarm.ts";

/** What a line is like. */
export interface Line {
  seed: number;
  /** Share of packets that get lost, doubled, or delayed by up to a round trip more. */
  loss: number;
  double: number;
  late: number;
  /** ms one way. */
  delay: number;
  /** Packets a ms, and how many may wait for that. */
  rate: number;
  queue: number;
  /** Longer packets vanish, bytes of uTP. Left out: none. */
  longest?: number;
}

/** The two ends; the line is the same both ways. */
export class UtpWorld {
  now = 1000;
  packets = 0;
  /** Bytes of the longest packet that got through, and the most that one end sent within a step. */
  longest = 0;
  burst = 0;
  /** Somebody else on the way from `a` to `b`, once there. */
  tcp: Tcp | undefined;
  #inStep = 0;
  readonly a: UtpConnection;
  b: UtpConnection | undefined;
  readonly #line: Line;
  readonly #random: () => number;
  readonly #flying: { at: number; to: "a" | "b"; bytes: Uint8Array }[] = [];
  readonly #free = { a: 0, b: 0 };

  constructor(line: Line) {
    this.#line = line;
    this.#random = seededRandom(line.seed);
    this.a = new UtpConnection({
      family: 4,
      random: Math.floor(this.#random() * 65536),
      now: this.now,
      send: (bytes) => this.#send("b", bytes),
    });
  }

  #send(to: "a" | "b", bytes: Uint8Array): void {
    this.packets++;
    if (to === "b") this.burst = Math.max(this.burst, ++this.#inStep);
    // With the headers of IPv4 and UDP: 1400 bytes; acknowledgements are short.
    assert(bytes.length <= 1372);
    const { loss, double, late, delay, longest = Infinity } = this.#line;
    if (bytes.length > longest || this.#random() < loss) return;
    const begins = this.#enqueue(to);
    if (begins === undefined) return;
    this.longest = Math.max(this.longest, bytes.length);
    for (let copies = this.#random() < double ? 2 : 1; copies > 0; copies--) {
      const extra = this.#random() < late ? this.#random() * 2 * delay : 0;
      this.#flying.push({ at: begins + delay + extra, to, bytes: bytes.slice() });
    }
  }

  /** When a packet is on the wire; undefined where the queue is full. */
  #enqueue(to: "a" | "b"): number | undefined {
    const { rate, queue } = this.#line;
    const begins = Math.max(this.now, this.#free[to]);
    if (begins - this.now > queue / rate) return undefined;
    this.#free[to] = begins + 1 / rate;
    return begins;
  }

  /** Lets a TCP transfer begin beside. */
  addTcp(): Tcp {
    return this.tcp = new Tcp(this.#line.delay, () => this.#enqueue("b"));
  }

  /** Goes on by 5 ms: delivers and lets both ends look at the clock. */
  step(): void {
    const until = this.now + 5;
    this.#flying.sort((x, y) => x.at - y.at);
    while (this.#flying.length > 0 && this.#flying[0]!.at <= until) {
      const { at, to, bytes } = this.#flying.shift()!;
      this.now = Math.max(this.now, at);
      const packet = decodeUtp(bytes)!;
      if (to === "a") this.a.receive(packet, this.now);
      else if (this.b !== undefined) this.b.receive(packet, this.now);
      else if (packet.type === UtpType.syn) {
        this.b = new UtpConnection({
          syn: packet,
          family: 4,
          random: Math.floor(this.#random() * 65536),
          now: this.now,
          send: (reply) => this.#send("a", reply),
        });
      }
    }
    this.now = until;
    this.#inStep = 0;
    this.tcp?.step(until);
    this.a.tick(this.now);
    this.b?.tick(this.now);
  }
}

/** TCP as it has been since 1990: fills the queue until something is lost, then halves (Reno). */
class Tcp {
  /** Packets that arrived. */
  delivered = 0;
  #window = 10;
  #threshold = Infinity;
  #underWay = 0;
  #halvedAt = 0;
  readonly #delay: number;
  readonly #enqueue: () => number | undefined;
  readonly #news: { at: number; lost: boolean }[] = [];

  constructor(delay: number, enqueue: () => number | undefined) {
    this.#delay = delay;
    this.#enqueue = enqueue;
  }

  step(now: number): void {
    this.#news.sort((x, y) => x.at - y.at);
    while (this.#news.length > 0 && this.#news[0]!.at <= now) {
      const { at, lost } = this.#news.shift()!;
      this.#underWay--;
      if (!lost) {
        this.delivered++;
        this.#window += this.#window < this.#threshold ? 1 : 1 / this.#window;
      } else if (at - this.#halvedAt > 4 * this.#delay) {
        this.#halvedAt = at;
        this.#threshold = this.#window = Math.max(2, this.#window / 2);
      }
    }
    for (; this.#underWay < this.#window; this.#underWay++) {
      const begins = this.#enqueue();
      // That something is missing is seen when the next packets are acknowledged.
      this.#news.push({ at: (begins ?? now) + 2 * this.#delay, lost: begins === undefined });
      if (begins === undefined) {
        this.#underWay++;
        return;
      }
    }
  }
}

/** What one end writes and has read so far. */
class Flow {
  #written = 0;
  readonly #bytes: Uint8Array;
  readonly read: number[] | Uint8Array;
  got = 0;
  ended = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.read = new Uint8Array(bytes.length);
  }

  write(end: UtpConnection, now: number): void {
    if (this.#written < this.#bytes.length) {
      this.#written += end.write(this.#bytes.subarray(this.#written), now);
      if (this.#written === this.#bytes.length) end.close(now);
    }
  }

  take(end: UtpConnection, now: number): void {
    const buffer = new Uint8Array(10_000);
    for (let count; (count = end.read(buffer, now)) !== 0;) {
      if (count === null) return void (this.ended = true);
      (this.read as Uint8Array).set(buffer.subarray(0, count), this.got);
      this.got += count;
    }
  }
}

/** Sends so many bytes from one end to the other; fails where they do not arrive whole. */
export function transfer(line: Line, size: number): { world: UtpWorld; seconds: number } {
  const world = new UtpWorld(line);
  const bytes = someBytes(size, line.seed);
  const flow = new Flow(bytes);
  const start = world.now;
  for (let steps = 0; steps < 200_000 && !flow.ended; steps++) {
    world.step();
    if (world.a.state === "connected") flow.write(world.a, world.now);
    if (world.b !== undefined) flow.take(world.b, world.now);
  }
  assertEquals(flow.got, size);
  assertEquals(flow.read as Uint8Array, bytes);
  return { world, seconds: (world.now - start) / 1000 };
}
