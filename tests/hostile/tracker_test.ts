/**
 * Attackers at the tracker: over HTTP, right and wrong.
 *
 * @module
 */
import { encodeBencode } from "../../protocol/bencode.ts";
import { tinyTorrent } from "../support/tiny_torrent.ts";
import type { Attack, Attacker } from "./attack.ts";
import { testAttackers } from "./zoo.ts";

/** Connections to the tracker that begin so and stay open as long as it lets them. */
function held(attack: Attack, size: number, first: string): void {
  attack.crowd(size, 200, async () => {
    using stream = await attack.call("tracker");
    if (first !== "") await stream.write(new TextEncoder().encode(first));
    attack.strike();
    await attack.hold(stream);
  });
}

/** Sends a body to the catalogue. */
async function post(attack: Attack, body: Uint8Array): Promise<void> {
  const head = `POST /api/torrents HTTP/1.1\r\nHost: t\r\nContent-Length: ${body.length}\r\n` +
    "Content-Type: application/x-bittorrent\r\nConnection: close\r\n\r\n";
  await attack.http(new Uint8Array([...new TextEncoder().encode(head), ...body]));
}

/** A .torrent with `count` files, named by `nameOf`. */
function wideTorrent(count: number, nameOf: (i: number) => string[]): Uint8Array {
  const files = Array.from({ length: count }, (_, i) => ({ length: 1, path: nameOf(i) }));
  const info = {
    files,
    name: "wide",
    "piece length": 16384,
    pieces: new Uint8Array(20 * Math.ceil(count / 16384)),
  };
  return encodeBencode({ info });
}

/** Repeats a request, `size` callers at once. */
const asking = (size: number, request: () => string): Attacker["begin"] => (attack) =>
  attack.crowd(size, 20, () => attack.http(request()));

const get = (path: string, ...heads: string[]) =>
  [`GET ${path} HTTP/1.1`, "Host: t", "Connection: close", ...heads, "", ""].join("\r\n");

const ATTACKERS: Attacker[] = [
  { name: "300 HTTP connections that say nothing", begin: (attack) => held(attack, 300, "") },
  {
    name: "300 HTTP requests that are never finished",
    begin: (attack) => held(attack, 300, "GET /announce HTTP/1.1\r\nHost: t\r\nX-"),
  },
  {
    name: "HTTP heads that come by the byte",
    begin: (attack) =>
      attack.crowd(200, 200, async () => {
        using stream = await attack.call("tracker");
        for (const byte of new TextEncoder().encode(get("/announce", `X: ${"y".repeat(999)}`))) {
          await stream.write(Uint8Array.of(byte));
          attack.strike();
          await attack.pause(300);
        }
      }),
  },
  {
    name: "HTTP heads of a mebibyte",
    begin: asking(8, () => get("/", `X: ${"y".repeat(1 << 20)}`)),
  },
  {
    name: "heads of ten thousand lines",
    begin: asking(8, () => get("/", ...Array.from({ length: 10_000 }, (_, i) => `X${i}: 1`))),
  },
  {
    name: "announces with ten thousand keys",
    begin: asking(
      8,
      () => get(`/announce?${Array.from({ length: 1000 }, (_, i) => `k${i}=%00`).join("&")}`),
    ),
  },
  {
    name: "scrapes of a thousand torrents",
    begin: asking(8, () => get(`/scrape?${"info_hash=%00aaaaaaaaaaaaaaaaaaa&".repeat(250)}`)),
  },
  { name: "the list of torrents, over and over", begin: asking(20, () => get("/api/torrents")) },
  { name: "the page, over and over", begin: asking(20, () => get("/")) },
  { name: "statistics, over and over", begin: asking(20, () => get("/metrics")) },
  {
    name: "300 event streams that nobody reads",
    begin: (attack) =>
      held(
        attack,
        300,
        "GET /api/v1/events HTTP/1.1\r\nHost: t\r\nAccept: text/event-stream\r\n\r\n",
      ),
  },
  {
    name: "bodies that are announced and never come",
    begin: (attack) =>
      held(
        attack,
        100,
        "POST /api/torrents HTTP/1.1\r\nHost: t\r\nContent-Length: 9000000\r\n\r\nd",
      ),
  },
  {
    name: "a body without an end",
    begin: (attack) =>
      attack.crowd(4, 100, async () => {
        using stream = await attack.call("tracker");
        const say = (text: string) => stream.write(new TextEncoder().encode(text));
        await say("POST /api/torrents HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (;;) {
          await say(`10000\r\n${"a".repeat(65536)}\r\n`);
          attack.strike();
          await attack.pause(20);
        }
      }),
  },
  {
    name: "uploads of random bytes",
    begin: (attack) => {
      const body = attack.bytes(100_000);
      attack.crowd(4, 50, () => post(attack, body));
    },
  },
  {
    name: "an upload of lists in lists",
    begin: (attack) => attack.crowd(4, 50, () => post(attack, new Uint8Array(1 << 20).fill(0x6c))),
  },
  {
    name: "uploads of torrents with very many files",
    begin: (attack) => {
      const torrent = wideTorrent(25_000, (i) => [`f${i}`]);
      attack.crowd(1, 200, () => post(attack, torrent));
    },
  },
  {
    name: "uploads of torrents whose names are all but the same",
    begin: (attack) => {
      const name = "n".repeat(300);
      const torrent = wideTorrent(3000, (i) => [`${name}${i}`]);
      attack.crowd(2, 200, () => post(attack, torrent));
    },
  },
  {
    name: "uploads of torrents with deep folders",
    begin: (attack) => {
      const torrent = wideTorrent(2000, (i) => [...Array<string>(90).fill("d"), `${i}`]);
      attack.crowd(1, 200, () => post(attack, torrent));
    },
  },
  {
    name: "a catalogue full of torrents that nobody seeds",
    begin: (attack) =>
      attack.crowd(
        4,
        10,
        (index, round) =>
          post(attack, tinyTorrent(`fake-${index}-${round}`, { hash: round % 256 }).bytes),
      ),
  },
  {
    name: "other torrents under the same name in the catalogue",
    begin: (attack) =>
      attack.crowd(
        2,
        100,
        (index, round) =>
          post(attack, tinyTorrent("honest.bin", { length: 100 + 2 * round + index }).bytes),
      ),
  },
  {
    name: "3,000 peers that accept and say nothing",
    begin: (attack) => fakePeers(attack, 3000, () => attack.listen(() => attack.strike())),
  },
  {
    name: "3,000 peers where nobody listens",
    begin: (attack) => {
      let port = 20_000;
      fakePeers(attack, 3000, () => Promise.resolve(port++));
    },
  },
  {
    name: "3,000 silent peers at the honest ones' own address",
    begin: (attack) => {
      const listen = () => attack.listen(() => attack.strike(), "127.0.0.1");
      fakePeers(attack, 3000, listen, "127.0.0.1");
    },
  },
  {
    name: "announces that sign the honest ones off",
    begin: (attack) =>
      attack.crowd(2, 20, async (index) => {
        const port = index === 0 ? attack.swarm.ports.seed : attack.swarm.ports.leech;
        await attack.announce({ port, event: "stopped", ip: "127.0.0.1" });
      }),
  },
  {
    name: "announces for other people's addresses",
    begin: (attack) =>
      attack.crowd(
        4,
        10,
        (index, round) => attack.announce({ port: 1 + round, ip: `10.${index}.0.${round % 256}` }),
      ),
  },
  {
    name: "announces of ten thousand torrents",
    begin: (attack) =>
      attack.crowd(8, 5, () => attack.announce({ port: 20_000, infoHash: attack.bytes(20) })),
  },
  {
    name: "announces that want a billion peers, or fewer than none",
    begin: (attack) =>
      attack.crowd(
        4,
        20,
        (index) =>
          attack.announce({
            port: 20_000 + index,
            numwant: index % 2 ? -(2 ** 40) : 1e9,
          }),
      ),
  },
];

/** Announces so many seeds and leeches, half and half, each with a port made when its turn comes. */
function fakePeers(
  attack: Attack,
  count: number,
  portOf: () => Promise<number>,
  from?: string,
): void {
  const lanes = 8;
  let done = 0;
  attack.crowd(lanes, 1, async () => {
    if (done >= count) return await attack.pause(1000);
    const index = done++;
    const port = await portOf();
    await attack.announce({ port, left: index % 2 === 0 ? 0 : 1000 }, from);
  });
}

testAttackers("callers of the tracker", ATTACKERS);
