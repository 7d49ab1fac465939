/**
 * Many datagrams in one system call: each reply reaches the one that asked, nothing is lost, and the
 * socket is given back.
 *
 * @module
 */
import {
  encodeConnectRequest,
  encodeUdpAnnounce,
  parseUdpReply,
} from "../../../protocol/udp_tracker_packet.ts";
import type { AnnounceRequest } from "../../../protocol/announce.ts";
import type { TrackerService } from "../../../tracker/contract/ports.ts";
import { DatagramBatch, startTracker } from "../../../tracker/mod.ts";
import { openUdp, serveUdp } from "../../../tracker/udp/udp_server.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const ignore = Deno.build.os !== "linux";
// A socket's buffer holds so many: what finds no room in it would be lost.
const CLIENTS = 12;
const REQUESTS = 12;

function prepare(): DatagramBatch {
  const batch = DatagramBatch.prepare();
  assert(batch !== undefined, "Linux has it, and tests may call it");
  return batch;
}

/** Has `counts` hold how many datagrams came in each call. */
function count(batch: DatagramBatch): number[] {
  const counts: number[] = [];
  const receive = batch.receive.bind(batch);
  batch.receive = () => {
    const count = receive();
    counts.push(count);
    return count;
  };
  return counts;
}

function bind(hostname: string): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname, port: 0 });
}

function announceOf(port: number): AnnounceRequest {
  return {
    infoHash: new Uint8Array(20).fill(port),
    peerId: new Uint8Array(20).fill(port),
    port,
    uploaded: 0,
    downloaded: 0,
    left: 5,
    event: "started",
    numwant: -1,
    key: port,
    compact: true,
    noPeerId: true,
  };
}

/** Connects, then has all clients ask everything at once; the leechers in each one's replies. */
async function askAtOnce(
  tracker: Deno.NetAddr,
  from: string,
  bytesOf: (id: bigint, transaction: number) => Uint8Array,
): Promise<number[][]> {
  const width = from.includes(":") ? 6 : 4;
  const clients = Array.from({ length: CLIENTS }, () => bind(from));
  try {
    const ids = await Promise.all(clients.map(async (client) => {
      await client.send(encodeConnectRequest(1), tracker);
      const reply = parseUdpReply((await client.receive())[0], width);
      assert(reply.action === "connect");
      return reply.connectionId;
    }));
    // All is on its way before the tracker has a turn.
    await Promise.all(clients.flatMap((client, i) =>
      Array.from({ length: REQUESTS }, (_, k) => {
        return client.send(bytesOf(ids[i]!, i * REQUESTS + k), tracker);
      })
    ));
    return await Promise.all(clients.map(async (client, i) => {
      const leechers: number[] = [];
      const transactions: number[] = [];
      for (let k = 0; k < REQUESTS; k++) {
        const reply = parseUdpReply((await client.receive())[0], width);
        assert(reply.action === "announce");
        leechers.push(reply.reply.leechers!);
        transactions.push(reply.transactionId);
      }
      const own = Array.from({ length: REQUESTS }, (_, k) => i * REQUESTS + k);
      assertEquals(transactions.sort((a, b) => a - b), own);
      return leechers;
    }));
  } finally {
    for (const client of clients) client.close();
  }
}

for (const [host, from] of [["127.0.0.1", "127.0.0.1"], ["::1", "::1"], ["::", "127.0.0.1"]]) {
  Deno.test({
    name:
      `requests that come together at ${host} from ${from} are answered together, each to its own`,
    ignore,
    async fn() {
      using batch = prepare();
      const counts = count(batch);
      await using tracker = await startTracker({ host: host!, port: 0, datagramBatch: batch });
      const where: Deno.NetAddr = { transport: "udp", hostname: from!, port: tracker.port };
      await askAtOnce(where, from!, (id, transaction) => {
        return encodeUdpAnnounce(id, transaction, announceOf(1 + transaction % 100));
      });
      const taken = counts.reduce((sum, one) => sum + one, 0);
      assert(taken > CLIENTS * REQUESTS / 2, `${taken} in batches`);
      assert(Math.max(...counts) > 8, `${Math.max(...counts)} at once`);
      const { swarms } = await tracker.snapshot();
      assertEquals(swarms.length, 100);
      const ips = new Set(swarms.flatMap(({ peers }) => peers.map(({ ip }) => ip)));
      assertEquals([...ips], [from!]);
    },
  });
}

Deno.test({
  name: "a store that answers later has its replies sent to those that asked, in batches or not",
  ignore,
  async fn() {
    const service = {
      // One of three at once.
      announce: ({ port }: AnnounceRequest) => {
        const none = new Uint8Array();
        const reply = {
          ...{ interval: 9, seeders: 0, leechers: port, completed: 0 },
          ...{ peers4: none, peers6: none },
        };
        return port % 3 === 0 ? reply : Promise.resolve(reply);
      },
      took: () => {},
      failed: (_: string, reason: string) => {
        throw new Error(reason);
      },
    } as unknown as TrackerService;
    using batch = prepare();
    const counts = count(batch);
    const socket = openUdp({ host: "127.0.0.1", port: 0 });
    const served = serveUdp(socket, service, batch);
    const leechers = await askAtOnce(
      socket.addr as Deno.NetAddr,
      "127.0.0.1",
      (id, transaction) => encodeUdpAnnounce(id, transaction, announceOf(1 + transaction)),
    );
    assert(Math.max(...counts) > 1);
    assertEquals(
      leechers.flat().sort((a, b) => a - b),
      Array.from({ length: CLIENTS * REQUESTS }, (_, i) => 1 + i),
    );
    socket.close();
    await served;
  },
});

Deno.test({
  name: "a datagram longer than any request is cut, and those behind it are answered",
  ignore,
  async fn() {
    using batch = prepare();
    await using tracker = await startTracker({ host: "127.0.0.1", port: 0, datagramBatch: batch });
    const where: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port: tracker.port };
    await askAtOnce(where, "127.0.0.1", (id, transaction) => {
      const bytes = encodeUdpAnnounce(id, transaction, announceOf(9));
      if (transaction % 24 !== 0) return bytes;
      const long = new Uint8Array(6000);
      long.set(bytes);
      return long;
    });
    assertEquals((await tracker.snapshot()).failures, 0);
  },
});

Deno.test({
  name: "what the system does not take is named with where it was to go",
  ignore,
  async fn() {
    using batch = prepare();
    const socket = openUdp({ host: "127.0.0.1", port: 0 });
    const client = bind("127.0.0.1");
    assert(batch.attach(socket));
    assert(!batch.attach(socket), "one socket at a time");
    await client.send(new Uint8Array([1, 2, 3]), socket.addr);
    assertEquals(batch.receive(), 1);
    assertEquals([...batch.packet(0)], [1, 2, 3]);
    batch.reply(0, new Uint8Array([4, 5]));
    batch.detach();
    assertEquals(batch.send(), [{
      reply: new Uint8Array([4, 5]),
      to: client.addr as Deno.NetAddr,
    }]);
    assertEquals(batch.send(), []);
    socket.close();
    client.close();
  },
});

Deno.test({
  name: "a tracker that ends while requests pour in leaves its port free and its batch to the next",
  ignore,
  async fn() {
    using batch = prepare();
    let port = 0;
    for (let round = 0; round < 5; round++) {
      const tracker = await startTracker({ host: "127.0.0.1", port, datagramBatch: batch });
      port = tracker.port;
      const client = bind("127.0.0.1");
      const where: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port };
      const sent = Array.from({ length: 300 }, () => client.send(encodeConnectRequest(1), where));
      await client.receive();
      await tracker[Symbol.asyncDispose]();
      await Promise.all(sent);
      client.close();
    }
  },
});
