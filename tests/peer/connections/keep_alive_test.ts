import type { Connection } from "../../../peer/connections/connection.ts";
import { keepAlive } from "../../../peer/connections/keep_alive.ts";
import { Peer } from "../../../peer/peers/peer.ts";
import { Bitfield } from "../../../protocol/bitfield.ts";
import { MessageWriter } from "../../../protocol/message_writer.ts";
import { assertEquals } from "../../support/assert.ts";

function peerWith(pieces: Bitfield): Peer {
  const peer = new Peer({
    host: "127.0.0.1",
    port: 6881,
    peerId: new Uint8Array(20),
    source: "manual",
    incoming: false,
    fast: true,
    extended: true,
    client: "test",
    pieceCount: pieces.length,
    now: 0,
  });
  peer.pieces = pieces;
  return peer;
}

/** Why it was closed, looked at once a second until `end` ms. */
function closedAt(peer: Peer, isDone: boolean, end: number): [string, number] | undefined {
  let closed: [string, number] | undefined;
  for (let now = 0; now <= end && closed === undefined; now += 1000) {
    const connection = {
      writer: new MessageWriter(() => {}),
      close: (reason: string) => closed = [reason, now],
    } as unknown as Connection;
    keepAlive(peer, connection, now, isDone);
  }
  return closed;
}

Deno.test("two complete peers part after a while, all others stay", () => {
  assertEquals(closedAt(peerWith(Bitfield.full(5)), true, 60_000), [
    "both are seeds",
    11_000,
  ]);
  assertEquals(closedAt(peerWith(Bitfield.full(5)), false, 60_000), undefined);
  assertEquals(closedAt(peerWith(new Bitfield(5)), true, 60_000), undefined);
  const late = peerWith(Bitfield.full(5));
  late.lastBlockAt = 30_000;
  assertEquals(closedAt(late, true, 60_000), ["both are seeds", 41_000]);
});

Deno.test("two partial seeds part, unless one of them wants something after all (BEP 21)", () => {
  const partial = peerWith(new Bitfield(5));
  partial.uploadOnly = true;
  assertEquals(closedAt(partial, true, 60_000), ["neither is interested", 11_000]);
  assertEquals(closedAt(partial, false, 60_000), undefined);
  partial.peerInterested = true;
  assertEquals(closedAt(partial, true, 60_000), undefined);
});

Deno.test("a peer that says nothing for two minutes is gone", () => {
  assertEquals(closedAt(peerWith(new Bitfield(5)), false, 200_000), [
    "no message for two minutes",
    121_000,
  ]);
});
