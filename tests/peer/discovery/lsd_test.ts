import { encodeLsd, LSD_GROUPS, LSD_PORT, parseMagnet } from "../../../protocol/mod.ts";
import { assertEquals } from "../../support/assert.ts";
import { someBytes, TestEngine } from "../../support/swarm.ts";

/** Who listens on 127.0.0.1 speaks and hears there only. */
const LSD = { sources: { lsd: true } };

Deno.test("peers of one network find each other without a tracker (BEP 14)", async () => {
  await using seed = await TestEngine.start(LSD);
  await using leech = await TestEngine.start(LSD);
  const { torrent } = await seed.engine.share(await seed.put("lsd", someBytes(100_000, 14)));
  await leech.engine.add(torrent);
  await leech.until("torrent-completed");
  // Both hear of each other, and either may call.
  const found = await leech.when(
    () =>
      [...leech.events, ...seed.events].find((event) =>
        event.event === "peer-connected" && event.source === "lsd"
      ),
    "a peer heard of by multicast",
  );
  assertEquals(found.event, "peer-connected");
});

Deno.test("a magnet link alone is enough in a local network", async () => {
  await using seed = await TestEngine.start(LSD);
  await using leech = await TestEngine.start(LSD);
  const { infoHash } = await seed.engine.share(await seed.put("lsd", someBytes(100_000, 15)));
  leech.engine.addMagnet(parseMagnet(`magnet:?xt=urn:btih:${infoHash}`));
  await leech.until("torrent-completed");
});

Deno.test("private torrents are neither announced nor looked for (BEP 27)", async () => {
  await using seed = await TestEngine.start(LSD);
  await using other = await TestEngine.start(LSD);
  const secret = await seed.engine.share(await seed.put("secret", someBytes(100_000, 16)), {
    private: true,
  });
  const open = await seed.engine.share(await seed.put("open", someBytes(100_000, 17)));
  await other.engine.add(secret.torrent);
  await other.engine.add(open.torrent);
  // Announced in one packet if at all; and somebody else announces both.
  await other.until("torrent-completed", ({ infoHash }) => infoHash === open.infoHash);
  using socket = Object.assign(
    Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0, loopback: true }),
    { [Symbol.dispose]: () => socket.close() },
  );
  const infoHashes = [secret, open].map(({ infoHash }) => Uint8Array.fromHex(infoHash));
  await socket.send(
    encodeLsd({ infoHashes, port: seed.engine.port, cookie: "another" }, 4),
    { transport: "udp", hostname: LSD_GROUPS[4], port: LSD_PORT },
  );
  await other.engine[Symbol.asyncDispose]();
  assertEquals(
    other.events.filter(({ event, infoHash }) =>
      event === "peer-connected" && infoHash === secret.infoHash
    ),
    [],
  );
});
