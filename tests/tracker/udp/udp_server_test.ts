import { TrackerClient } from "../../../peer/trackers/tracker_client.ts";
import type { AnnounceRequest } from "../../../protocol/announce.ts";
import { formatHostPort } from "../../../protocol/address.ts";
import {
  encodeConnectRequest,
  encodeUdpAnnounce,
  encodeUdpScrape,
  parseUdpReply,
  type UdpReply,
} from "../../../protocol/udp_tracker_packet.ts";
import { startTracker, type TrackerEvent, TrackerStartError } from "../../../tracker/mod.ts";
import { CONNECTION_WINDOW } from "../../../tracker/udp/connection_id.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { mutate } from "../../support/mutate.ts";
import { seededRandom } from "../../support/random.ts";

const INFO_HASH = new Uint8Array(20).fill(0xe9);
const start = (host = "127.0.0.1") => startTracker({ host, port: 0 });
const signal = () => AbortSignal.timeout(5000);

function announce(port: number, facts: Partial<AnnounceRequest> = {}): AnnounceRequest {
  return {
    infoHash: INFO_HASH,
    peerId: new TextEncoder().encode(`-VT0100-${String(port).padStart(12, "0")}`),
    port,
    uploaded: 2 ** 33,
    downloaded: 1,
    left: 5,
    event: "started",
    numwant: -1,
    key: 7,
    compact: true,
    noPeerId: true,
    ...facts,
  };
}

/** A bare UDP socket of a client that says exactly what it is told to. */
class Client implements Disposable {
  readonly #socket: Deno.DatagramConn;
  readonly #tracker: Deno.NetAddr;

  constructor(port: number, host = "127.0.0.1") {
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname: host, port: 0 });
    this.#tracker = { transport: "udp", hostname: "127.0.0.1", port };
  }

  async send(packet: Uint8Array): Promise<void> {
    await this.#socket.send(packet, this.#tracker);
  }

  async receive(): Promise<Uint8Array> {
    return (await this.#socket.receive())[0];
  }

  /** Sends a packet; the packet that comes back. */
  async ask(packet: Uint8Array): Promise<Uint8Array> {
    await this.send(packet);
    return await this.receive();
  }

  async connect(): Promise<bigint> {
    const reply = parseUdpReply(await this.ask(encodeConnectRequest(1)), 4);
    assert(reply.action === "connect");
    return reply.connectionId;
  }

  /**
   * What the tracker answers to packets that deserve no answer: the connect request behind them
   * shows that it is through with them.
   */
  async assertSilent(...packets: Uint8Array[]): Promise<void> {
    for (const packet of packets) await this.send(packet);
    const reply = parseUdpReply(await this.ask(encodeConnectRequest(0x7eadbeef)), 4);
    assertEquals([reply.action, reply.transactionId], ["connect", 0x7eadbeef]);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

function assertError(reply: Uint8Array, transactionId: number, message: string): void {
  assertEquals<UdpReply>(parseUdpReply(reply, 4), { transactionId, action: "error", message });
}

for (const host of ["127.0.0.1", "::1"]) {
  Deno.test(`our client announces and scrapes over UDP from ${host}`, async () => {
    await using tracker = await start(host);
    const where = formatHostPort(host, tracker.port);
    const url = `udp://${where}/announce?a=b`;
    assertEquals(tracker.urls, [`http://${where}/announce`, `udp://${where}/announce`]);
    const client = new TrackerClient();
    const name = "Übung & 1";
    const first = await client.announce(url, announce(1001, { name }), signal());
    assertEquals([first.peers, first.seeders, first.leechers], [[], 0, 1]);
    const second = await client.announce(url, announce(1002, { left: 0 }), signal());
    assertEquals([second.peers, second.seeders, second.leechers], [[{ host, port: 1001 }], 1, 1]);
    assert(second.interval >= 5);

    const unknown = new Uint8Array(20).fill(1);
    const counts = await client.scrape(url, [unknown, INFO_HASH], signal());
    assertEquals(counts, [
      { infoHash: unknown, seeders: 0, leechers: 0, completed: 0 },
      { infoHash: INFO_HASH, seeders: 1, leechers: 1, completed: 0 },
    ]);
    const [swarm] = (await tracker.snapshot()).swarms;
    const shown = swarm!.peers.map(({ name, ip, uploaded }) => ({ name, ip, uploaded }));
    assertEquals(shown.find((one) => one.name === name), { name, ip: host, uploaded: 2 ** 33 });

    await client.announce(url, announce(1001, { event: "completed", left: 0 }), signal());
    await client.announce(url, announce(1002, { event: "stopped", left: 0 }), signal());
    const [own] = await tracker.counts([INFO_HASH.toHex()]);
    assertEquals([own!.seeders, own!.leechers, own!.completed], [1, 0, 1]);
  });
}

Deno.test("HTTP and UDP serve one swarm", async () => {
  await using tracker = await start();
  const [http, udp] = tracker.urls;
  const client = new TrackerClient();
  await client.announce(http!, announce(1001), signal());
  const { peers } = await client.announce(udp!, announce(1002), signal());
  assertEquals(peers, [{ host: "127.0.0.1", port: 1001 }]);
});

Deno.test("an ID serves many requests, but only from the address that it was given to", async () => {
  await using tracker = await start();
  using client = new Client(tracker.port);
  using elsewhere = new Client(tracker.port, "127.0.0.2");
  const id = await client.connect();
  for (const transaction of [5, -6]) {
    const reply = parseUdpReply(
      await client.ask(encodeUdpAnnounce(id, transaction, announce(1001))),
      4,
    );
    assertEquals([reply.action, reply.transactionId], ["announce", transaction]);
  }
  const replayed = encodeUdpAnnounce(id, 77, announce(1002));
  assertError(await elsewhere.ask(replayed), 77, "connection ID expired");
  assertError(
    await elsewhere.ask(encodeUdpScrape(id, 78, [INFO_HASH])),
    78,
    "connection ID expired",
  );
  assertEquals((await tracker.counts([INFO_HASH.toHex()]))[0]!.leechers, 1);
  assertEquals((await tracker.snapshot()).failures, 0);
});

Deno.test("an ID expires after two windows of time", async () => {
  await using tracker = await start();
  using client = new Client(tracker.port);
  const packet = encodeUdpScrape(await client.connect(), 5, [INFO_HASH]);
  const realNow = Date.now;
  try {
    Date.now = () => realNow() + CONNECTION_WINDOW;
    assertEquals(parseUdpReply(await client.ask(packet), 4).action, "scrape");
    Date.now = () => realNow() + 2 * CONNECTION_WINDOW;
    assertError(await client.ask(packet), 5, "connection ID expired");
  } finally {
    Date.now = realNow;
  }
});

Deno.test("nothing longer than the request goes to an address that is not proven", async () => {
  await using tracker = await start();
  using client = new Client(tracker.port);
  const id = await client.connect();
  for (let port = 2001; port < 2080; port++) {
    await client.ask(encodeUdpAnnounce(id, port, announce(port)));
  }
  const wrong = id ^ 1n;
  const questions = [
    encodeConnectRequest(9),
    encodeUdpAnnounce(wrong, 9, announce(1)),
    encodeUdpScrape(wrong, 9, [INFO_HASH]),
    encodeUdpScrape(0n, 9, Array.from({ length: 70 }, () => INFO_HASH)),
  ];
  for (const question of questions) {
    const reply = await client.ask(question);
    assert(reply.length <= question.length, `${reply.length} bytes to ${question.length}`);
  }
  // Damaged and unproven: no answer at all.
  await client.assertSilent(
    encodeUdpAnnounce(wrong, 9, announce(1)).subarray(0, 97),
    encodeUdpScrape(wrong, 9, []),
    Uint8Array.from(encodeUdpScrape(wrong, 9, [INFO_HASH]), (byte, i) => i === 11 ? 9 : byte),
  );
});

Deno.test("an invalid request gets no answer", async () => {
  await using tracker = await start();
  using client = new Client(tracker.port);
  const connect = encodeConnectRequest(1);
  await client.assertSilent(
    new Uint8Array(),
    new Uint8Array(15),
    new Uint8Array(16),
    new Uint8Array(60_000).fill(0xff),
    connect.subarray(0, 15),
    connect.with(0, 1),
    new TextEncoder().encode("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"),
  );
  assertEquals((await tracker.snapshot()).failures, 0);
});

Deno.test("a damaged request with a good ID is told what is wrong, with its transaction", async () => {
  await using tracker = await start();
  const events: TrackerEvent[] = [];
  using _events = tracker.subscribe((event) => events.push(event));
  using client = new Client(tracker.port);
  const id = await client.connect();
  assertError(
    await client.ask(encodeUdpAnnounce(id, 31, announce(1)).subarray(0, 90)),
    31,
    "announce packet is too short",
  );
  const many = Array.from({ length: 71 }, () => INFO_HASH);
  assertError(
    await client.ask(encodeUdpScrape(id, 32, many)),
    32,
    "scrape of 71 torrents; 1 to 70 are allowed",
  );
  const counted = parseUdpReply(
    await client.ask(encodeUdpScrape(id, 33, many.slice(1))),
    4,
  );
  assert(counted.action === "scrape");
  assertEquals(counted.entries.length, 70);
  assertError(
    await client.ask(encodeUdpScrape(id, 34, many.slice(1)).with(11, 9)),
    34,
    "unknown action",
  );
  assertEquals(events.filter(({ event }) => event === "failure").length, 3);
});

Deno.test("a reply fits one packet, however many peers there are and are wanted", async () => {
  await using tracker = await start();
  using client = new Client(tracker.port);
  const id = await client.connect();
  for (let port = 2001; port <= 2100; port++) {
    await client.ask(encodeUdpAnnounce(id, port, announce(port)));
  }
  const peersFor = async (numwant: number): Promise<number> => {
    const packet = await client.ask(encodeUdpAnnounce(id, 1, announce(3000, { numwant })));
    const reply = parseUdpReply(packet, 4);
    assert(reply.action === "announce");
    assertEquals(reply.reply.leechers, 101);
    return reply.reply.peers.length;
  };
  assertEquals(await Promise.all([await peersFor(0x7fffffff), await peersFor(3)]), [74, 3]);
  assertEquals(await peersFor(-1), 50);
  assertEquals(await peersFor(0), 0);
});

Deno.test("damaged packets by the thousand: a good client is served throughout", async () => {
  await using tracker = await start();
  const random = seededRandom(1541);
  const hostile = new Client(tracker.port);
  using good = new Client(tracker.port, "127.0.0.3");
  const ids = [await hostile.connect(), 0n, -1n];
  const goodId = await good.connect();
  const drained = (async () => {
    try {
      for (;;) parseUdpReply(await hostile.receive(), 4); // whatever comes is a packet of BEP 15
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) {
        throw error;
      }
    }
  })();
  for (let round = 0; round < 400; round++) {
    const id = BigInt.asUintN(64, ids[round % ids.length]!);
    const seeds = [
      encodeConnectRequest(round),
      encodeUdpAnnounce(id, round, announce(4000, { infoHash: INFO_HASH.with(0, round) }), "/a?b"),
      encodeUdpScrape(id, round, [INFO_HASH, INFO_HASH]),
    ];
    for (let count = 0; count < 12; count++) {
      await hostile.send(mutate(seeds[count % seeds.length]!, random));
    }
    const reply = parseUdpReply(
      await good.ask(encodeUdpAnnounce(goodId, round, announce(1001))),
      4,
    );
    assertEquals([reply.action, reply.transactionId], ["announce", round]);
  }
  hostile[Symbol.dispose]();
  await drained;
});

Deno.test("a taken UDP port is said in a sentence that names it and the way out", async () => {
  // A port that was free for both a moment ago: else it would be TCP's that is in use.
  const free = await start();
  const { port } = free;
  await free[Symbol.asyncDispose]();
  const other = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
  const error = await assertRejects(
    () => startTracker({ host: "127.0.0.1", port }),
    TrackerStartError,
  );
  assertEquals(
    error.message,
    `UDP port ${port} is in use: stop the other program or choose another port with --port`,
  );
  other.close();
  // What it had opened by then is closed again.
  await (await startTracker({ host: "127.0.0.1", port }))[Symbol.asyncDispose]();
});

Deno.test("a tracker that is gone leaves both ports free", async () => {
  const tracker = await start();
  const { port } = tracker;
  await tracker[Symbol.asyncDispose]();
  await (await startTracker({ host: "127.0.0.1", port }))[Symbol.asyncDispose]();
});
