/**
 * Private torrents (BEP 27): not one packet about them leaves an engine that has everything on.
 *
 * @module
 */
import { openPort } from "../../peer/dht/datagram_port.ts";
import { DhtNode } from "../../peer/dht/node.ts";
import { LsdSockets } from "../../peer/discovery/lsd_sockets.ts";
import { parseExtensionHandshake } from "../../protocol/extension_message.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";
import { listenDatagram } from "../../peer/connections/udp.ts";
import { REAL_CLOCK } from "../../peer/engine/real_world.ts";

Deno.test("DHT, LSD and peer exchange say nothing of a private torrent", async () => {
  const inDht: string[] = [];
  const inLan: string[] = [];
  await using node = new DhtNode({
    family: 4,
    open: (hear) =>
      openPort({ host: "127.0.0.1", port: 0, maxLength: 4096, listenDatagram }, (bytes, from) => {
        inDht.push(bytes.toHex());
        hear(bytes, from);
      }),
    clock: REAL_CLOCK,
    random: Math.random,
  });
  await using _lan = await LsdSockets.open("127.0.0.1", (bytes) => {
    inLan.push(new TextDecoder("latin1").decode(bytes).toLowerCase());
  });
  await using engine = await TestEngine.start({
    sources: { dht: "on", lsd: true, pex: true },
    dhtBootstrap: [{ host: "127.0.0.1", port: node.port }],
  });
  const secret = await engine.engine.share(await engine.put("secret", someBytes(50_000, 1)), {
    private: true,
  });
  const open = await engine.engine.share(await engine.put("open", someBytes(50_000, 2)));

  /** Everything that a peer of a torrent is told. */
  const toldBy = async (infoHash: string) => {
    using peer = await FakePeer.connect(engine.engine.port);
    const theirs = await peer.handshake(Uint8Array.fromHex(infoHash), { extended: true });
    const extended = await peer.hearUntil("extended");
    assert(extended?.type === "extended");
    const { messages } = parseExtensionHandshake(extended.payload);
    return { dht: theirs?.dht, pex: (messages["ut_pex"] ?? 0) > 0 };
  };
  assertEquals(await toldBy(open.infoHash), { dht: true, pex: true });
  assertEquals(await toldBy(secret.infoHash), { dht: false, pex: false });

  // The public one, beside it in every round, shows that all of them came to pass.
  await engine.when(
    () =>
      inDht.some((packet) => packet.includes(open.infoHash)) &&
      inLan.some((packet) => packet.includes(open.infoHash)),
    "the public torrent in the DHT and the local network",
  );
  await engine.engine[Symbol.asyncDispose]();
  for (const packet of [...inDht, ...inLan]) assert(!packet.includes(secret.infoHash));
});
