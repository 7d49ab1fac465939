/**
 * A UDP port of a virtual host: datagrams come one by one, some never, and those that find a full queue
 * are dropped.
 *
 * @module
 */
import type { DatagramSocket, UdpAddress } from "../../peer/lab.ts";
import type { VirtualHost } from "./virtual_host.ts";
import type { Parcel, Sender } from "./virtual_line.ts";

/** Bytes that wait for the line, and that wait to be read. */
const MAX_WAITING = 1 << 17;

/** A datagram has left. */
export type OnSent = (bytes: Uint8Array, from: UdpAddress, to: UdpAddress) => void;

/** See the module. */
export class VirtualDatagrams implements DatagramSocket, Sender {
  readonly addr: UdpAddress;
  readonly #host: VirtualHost;
  readonly #onSent: OnSent;
  readonly #out: { bytes: Uint8Array; to: UdpAddress }[] = [];
  #waiting = 0;
  readonly #in: [Uint8Array, UdpAddress][] = [];
  #unread = 0;
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  constructor(host: VirtualHost, port: number, onSent: OnSent) {
    this.#host = host;
    this.#onSent = onSent;
    this.addr = { transport: "udp", hostname: host.address, port };
    host.datagrams.set(port, this);
  }

  get isWaiting(): boolean {
    return this.#out.length > 0;
  }

  get waiting(): number {
    return this.#waiting;
  }

  async receive(into: Uint8Array): Promise<[Uint8Array, UdpAddress]> {
    while (true) {
      if (this.#isClosed) throw new Deno.errors.BadResource("closed");
      const next = this.#in.shift();
      if (next !== undefined) {
        const [bytes, from] = next;
        this.#unread -= bytes.length;
        const part = into.subarray(0, bytes.length);
        part.set(bytes.subarray(0, part.length));
        return [part, from];
      }
      await this.#changed.promise;
    }
  }

  send(bytes: Uint8Array, to: UdpAddress): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Deno.errors.BadResource("closed"));
    if (this.#waiting + bytes.length <= MAX_WAITING) {
      this.#out.push({ bytes: bytes.slice(), to });
      this.#waiting += bytes.length;
      this.#host.line.wake(this);
    }
    return Promise.resolve();
  }

  take(): Parcel | undefined {
    const next = this.#out.shift();
    if (next === undefined) return undefined;
    const { bytes, to } = next;
    this.#waiting -= bytes.length;
    return { bytes, leave: () => this.#onSent(bytes, this.addr, to) };
  }

  /** A datagram is there. */
  arrived(bytes: Uint8Array, from: UdpAddress): void {
    if (this.#isClosed || this.#unread + bytes.length > MAX_WAITING) return;
    this.#in.push([bytes, from]);
    this.#unread += bytes.length;
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#host.datagrams.delete(this.addr.port);
    this.#out.length = 0;
    this.#waiting = 0;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
