/**
 * The floor of a leech in Deno: fetches one file of v1 from one seed and does nothing that this does
 * not need. It asks in order, hashes each piece, writes it, and has no choker, no picker, no other
 * peers, no resume, no sync. The arguments are `TORRENT DIR PORT`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { formatAnnounceQuery, parseAnnounceReply } from "../protocol/announce.ts";
import { equalBytes } from "../protocol/bytes20.ts";
import { encodeHandshake, HANDSHAKE_LENGTH } from "../protocol/handshake.ts";
import { MessageReader } from "../protocol/message_reader.ts";
import { MessageWriter } from "../protocol/message_writer.ts";
import { parseMetainfo } from "../protocol/metainfo.ts";
import { BLOCK_LENGTH } from "../protocol/piece_layout.ts";

/** Blocks asked for and not yet here, and how many are asked for together. */
const WINDOW = { blocks: 256, step: 64 };
/** Bytes of one write, and of the pieces that wait for theirs at most. */
const WRITE_LENGTH = 1 << 18;
const MAX_UNWRITTEN = 1 << 25;
const hostname = "127.0.0.1";

const [torrent, dir, portText] = Deno.args as [string, string, string];
const port = Number(portText);
const { info: { name, pieceLength, pieces, totalSize }, infoBytes, trackers } = parseMetainfo(
  await Deno.readFile(torrent),
);
const infoHash = sha1(infoBytes);
const peerId = new TextEncoder().encode("-FL0100-" + crypto.randomUUID().slice(0, 12));

// The other side may call us as well as we it: whoever is there first.
const listener = Deno.listen({ hostname, port });
const [seed] = (await announce(totalSize, "started")).peers.filter((peer) => peer.port !== port);
const conn = seed === undefined
  ? await listener.accept()
  : await Deno.connect({ hostname, port: seed.port });
const file = await Deno.open(join(dir, name), { create: true, write: true });

const reader = new MessageReader();
const writer = new MessageWriter(() => {});
const buffers: Uint8Array<ArrayBuffer>[] = [];
const begun = new Map<number, { buffer: Uint8Array<ArrayBuffer>; left: number }>();
const blockCount = Math.ceil(totalSize / BLOCK_LENGTH);
let asked = 0;
let received = 0;
/** The writes, one after the other, and the bytes that they have still to write. */
let written: Promise<unknown> = Promise.resolve();
let unwritten = 0;

writer.raw(
  encodeHandshake({ infoHash, peerId, fast: false, extended: false, dht: false }),
);
writer.interested();
await send();
while (reader.peek().length < HANDSHAKE_LENGTH) await read();
reader.take(HANDSHAKE_LENGTH);
let isUnchoked = false;
while (received < blockCount) {
  for (let message; (message = reader.next()) !== undefined;) {
    if (message.type === "unchoke") isUnchoked = true;
    else if (message.type === "piece") onBlock(message.piece, message.begin, message.block);
  }
  if (unwritten > MAX_UNWRITTEN) await written;
  if (isUnchoked) await ask();
  if (received < blockCount) await read();
}
await written;
await announce(0, "completed");
// It is stopped from outside, as the others are.
await listener.accept();

async function read(): Promise<void> {
  const count = await conn.read(reader.space());
  if (count === null) throw new Error("The seed hung up");
  reader.commit(count);
}

async function send(): Promise<void> {
  const bytes = writer.take();
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

async function ask(): Promise<void> {
  while (asked < blockCount && WINDOW.blocks - (asked - received) >= WINDOW.step) {
    for (let i = 0; i < WINDOW.step && asked < blockCount; i++, asked++) {
      const at = asked * BLOCK_LENGTH;
      const length = Math.min(BLOCK_LENGTH, totalSize - at);
      writer.request(Math.floor(at / pieceLength), at % pieceLength, length);
    }
    await send();
  }
}

function onBlock(piece: number, begin: number, block: Uint8Array): void {
  received++;
  let part = begun.get(piece);
  if (part === undefined) {
    const left = Math.min(pieceLength, totalSize - piece * pieceLength);
    part = { buffer: buffers.pop() ?? new Uint8Array(pieceLength), left };
    begun.set(piece, part);
  }
  part.buffer.set(block, begin);
  part.left -= block.length;
  if (part.left > 0) return;
  begun.delete(piece);
  const { buffer } = part;
  const bytes = buffer.subarray(0, Math.min(pieceLength, totalSize - piece * pieceLength));
  if (!equalBytes(sha1(bytes), pieces.subarray(20 * piece, 20 * piece + 20))) {
    throw new Error(`Piece ${piece} is wrong`);
  }
  unwritten += bytes.length;
  written = written.then(() => write(piece * pieceLength, bytes)).then(() => {
    unwritten -= bytes.length;
    buffers.push(buffer);
  });
}

async function write(position: number, bytes: Uint8Array): Promise<void> {
  await file.seek(position, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at, at + WRITE_LENGTH));
  }
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash("sha1").update(bytes).digest();
}

async function announce(left: number, event: "started" | "completed") {
  const query = formatAnnounceQuery({
    ...{ infoHash, peerId, port, event, left },
    ...{
      uploaded: 0,
      downloaded: totalSize - left,
      numwant: 50,
      key: undefined,
      compact: true,
      noPeerId: true,
    },
  });
  const reply = await fetch(`${trackers[0]![0]!}?${query}`);
  return parseAnnounceReply(new Uint8Array(await reply.arrayBuffer()));
}
