/**
 * What strangers have a running peer or tracker hear that is no message about pieces: replies of
 * trackers, addresses, handshakes of extensions, datagrams, uploads and scrapes.
 *
 * @module
 */
import { encodeBencode } from "../../protocol/bencode.ts";
import { encodeExtensionHandshake, encodePex } from "../../protocol/extension_message.ts";
import { encodeKrpcQuery } from "../../protocol/krpc.ts";
import { encodeLsd, LSD_GROUPS, LSD_PORT } from "../../protocol/lsd.ts";
import {
  encodeConnectReply,
  encodeConnectRequest,
  encodeUdpScrape,
  parseUdpReply,
} from "../../protocol/udp_tracker_packet.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { connectFrom } from "../support/connect_from.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { seededRandom } from "../support/random.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { tinyTorrent } from "../support/tiny_torrent.ts";
import { udpSocket, udpTracker } from "../support/udp.ts";
import { WebServer } from "../support/web_server.ts";
import { addressOf } from "./attack.ts";
import { startTracker } from "./reading_rows.ts";
import type { Look, StallRow } from "./stall_rows.ts";
import { NO_TRACKER, Victim } from "./victim.ts";

const random = seededRandom(13);
const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256));
const times = <T>(count: number, make: (i: number) => T) =>
  Array.from({ length: Math.ceil(count) }, (_, i) => make(i));

/** Most of what a tracker's reply may be: a mebibyte, or 200,000 values. */
const REPLIES: readonly [what: string, reply: () => Uint8Array<ArrayBuffer>][] = [
  ["170,000 peers", () => encodeBencode({ interval: 1800, peers: bytes(6 * 170_000) })],
  ["30,000 peers with names", () =>
    encodeBencode({
      interval: 1800,
      peers: times(30_000, (i) => ({ ip: `h${i}`, port: 1 })),
    })],
  [
    "a dictionary of 60,000 keys",
    () => encodeBencode({ interval: 1800, x: Object.fromEntries(times(60_000, (i) => [i, i])) }),
  ],
  ["190,000 lists", () => encodeBencode({ interval: 1800, x: times(190_000, () => []) })],
];

/** A link whose tracker says something; resolves when it was heard. */
async function announceTo(victim: Victim, url: string): Promise<void> {
  const tracker = encodeURIComponent(url);
  await victim.add({ what: `magnet:?xt=urn:btih:${bytes(20).toHex()}&tr=${tracker}` });
  await victim.until(
    () =>
      victim.stdout.find((line) =>
        line.includes(`"tracker":"${url}`) && /"(announced|tracker-failed)"/.test(line)
      ),
    `the end of an announce to ${url}`,
    30_000,
  );
}

async function repliesOverHttp(victim: Victim, look: Look): Promise<void> {
  for (const [what, reply] of REPLIES) {
    const body = reply();
    await using server = new WebServer({}, () => new Response(body.slice()));
    victim.forgetStalls();
    await announceTo(victim, `${server.url}/announce`);
    await look(victim, `${what} by HTTP`);
  }
}

async function repliesOverUdp(victim: Victim, look: Look): Promise<void> {
  // Interval and counts, then as many peers as a datagram takes.
  const head = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 8, 0, 0, 0, 1, 0, 0, 0, 1);
  const peers = bytes(6 * 10_000);
  await using tracker = await udpTracker(({ action, transactionId }) => {
    if (action === "connect") return [encodeConnectReply(transactionId, 7n)];
    const packet = new Uint8Array([...head, ...peers]);
    new DataView(packet.buffer).setInt32(4, transactionId);
    return times(20, () => packet);
  });
  victim.forgetStalls();
  await announceTo(victim, tracker.url.replace("?a=b", ""));
  await look(victim, "10,000 peers by UDP, twenty times");
}

/** Says something to a torrent's swarm from several addresses until it is hung up on or done. */
async function crowd(
  port: number,
  infoHash: string,
  size: number,
  say: (peer: FakePeer, round: number) => void,
): Promise<void> {
  await Promise.all(times(8, async (index) => {
    using peer = new FakePeer(await connectFrom(addressOf(index), port));
    await peer.handshake(Uint8Array.fromHex(infoHash), { fast: true, extended: true });
    peer.say.extended(0, encodeExtensionHandshake({ messages: { "ut_pex": 1 } }));
    try {
      for (let round = 0; round < size; round++) {
        say(peer, round);
        await peer.flush();
      }
    } catch {
      // It hung up.
    }
  }));
}

async function extensions(
  victim: Victim,
  look: Look,
  { port, infoHash, size }: { port: number; infoHash: string; size: number },
): Promise<void> {
  const address = () => ({ host: `127.9.${bytes(2).join(".")}`, port: 1, flags: 0 });
  const few = encodePex({ added: times(50, address), dropped: [] });
  const many = encodePex({ added: times(9000, address), dropped: [] });
  victim.forgetStalls();
  await crowd(port, infoHash, 40 * size, ({ say }, round) => {
    say.extended(1, round % 2 === 0 ? few : many);
  });
  await look(victim, "addresses by PEX");
  const names = Object.fromEntries(times(4000, (i) => [`x_${i}`, i % 256]));
  const hello = encodeExtensionHandshake({ messages: names });
  victim.forgetStalls();
  await crowd(port, infoHash, 40 * size, ({ say }) => say.extended(0, hello));
  await look(victim, "extension handshakes");
}

async function dht(victim: Victim, look: Look, port: number, size: number): Promise<void> {
  using socket = udpSocket();
  const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
  const query = (method: "ping" | "find_node" | "get_peers") =>
    encodeKrpcQuery({
      method,
      id: bytes(20),
      target: bytes(20),
      transaction: bytes(2),
      want: [4, 6],
      readOnly: false,
    });
  const deep = new Uint8Array(1400).fill(0x6c);
  victim.forgetStalls();
  for (let i = 0; i < 4000 * size; i++) {
    await socket.send(i % 3 === 0 ? deep : query(i % 3 === 1 ? "get_peers" : "find_node"), to);
  }
  // What is said last is answered last.
  for (let answered = false; !answered;) {
    await socket.send(query("ping"), to);
    const [reply] = await socket.receive();
    answered = reply.length > 0;
  }
  await look(victim, "datagrams of the DHT");
}

async function lsd(victim: Victim, look: Look, infoHash: string, size: number): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using socket = Object.assign(
    Deno.listenDatagram({
      transport: "udp",
      hostname: "127.0.0.1",
      port: 0,
      loopback: true,
      reuseAddress: true,
    }),
    { [Symbol.dispose]: () => socket.close() },
  );
  const to = { transport: "udp", hostname: LSD_GROUPS[4], port: LSD_PORT } as const;
  const blanks = new TextEncoder().encode(`BT-SEARCH * HTTP/1.1\r\n${" :".repeat(680)}`);
  victim.forgetStalls();
  for (let i = 0; i < 1000 * size; i++) {
    const infoHashes = times(20, () => bytes(20));
    const packet = encodeLsd({ infoHashes, port: 1 + i, cookie: undefined }, 4);
    await socket.send(i % 2 === 0 ? blanks : packet, to);
  }
  const ours = { infoHashes: [Uint8Array.fromHex(infoHash)], cookie: undefined };
  const { port } = listener.addr as Deno.NetAddr;
  const call = listener.accept();
  // A datagram of a flood may be lost.
  const again = setInterval(() => void socket.send(encodeLsd({ ...ours, port }, 4), to), 200);
  try {
    (await call).close();
  } finally {
    clearInterval(again);
  }
  await look(victim, "datagrams of local service discovery");
}

async function uploads(victim: Victim, look: Look, size: number): Promise<void> {
  victim.forgetStalls();
  const torrents = times(500 * size, (i) => tinyTorrent(`tiny ${i}`, { length: 1 + i }).bytes);
  for (let at = 0; at < torrents.length; at += 10) {
    await Promise.all(torrents.slice(at, at + 10).map((torrent) => victim.add(torrent)));
  }
  const list = await (await victim.ask("/torrents")).json();
  assert(list.torrents.length >= torrents.length);
  await look(victim, `${torrents.length} .torrents by its page`);
}

async function heardByPeer(look: Look, size: number): Promise<void> {
  await using folder = await TempFolder.make();
  await using victim = new Victim(folder, NO_TRACKER, "--dht", "--lsd");
  const port = await victim.isUp();
  await victim.add(tinyTorrent("it").bytes);
  const infoHash = String((await victim.event("torrent-checked")).info_hash);
  await repliesOverHttp(victim, look);
  await repliesOverUdp(victim, look);
  await extensions(victim, look, { port, infoHash, size });
  await dht(victim, look, port, size);
  await lsd(victim, look, infoHash, size);
  await uploads(victim, look, size);
}

async function heardByTracker(look: Look, size: number): Promise<void> {
  await using folder = await TempFolder.make();
  const [program, port] = await startTracker(folder);
  await using tracker = program;
  tracker.forgetStalls();
  const hash = () =>
    [...bytes(20)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  const query = times(40, () => `info_hash=${hash()}`).join("&");
  await Promise.all(times(20, async (index) => {
    for (let round = 0; round < 40 * size; round++) {
      const client = await connectFrom(addressOf(index), port);
      const text = `GET /scrape?${query} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n`;
      await client.write(new TextEncoder().encode(text));
      const reply = new Uint8Array(12);
      await client.read(reply);
      assertEquals(new TextDecoder().decode(reply), "HTTP/1.1 200");
      client.close();
    }
  }));
  await look(tracker, "scrapes of forty torrents by HTTP");

  using socket = udpSocket();
  const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
  await socket.send(encodeConnectRequest(1), to);
  const greeting = parseUdpReply((await socket.receive())[0], 4);
  assert(greeting.action === "connect");
  const hashes = times(70, () => bytes(20));
  tracker.forgetStalls();
  for (let i = 0; i < 5000 * size; i++) {
    await socket.send(encodeUdpScrape(greeting.connectionId, i, hashes), to);
  }
  await socket.receive();
  await look(tracker, "scrapes of seventy torrents by UDP");
}

/** @param size how much of it is said; 1 for all */
export function heardRows(size: number): readonly StallRow[] {
  return [
    {
      name: "a peer's loop goes on whatever trackers, peers, nodes and its page are told",
      run: (look) => heardByPeer(look, size),
    },
    {
      name: "a tracker's loop goes on while many torrents are scraped",
      run: (look) => heardByTracker(look, size),
    },
  ];
}
