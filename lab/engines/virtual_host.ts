/**
 * A virtual host: one run of a program, with its line, its ports and what waits for it while it is
 * stopped in the middle.
 *
 * @module
 */
import type { Downlink } from "../virtual/virtual_network.ts";
import type { VirtualTime } from "../virtual/virtual_time.ts";
import type { Socket, UdpAddress } from "../../peer/lab.ts";
import { VirtualLine } from "./virtual_line.ts";

/** The first of the ports that a host calls from. */
const FIRST_OWN_PORT = 49_152;

/** One end of a connection. */
export interface HostStream {
  readonly remote: { readonly host: string };
  /** The program is gone: the other end hears of it. */
  reset(): void;
  /** The line is gone: both ends hear of it. */
  break(): void;
}

/** From the start of a program to its end. */
export class VirtualHost implements Downlink {
  readonly address: string;
  readonly line: VirtualLine;
  down: number;
  busyUntil = 0;
  /** By port. */
  readonly listeners = new Map<number, { accept(socket: Socket): void }>();
  readonly datagrams = new Map<number, { arrived(bytes: Uint8Array, from: UdpAddress): void }>();
  readonly streams = new Set<HostStream>();
  /** Called with each packet to the local network (BEP 14), once it is joined. */
  onLocal: ((bytes: Uint8Array, from: string) => void) | undefined;
  #isDead = false;
  /** What was to happen here while it was stopped; undefined: it runs. */
  #unheard: (() => void)[] | undefined;
  #nextPort = FIRST_OWN_PORT;

  /** Rates in bytes per second. */
  constructor(address: string, rates: { up: number; down: number }, time: VirtualTime) {
    this.address = address;
    this.line = new VirtualLine(rates.up, time);
    this.down = rates.down;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isPaused(): boolean {
    return this.#unheard !== undefined;
  }

  /** A port that nobody has. */
  ownPort(): number {
    return this.#nextPort++;
  }

  /** Something happens here: at once, or when it goes on; never, where it was killed. */
  run(what: () => void): void {
    if (this.#isDead) return;
    if (this.#unheard === undefined) what();
    else this.#unheard.push(what);
  }

  pause(): void {
    this.#unheard ??= [];
  }

  resume(): void {
    const unheard = this.#unheard ?? [];
    this.#unheard = undefined;
    for (const what of unheard) this.run(what);
  }

  /** Nothing happens here any more; the system ends its connections. */
  die(): void {
    this.#isDead = true;
    for (const stream of [...this.streams]) stream.reset();
    this.listeners.clear();
    this.datagrams.clear();
  }
}
