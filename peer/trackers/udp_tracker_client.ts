/**
 * UDP tracker protocol, client side (BEP 15, 41).
 *
 * @module
 */
import type { Socket } from "node:dgram";
import type { AnnounceReply, AnnounceRequest, ScrapeEntry } from "../../protocol/announce.ts";
import { percentEncode } from "../../protocol/bytes20.ts";
import { TrackerError } from "../../protocol/errors.ts";
import {
  encodeConnectRequest,
  encodeUdpAnnounce,
  encodeUdpScrape,
  parseUdpReply,
  UDP_SCRAPE_LIMIT,
  type UdpReply,
} from "../../protocol/udp_tracker_packet.ts";
import { forbidden } from "../destination/destination.ts";
import type { Tapping } from "../ports.ts";
import { DestinationError } from "../destination/checked_fetch.ts";
import { firstOf } from "../destination/first_reachable.ts";
import { refusal } from "./http_request.ts";
import { withinReach } from "../destination/reply_reach.ts";
import type { Resolve } from "../destination/resolve_host.ts";
import { watchUdp } from "./tracker_tap.ts";

/** ms until a packet is sent again; doubled each time. BEP 15 says 15 s: too long for a person. */
const RESEND_MS = 2000;

/** How a tracker is asked. */
export interface UdpOptions {
  readonly signal: AbortSignal;
  readonly tapping: Tapping | undefined;
  /** A person typed its URL: it is believed. */
  readonly isTyped: boolean;
  readonly resolve: Resolve;
}

/** @throws {TrackerError} */
export async function announceUdp(
  url: string,
  request: AnnounceRequest,
  options: UdpOptions,
): Promise<AnnounceReply> {
  using exchange = await UdpExchange.open(url, options);
  const data = urlData(url, request.name);
  const answer = await exchange.ask((id) =>
    encodeUdpAnnounce(exchange.connectionId, id, request, data)
  );
  if (answer.action !== "announce") throw exchange.unexpected(answer);
  return withinReach(answer.reply, exchange.address);
}

/** @throws {TrackerError} */
export async function scrapeUdp(
  url: string,
  infoHashes: readonly Uint8Array[],
  options: UdpOptions,
): Promise<ScrapeEntry[]> {
  using exchange = await UdpExchange.open(url, options);
  const entries: ScrapeEntry[] = [];
  for (let start = 0; start < infoHashes.length; start += UDP_SCRAPE_LIMIT) {
    const some = infoHashes.slice(start, start + UDP_SCRAPE_LIMIT);
    const answer = await exchange.ask((id) => encodeUdpScrape(exchange.connectionId, id, some));
    if (answer.action !== "scrape") throw exchange.unexpected(answer);
    // Entries come in the order asked, without their hashes.
    for (const [index, counts] of answer.entries.entries()) {
      const infoHash = some[index];
      if (infoHash !== undefined) entries.push({ ...counts, infoHash });
    }
  }
  return entries;
}

/** One socket and its connection ID, for a question or two. */
class UdpExchange implements Disposable {
  connectionId = 0n;
  readonly address: string;
  readonly #url: string;
  readonly #family: 4 | 6;
  readonly #socket: Socket;
  #signal: AbortSignal;
  #show: ReturnType<typeof watchUdp> | undefined;

  private constructor(url: string, address: string, socket: Socket, signal: AbortSignal) {
    this.#url = url;
    this.address = address;
    this.#family = familyOf(address);
    this.#signal = signal;
    this.#socket = socket;
  }

  /**
   * Finds the tracker, at whichever of its addresses answers, and gets a connection ID, which proves
   * our address to it.
   */
  static async open(
    url: string,
    { signal, tapping, isTyped, resolve }: UdpOptions,
  ): Promise<UdpExchange> {
    const named = new URL(url.replace(/^udp:/, "http:"));
    const addresses = await resolve(named.hostname, signal);
    if (signal.aborted) throw givenUp(url, signal);
    const reason = isTyped && addresses.length > 0
      ? undefined
      : forbidden(named, addresses, "udp tracker");
    if (reason !== undefined) throw refusal(`tracker ${url}`, new DestinationError(reason));
    const exchange = await firstOf(addresses, {
      attempt: (address, signal) => UdpExchange.#begin(url, named, address, signal, tapping),
      discard: (late) => late[Symbol.dispose](),
    }, signal);
    // The race is over, and with it what ended its others.
    exchange.#signal = signal;
    return exchange;
  }

  static async #begin(
    url: string,
    named: URL,
    address: string,
    signal: AbortSignal,
    tapping: Tapping | undefined,
  ): Promise<UdpExchange> {
    // Loaded here: most torrents have no such tracker, and a start takes 5 ms less without it.
    const { createSocket } = await import("node:dgram");
    const socket = createSocket(familyOf(address) === 4 ? "udp4" : "udp6");
    const exchange = new UdpExchange(url, address, socket, signal);
    try {
      const remote = { host: address, port: Number(named.port || 80) };
      const local = await exchange.#connect(remote.port, address);
      exchange.#show = watchUdp(tapping, remote, local);
      const answer = await exchange.ask(encodeConnectRequest);
      if (answer.action !== "connect") throw exchange.unexpected(answer);
      exchange.connectionId = answer.connectionId;
      return exchange;
    } catch (error) {
      exchange[Symbol.dispose]();
      throw error;
    }
  }

  /** Sends a packet, again while nothing comes, until its answer is here. */
  async ask(encode: (transactionId: number) => Uint8Array): Promise<UdpReply> {
    const transactionId = crypto.getRandomValues(new Int32Array(1))[0]!;
    const packet = encode(transactionId);
    const answered = Promise.withResolvers<UdpReply>();
    const onMessage = (message: Uint8Array): void => {
      this.#show?.("received", message);
      try {
        const reply = parseUdpReply(message, this.#family);
        if (reply.transactionId === transactionId) answered.resolve(reply);
      } catch {
        // Not an answer to us, whatever it is; the real one may still come.
      }
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = (wait: number): void => {
      this.#show?.("sent", packet);
      this.#socket.send(packet, (error) => {
        if (error) answered.reject(unreachable(this.#url, error));
      });
      timer = setTimeout(send, wait, wait * 2);
    };
    this.#socket.on("message", onMessage);
    const onError = (error: Error): void => answered.reject(unreachable(this.#url, error));
    this.#socket.on("error", onError);
    try {
      send(RESEND_MS);
      return await abortable(answered.promise, this.#signal, this.#url);
    } finally {
      clearTimeout(timer);
      this.#socket.off("message", onMessage);
      this.#socket.off("error", onError);
    }
  }

  /** What to say of an answer to another question, or of an error packet. */
  unexpected(reply: UdpReply): TrackerError {
    return new TrackerError(
      `Tracker ${this.#url}: ` +
        (reply.action === "error" ? reply.message : `it answered with "${reply.action}"`),
    );
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  /** @returns our own end */
  async #connect(port: number, address: string): Promise<{ host: string; port: number }> {
    const connected = Promise.withResolvers<void>();
    this.#socket.once("error", (error) => connected.reject(unreachable(this.#url, error)));
    this.#socket.connect(port, address, () => connected.resolve());
    await connected.promise;
    this.#socket.removeAllListeners("error");
    // Between two questions nobody listens, and an error that nobody hears ends the process.
    this.#socket.on("error", () => {});
    const own = this.#socket.address();
    return { host: own.address, port: own.port };
  }
}

function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

/** Path and query of the tracker's URL, with our display name. ASCII, as all URLs are. */
function urlData(url: string, name: string | undefined): string {
  const { pathname, search } = new URL(url.replace(/^udp:/, "http:"));
  const own = name === undefined ? "" : `vt_name=${percentEncode(new TextEncoder().encode(name))}`;
  const query = [search.slice(1), own].filter((part) => part !== "").join("&");
  const path = pathname === "/" && query === "" ? "" : pathname;
  return query === "" ? path : `${path}?${query}`;
}

/** Waits for `promise` or the end of patience. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal, url: string): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(givenUp(url, signal));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function givenUp(url: string, signal: AbortSignal): TrackerError {
  const isLate = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  return new TrackerError(
    `Cannot reach tracker ${url}: ${isLate ? "no answer in time" : "stopped"}`,
  );
}

function unreachable(url: string, error: Error): TrackerError {
  return new TrackerError(`Cannot reach tracker ${url}: ${error.message}`, { cause: error });
}
