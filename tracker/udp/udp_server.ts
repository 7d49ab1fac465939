/**
 * The tracker over UDP (BEP 15, with the URL data of BEP 41).
 *
 * The sender's address of a packet can be forged, so nothing longer than the request goes out
 * before the connection ID has proved that the sender receives what is sent there; and what is no
 * request at all gets no answer.
 *
 * @module
 */
import { NAME_LIMIT } from "../../protocol/announce.ts";
import { formatIp, parseIp } from "../../protocol/address.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { faultSentence } from "../../protocol/fault.ts";
import { QueryReader } from "../../protocol/query.ts";
import {
  encodeConnectReply,
  encodeUdpAnnounceReply,
  encodeUdpError,
  encodeUdpScrapeReply,
  parseUdpRequest,
  type UdpRequest,
} from "../../protocol/udp_tracker_packet.ts";
import { loopTurns } from "../../loop/process_loop.ts";
import { type MaybePromise, recovering, whenAnswered } from "../contract/maybe_promise.ts";
import { connectionId, isConnectionId, type KeyedHash } from "./connection_id.ts";
import type { DatagramBatch } from "./datagram_batch.ts";
import { sipHash } from "./siphash.ts";
import type { TrackerService } from "../contract/ports.ts";
import { SampledTimer } from "../contract/sampled_timer.ts";
import { startError } from "../contract/start_error.ts";

/** Room for a request: the longest sensible one is a scrape of 70 torrents, 1416 bytes. */
const MAX_REQUEST = 2048;
/** Most peers in a reply: with 74 of IPv6 it has 1352 bytes and still fits one packet. */
const MAX_PEERS = 74;
/** Receiving failed this often in a row: the socket is gone for good. */
const MAX_ERRORS = 100;
/** Shorter than any announce or scrape without its header, so that the reply is shorter too. */
const UNPROVEN = "connection ID expired";

/** A UDP port, not yet served. @throws {TrackerStartError} */
export function openUdp(options: { host: string; port: number }): Deno.DatagramConn {
  const { host, port } = options;
  try {
    return Deno.listenDatagram({ transport: "udp", hostname: host, port });
  } catch (error) {
    throw startError(error, host, `UDP port ${port}`);
  }
}

/**
 * Answers what comes in at `socket` until it is closed.
 *
 * @param batch for many datagrams in one system call; is free again afterwards
 */
export async function serveUdp(
  socket: Deno.DatagramConn,
  service: TrackerService,
  batch?: DatagramBatch,
): Promise<void> {
  if (!batch?.attach(socket)) return await new UdpServer(socket, service).serve();
  try {
    await new UdpServer(socket, service, batch).serve();
  } finally {
    batch.detach();
  }
}

class UdpServer {
  readonly #socket: Deno.DatagramConn;
  readonly #service: TrackerService;
  readonly #batch: DatagramBatch | undefined;
  readonly #keyedHash = newKeyedHash();
  readonly #timer = new SampledTimer();

  constructor(
    socket: Deno.DatagramConn,
    service: TrackerService,
    batch?: DatagramBatch,
  ) {
    this.#socket = socket;
    this.#service = service;
    this.#batch = batch;
  }

  async serve(): Promise<void> {
    const buffer = new Uint8Array(MAX_REQUEST);
    for (let errors = 0; errors < MAX_ERRORS;) {
      for (let turn; (turn = loopTurns.dueNowAndThen()) !== undefined;) await turn;
      let from: Deno.NetAddr;
      let packet: Uint8Array;
      try {
        [packet, from] = await this.#socket.receive(buffer) as [Uint8Array, Deno.NetAddr];
        errors = 0;
      } catch (error) {
        if (isClosed(error)) return;
        errors++; // some systems report here that an earlier reply reached nobody
        continue;
      }
      const address = parseIp(from.hostname);
      if (address === undefined) continue;
      const reply = this.#answer(packet, address);
      // What has to wait for the store must not keep others waiting.
      if (reply instanceof Promise) this.#sendLater(reply, from);
      else if (reply !== undefined && !await this.#send(reply, from)) return;
      if (this.#batch !== undefined && !await this.#answerWaiting(this.#batch)) return;
    }
    this.#service.failed("udp", "the UDP port does not receive any more", "internal");
  }

  /**
   * Answers what came in meanwhile, many at a time, until nothing is left or others' turn of the loop
   * has come; false where the socket is closed.
   */
  async #answerWaiting(batch: DatagramBatch): Promise<boolean> {
    while (loopTurns.due() === undefined) {
      const count = batch.receive();
      for (let i = 0; i < count; i++) {
        const reply = this.#answer(batch.packet(i), batch.address(i));
        if (reply instanceof Promise) this.#sendLater(reply, batch.sender(i));
        else if (reply !== undefined) batch.reply(i, reply);
      }
      for (const { reply, to } of batch.send()) {
        if (!await this.#send(reply, to)) return false;
      }
      if (!batch.isFull(count)) break;
    }
    return true;
  }

  /** Sends a reply; false where the socket is closed. */
  async #send(reply: Uint8Array, to: Deno.NetAddr): Promise<boolean> {
    try {
      await this.#socket.send(reply, to);
    } catch (error) {
      // Else nobody can be reached at that address: nothing to do, and nobody to tell.
      if (isClosed(error)) return false;
    }
    return true;
  }

  #sendLater(reply: Promise<Uint8Array | undefined>, to: Deno.NetAddr): void {
    reply.then((known) => known && this.#send(known, to))
      .catch((error) => this.#fault(to.hostname, error));
  }

  #fault(remote: string, error: unknown): void {
    this.#service.failed(remote, faultSentence(error), "internal");
  }

  /** What to send back to `address` (4 or 16 bytes), if anything. */
  #answer(packet: Uint8Array, address: Uint8Array): MaybePromise<Uint8Array | undefined> {
    try {
      return this.#answerTo(packet, address);
    } catch (error) {
      // A request that we make nothing of ends nobody's service.
      this.#fault(formatIp(address), error);
      return undefined;
    }
  }

  #answerTo(packet: Uint8Array, address: Uint8Array): MaybePromise<Uint8Array | undefined> {
    const request = parseUdpRequest(packet);
    if (request === undefined) return undefined;
    const { transactionId } = request;
    const now = Date.now();
    if (request.action === "connect") {
      return encodeConnectReply(transactionId, connectionId(address, now, this.#keyedHash));
    }
    if (!isConnectionId(request.connectionId, address, now, this.#keyedHash)) {
      // Header and text: 29 bytes, fewer than any announce (98) or scrape (36) has.
      return request.action === "invalid" ? undefined : encodeUdpError(transactionId, UNPROVEN);
    }
    const start = this.#timer.start();
    const reply = recovering(() => respond(request, address, this.#service), (error) => {
      const remote = formatIp(address);
      if (!(error instanceof TrackerError)) {
        this.#fault(remote, error);
        return encodeUdpError(transactionId, "internal error");
      }
      this.#service.failed(remote, error.message, "refused");
      return encodeUdpError(transactionId, error.message);
    });
    return whenAnswered(reply, (known) => {
      this.#service.took("udp", this.#timer.seconds(start));
      return known;
    });
  }
}

/** The reply to who has proved its address. @throws {TrackerError} */
function respond(
  asked: Exclude<UdpRequest, { action: "connect" }>,
  address: Uint8Array,
  service: TrackerService,
): MaybePromise<Uint8Array> {
  const { transactionId } = asked;
  switch (asked.action) {
    case "announce": {
      const { request } = asked;
      const name = nameIn(asked.urlData);
      if (name !== undefined) request.name = name;
      request.numwant = Math.min(request.numwant, MAX_PEERS);
      return whenAnswered(service.announce(request, address), (reply) => {
        const { interval, seeders, leechers, peers4, peers6 } = reply;
        // BEP 15: a reply has peers of the asker's own kind of address only.
        const peers = address.length === 4 ? peers4 : peers6;
        return encodeUdpAnnounceReply(transactionId, { interval, seeders, leechers, peers });
      });
    }
    case "scrape":
      return whenAnswered(
        service.scrape(asked.infoHashes, formatIp(address)),
        (entries) => encodeUdpScrapeReply(transactionId, entries),
      );
    case "invalid":
      throw new TrackerError(asked.reason);
  }
}

/** A vtorrent peer's display name in path and query of the URL that it announces to. */
function nameIn(urlData: string): string | undefined {
  const start = urlData.indexOf("?") + 1;
  if (start === 0) return undefined;
  const reader = new QueryReader(new TextEncoder().encode(urlData), start);
  while (reader.next()) {
    if (reader.key === "vt_name") return reader.text(NAME_LIMIT) || undefined;
  }
  return undefined;
}

/** Behind a key that lives as long as the server. */
function newKeyedHash(): KeyedHash {
  const key = crypto.getRandomValues(new Uint8Array(16));
  return (message) => sipHash(message, key);
}

function isClosed(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
}
