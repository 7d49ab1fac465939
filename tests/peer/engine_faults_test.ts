/**
 * Faults that are no torrent's: whoever listens, listens in, calls or is found may make us throw, and
 * all torrents go on.
 *
 * @module
 */
import { IncomingHandshakes } from "../../peer/connections/incoming_handshake.ts";
import { HaveBatch } from "../../peer/torrent/have_batch.ts";
import { openPort } from "../../peer/dht/datagram_port.ts";
import { Connection } from "../../peer/connections/connection.ts";
import { DhtNode } from "../../peer/dht/node.ts";
import { FileStore } from "../../peer/storage/file_store.ts";
import { LsdSockets } from "../../peer/discovery/lsd_sockets.ts";
import { UtpEndpoint } from "../../peer/utp/utp_socket.ts";
import { BackgroundTasks } from "../../peer/background_tasks.ts";
import { LsdSchedule } from "../../peer/discovery/lsd_schedule.ts";
import { RateLimit } from "../../peer/rate/rate_limit.ts";
import { RoundRobin } from "../../peer/rate/round_robin.ts";
import type { MagnetTorrent } from "../../peer/magnet/magnet_torrent.ts";
import type { Tap } from "../../peer/mod.ts";
import type { Socket } from "../../peer/ports.ts";
import { encodeLsd, LSD_GROUPS, LSD_PORT } from "../../protocol/lsd.ts";
import { parseMagnet } from "../../protocol/magnet.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../support/assert.ts";
import { meeting, plant, Planted } from "../support/planted.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";
import { udpSocket } from "../support/udp.ts";
import { listenDatagram } from "../../peer/connections/udp.ts";
import { REAL_CLOCK } from "../../peer/engine/real_world.ts";

const PIECE = 16384;

function throwing(): never {
  throw new Planted();
}

/** A transfer from one peer to another, with what is planted in the second one. */
async function transfer(planting: (leech: TestEngine) => Disposable | void): Promise<unknown[]> {
  const faults: unknown[] = [];
  await using seed = await TestEngine.start({ onFault: () => {} });
  await using leech = await TestEngine.start({ onFault: (fault) => void faults.push(fault) });
  const bytes = someBytes(20 * PIECE);
  const { torrent } = await seed.engine.share(await seed.put("f", bytes), { pieceLength: PIECE });
  const planted = planting(leech);
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("torrent-completed");
  assertEquals(await leech.read("f"), bytes);
  await leech.when(() => faults.length > 0, "the fault to be told");
  planted?.[Symbol.dispose]();
  assert(faults.every((fault) => fault instanceof Planted));
  return faults;
}

Deno.test("a listener that throws hinders no transfer, and the others hear everything", async () => {
  await transfer(({ engine }) => engine.subscribe(throwing));
});

Deno.test("a tap that throws is taken out, and told of once", async () => {
  const tap: Tap = { wire: throwing, link: throwing, chose: throwing, tracker: throwing };
  const faults = await transfer(({ engine }) => void (engine.tap = tap));
  assertEquals(faults.length, 1);
});

Deno.test("an error every second in the engine's own work hinders no torrent", async () => {
  await transfer(() => plant(IncomingHandshakes.prototype, "tick"));
});

Deno.test("one link's fault ends that link, another one completes", async (t) => {
  const plants: Record<string, (magnet: MagnetTorrent) => Disposable> = {
    "peers are called": ({ connections }) => plant(connections.peerList, "next"),
    "a call got through": ({ connections }) => plant(connections.peerList, "connected"),
    "a tracker is due": ({ announces }) => plant(announces, "tick"),
    "files are opened": () => {
      const { open } = FileStore;
      FileStore.open = (options) =>
        options.files[0]!.path === "bad" ? Promise.reject(new Planted()) : open(options);
      return { [Symbol.dispose]: () => void (FileStore.open = open) };
    },
  };
  for (const [where, planting] of Object.entries(plants)) {
    await t.step(where, async () => {
      await using seed = await TestEngine.start();
      const faults: unknown[] = [];
      await using leech = await TestEngine.start({ onFault: (fault) => void faults.push(fault) });
      const share = async (name: string, n: number) =>
        await seed.engine.share(await seed.put(name, someBytes(9 * PIECE, n)), {
          pieceLength: PIECE,
        });
      const [bad, good] = [await share("bad", 1), await share("good", 2)];
      const link = (infoHash: string) => ({
        ...parseMagnet(`magnet:?xt=urn:btih:${infoHash}`),
        peers: [addressOf(seed)],
      });
      let planted: Disposable | undefined;
      {
        using _ = meeting((one) => {
          if (one.infoHash === bad.infoHash && "connections" in one) planted ??= planting(one);
        });
        leech.engine.addMagnet(link(bad.infoHash));
        const { reason } = await leech.until("torrent-state", ({ state }) => state === "error");
        assertMatch(reason!, /^internal error: planted \([\w.]+:\d+:\d+\); please report it$/);
      }
      leech.engine.addMagnet(link(good.infoHash));
      await leech.until("torrent-completed", ({ name }) => name === "good");
      planted![Symbol.dispose]();
      leech.engine.resume(bad.infoHash);
      leech.engine.addPeer(bad.infoHash, addressOf(seed));
      await leech.until("torrent-completed", ({ name }) => name === "bad");
      assertEquals(faults, []);
    });
  }
});

Deno.test("a DHT node hears on after more faults than a socket may have errors", async () => {
  const faults: unknown[] = [];
  let hear: Parameters<typeof openPort>[1] | undefined;
  await using node = new DhtNode({
    family: 4,
    open: (onDatagram) =>
      openPort({ host: "127.0.0.1", port: 0, maxLength: 4096, listenDatagram }, hear = onDatagram),
    clock: REAL_CLOCK,
    random: Math.random,
    onFault: (fault) => void faults.push(fault),
  });
  await using asker = new DhtNode({
    family: 4,
    open: (onDatagram) =>
      openPort({ host: "127.0.0.1", port: 0, maxLength: 4096, listenDatagram }, onDatagram),
    clock: REAL_CLOCK,
    random: Math.random,
  });
  const query = new TextEncoder().encode(
    "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe",
  );
  Object.defineProperty(node, "family", { configurable: true, get: throwing });
  for (let n = 0; n < 1500; n++) hear!(query, { host: "127.0.0.1", port: 1000 + n });
  Object.defineProperty(node, "family", { value: 4 });
  assert(faults.length > 1000 && faults.every((fault) => fault instanceof Planted));
  assert(await asker.ping({ host: "127.0.0.1", port: node.port }));
});

Deno.test("a lookup ends although the answers make it throw", async () => {
  const faults: unknown[] = [];
  const start = () =>
    new DhtNode({
      family: 4,
      open: (onDatagram) =>
        openPort({ host: "127.0.0.1", port: 0, maxLength: 4096, listenDatagram }, onDatagram),
      clock: REAL_CLOCK,
      random: Math.random,
      onFault: (fault) => void faults.push(fault),
    });
  await using one = start();
  await using other = start();
  const at = ({ port }: DhtNode) => ({ host: "127.0.0.1", port });
  const infoHash = crypto.getRandomValues(new Uint8Array(20));
  assert(await one.ping(at(other)));
  await one.announce(await one.lookup(infoHash, () => {}), infoHash, 6881);
  await one.lookup(infoHash, throwing);
  await one[Symbol.asyncDispose]();
  assert(faults.length > 0 && faults.every((fault) => fault instanceof Planted));
});

Deno.test("a uTP port goes on after faults of whoever it calls", async () => {
  const faults: unknown[] = [];
  const open = (onCall: (socket: Socket) => void) =>
    new UtpEndpoint({
      host: "127.0.0.1",
      port: 0,
      clock: REAL_CLOCK,
      listenDatagram,
      random: Math.random,
      onCall,
      onFault: (fault) => void faults.push(fault),
    });
  let called: (socket: Socket) => void = throwing;
  await using one = open((socket) => called(socket));
  await using other = open(() => {});
  one.onStranger = throwing;
  using stranger = udpSocket();
  await stranger.send(new TextEncoder().encode("d1:y1:qe"), {
    transport: "udp",
    hostname: "127.0.0.1",
    port: one.port,
  });
  const signal = AbortSignal.timeout(10_000);
  // Whoever calls first is not let in.
  const [first] = await Promise.allSettled([other.dial("127.0.0.1", one.port, signal)]);
  if (first.status === "fulfilled") {
    await first.value.write(new Uint8Array(1));
    first.value[Symbol.dispose]();
  }
  while (faults.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  assert(faults.every((fault) => fault instanceof Planted));
  const taken = Promise.withResolvers<Socket>();
  called = (socket) => taken.resolve(socket);
  using second = await other.dial("127.0.0.1", one.port, signal);
  await second.write(new Uint8Array([7]));
  using socket = await taken.promise;
  const into = new Uint8Array(8);
  assertEquals([await socket.read(into), into[0]], [1, 7]);
});

Deno.test("local discovery goes on after packets and rounds that make it throw", async () => {
  const faults: unknown[] = [];
  const onFault = (fault: unknown) => void faults.push(fault);
  const lsd = { sources: { lsd: true }, onFault };
  await using seed = await TestEngine.start(lsd);
  await using leech = await TestEngine.start(lsd);
  const share = async (name: string, n: number) =>
    await seed.engine.share(await seed.put(name, someBytes(5 * PIECE, n)), { pieceLength: PIECE });
  const { torrent } = await share("it", 1);
  {
    using _ = plant(LsdSchedule.prototype, "mayHear");
    using __ = plant(LsdSockets.prototype, "send");
    await leech.engine.add(torrent);
    // Both a packet of another and our own that cannot be sent.
    const packet = encodeLsd({ infoHashes: [new Uint8Array(20)], port: 1, cookie: "x" }, 4);
    using socket = udpSocket();
    const to = { transport: "udp", hostname: LSD_GROUPS[4], port: LSD_PORT } as const;
    await leech.when(() => {
      void socket.send(packet, to).catch(() => {});
      return faults.length >= 4;
    }, "faults");
  }
  assert(faults.every((fault) => fault instanceof Planted));
  // Announced again when something new is here.
  await leech.engine.add((await share("more", 2)).torrent);
  await leech.until("torrent-completed", ({ name }) => name === "more");
});

Deno.test("an error when output has drained ends the connection, and its torrent learns of it", async () => {
  const read = Promise.withResolvers<null>();
  const socket: Socket = {
    remote: { host: "127.0.0.1", port: 1 },
    read: () => read.promise,
    write: (bytes) => Promise.resolve(bytes.length),
    [Symbol.dispose]: () => read.resolve(null),
  };
  const connection = new Connection(socket);
  const running = connection.run({ onMessage: () => {}, onBatch: () => {}, onDrained: throwing });
  connection.writer.interested();
  await assertRejects(() => running, Planted);
});

Deno.test("the system's own errors of a socket are no faults", async () => {
  for (const code of ["EHOSTUNREACH", "ENETUNREACH", "ENETDOWN", "ENOBUFS"]) {
    const socket: Socket = {
      remote: { host: "127.0.0.1", port: 1 },
      read: () => Promise.reject(Object.assign(new Error(`gone (${code})`), { code })),
      write: (bytes) => Promise.resolve(bytes.length),
      [Symbol.dispose]: () => {},
    };
    const owner = { onMessage: () => {}, onBatch: () => {}, onDrained: () => {} };
    assertEquals(await new Connection(socket).run(owner), `gone (${code})`);
  }
});

Deno.test("new pieces that cannot be told are a fault of their torrent, from the timer, too", async () => {
  const second = Promise.withResolvers<unknown>();
  let told = 0;
  using news = new HaveBatch(new BackgroundTasks(second.resolve), REAL_CLOCK, () => {
    if (++told > 1) throwing();
  });
  news.add(1);
  news.add(2);
  assert(await second.promise instanceof Planted);
});

Deno.test("a waiting task keeps its turn when another's throws", () => {
  const limit = new RateLimit(1000);
  const turns = new RoundRobin<string>(limit);
  turns.queue("later", () => "later");
  turns.queue("bad", throwing);
  turns.queue("behind", () => "done");
  let thrown: unknown;
  try {
    turns.run(0);
  } catch (error) {
    thrown = error;
  }
  assert(thrown instanceof Planted);
  assertEquals(turns.size, 2);
});
