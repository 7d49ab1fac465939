/**
 * One torrent's fault ends that torrent: a throw is planted in each of its parts in turn. The process
 * lives (an unhandled rejection would end this test's), the torrent says what happened and stops,
 * another one beside it completes, and `resume` brings the first one back.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Engine, type EngineOptions } from "../../peer/mod.ts";
import type { Torrent } from "../../peer/torrent/torrent.ts";
import { encodeBencode } from "../../protocol/bencode.ts";
import { type Magnet, parseMagnet } from "../../protocol/magnet.ts";
import { parseMetainfo } from "../../protocol/metainfo.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { meeting, plant, Planted } from "../support/planted.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";
import { WebServer } from "../support/web_server.ts";

const PIECE = 16384;
const PIECES = 24;

interface Row {
  /** Where it throws. */
  readonly where: string;
  /** Whether the torrent at fault is downloaded or seeded. */
  readonly as: "leech" | "seed";
  readonly plant: (torrent: Torrent) => Disposable;
  readonly options?: Partial<EngineOptions>;
  /** It is served by a web server alone, which may have wrong bytes. */
  readonly web?: "right" | "wrong";
  /** Of that kind, and begun by a link: what it lacks then is asked for. */
  readonly link?: "v2" | "hybrid";
  /** It has a tracker, which names the seed. */
  readonly tracker?: boolean;
}

/** A seam that is a promise, of a store: it rejects. */
function rejects<T extends object>(on: T, method: keyof T & string): Disposable {
  const planted = plant(on, method);
  Object.defineProperty(on, method, {
    configurable: true,
    value: () => Promise.reject(new Planted()),
  });
  return planted;
}

/** Planted when those that were named by hand are noted. */
function soon(planting: () => Disposable): Disposable {
  let planted: Disposable | undefined;
  queueMicrotask(() => planted = planting());
  return { [Symbol.dispose]: () => planted?.[Symbol.dispose]() };
}

const ROWS: readonly Row[] = [
  { where: "the first check throws", as: "leech", plant: ({ init }) => plant(init, "check") },
  { where: "the first check rejects", as: "seed", plant: ({ init }) => rejects(init, "check") },
  {
    where: "what the check found is taken over",
    as: "leech",
    plant: ({ exchange }) => plant(exchange, "setHave"),
  },
  { where: "a piece is written", as: "leech", plant: ({ init }) => rejects(init.store, "write") },
  {
    where: "a file gets its name",
    as: "leech",
    plant: ({ init }) => rejects(init.store, "finish"),
  },
  { where: "bytes are synced", as: "leech", plant: ({ init }) => rejects(init.store, "sync") },
  { where: "the record is saved", as: "leech", plant: ({ init }) => rejects(init, "save") },
  {
    where: "a block comes",
    as: "leech",
    plant: ({ exchange }) => plant(exchange.download, "accept"),
  },
  {
    where: "pieces are counted",
    as: "leech",
    plant: ({ exchange }) => plant(exchange.picker, "addSeed"),
  },
  {
    where: "peers are called",
    as: "leech",
    plant: ({ exchange }) => plant(exchange.connections.peerList, "next"),
  },
  {
    where: "an address is noted",
    as: "leech",
    plant: ({ exchange }) => plant(exchange.connections.peerList, "add"),
  },
  {
    where: "a call got through",
    as: "leech",
    plant: ({ exchange }) => plant(exchange.connections.peerList, "connected"),
  },
  {
    where: "a caller is let in",
    as: "seed",
    plant: ({ exchange }) => plant(exchange.connections.peerList, "isBanned"),
  },
  { where: "a second passes", as: "leech", plant: ({ exchange }) => plant(exchange, "tick") },
  { where: "a tracker is due", as: "leech", plant: ({ announces }) => plant(announces, "tick") },
  {
    where: "a tracker's peers are taken over",
    as: "leech",
    plant: (torrent) => soon(() => plant(torrent, "addPeers")),
    tracker: true,
  },
  {
    where: "files are looked at again",
    as: "leech",
    plant: ({ recheck }) => plant(recheck, "tick"),
  },
  {
    where: "a block is asked for under a limit",
    as: "leech",
    plant: ({ exchange }) => plant(exchange.download, "assign"),
    options: { downloadLimit: 8 << 20 },
  },
  {
    where: "the pulse of a limit",
    as: "leech",
    plant: ({ exchange }) => plant(exchange, "pulse"),
    options: { downloadLimit: 8 << 20 },
  },
  {
    where: "a web server's block comes",
    as: "leech",
    plant: ({ exchange }) => plant(exchange.download, "accept"),
    web: "right",
  },
  {
    where: "a web server's request ends",
    as: "leech",
    plant: ({ exchange }) => plant(exchange.download, "releaseAll"),
    web: "right",
  },
  {
    where: "a piece is wrong",
    as: "leech",
    plant: ({ exchange }) => plant(exchange.download, "failed"),
    web: "wrong",
  },
  {
    where: "hashes come",
    as: "leech",
    plant: ({ init }) => plant(init.trees!, "learn"),
    link: "v2",
  },
  {
    where: "the last hashes are saved",
    as: "leech",
    plant: ({ init }) => plant(init, "saveLayers"),
    link: "v2",
  },
  {
    where: "hashes are asked for",
    as: "seed",
    plant: ({ init }) => plant(init.trees!, "tree"),
    link: "v2",
  },
  {
    where: "a piece of a hybrid is checked",
    as: "leech",
    plant: ({ init }) => plant(init.trees!, "fits"),
    link: "hybrid",
  },
  {
    where: "it is shown",
    as: "leech",
    plant: ({ exchange }) => plant(exchange.webSeeds, "snapshot"),
  },
  { where: "a piece is read", as: "seed", plant: ({ init }) => rejects(init.store, "readRange") },
  { where: "a block is sent", as: "seed", plant: ({ exchange }) => plant(exchange.up, "add") },
  {
    where: "a block is sent under a limit",
    as: "seed",
    plant: ({ exchange }) => plant(exchange.up, "add"),
    options: { uploadLimit: 8 << 20 },
  },
];

for (const row of ROWS) {
  Deno.test(`one torrent's fault ends that torrent: ${row.where} (${row.as})`, async () => {
    const faults: unknown[] = [];
    const onFault = (fault: unknown) => void faults.push(fault);
    await using here = await TestEngine.start({ ...row.options, onFault });
    await using there = await TestEngine.start();
    const [seed, leech] = row.as === "seed" ? [here, there] : [there, here];
    const bytes = [1, 2].map((n) => someBytes(PIECES * PIECE + n, n)) as [Bytes, Bytes];
    const served = row.web === "wrong" ? new Uint8Array(bytes[0].length) : bytes[0];
    await using server = new WebServer({ "/bad": served });
    await using tracker = trackerNaming(seed);

    let planted: Disposable | undefined;
    using _ = meeting((one) => {
      if (one.name === "bad" && "exchange" in one && isOf(here, one)) planted ??= row.plant(one);
    });
    const trackers = row.tracker ? [[tracker.url]] : undefined;
    const webSeeds = row.web ? [`${server.url}/bad`] : [];
    const bad = await seed.engine.share(await seed.put("bad", bytes[0]), {
      pieceLength: PIECE,
      webSeeds,
      ...(row.link && { kind: row.link }),
    });
    const good = await seed.engine.share(await seed.put("good", bytes[1]), { pieceLength: PIECE });
    const peers = row.web || row.tracker ? [] : [addressOf(seed)];
    if (row.link !== undefined) leech.engine.addMagnet({ ...linkOf(bad.torrent), peers });
    else await leech.engine.add(bad.torrent, { peers, ...(trackers && { trackers }) });

    // Who looks at it in between sees the others, whatever it does.
    assert(here.engine.snapshot().torrents.length > 0);
    const { infoHash, reason } = await here.until(
      "torrent-state",
      ({ state }) => state === "error",
    );
    assertEquals(infoHash, bad.infoHash);
    assertMatch(
      reason!,
      /^internal error: planted \([\w.]+:\d+:\d+\); please report it$/,
    );
    // The other one begins only now, and completes.
    await leech.engine.add(good.torrent, { peers: [addressOf(seed)] });
    await leech.until("torrent-completed", ({ name }) => name === "good");
    const shown = here.engine.snapshot().torrents.find(({ name }) => name === "bad")!;
    assertEquals([shown.state, shown.errorKind, shown.peers], ["error", "fault", []]);

    planted![Symbol.dispose]();
    here.engine.resume(bad.infoHash);
    if (peers.length > 0 || row.web === "wrong") {
      leech.engine.addPeer(bad.infoHash, addressOf(seed));
    }
    await leech.until("torrent-completed", ({ name }) => name === "bad");
    assertEquals(await leech.read("bad"), bytes[0]);
    assertEquals(faults, []);
  });
}

type Bytes = Uint8Array<ArrayBuffer>;

function isOf(engine: TestEngine, torrent: Torrent): boolean {
  return torrent.init.dir === engine.dir;
}

/** A tracker that names one peer to everybody. */
function trackerNaming(peer: TestEngine): AsyncDisposable & { url: string } {
  const reply = encodeBencode({
    interval: 60,
    peers: new Uint8Array([127, 0, 0, 1, peer.engine.port >> 8, peer.engine.port & 255]),
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(reply),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/announce`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** What a magnet link tells of a torrent: a v2 one lacks its piece layers then. */
function linkOf(torrent: Uint8Array): Magnet {
  const { info, infoBytes } = parseMetainfo(torrent);
  const hex = (name: string) => createHash(name).update(infoBytes).digest("hex");
  const v1 = info.kind === "v2" ? "" : `xt=urn:btih:${hex("sha1")}&`;
  return parseMagnet(`magnet:?${v1}xt=urn:btmh:1220${hex("sha256")}`);
}

Deno.test("an error of one torrent while the engine ends keeps no other from being saved", async () => {
  await using maker = await TestEngine.start();
  const dir = await Deno.makeTempDir({ prefix: "vtorrent-" });
  const options = { dir, stateDir: `${dir}/.vtorrent` };
  const faults: unknown[] = [];
  {
    using _ = meeting((one) => {
      if (one.name !== "bad" || !("init" in one) || !("store" in one.init)) return;
      rejects(one.init, "save");
      Object.defineProperty(one.init.store, Symbol.asyncDispose, {
        value: () => Promise.reject(new Planted()),
      });
    });
    const engine = await Engine.start({
      ...options,
      name: "t",
      host: "127.0.0.1",
      port: 0,
      onFault: (fault) => void faults.push(fault),
    });
    for (const [n, name] of ["bad", "good"].entries()) {
      const bytes = someBytes(PIECE, n);
      const { torrent } = await maker.engine.share(await maker.put(name, bytes));
      await Deno.writeFile(`${dir}/${name}`, bytes);
      // The first save, which tells that it is here, comes before anything is planted.
      await engine.add(torrent);
    }
    await engine[Symbol.asyncDispose]();
  }
  // A clean end is written down: nothing is hashed again.
  await using again = await TestEngine.start(options);
  const good = again.engine.snapshot().torrents.find(({ name }) => name === "good")!;
  await again.when(
    () => again.engine.snapshot().torrents.every((one) => one.state === "seeding"),
    "both",
  );
  assertEquals([good.name, faults], ["good", []]);
});
