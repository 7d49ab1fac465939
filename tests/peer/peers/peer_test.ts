import { requestsOf } from "../../../peer/peers/request_window.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { unchokingPeer } from "../../support/peers.ts";

const BLOCK = 16384;

/** Seconds of `rate` bytes per second, each block `latency` ms after it was asked for. */
function deliver(peer: ReturnType<typeof unchokingPeer>, rate: number, latency: number): void {
  for (let second = 1; second <= 10; second++) {
    for (let sent = 0; sent < rate; sent += BLOCK) {
      const asked = { at: second * 1000 - latency, turn: 0, ahead: 0 };
      peer.onBlock(BLOCK, asked, second * 1000);
    }
    peer.tick();
  }
}

Deno.test("a peer that has sent nothing yet is asked for a few blocks, however long it takes", () => {
  const peer = unchokingPeer(1, 1);
  for (let second = 0; second < 100; second++) peer.tick();
  assertEquals(peer.room, 4);
});

Deno.test("a slow peer is asked for three seconds of what it sends", () => {
  const peer = unchokingPeer(1, 1);
  deliver(peer, 10 * BLOCK, 50);
  assertEquals(peer.window.size, 30);
});

Deno.test("a fast peer near by is asked for 128 blocks, one far away for up to 500", () => {
  const near = unchokingPeer(1, 1);
  deliver(near, 10_000 * BLOCK, 1);
  assertEquals(near.window.size, 128);
  const far = unchokingPeer(2, 1);
  deliver(far, 700 * BLOCK, 120);
  assert(far.window.size > 300 && far.window.size <= 500, `${far.window.size}`);
});

Deno.test("no more is asked for than the peer says it queues (reqq)", () => {
  const peer = unchokingPeer(1, 1);
  deliver(peer, 10_000 * BLOCK, 1);
  peer.maxRequests = 10;
  assertEquals(peer.room, 10);
});

Deno.test("whatever queue a peer announces, it gets at least one request, and at most 500", () => {
  assertEquals([0, 1, 250, 1e9].map(requestsOf), [1, 1, 250, 500]);
});
