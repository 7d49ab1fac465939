/**
 * A small right tracker, over HTTP and UDP at one port, into which a mistake can be planted:
 *
 *     deno run --allow-net right_tracker.ts [--bug NAME] PORT [INTERVAL]
 *
 * It shares no code with the grader that it is a subject of. The mistakes are in `tracker_mistakes.ts`.
 *
 * @module
 */

const words = [...Deno.args];
const bug = words[0] === "--bug" ? words.splice(0, 2)[1]! : "";
const [port = 0, interval = 1800] = words.map(Number);

interface Peer {
  readonly host: string;
  readonly port: number;
  readonly id: string;
  left: number;
  seen: number;
}

interface Swarm {
  /** Address and port → peer. */
  peers: Map<string, Peer>;
  /** Each announce that was heard, for the mistake that lists them. */
  log: Peer[];
  last: Peer | undefined;
  completed: number;
  regular: number;
}

/** Byte strings are texts of one byte a character. */
type Value = number | string | Value[] | { [key: string]: Value };

const swarms = new Map<string, Swarm>();
const udpSwarms = new Map<string, Swarm>();
const encoder = new TextEncoder();

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** Bytes that were taken for UTF-8, as they come out again. */
function throughText(text: string): string {
  return textOf(encoder.encode(new TextDecoder().decode(bytesOf(text))));
}

function bencode(value: Value): string {
  if (typeof value === "number") return `i${value}e`;
  if (typeof value === "string") return `${value.length}:${value}`;
  if (Array.isArray(value)) return `l${value.map(bencode).join("")}e`;
  const keys = Object.keys(value).sort();
  if (bug === "unsorted") keys.reverse();
  return `d${keys.map((key) => bencode(key) + bencode(value[key]!)).join("")}e`;
}

/** What a percent-encoded value stands for. */
function unescape(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
}

/** What a swarm is found by. */
function keyOf(infoHash: string, written: string): string {
  switch (bug) {
    case "one-swarm":
      return "";
    case "text-info-hash":
      return throughText(infoHash);
    case "small-letters":
      return infoHash.toLowerCase();
    case "plus-is-space":
      return infoHash.replaceAll("+", " ");
    case "zero-ends":
      return infoHash.split("\0")[0]!;
    case "not-unescaped":
      return written;
  }
  return infoHash;
}

function swarmOf(key: string, all = swarms): Swarm {
  let swarm = all.get(key);
  if (swarm === undefined) {
    swarm = { peers: new Map(), log: [], last: undefined, completed: 0, regular: 0 };
    all.set(key, swarm);
  }
  return swarm;
}

function expire(swarm: Swarm): void {
  if (bug === "never-expires") return;
  const limit = Date.now() - 2.5 * interval * 1000;
  for (const [key, { seen }] of swarm.peers) if (seen < limit) swarm.peers.delete(key);
}

/** Takes an announce into its swarm; the peers to be named. */
function enter(swarm: Swarm, peer: Peer, event: string, wanted: number): Peer[] {
  expire(swarm);
  const key = `${peer.host} ${peer.port}`;
  const before = swarm.peers.get(key);
  if (event === "stopped") {
    if (before === undefined && bug === "unknown-goodbye") throw new TypeError("no such peer");
    if (bug !== "keeps-stopped") swarm.peers.delete(key);
    swarm.log = swarm.log.filter(({ host, port }) => `${host} ${port}` !== key);
    return [];
  }
  if (event === "" && peer.left > 0) swarm.regular++;
  const counts = event === "completed" &&
    (bug === "counts-completed-again" || (before !== undefined && before.left > 0));
  if (counts) swarm.completed++;
  if (before !== undefined || event === "started" || bug !== "needs-started") {
    if (bug === "only-last") swarm.peers.clear();
    swarm.peers.set(key, peer);
    swarm.log.push(peer);
  }
  if (bug === "lists-nobody") return [];
  const listed = bug === "lists-announces" ? swarm.log : [...swarm.peers.values()];
  const others = listed.filter(({ host, port }) => `${host} ${port}` !== key);
  // The last one has just replaced all others.
  if (bug === "only-last" && swarm.last !== undefined) others.push(swarm.last);
  swarm.last = peer;
  return others.slice(0, wanted);
}

/** Announces that are being served. */
let underWay = 0;

function counts(swarm: Swarm): { complete: number; incomplete: number; downloaded: number } {
  expire(swarm);
  const complete = [...swarm.peers.values()].filter(({ left }) => left === 0).length;
  return {
    complete: bug === "seeds-by-event" ? swarm.completed : complete,
    incomplete: swarm.peers.size - (bug === "seeds-by-event" ? swarm.completed : complete) +
      (bug === "counts-announces" ? swarm.regular : 0),
    downloaded: swarm.completed,
  };
}

/** The bytes of an address. */
function addressOf(host: string): number[] {
  if (!host.includes(":")) return host.split(".").map(Number);
  const [head = "", tail = ""] = host.split("::");
  const groups = (text: string) => text.split(":").filter((one) => one !== "");
  const [from, to] = [groups(head), groups(tail)];
  const zeros = Array(8 - from.length - to.length).fill("0");
  return [...from, ...zeros, ...to].flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function compact(peers: readonly Peer[]): string {
  return peers.map(({ host, port }) => {
    const two = [port >> 8, port & 0xff];
    if (bug === "little-endian-port") two.reverse();
    return String.fromCharCode(...addressOf(host), ...two);
  }).join("");
}

function listOf(peers: readonly Peer[]): Value[] {
  return peers.map(({ host, port, id }) => ({
    ip: host,
    port: bug === "port-as-string" ? String(port) : port,
    ...(bug === "no-peer-id" ? {} : { "peer id": bug === "text-peer-id" ? throughText(id) : id }),
  }));
}

class Refusal extends Error {}

async function announce(query: Map<string, string>, host: string): Promise<Value> {
  const need = (key: string): string => {
    const value = query.get(key);
    if (value !== undefined) return value;
    if (bug === "dies-of-missing") throw new TypeError(`'${key}'`);
    throw new Refusal(`${key} is missing`);
  };
  const written = need("info_hash");
  const infoHash = unescape(written);
  const id = unescape(need("peer_id"));
  const peerPort = Number(need("port"));
  if (bug !== "any-length" && (infoHash.length !== 20 || id.length !== 20)) {
    throw new Refusal("info_hash and peer_id have 20 bytes each");
  }
  if (!(peerPort >= 0 && peerPort < 65_536)) throw new Refusal("port is no port");
  const left = Number(query.get("left") ?? 1);
  const peer: Peer = { host, port: peerPort, id, left, seen: Date.now() };
  const swarm = swarmOf(keyOf(infoHash, written));
  const numwant = query.get("numwant");
  const wanted = bug === "ignores-numwant"
    ? 50
    : bug === "numwant-or"
    ? Number(numwant) || 50
    : Math.min(Number(numwant ?? 50), 200);
  underWay++;
  // Reads, waits for its database, which is slow under load, and writes.
  if (bug === "overwrites") {
    const peers = new Map(swarm.peers);
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (underWay > 5) swarm.peers = peers;
  }
  underWay--;
  const peers = enter(swarm, peer, query.get("event") ?? "", wanted);
  const { complete, incomplete } = counts(swarm);
  const isCompact = query.get("compact") !== "0";
  const isSix = (one: Peer) => one.host.includes(":") && bug !== "six-among-four";
  const four = compact(peers.filter((one) => !isSix(one)));
  const six = compact(peers.filter(isSix));
  return {
    complete,
    incomplete,
    interval: bug === "interval-as-string" ? String(interval) : interval,
    ...(bug === "min-interval-above" ? { "min interval": 2 * interval } : {}),
    peers: !isCompact
      ? listOf(peers)
      : bug === "peers-as-text"
      ? textOf(encoder.encode(four))
      : four,
    ...(isCompact && six !== "" ? { peers6: six } : {}),
  };
}

function scrape(infoHashes: readonly string[]): Value {
  const files: Record<string, Value> = {};
  for (const written of bug === "scrapes-one" ? infoHashes.slice(0, 1) : infoHashes) {
    const infoHash = unescape(written);
    const swarm = swarms.get(keyOf(infoHash, written));
    if (swarm === undefined && bug === "dies-of-unknown") throw new TypeError("undefined");
    if (swarm === undefined) continue;
    const key = bug === "hex-scrape-keys"
      ? Array.from(bytesOf(infoHash), (byte) => byte.toString(16).padStart(2, "0")).join("")
      : bug === "text-scrape-keys"
      ? textOf(encoder.encode(infoHash))
      : infoHash;
    files[key] = counts(swarm);
  }
  return { files };
}

/** The body of a reply to a request's target. */
async function answer(target: string, host: string): Promise<string | undefined> {
  const [path, query = ""] = target.split("?", 2);
  const pairs = query.split("&").map((pair) => pair.split("=", 2) as [string, string | undefined]);
  try {
    if (path === "/announce") {
      const isNone = /%(?![0-9a-f]{2})/i.test(query);
      if (bug === "dies-of-garbage" && isNone) throw new URIError("URI malformed");
      const map = new Map(pairs.map(([key, value = ""]) => [key, value]));
      return bencode(await announce(map, host));
    }
    if (path === "/scrape") {
      return bencode(scrape(pairs.flatMap(([, value]) => value === undefined ? [] : [value])));
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return bencode({ "failure reason": error.message });
  }
}

function replyTo(status: string, body: string, closes: boolean): Uint8Array<ArrayBuffer> {
  if (bug === "no-head") return bytesOf(body);
  const length = bug === "length-in-characters"
    ? new TextDecoder().decode(bytesOf(body)).length
    : body.length;
  const end = bug === "line-feeds" ? "\n" : "\r\n";
  const lines = [
    `HTTP/1.1 ${status}`,
    "Content-Type: text/plain",
    `Content-Length: ${length}`,
    `Connection: ${closes ? "close" : "keep-alive"}`,
  ];
  return bytesOf(lines.join(end) + end + end + body);
}

/** Serves the requests of one connection. */
async function serve(socket: Deno.TcpConn): Promise<void> {
  const host = socket.remoteAddr.hostname.replace(/^::ffff:/, "");
  const buffer = new Uint8Array(bug === "small-read" ? 1024 : 65_536);
  let text = "";
  for (let requests = 0;; requests++) {
    while (!text.includes("\r\n\r\n")) {
      const count = await socket.read(buffer);
      if (count === null || text.length > 1 << 16) return;
      text += textOf(buffer.subarray(0, count));
      if (bug === "one-read") text += "\r\n\r\n";
      if (bug === "small-read" && text.length >= 1024) text = `${text.slice(0, 1024)}\r\n\r\n`;
    }
    const end = text.indexOf("\r\n\r\n");
    const head = text.slice(0, end);
    text = text.slice(end + 4);
    const [, target] = /^GET (\S+)/.exec(head) ?? [];
    const closes = /^connection: *close/im.test(head) || target === undefined ||
      bug === "one-at-a-time";
    let reply: Uint8Array<ArrayBuffer>;
    try {
      const body = target === undefined ? undefined : await answer(target, host);
      const json = bug === "json" && body !== undefined ? '{"interval": 1800, "peers": []}' : body;
      const whole = bug === "newline" && json !== undefined ? `${json}\n` : json;
      reply = whole === undefined
        ? replyTo(target === undefined ? "400 Bad Request" : "404 Not Found", "", closes)
        : replyTo("200 OK", whole, closes);
    } catch (error) {
      if (bug === "dies-of-garbage") throw error;
      reply = replyTo("500 Internal Server Error", String(error), closes);
    }
    if (bug === "second-request" && requests > 0) continue;
    for (let at = 0; at < reply.length;) at += await socket.write(reply.subarray(at));
    if (closes) return;
  }
}

async function serveHttp(listener: Deno.TcpListener): Promise<void> {
  for await (const socket of listener) {
    const served = serve(socket).catch((error) => {
      // Whoever hung up is gone; a mistake that is to end it does.
      if (error instanceof URIError) throw error;
    }).finally(() => {
      try {
        socket.close();
      } catch {
        // It was closed already.
      }
    });
    if (bug === "one-at-a-time") await served;
  }
}

async function serveUdp(socket: Deno.DatagramConn): Promise<void> {
  const given = new Map<bigint, string>();
  for await (const [packet, from] of socket) {
    const { hostname: host, port: fromPort } = from as Deno.NetAddr;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    if (packet.length < 16 && bug !== "udp-dies-of-short") continue;
    const connectionId = view.getBigUint64(0);
    const action = view.getUint32(8);
    const reply = (length: number, kind: number) => {
      const bytes = new DataView(new ArrayBuffer(length));
      bytes.setUint32(0, kind);
      bytes.setUint32(4, bug === "udp-transaction" ? 1 : view.getUint32(12));
      return bytes;
    };
    const send = (bytes: DataView<ArrayBuffer>) => socket.send(new Uint8Array(bytes.buffer), from);
    if (action === 0 && connectionId === 0x41727101980n) {
      const id = crypto.getRandomValues(new BigUint64Array(1))[0]!;
      given.set(id, `${host} ${fromPort}`);
      const bytes = reply(16, 0);
      bytes.setBigUint64(8, id);
      await send(bytes);
      continue;
    }
    if (given.get(connectionId) !== `${host} ${fromPort}` && bug !== "udp-any-id") {
      await send(reply(8, 3));
      continue;
    }
    const all = bug === "udp-own-swarms" ? udpSwarms : swarms;
    if (action === 1 && packet.length >= 98) {
      const infoHash = textOf(packet.subarray(16, 36));
      const swarm = swarmOf(keyOf(infoHash, infoHash), all);
      const event = ["", "completed", "started", "stopped"][view.getUint32(80)] ?? "";
      const left = Number(view.getBigUint64(64));
      const id = textOf(packet.subarray(36, 56));
      const peer = { host, port: view.getUint16(96), id, left, seen: Date.now() };
      const peers = bytesOf(compact(enter(swarm, peer, event, 50)));
      const bytes = reply(20 + peers.length, 1);
      const { complete, incomplete } = counts(swarm);
      [interval, incomplete, complete].forEach((value, index) =>
        bytes.setUint32(8 + 4 * index, value)
      );
      new Uint8Array(bytes.buffer).set(peers, 20);
      if (bug === "udp-port-first") {
        for (let at = 20; at < bytes.byteLength; at += 6) {
          const six = new Uint8Array(bytes.buffer, at, 6);
          six.set([...six.subarray(4), ...six.subarray(0, 4)]);
        }
      }
      await send(bytes);
    } else if (action === 2) {
      const count = Math.floor((packet.length - 16) / 20);
      const bytes = reply(8 + 12 * count, 2);
      for (let index = 0; index < count; index++) {
        const infoHash = textOf(packet.subarray(16 + 20 * index, 36 + 20 * index));
        const { complete, downloaded, incomplete } = counts(
          swarmOf(keyOf(infoHash, infoHash), all),
        );
        const numbers = bug === "udp-scrape-order"
          ? [complete, incomplete, downloaded]
          : [complete, downloaded, incomplete];
        numbers.forEach((value, place) => bytes.setUint32(8 + 12 * index + 4 * place, value));
      }
      await send(bytes);
    } else await send(reply(8, 3));
  }
}

const listening = [serveHttp(Deno.listen({ hostname: "127.0.0.1", port }))];
try {
  listening.push(serveHttp(Deno.listen({ hostname: "::1", port })));
} catch {
  // This machine has no IPv6.
}
if (bug !== "no-udp") {
  listening.push(serveUdp(Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port })));
}
await Promise.all(listening);
