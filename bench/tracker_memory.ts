/**
 * What the tracker's own store takes of memory for each peer, and of time for each announce, at
 * several sizes, as a table:
 *
 *     deno run --v8-flags=--expose-gc bench/tracker_memory.ts [largest]
 *
 * Memory is heap and buffers of this process, from before the first to after the last announce; time
 * is that of regular announces of peers that are there, in no order, each with a reply of 50.
 *
 * @module
 */
import process from "node:process";
import type { AnnounceRequest } from "../protocol/announce.ts";
import { MemoryStore } from "../tracker/swarms/memory_store.ts";

interface Load {
  readonly peers: number;
  readonly swarms: number;
  /** Bytes of an address. */
  readonly width: 4 | 16;
}

const LOADS: readonly Load[] = [
  { peers: 1_000, swarms: 10, width: 4 },
  { peers: 100_000, swarms: 1_000, width: 4 },
  { peers: 1_000_000, swarms: 1_000, width: 4 },
  { peers: 1_000_000, swarms: 1, width: 4 },
  { peers: 1_000_000, swarms: 1_000_000, width: 4 },
  { peers: 1_000_000, swarms: 1_000, width: 16 },
];
/** Announces in a round. */
const ANNOUNCES = 20_000;
const ROUNDS = 20;

const gc = (globalThis as { gc?: () => void }).gc;
const request: AnnounceRequest = {
  infoHash: new Uint8Array(20),
  peerId: new TextEncoder().encode("-VT0100-............"),
  port: 0,
  uploaded: 1 << 30,
  downloaded: 1 << 29,
  left: 0,
  event: "none",
  numwant: 50,
  key: 0,
  compact: true,
  noPeerId: true,
};
const ids = new DataView(request.peerId.buffer);
const hashes = new DataView(request.infoHash.buffer);

/** ms of work of this process: what others do on this machine does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The same peer for the same number: `left` is 0 for every fourth. */
function announcePeer(store: MemoryStore, load: Load, number: number, now: number): void {
  const address = new Uint8Array(load.width);
  const view = new DataView(address.buffer);
  if (load.width === 16) view.setUint16(0, 0x2001);
  view.setUint32(load.width - 4, 0x0b000000 + number);
  hashes.setUint32(8, number % load.swarms);
  ids.setUint32(12, number);
  request.key = number * 2654435761 >>> 0;
  request.port = 1025 + number % 60_000;
  request.left = number % 4;
  store.announce(request, { address, own: [] }, now);
}

function used(): number {
  gc?.();
  gc?.();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

function measure(load: Load): string {
  const before = used();
  const store = new MemoryStore(Math.random);
  const { peers } = load;
  const joinedAt = cpuMs();
  for (let i = 0; i < peers; i++) announcePeer(store, load, i, 1e9);
  const joining = cpuMs() - joinedAt;
  const bytes = (used() - before) / peers;
  // The best of several rounds: others use this machine, too.
  let again = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = cpuMs();
    for (let i = 0; i < ANNOUNCES; i++) {
      announcePeer(store, load, (Math.imul(i, 2654435761) >>> 0) % peers, 1e9);
    }
    again = Math.min(again, cpuMs() - start);
  }
  const sweepAt = cpuMs();
  store.sweep(1e9);
  const sweeping = cpuMs() - sweepAt;
  const cells = [
    peers.toLocaleString("en"),
    load.swarms.toLocaleString("en"),
    load.width === 4 ? "IPv4" : "IPv6",
    bytes.toFixed(0),
    (joining / peers * 1000).toFixed(2),
    (again / ANNOUNCES * 1000).toFixed(2),
    sweeping.toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}

if (import.meta.main) {
  const largest = Number(Deno.args[0] ?? Infinity);
  const lines = LOADS.filter(({ peers }) => peers <= largest).map((load) => measure(load));
  // deno-lint-ignore no-console
  console.log(lines.join("\n"));
}
