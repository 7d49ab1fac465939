import { encodeHandshake } from "../../protocol/mod.ts";
import { type Capture, NO_CAPTURE } from "../../lab/grade/capture.ts";
import { Random } from "../../lab/grade/random.ts";
import { ScriptedPeer } from "../../lab/grade/scripted_peer.ts";
import { makeTorrent } from "../../lab/grade/torrents.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";

const torrent = makeTorrent(new Random(7));
const ID = new TextEncoder().encode("-GR0001-abcdefghijkl");

/** A probe that only counts connections. */
function host() {
  let connections = 0;
  const capture: Capture = NO_CAPTURE;
  return {
    ...{ capture, now: () => 0, fairTime: 0, stir: () => {}, nextConnection: () => ++connections },
    broke: (error: unknown) => {
      throw error;
    },
  };
}

/** Says `bytes`, and how many bytes came back until the peer hung up or answered with a handshake. */
async function call(peer: ScriptedPeer, bytes: Uint8Array): Promise<number> {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port: peer.port });
  for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
  const buffer = new Uint8Array(1000);
  let count = 0;
  while (count < 68) {
    const more = await socket.read(buffer).catch(() => null);
    if (more === null) return count;
    count += more;
  }
  return count;
}

const handshake = encodeHandshake({
  ...{ infoHash: torrent.infoHash, peerId: ID, fast: false, extended: false, dht: false },
});

Deno.test("a client that begins encrypted is hung up on, and right once it speaks plainly", async () => {
  await using peer = new ScriptedPeer(torrent, ID, {}, host());
  assertEquals(await call(peer, new Random(1).bytes(300)), 0);
  // Nothing plain has come so far.
  assertEquals([peer.allFaults().length, peer.wasMetEncrypted], [1, false]);
  assertMatch(peer.allFaults()[0]!.seen, /first bytes are no BitTorrent handshake/);
  assertEquals(await call(peer, handshake) >= 68, true);
  assertEquals([peer.allFaults(), peer.wasMetEncrypted], [[], true]);
  assertEquals(peer.connections.length, 1);
});

Deno.test("first bytes that are no handshake and not encrypted are a fault for good", async () => {
  const wrong = handshake.slice();
  wrong[0] = 0x14;
  const text = new TextEncoder().encode(JSON.stringify({ hello: "peer", pieces: [1, 2, 3] }));
  for (const bytes of [wrong, text]) {
    await using peer = new ScriptedPeer(torrent, ID, {}, host());
    const waiting = call(peer, bytes);
    while (peer.faults.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await peer[Symbol.asyncDispose]();
    await waiting;
    assertEquals([peer.faults.length, peer.wasMetEncrypted], [1, false]);
  }
});
