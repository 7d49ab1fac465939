/**
 * Reachability: which peers cannot be connected to, as far as the tracker has tried, and which to
 * try next.
 *
 * @module
 */
import { classifyIp } from "../protocol/address.ts";
import { AddressRate } from "./address_rate.ts";
import { finish, mixBytes } from "./swarms/keyed_hash.ts";

/** ms that a verdict holds. Who was told to open a port shall soon be believed to have done it. */
const REACHABLE_MS = 30 * 60_000;
const UNREACHABLE_MS = 60_000;
/** Ports tried in a second, and in ten seconds at one address. */
const PER_SECOND = 50;
const PER_ADDRESS = 10;
/** Verdicts that are kept; beyond, the oldest goes. */
const MAX_KNOWN = 20_000;

interface Verdict {
  /** Of whom: another peer at the same place is tried anew. */
  readonly peer: number;
  /** Undefined until the first try is over. */
  readonly reachable: boolean | undefined;
  /** When to try again, in ms. */
  readonly until: number;
}

/** Verdicts by address and port, each about one peer ID. Times in ms. */
export class Reachability {
  readonly #verdicts = new Map<string | number, Verdict>();
  readonly #all = new AddressRate({ limit: PER_SECOND, windowMs: 1000 });
  readonly #each = new AddressRate({ limit: PER_ADDRESS, windowMs: 10_000 });
  #unreachable = 0;

  /** Whether to try this port now; then {@linkcode settle} has to follow. */
  due(address: Uint8Array, port: number, peerId: Uint8Array, now: number): boolean {
    const key = keyOf(address, port);
    const peer = peerOf(peerId);
    const last = this.#verdicts.get(key);
    const known = last?.peer === peer ? last : undefined;
    if (known !== undefined && now < known.until) return false;
    // A link-local IPv6 address means something with its interface only, which nobody announces.
    if (port === 0 || (address.length === 16 && classifyIp(address) === "link-local")) return false;
    // In this order: who floods uses up nothing of what others have.
    if (!this.#each.take(String(keyOf(address, 0)), now) || !this.#all.take("", now)) return false;
    this.#set(key, { peer, reachable: known?.reachable, until: Infinity });
    return true;
  }

  /** What the try has shown. False where the peer that it was about is not there any more. */
  settle(
    address: Uint8Array,
    port: number,
    peerId: Uint8Array,
    reachable: boolean,
    now: number,
  ): boolean {
    const key = keyOf(address, port);
    const peer = peerOf(peerId);
    if (this.#verdicts.get(key)?.peer !== peer) return false;
    const until = now + (reachable ? REACHABLE_MS : UNREACHABLE_MS);
    this.#set(key, { peer, reachable, until });
    return true;
  }

  /** A peer said goodbye: whoever starts at its place is not judged by it. */
  forget(address: Uint8Array, port: number): void {
    if (this.#verdicts.size > 0) this.#delete(keyOf(address, port));
  }

  /** Whether the last try has failed. */
  isUnreachable(address: Uint8Array, port: number, peerId: Uint8Array): boolean {
    if (this.#unreachable === 0) return false;
    const verdict = this.#verdicts.get(keyOf(address, port));
    return verdict?.reachable === false && verdict.peer === peerOf(peerId);
  }

  #set(key: string | number, verdict: Verdict): void {
    this.#delete(key);
    if (this.#verdicts.size >= MAX_KNOWN) {
      for (const oldest of this.#verdicts.keys()) {
        this.#delete(oldest);
        break;
      }
    }
    this.#verdicts.set(key, verdict);
    if (verdict.reachable === false) this.#unreachable++;
  }

  #delete(key: string | number): void {
    if (this.#verdicts.get(key)?.reachable === false) this.#unreachable--;
    this.#verdicts.delete(key);
  }
}

/** A peer ID as a number: enough to tell one from the next at the same port. */
function peerOf(peerId: Uint8Array): number {
  return finish(mixBytes(0, peerId));
}

/** IPv4 address and port are 48 bits: a number. IPv6 needs a string. */
function keyOf(address: Uint8Array, port: number): string | number {
  if (address.length !== 4) return String.fromCharCode(...address, port >> 8, port & 0xff);
  const [a, b, c, d] = address;
  return ((a! << 24 | b! << 16 | c! << 8 | d!) >>> 0) * 65536 + port;
}
