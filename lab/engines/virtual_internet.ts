/**
 * The made-up network of whole engines: who is where, who can reach whom, and what takes how long.
 *
 * @module
 */
import { parseIp } from "../../protocol/address.ts";
import { type JoinNetworks, type Network, TcpError, type UdpAddress } from "../../peer/lab.ts";
import type { Lane, VirtualNetwork, VirtualNetworks } from "../virtual/virtual_network.ts";
import type { VirtualTime } from "../virtual/virtual_time.ts";
import { VirtualDatagrams } from "./virtual_datagrams.ts";
import type { VirtualHost } from "./virtual_host.ts";
import { type Carrier, VirtualListener, VirtualStream } from "./virtual_stream.ts";

/** ms that a downlink may be behind before datagrams are dropped. */
const MAX_BEHIND = 500;

/** All hosts, as they are now. */
export class VirtualInternet implements Carrier {
  readonly #time: VirtualTime;
  readonly #networks: VirtualNetworks;
  readonly #memberAt: (address: string) => string | undefined;
  readonly #hosts = new Map<string, VirtualHost>();
  /** Addresses that cannot reach each other, `one other`, both ways. */
  readonly #cuts = new Set<string>();

  /** @param memberAt whose host has an address */
  constructor(
    time: VirtualTime,
    networks: VirtualNetworks,
    memberAt: (address: string) => string | undefined,
  ) {
    this.#time = time;
    this.#networks = networks;
    this.#memberAt = memberAt;
  }

  /** A host is switched on, in place of whatever was at its address. */
  add(host: VirtualHost): void {
    this.#hosts.set(host.address, host);
  }

  cut(one: string, other: string): void {
    this.#cuts.add(`${one} ${other}`).add(`${other} ${one}`);
    for (const stream of [...this.#hosts.get(one)?.streams ?? []]) {
      if (stream.remote.host === other) stream.break();
    }
  }

  join(one: string, other: string): void {
    this.#cuts.delete(`${one} ${other}`);
    this.#cuts.delete(`${other} ${one}`);
  }

  carry(
    lane: Lane,
    { from, to }: { readonly from: VirtualHost; readonly to: VirtualHost },
    bytes: number,
    arrived: () => void,
  ): void {
    if (this.#isCut(from.address, to.address)) return;
    const network = this.#between(from, to);
    this.#time.at(network.arrival(lane, to, bytes, this.#time.now), arrived);
  }

  /** The network as one host has it, but for the trackers. */
  of(host: VirtualHost): Omit<Network, "trackers"> {
    return {
      listen: ({ port }) => new VirtualListener(host, port === 0 ? host.ownPort() : port),
      dial: (address, port, signal) => this.#dial(host, { host: address, port }, signal),
      listenDatagram: (_, port) =>
        new VirtualDatagrams(
          host,
          port === 0 ? host.ownPort() : port,
          (bytes, from, to) => this.#onSent(host, bytes, from, to),
        ),
      joinNetworks: this.#joinerOf(host),
      resolve: (name) => Promise.resolve(parseIp(name) === undefined ? [] : [name]),
    };
  }

  #between(one: VirtualHost, other: VirtualHost): VirtualNetwork {
    const [from, to] = [this.#memberAt(one.address), this.#memberAt(other.address)];
    return this.#networks.between(from ?? "", to ?? "");
  }

  #isCut(one: string, other: string): boolean {
    return this.#cuts.has(`${one} ${other}`);
  }

  /** A host that is there and has no such port refuses; nobody answers for one that is not. */
  #dial(
    from: VirtualHost,
    { host, port }: { host: string; port: number },
    signal: AbortSignal,
  ): Promise<VirtualStream> {
    const { promise, resolve, reject } = Promise.withResolvers<VirtualStream>();
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    const lane = { lastAt: 0 };
    const to = this.#hosts.get(host);
    if (to === undefined) return promise;
    this.carry(lane, { from, to }, 0, () => {
      // Who called may have come back under its address in the meantime.
      const listener = this.#hosts.get(host) === to ? to.listeners.get(port) : undefined;
      if (listener === undefined) {
        return this.carry(lane, { from: to, to: from }, 0, () => {
          from.run(() => reject(new TcpError("refused", `Cannot connect to ${host}: refused`)));
        });
      }
      if (signal.aborted) return;
      const [near, far] = VirtualStream.pair(from, to, port, this);
      to.run(() => listener.accept(far));
      this.carry(lane, { from: to, to: from }, 0, () => {
        from.run(() => {
          if (signal.aborted) near[Symbol.dispose]();
          else resolve(near);
        });
      });
    });
    return promise;
  }

  /** A datagram's way: it may get lost, and nobody hears of that. */
  #post(from: VirtualHost, to: VirtualHost, bytes: number, arrived: () => void): void {
    const { now } = this.#time;
    if (this.#isCut(from.address, to.address) || to.busyUntil - now > MAX_BEHIND) return;
    const at = this.#between(from, to).passage(to, bytes, now);
    if (at !== undefined) this.#time.at(at, () => to.run(arrived));
  }

  #onSent(
    host: VirtualHost,
    bytes: Uint8Array,
    from: UdpAddress,
    { hostname, port }: UdpAddress,
  ): void {
    const to = this.#hosts.get(hostname);
    if (to === undefined) return;
    this.#post(host, to, bytes.length, () => to.datagrams.get(port)?.arrived(bytes, from));
  }

  /** One local network has them all. */
  #joinerOf(host: VirtualHost): JoinNetworks {
    return (_, onPacket) => {
      host.onLocal = onPacket;
      return Promise.resolve({
        send: (packet) => {
          const bytes = packet(4);
          for (const to of this.#hosts.values()) {
            if (to === host || to.onLocal === undefined) continue;
            this.#post(host, to, bytes.length, () => to.onLocal?.(bytes, host.address));
          }
          return Promise.resolve();
        },
        [Symbol.asyncDispose]: () => {
          host.onLocal = undefined;
          return Promise.resolve();
        },
      });
    };
  }
}
