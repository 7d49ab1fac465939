/**
 * A small right peer, for the tests of `vtorrent grade peer`: it imports nothing of ours.
 *
 *     deno run -A right_peer.ts [--bug NAME] download -o OUTPUT TORRENT
 *
 * It knows the commands of CodeCrafters' course and `seed`. `--bug NAME` plants one mistake that
 * students make; mutants.ts says which probe has to find it.
 *
 * @module
 */
// deno-lint-ignore-file no-console -- a program of its own
import { randomBytes } from "node:crypto";
import {
  type Address,
  askTracker,
  BLOCK,
  bug,
  Decoder,
  type Dictionary,
  encode,
  join,
  latin,
  PEER_ID,
  plain,
  plant,
  readLink,
  readTorrent,
  Refused,
  same,
  sha1,
  sizeOf,
  type Torrent,
  torrentOf,
} from "./right_torrent.ts";

const PIPELINE = 5;
const PLACES = 4;
const STALLED = 3000;
/** ms that others may take: a busy machine is slow. */
const PATIENCE = 60_000;
const MESSAGES = { choke: 0, unchoke: 1, interested: 2, notInterested: 3, have: 4 };
const BULK = { bitfield: 5, request: 6, piece: 7, cancel: 8, extended: 20 };

// Connections

interface Message {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** A connection, and what the other side said of itself. */
class Peer {
  id: Uint8Array = new Uint8Array();
  readonly has = new Set<number>();
  choked = true;
  interested = false;
  /** Blocks that were asked for: `piece/begin`. */
  readonly asked = new Set<string>();
  last = performance.now();
  #buffer: Uint8Array = new Uint8Array();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(readonly socket: Deno.TcpConn) {}

  static async call(address: Address, hash: Uint8Array): Promise<Peer> {
    const peer = new Peer(await Deno.connect(address));
    // Whoever says nothing for long is no loss.
    const patience = setTimeout(() => peer.close(), PATIENCE);
    try {
      peer.sayHandshake(hash);
      await peer.hearHandshake(hash);
    } catch (error) {
      peer.close();
      throw error;
    } finally {
      clearTimeout(patience);
    }
    return peer;
  }

  sayHandshake(hash: Uint8Array): void {
    const name = new TextEncoder().encode("\x13BitTorrent protocol");
    if (bug("name-length")) name[0] = 20;
    const id = bug("two-peer-ids") ? new Uint8Array(randomBytes(20)) : PEER_ID;
    this.write(join([name, Uint8Array.of(0, 0, 0, 0, 0, 0x10, 0, 0), hash, id]));
  }

  async hearHandshake(hash: Uint8Array): Promise<void> {
    const answer = await this.read(68);
    if (latin(answer.subarray(1, 20)) !== "BitTorrent protocol") throw new Error("no handshake");
    if (!same(answer.subarray(28, 48), hash) && !bug("hash-unchecked")) {
      throw new Error("wrong hash");
    }
    this.id = answer.slice(48);
    if (same(this.id, PEER_ID)) throw new Error("it is this program itself");
    if (bug("rest-thrown-away")) this.#buffer = new Uint8Array();
  }

  async read(count: number): Promise<Uint8Array> {
    while (this.#buffer.length < count) await this.#more();
    const bytes = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return bytes;
  }

  async #more(): Promise<void> {
    const bytes = new Uint8Array(65536);
    const count = await this.socket.read(bytes);
    if (count === null) throw new Error("it hung up");
    this.#buffer = join([this.#buffer, bytes.subarray(0, count)]);
  }

  async message(): Promise<Message> {
    if (bug("one-read")) {
      await this.#more();
      const bytes = this.#buffer;
      this.#buffer = new Uint8Array();
      const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
      return { kind: bytes[4]!, payload: bytes.slice(5, 4 + length) };
    }
    while (true) {
      const head = await this.read(4);
      const length = new DataView(head.buffer).getUint32(0);
      if (length === 0 && !bug("keep-alive")) continue;
      if (length > 1 << 20) throw new Error("a message of more than 1 MiB");
      const [kind, ...payload] = await this.read(length);
      if (kind === undefined) throw new Error("a message without an ID");
      return { kind, payload: Uint8Array.from(payload) };
    }
  }

  send(kind: number, payload: Uint8Array = new Uint8Array()): void {
    this.write(join([numbers(payload.length + 1), Uint8Array.of(kind), payload]));
  }

  write(bytes: Uint8Array): void {
    this.#writing = this.#writing.then(async () => {
      for (let at = 0; at < bytes.length;) at += await this.socket.write(bytes.subarray(at));
    }).catch(() => {});
  }

  /** When all that was said has gone out. */
  written(): Promise<unknown> {
    return this.#writing;
  }

  close(): void {
    try {
      this.socket.close();
    } catch {
      // It is.
    }
  }
}

function numbers(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) =>
    view.setUint32(4 * i, value, bug("little-endian") && values.length === 3)
  );
  return bytes;
}

const numberAt = (bytes: Uint8Array, at: number) =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);

// Downloading

interface Work {
  readonly owner: Peer;
  readonly piece: number;
  readonly content: Uint8Array;
  readonly open: number[];
  left: number;
}

/** Some pieces of a torrent, from all its peers at the same time, into a file. */
class Download {
  readonly #works = new Map<number, Work>();
  readonly #peers = new Set<Peer>();
  readonly #missing: Set<number>;
  readonly #over = Promise.withResolvers<void>();

  constructor(
    readonly torrent: Torrent,
    wanted: readonly number[],
    readonly output: string,
    readonly offset: number,
  ) {
    this.#missing = new Set(wanted);
    let there: Uint8Array = new Uint8Array();
    try {
      there = Deno.readFileSync(output);
    } catch {
      // Nothing yet.
    }
    for (const piece of wanted) {
      const start = piece * torrent.pieceLength - offset;
      const bytes = there.subarray(start, start + sizeOf(torrent, piece));
      if (same(sha1(bytes), torrent.hashes[piece]!)) this.#missing.delete(piece);
    }
  }

  async run(addresses: readonly Address[]): Promise<void> {
    if (this.#missing.size === 0) return;
    const ticking = setInterval(() => this.#askAll(), 500);
    const talks = Promise.all(addresses.map((address) => this.#talk(address)));
    await Promise.race([talks, this.#over.promise]);
    clearInterval(ticking);
    for (const peer of this.#peers) peer.close();
    if (this.#missing.size > 0) {
      throw new Refused(`${this.#missing.size} pieces are missing, and no peer is left`);
    }
  }

  async #talk(address: Address): Promise<void> {
    let peer: Peer | undefined;
    try {
      peer = await Peer.call(address, this.torrent.hash);
      this.#peers.add(peer);
      while (this.#missing.size > 0) this.#hear(peer, await peer.message());
    } catch (error) {
      if (this.#missing.size > 0) console.error(`${address.hostname}:${address.port}: ${error}`);
      // The mistake is to say it, so it has to go out.
      if (bug("have-before-check")) await peer?.written();
    } finally {
      if (peer !== undefined) this.#forget(peer);
    }
  }

  #forget(peer: Peer): void {
    peer.close();
    this.#peers.delete(peer);
    for (const { owner, piece } of this.#works.values()) {
      if (owner === peer) this.#works.delete(piece);
    }
    this.#askAll();
  }

  #hear(peer: Peer, { kind, payload }: Message): void {
    const { hashes } = this.torrent;
    if (kind === MESSAGES.choke && !bug("choke-ignored")) {
      peer.choked = true;
      for (const work of this.#works.values()) {
        for (let begin = 0; begin < work.content.length; begin += BLOCK) {
          if (peer.asked.has(`${work.piece}/${begin}`)) work.open.push(begin);
        }
      }
      peer.asked.clear();
    } else if (kind === MESSAGES.unchoke) peer.choked = false;
    else if (kind === MESSAGES.have) {
      const piece = numberAt(payload, 0);
      if (piece >= hashes.length) throw new Error(`HAVE of piece ${piece}`);
      peer.has.add(piece);
    } else if (kind === BULK.bitfield) {
      hashes.forEach((_, piece) =>
        payload[piece >> 3]! >> (7 - (piece & 7)) & 1 && peer.has.add(piece)
      );
    } else if (kind === BULK.piece) this.#take(peer, payload);
    else if (kind > BULK.cancel && bug("unknown-ends")) throw new Error(`unknown message ${kind}`);
    if (!peer.interested && [...this.#missing].some((piece) => peer.has.has(piece))) {
      peer.interested = true;
      peer.send(MESSAGES.interested);
    }
    this.#ask(peer);
  }

  #askAll(): void {
    for (const peer of this.#peers) this.#ask(peer);
  }

  #ask(peer: Peer): void {
    if (peer.choked || !peer.interested) return;
    while (peer.asked.size < PIPELINE) {
      const work = this.#workFor(peer);
      if (work === undefined) return;
      const begin = work.open.shift()!;
      const rest = bug("last-block-long") ? BLOCK : work.content.length - begin;
      peer.asked.add(`${work.piece}/${begin}`);
      peer.send(BULK.request, numbers(work.piece, begin, Math.min(BLOCK, rest)));
    }
  }

  #workFor(peer: Peer): Work | undefined {
    for (const work of this.#works.values()) {
      if (work.owner === peer && work.open.length > 0) return work;
    }
    const known = [...this.#missing].filter((piece) =>
      peer.has.has(piece) || bug("asks-for-anything")
    );
    const old = performance.now() - STALLED;
    const fresh = known.filter((piece) => !this.#works.has(piece));
    const free = fresh.length > 0 ? fresh : known.filter((piece) => {
      const { owner } = this.#works.get(piece)!;
      return owner !== peer && owner.last < old;
    });
    if (free.length === 0) return undefined;
    const count = (piece: number) => [...this.#peers].filter(({ has }) => has.has(piece)).length;
    const piece = bug("lowest-first")
      ? Math.min(...free)
      : free.map((piece) => ({ piece, by: count(piece) + Math.random() }))
        .sort((a, b) => a.by - b.by)[0]!.piece;
    const size = sizeOf(this.torrent, piece);
    const open = Array.from({ length: Math.ceil(size / BLOCK) }, (_, i) => i * BLOCK);
    const work = { owner: peer, piece, content: new Uint8Array(size), open, left: size };
    this.#works.set(piece, work);
    return work;
  }

  #take(peer: Peer, payload: Uint8Array): void {
    const [piece, begin] = [numberAt(payload, 0), numberAt(payload, 4)];
    if (!peer.asked.delete(`${piece}/${begin}`)) return;
    peer.last = performance.now();
    const work = this.#works.get(piece);
    if (work?.owner !== peer) return;
    work.content.set(payload.subarray(8), begin);
    work.left -= payload.length - 8;
    if (work.left > 0) return;
    this.#works.delete(piece);
    if (bug("have-before-check")) this.#tell(piece);
    if (!same(sha1(work.content), this.torrent.hashes[piece]!) && !bug("piece-unchecked")) {
      throw new Error(`piece ${piece} is wrong`);
    }
    using file = Deno.openSync(this.output, { write: true, create: true });
    file.seekSync(piece * this.torrent.pieceLength - this.offset, Deno.SeekMode.Start);
    for (let at = 0; at < work.content.length;) at += file.writeSync(work.content.subarray(at));
    this.#missing.delete(piece);
    this.#tell(piece);
    if (this.#missing.size === 0) this.#over.resolve();
  }

  #tell(piece: number): void {
    for (const peer of this.#peers) peer.send(MESSAGES.have, numbers(piece));
  }
}

async function download(torrent: Torrent, output: string, piece?: string): Promise<void> {
  const addresses = await askTracker(torrent);
  const wanted = piece === undefined ? [...torrent.hashes.keys()] : [Number(piece)];
  const offset = piece === undefined ? 0 : Number(piece) * torrent.pieceLength;
  await new Download(torrent, wanted, output, offset).run(addresses);
  console.log(`Downloaded to ${output}`);
}

// Giving

/** Gives what lies in a folder, to a few at a time. */
class Seed {
  readonly #content: Uint8Array;
  readonly #given: Peer[] = [];
  readonly #waiting: Peer[] = [];

  constructor(readonly torrent: Torrent, folder: string) {
    const paths = torrent.files.length > 0 ? torrent.files : [[]];
    const read = (path: readonly string[]) =>
      Deno.readFileSync([folder, torrent.name, ...path].join("/"));
    this.#content = join(paths.map(read));
  }

  async run(port: number): Promise<void> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    askTracker(this.torrent, { port, left: 0, event: "started" }).catch((error) =>
      console.error(error)
    );
    setInterval(() => this.#turn(), 10_000);
    for await (const socket of listener) void this.#serve(new Peer(socket));
  }

  /** Every ten seconds the next of those that wait gets a place. */
  #turn(): void {
    const next = this.#waiting.shift();
    const longest = next && this.#given.shift();
    if (next === undefined || longest === undefined) return;
    longest.choked = true;
    longest.send(MESSAGES.choke);
    this.#waiting.push(longest);
    this.#place(next);
  }

  #place(peer: Peer): void {
    this.#given.push(peer);
    peer.choked = false;
    if (!bug("no-unchoke")) peer.send(MESSAGES.unchoke);
  }

  async #serve(peer: Peer): Promise<void> {
    const queue: [number, number, number][] = [];
    let giving = false;
    const give = async () => {
      if (giving) return;
      giving = true;
      for (let block = queue.shift(); block !== undefined; block = queue.shift()) {
        const [piece, begin, length] = block;
        const start = piece * this.torrent.pieceLength + begin;
        peer.send(
          BULK.piece,
          join([numbers(piece, begin), this.#content.subarray(start, start + length)]),
        );
        await peer.written();
      }
      giving = false;
    };
    try {
      await peer.hearHandshake(this.torrent.hash);
      peer.sayHandshake(this.torrent.hash);
      peer.send(BULK.bitfield, this.#bitfield());
      while (true) {
        const { kind, payload } = await peer.message();
        const isKnown = [...this.#given, ...this.#waiting].includes(peer);
        if (kind === MESSAGES.interested && !isKnown) {
          if (this.#given.length < PLACES || bug("unchokes-all")) this.#place(peer);
          else this.#waiting.push(peer);
        }
        if (kind === BULK.request && (!peer.choked || bug("gives-choked"))) {
          const block: [number, number, number] = [0, 4, 8].map((at) =>
            numberAt(payload, at)
          ) as never;
          const [piece, begin, length] = block;
          const isThere = piece < this.torrent.hashes.length && length <= BLOCK &&
            begin + length <= sizeOf(this.torrent, piece);
          if (!isThere) throw new Error("a request beyond the end");
          queue.push(block);
          void give();
        }
        if (kind === BULK.cancel && !bug("cancel-ignored")) {
          const text = [0, 4, 8].map((at) => numberAt(payload, at)).join();
          const at = queue.findIndex((block) => block.join() === text);
          if (at >= 0) queue.splice(at, 1);
        }
      }
    } catch {
      // It hung up, or said what no peer says.
    } finally {
      peer.close();
      for (const group of [this.#given, this.#waiting]) {
        if (group.includes(peer)) group.splice(group.indexOf(peer), 1);
      }
      if (this.#waiting.length > 0 && this.#given.length < PLACES) {
        this.#place(this.#waiting.shift()!);
      }
    }
  }

  #bitfield(): Uint8Array {
    const bits = new Uint8Array(Math.ceil(this.torrent.hashes.length / 8));
    for (const piece of this.torrent.hashes.keys()) {
      bits[piece >> 3]! |= bug("bits-reversed") ? 1 << (piece & 7) : 0x80 >> (piece & 7);
    }
    return bits;
  }
}

// Metadata by a link

/** What `ask` gets of the first peer that gives it. */
async function fromAny<T>(link: Torrent, ask: (peer: Peer) => Promise<T>): Promise<T> {
  for (const address of await askTracker(link)) {
    let peer: Peer | undefined;
    const patience = setTimeout(() => peer?.close(), PATIENCE);
    try {
      peer = await Peer.call(address, link.hash);
      return await ask(peer);
    } catch (error) {
      console.error(`${address.hostname}:${address.port}: ${error}`);
    } finally {
      clearTimeout(patience);
      peer?.close();
    }
  }
  throw new Refused("no peer has the metadata");
}

/** The other side's extended handshake, after ours. */
async function hello(peer: Peer): Promise<{ number: number; size: number }> {
  peer.send(BULK.extended, join([Uint8Array.of(0), encode({ m: { "ut_metadata": 3 } })]));
  const { "metadata_size": size, m } = (await extended(peer, 0)).value as Dictionary;
  return { number: (m as { "ut_metadata": number })["ut_metadata"], size: size as number };
}

async function extended(
  peer: Peer,
  number: number,
): Promise<{ value: Dictionary; rest: Uint8Array }> {
  while (true) {
    const { kind, payload } = await peer.message();
    if (kind !== BULK.extended || payload[0] !== number) continue;
    const decoder = new Decoder(payload.subarray(1));
    const value = decoder.value() as Dictionary;
    return { value, rest: decoder.bytes.subarray(decoder.at) };
  }
}

async function resolve(link: Torrent): Promise<Torrent> {
  return await fromAny(link, async (peer) => {
    const { number, size } = await hello(peer);
    const parts: Uint8Array[] = [];
    for (let piece = 0; piece * BLOCK < size; piece++) {
      const asking = encode({ "msg_type": 0, piece });
      peer.send(BULK.extended, join([Uint8Array.of(bug("own-number") ? 3 : number), asking]));
      const { value, rest } = await extended(peer, 3);
      if (value["msg_type"] !== 1) throw new Error("it rejects");
      parts.push(rest);
    }
    const metadata = join(parts);
    if (!same(sha1(metadata), link.hash) && !bug("metadata-unchecked")) {
      throw new Error("wrong metadata");
    }
    return torrentOf(new Decoder(metadata).whole() as Dictionary, link.hash, link.trackers);
  });
}

// Commands

function printInfo({ trackers, length, hash, pieceLength, hashes }: Torrent): void {
  console.log(`Tracker URL: ${trackers[0]}\nLength: ${length}\nInfo Hash: ${hash.toHex()}`);
  console.log(
    `Piece Length: ${pieceLength}\nPiece Hashes:\n${hashes.map((one) => one.toHex()).join("\n")}`,
  );
}

async function run([command, ...rest]: string[]): Promise<void> {
  const [first, second, third, fourth, fifth] = rest as [string, string, string, string, string];
  if (command === "decode") {
    console.log(JSON.stringify(plain(new Decoder(new TextEncoder().encode(first)).whole())));
  } else if (command === "info") printInfo(readTorrent(first));
  else if (command === "peers") {
    for (const { hostname, port } of await askTracker(readTorrent(first))) {
      console.log(hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`);
    }
  } else if (command === "handshake") {
    const [hostname, port] = second.split(":") as [string, string];
    const peer = await Peer.call({ hostname, port: Number(port) }, readTorrent(first).hash);
    console.log(`Peer ID: ${peer.id.toHex()}`);
  } else if (command === "download_piece") await download(readTorrent(third), second, fourth);
  else if (command === "download") await download(readTorrent(third), second);
  else if (command === "seed") await new Seed(readTorrent(fifth), fourth).run(Number(second));
  else if (command === "magnet_parse") {
    const { trackers, hash } = readLink(first);
    console.log(`Tracker URL: ${trackers[0]}\nInfo Hash: ${hash.toHex()}`);
  } else if (command === "magnet_handshake") {
    await fromAny(readLink(first), async (peer) => {
      const { number } = await hello(peer);
      console.log(`Peer ID: ${peer.id.toHex()}\nPeer Metadata Extension ID: ${number}`);
    });
  } else if (command === "magnet_info") printInfo(await resolve(readLink(first)));
  else if (command === "magnet_download_piece") {
    await download(await resolve(readLink(third)), second, fourth);
  } else if (command === "magnet_download") await download(await resolve(readLink(third)), second);
  else throw new Refused(`no such command: ${command}`);
}

if (import.meta.main) {
  let words = Deno.args;
  if (words[0] === "--bug") {
    plant(words[1]!);
    words = words.slice(2);
  }
  await run(words).catch((error) => {
    console.error(error instanceof Refused ? `tracker or peers: ${error.message}` : error);
    Deno.exit(1);
  });
  Deno.exit(0);
}
