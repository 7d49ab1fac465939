/**
 * Whole engines over uTP, and how a peer is reached that TCP does not reach.
 *
 * @module
 */
import type { Transport } from "../../peer/ports.ts";
import { seededRandom } from "../support/random.ts";
import { UtpEndpoint } from "../../peer/utp/utp_socket.ts";
import { call } from "../../peer/connections/outgoing_handshake.ts";
import { dial, TcpError } from "../../peer/connections/tcp.ts";
import type { KnownPeer } from "../../peer/peers/peer_list.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";
import { listenDatagram } from "../../peer/connections/udp.ts";
import { REAL_CLOCK, realWorld } from "../../peer/engine/real_world.ts";

const PIECE = 65536;

for (const encryption of ["allow", "require"] as const) {
  Deno.test(`a file moves over uTP with encryption "${encryption}"`, async () => {
    await using seed = await TestEngine.start({ encryption });
    await using leech = await TestEngine.start({ encryption, utp: "prefer" });
    const bytes = someBytes(40 * PIECE + 123);
    const { torrent } = await seed.engine.share(await seed.put("file", bytes), {
      pieceLength: PIECE,
    });
    await leech.engine.add(torrent, { peers: [addressOf(seed)] });
    await leech.until("torrent-completed");
    assertEquals(await leech.read("file"), bytes);
    for (const { engine } of [seed, leech]) {
      const [peer] = engine.snapshot().torrents[0]!.peers;
      assertEquals(peer?.transport, "utp");
      assertEquals(peer?.protection, encryption === "allow" ? "none" : "rc4");
    }
  });
}

Deno.test("TCP comes first, and alone where uTP is off", async () => {
  for (const utp of ["allow", "off"] as const) {
    await using seed = await TestEngine.start();
    await using leech = await TestEngine.start({ utp });
    const bytes = someBytes(4 * PIECE);
    const { torrent } = await seed.engine.share(await seed.put("file", bytes), {
      pieceLength: PIECE,
    });
    await leech.engine.add(torrent, { peers: [addressOf(seed)] });
    await leech.until("torrent-completed");
    assertEquals(leech.engine.snapshot().torrents[0]!.peers[0]?.transport, "tcp");
  }
});

Deno.test("call() goes over uTP where TCP gets no answer, or is refused", async () => {
  const tried: Transport[] = [];
  const own = {
    infoHash: new Uint8Array(20),
    peerId: new Uint8Array(20),
    fast: true,
    extended: true,
    dht: false,
  };
  const reach = (kind: TcpError["kind"]) => {
    tried.length = 0;
    const known: KnownPeer = {
      host: "192.0.2.1",
      port: 1,
      source: "manual",
      failures: 0,
      retryAt: 0,
      state: "dialing",
    };
    const dial = (_host: string, _port: number, _signal: AbortSignal, transport?: Transport) => {
      tried.push(transport!);
      return Promise.reject(new TcpError(kind, "no"));
    };
    const { signal } = new AbortController();
    return call(
      { ...realWorld(), dial, encryption: "allow", utp: "allow" },
      known,
      own as never,
      signal,
    );
  };
  await assertRejects(() => reach("other"), TcpError);
  assertEquals(tried, ["tcp", "utp"]);
  await assertRejects(() => reach("refused"), TcpError);
  assertEquals(tried, ["tcp", "utp"]);
});

Deno.test("a peer that speaks uTP alone, behind a port that takes TCP and hangs up, is reached", async () => {
  await using seed = await TestEngine.start({ sources: { tracker: false } });
  const { infoHash } = await seed.engine.share(await seed.put("file", someBytes(PIECE)));
  const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const hangUp = (async () => {
    for await (const conn of tcp) conn.close();
  })();
  const calls = new UtpEndpoint({
    host: "127.0.0.1",
    port: 0,
    clock: REAL_CLOCK,
    listenDatagram,
    random: seededRandom(3),
    onCall: (socket) => socket[Symbol.dispose](),
  });
  const own = {
    infoHash: Uint8Array.fromHex(infoHash),
    peerId: someBytes(20, 5),
    fast: true,
    extended: true,
    dht: false,
  };
  const known: KnownPeer = {
    host: "127.0.0.1",
    port: seed.engine.port,
    source: "tracker",
    failures: 0,
    retryAt: 0,
    state: "dialing",
  };
  const { signal } = new AbortController();
  const dialed = (host: string, port: number, signal: AbortSignal, transport?: Transport) =>
    transport === "utp" ? calls.dial(host, port, signal) : dial("127.0.0.1", tcp.addr.port, signal);
  const reached = await call(
    { ...realWorld(), dial: dialed, encryption: "allow", utp: "allow" },
    known,
    own as never,
    signal,
  );
  assertEquals([reached.connection.transport, known.way?.transport], ["utp", "utp"]);
  reached.connection.close("enough");
  await calls[Symbol.asyncDispose]();
  tcp.close();
  await hangUp;
});
