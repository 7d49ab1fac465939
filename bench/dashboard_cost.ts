/**
 * What an open page costs a peer: CPU of an engine with 50 torrents (one of 10,000 pieces) and 200
 * connected peers that all fetch something, with and without a page that listens.
 *
 *     deno run --allow-all bench/dashboard_cost.ts
 *
 * @module
 */
import { join } from "@std/path";
import { CatalogueClient, Engine } from "../peer/mod.ts";
import { Catalogues } from "../shell/trackers/catalogues.ts";
import { servePeerPage } from "../shell/dashboard/peer_page.ts";

const TORRENTS = 50;
const PEERS = 200;
const PIECE = 16_384;
/** Pieces of the torrent that is shown whole, and of each other one. */
const MANY = 10_000;
const FEW = 256;
/** Between two blocks that a peer asks for, ms. */
const BLOCK_MS = 1000;
const SECONDS = 10;

if (Deno.args[0] === "peers") await runPeers(Number(Deno.args[1]), Deno.args.slice(2));
else if (Deno.args[0] === "page") await readPage(Deno.args[1]!);
else await measure();

async function measure(): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-bench-" });
  try {
    await using engine = await Engine.start({
      name: "bench",
      dir,
      host: "127.0.0.1",
      port: 0,
      maxConnections: 2 * PEERS,
      uploadSlots: PEERS,
    });
    const hashes: string[] = [];
    for (let torrent = 0; torrent < TORRENTS; torrent++) {
      const path = join(dir, `file-${torrent}.bin`);
      await Deno.writeFile(path, new Uint8Array([torrent]));
      await Deno.truncate(path, (torrent === 0 ? MANY : FEW) * PIECE);
      hashes.push((await engine.share(path, { pieceLength: PIECE })).infoHash);
    }
    await using page = servePeerPage(
      {
        engine,
        catalogues: new Catalogues(new CatalogueClient(), []),
        publisher: undefined,
        trackersGiven: false,
        peers: [],
      },
      { port: 0 },
      (error) => {
        throw error;
      },
    );
    await using _peers = child("peers", String(engine.port), ...hashes);
    const connected = () =>
      engine.snapshot().torrents.reduce(
        (sum, { peers }) => sum + peers.filter(({ uploadRate }) => uploadRate > 0).length,
        0,
      );
    for (let tries = 0; connected() < PEERS && tries < 60; tries++) await pause(500);
    say(`${TORRENTS} torrents, ${connected()} peers that fetch`);
    const without = await cpuShare();
    const url = `http://127.0.0.1:${page.port}/api/v1/events?torrent=${hashes[0]}`;
    await using _page = child("page", url);
    await pause(2000);
    const withPage = await cpuShare();
    say(`CPU of the peer: ${percent(without)} without, ${percent(withPage)} with an open page`);
    say(`An open page costs ${percent(withPage - without)} of a core`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Share of a core that this process uses, by the kernel's own count. */
async function cpuShare(): Promise<number> {
  const [start, at] = [cpuSeconds(), performance.now()];
  await pause(SECONDS * 1000);
  return (cpuSeconds() - start) * 1000 / (performance.now() - at);
}

/** User and system time of all threads (Linux). */
function cpuSeconds(): number {
  const fields = Deno.readTextFileSync("/proc/self/stat").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function child(...args: string[]): AsyncDisposable {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", import.meta.filename!, ...args],
    stdin: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.status;
    },
  };
}

/** 200 plain peers that fetch a block each second. */
async function runPeers(port: number, hashes: readonly string[]): Promise<void> {
  await Promise.all(
    Array.from({ length: PEERS }, (_, at) => runPeer(port, hashes[at % hashes.length]!, at)),
  );
}

async function runPeer(port: number, infoHash: string, number: number): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const hello = new Uint8Array(68 + 5);
  hello.set([19, ...new TextEncoder().encode("BitTorrent protocol")]);
  hello.set(Uint8Array.fromHex(infoHash), 28);
  hello.set(new TextEncoder().encode(`-BN0001-${String(number).padStart(12, "0")}`), 48);
  hello.set([0, 0, 0, 1, 2], 68); // interested
  await conn.write(hello);
  const request = new Uint8Array(17);
  const view = new DataView(request.buffer);
  view.setUint32(0, 13);
  view.setUint8(4, 6);
  view.setUint32(13, PIECE);
  const timer = setInterval(() => {
    view.setUint32(5, (number * 7 + view.getUint32(5) + 1) % FEW);
    conn.write(request).catch(() => {});
  }, BLOCK_MS);
  const scratch = new Uint8Array(1 << 16);
  while (await conn.read(scratch) !== null);
  clearInterval(timer);
}

async function readPage(url: string): Promise<void> {
  const response = await fetch(url);
  let [bytes, chunks] = [0, 0];
  const start = performance.now();
  for await (const part of response.body!) {
    bytes += part.length;
    if (++chunks % 20 === 0) {
      const seconds = (performance.now() - start) / 1000;
      say(`  the page gets ${(bytes / seconds / 1024).toFixed(1)} KiB/s`);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function say(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}
