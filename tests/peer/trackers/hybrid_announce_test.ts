/**
 * A hybrid is in two swarms (BEP 52): what a tracker says of one does not wait for the other.
 *
 * @module
 */
import type { AnnounceReply, AnnounceRequest } from "../../../protocol/announce.ts";
import { TrackerError } from "../../../protocol/errors.ts";
import {
  encodeConnectReply,
  encodeUdpAnnounceReply,
} from "../../../protocol/udp_tracker_packet.ts";
import { createTorrent } from "../../../peer/mod.ts";
import type { TrackerPort } from "../../../peer/ports.ts";
import { announceToSwarms } from "../../../peer/trackers/hybrid_announce.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";
import { udpTracker } from "../../support/udp.ts";
import { REAL_CLOCK } from "../../../peer/engine/real_world.ts";

const V1 = new Uint8Array(20).fill(1);
const V2 = new Uint8Array(20).fill(2);
const REQUEST: Omit<AnnounceRequest, "infoHash"> = {
  peerId: new Uint8Array(20),
  port: 1,
  uploaded: 0,
  downloaded: 0,
  left: 1,
  event: "started",
  numwant: 50,
  key: 0,
  compact: true,
  noPeerId: true,
};

function told(seeders: number, ...ports: number[]): AnnounceReply {
  return { interval: 60, seeders, peers: ports.map((port) => ({ host: "127.0.0.1", port })) };
}

/** A tracker that answers for each swarm when its promise does. */
function trackerOf(v1: Promise<AnnounceReply>, v2: Promise<AnnounceReply>): TrackerPort {
  return {
    announce: (_url, { infoHash }) => infoHash[0] === 1 ? v1 : v2,
    scrape: () => Promise.resolve([]),
  };
}

function announce(tracker: TrackerPort, onReply?: (reply: AnnounceReply) => void) {
  const { signal } = new AbortController();
  return announceToSwarms(tracker, "", [V1, V2], REQUEST, {
    signal,
    clock: REAL_CLOCK,
    ...(onReply && { reply: onReply }),
  });
}

Deno.test("a swarm that is silent holds up neither peers nor the announce, and counts when it comes", async () => {
  for (const isV1Late of [false, true]) {
    const late = Promise.withResolvers<AnnounceReply>();
    const prompt = Promise.resolve(told(3, 10, 11));
    const heard: number[] = [];
    const tracker = isV1Late ? trackerOf(late.promise, prompt) : trackerOf(prompt, late.promise);
    const { reply, whole } = await announce(
      tracker,
      ({ peers }) => heard.push(...peers.map(({ port }) => port)),
    );
    assertEquals([reply.seeders, heard], [3, [10, 11]]);
    late.resolve(told(5, 11, 12));
    assertEquals((await whole).seeders, 5);
    assertEquals(heard, [10, 11, 11, 12]);
  }
});

Deno.test("swarms that answer together are told as one", async () => {
  const { reply } = await announce(
    trackerOf(Promise.resolve(told(3, 10, 11)), Promise.resolve(told(5, 11, 12))),
  );
  assertEquals(reply, told(5, 10, 11, 12));
});

Deno.test("a tracker that takes one of the swarms will do, one that takes none fails", async () => {
  const refusal = () => Promise.reject(new TrackerError("no"));
  const { reply } = await announce(trackerOf(refusal(), Promise.resolve(told(1))));
  assertEquals(reply, told(1));
  await assertRejects(() => announce(trackerOf(refusal(), refusal())), TrackerError, "no");
});

Deno.test("a UDP tracker that is silent for one hash of a hybrid: its peers are called at once", async () => {
  await using seed = await TestEngine.start();
  await using leech = await TestEngine.start();
  const path = await seed.put("file", someBytes(100_000));
  const { infoHash } = await seed.engine.share(path, { kind: "hybrid" });
  const { bytes } = await createTorrent({ path, kind: "hybrid" });
  const { port } = addressOf(seed);
  /** Announces that were not answered. */
  let unanswered = 0;
  await using tracker = await udpTracker((request) => {
    const { transactionId } = request;
    if (request.action === "connect") return [encodeConnectReply(transactionId, 99n)];
    if (request.action !== "announce") return [];
    if (request.request.infoHash.toHex() !== infoHash) {
      unanswered++;
      return [];
    }
    const peers = Uint8Array.of(127, 0, 0, 1, port >> 8, port & 255);
    const counts = { interval: 60, seeders: 1, leechers: 1 };
    return [encodeUdpAnnounceReply(transactionId, { ...counts, peers })];
  });
  await leech.engine.add(bytes, { trackers: [[tracker.url]] });
  await leech.until("torrent-completed");
  // It is asked again after 2, 4 and 8 s.
  assert(unanswered <= 2, `${unanswered} announces were not answered before it was complete`);
});
