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
import { parseIp } from "../../protocol/address.ts";
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

/** Answers what comes in at `socket` until it is closed. */
export async function serveUdp(socket: Deno.DatagramConn, service: TrackerService): Promise<void> {
  const keyedHash = newKeyedHash();
  const timer = new SampledTimer();
  const buffer = new Uint8Array(MAX_REQUEST);
  for (let errors = 0; errors < MAX_ERRORS;) {
    for (let turn; (turn = loopTurns.dueNowAndThen()) !== undefined;) await turn;
    let from: Deno.NetAddr;
    let packet: Uint8Array;
    try {
      [packet, from] = await socket.receive(buffer) as [Uint8Array, Deno.NetAddr];
      errors = 0;
    } catch (error) {
      if (isClosed(error)) return;
      errors++; // some systems report here that an earlier reply reached nobody
      continue;
    }
    const fault = (error: unknown): void =>
      service.failed(from.hostname, faultSentence(error), "internal");
    let reply: MaybePromise<Uint8Array | undefined>;
    try {
      reply = answer(packet, from.hostname, service, keyedHash, timer);
    } catch (error) {
      // A request that we make nothing of ends nobody's service.
      fault(error);
      continue;
    }
    // What has to wait for the store must not keep others waiting.
    if (reply instanceof Promise) reply.then((known) => send(socket, known, from)).catch(fault);
    else if (!await send(socket, reply, from)) return;
  }
  service.failed("udp", "the UDP port does not receive any more", "internal");
}

/** Sends a reply, if there is one; false where the socket is closed. */
async function send(
  socket: Deno.DatagramConn,
  reply: Uint8Array | undefined,
  to: Deno.NetAddr,
): Promise<boolean> {
  if (reply === undefined) return true;
  try {
    await socket.send(reply, to);
  } catch (error) {
    // Else nobody can be reached at that address: nothing to do, and nobody to tell.
    if (isClosed(error)) return false;
  }
  return true;
}

/** What to send back to `remote`, if anything. */
function answer(
  packet: Uint8Array,
  remote: string,
  service: TrackerService,
  keyedHash: KeyedHash,
  timer: SampledTimer,
): MaybePromise<Uint8Array | undefined> {
  const request = parseUdpRequest(packet);
  const address = parseIp(remote);
  if (request === undefined || address === undefined) return undefined;
  const { transactionId } = request;
  const now = Date.now();
  if (request.action === "connect") {
    return encodeConnectReply(transactionId, connectionId(address, now, keyedHash));
  }
  if (!isConnectionId(request.connectionId, address, now, keyedHash)) {
    // Header and text: 29 bytes, fewer than any announce (98) or scrape (36) has.
    return request.action === "invalid" ? undefined : encodeUdpError(transactionId, UNPROVEN);
  }
  const start = timer.start();
  const reply = recovering(() => respond(request, address, remote, service), (error) => {
    if (!(error instanceof TrackerError)) {
      service.failed(remote, faultSentence(error), "internal");
      return encodeUdpError(transactionId, "internal error");
    }
    service.failed(remote, error.message, "refused");
    return encodeUdpError(transactionId, error.message);
  });
  return whenAnswered(reply, (known) => {
    service.took("udp", timer.seconds(start));
    return known;
  });
}

/** The reply to who has proved its address. @throws {TrackerError} */
function respond(
  asked: Exclude<UdpRequest, { action: "connect" }>,
  address: Uint8Array,
  remote: string,
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
        service.scrape(asked.infoHashes, remote),
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
