import type {
  CatalogueItem,
  DetailChange,
  Inspected,
  LogEntry,
  PeerRates,
  PeerStatus,
  PieceFacts,
  PieceMap,
  TorrentDetail,
  TorrentSummary,
} from "../../../shell/dashboard/page/api_types.ts";
import { startTracker } from "../../../tracker/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { PagePeer, rawRequest } from "../../support/dashboard.ts";
import { addressOf, someBytes } from "../../support/swarm.ts";

const MIB = 2 ** 20;

async function list(peer: PagePeer): Promise<TorrentSummary[]> {
  const { value } = await peer.ask("/torrents");
  return (value as { torrents: TorrentSummary[] }).torrents;
}

Deno.test("a .torrent is looked into, added by upload, fetched, paused, resumed and removed", async () => {
  await using seed = await PagePeer.start({ uploadLimit: MIB / 8 });
  await using peer = await PagePeer.start();
  await seed.test.put("course/a.bin", someBytes(MIB, 1));
  await seed.test.put("course/b.bin", someBytes(MIB, 2));
  const shared = await seed.ask("/share", { path: "course" });
  assertEquals(shared.status, 201);
  const { info_hash: infoHash } = shared.value as { info_hash: string };
  const torrent = seed.test.engine.torrentBytes(infoHash);

  const { value } = await peer.ask("/inspect", torrent);
  const inspected = value as Inspected;
  assertEquals(inspected.info_hash, infoHash);
  assertEquals(inspected.files.map(({ number, path, length }) => [number, path, length]), [
    [1, "course/a.bin", MIB],
    [2, "course/b.bin", MIB],
  ]);
  assertEquals(await list(peer), []);

  const added = await peer.ask("/torrents?select=2&paused=true&folder=in/here", torrent);
  const course = { "info_hash": infoHash, name: "course" };
  assertEquals(added, { status: 201, value: { ...course, created: true } });
  assertEquals((await peer.ask("/torrents", torrent)).value, {
    ...course,
    created: false,
  });
  await peer.test.when(
    () => peer.test.engine.snapshot().torrents[0]?.state === "paused",
    "it to be paused",
  );
  peer.test.engine.addPeer(infoHash, addressOf(seed.test));
  assertEquals((await peer.ask(`/torrents/${infoHash}/resume`, {})).status, 200);
  // While it goes on: two that have everything would part.
  const one = await peer.test.when(() => {
    const torrent = peer.test.engine.snapshot().torrents[0]!;
    return torrent.peers.some(({ has }) => has(torrent.pieceCount - 1)) && torrent;
  }, "the seed's pieces");
  const facts = (await peer.ask(`/torrents/${infoHash}/pieces/${one.pieceCount - 1}`)).value;
  assertEquals([(facts as PieceFacts).copies, (facts as PieceFacts).peers.length], [1, 1]);
  assertEquals((await seed.ask("/limits", { upload: 0 })).status, 200);
  await peer.test.until("torrent-completed");
  await peer.test.until("file-completed");
  assertEquals(await peer.test.read("in/here/course/b.bin"), someBytes(MIB, 2));
  const [summary] = await list(peer);
  assertEquals([summary!.progress, summary!.wanted_size], [1, MIB]);

  const detail = (await peer.ask(`/torrents/${infoHash}`)).value as TorrentDetail;
  assertEquals(detail.files.map(({ priority, have }) => [priority, have]), [
    ["skip", 0],
    ["normal", MIB],
  ]);
  assertStringIncludes(detail.facts.magnet, `urn:btih:${infoHash}`);
  const pieces = (await seed.ask(`/torrents/${infoHash}/pieces`)).value as PieceMap;
  assertEquals(pieces.status, "h".repeat(pieces.status.length));
  const copies = pieces.copies.filter((_, at) => at % 2 === 1).reduce((a, b) => a + b, 0);
  assertEquals(copies, pieces.status.length);

  assertEquals((await peer.ask(`/torrents/${infoHash}/limits`, { download: 1000 })).status, 200);
  assertEquals(peer.test.engine.snapshot().torrents[0]!.downloadLimit, 1000);
  assertEquals((await peer.ask("/limits", { upload: 2000 })).status, 200);
  assertEquals(peer.test.engine.snapshot().uploadLimit, 2000);
  assertEquals((await peer.ask("/limits", { upload_slots: 3 })).status, 200);
  const status = (await peer.ask("/status")).value as PeerStatus;
  assertEquals([status.upload_limit, status.upload_slots], [2000, 3]);
  assertEquals((await peer.ask(`/torrents/${infoHash}/stop`, {})).status, 200);
  assertEquals((await list(peer))[0]!.state, "stopped");
  const removed = await peer.ask(`/torrents/${infoHash}/remove`, { data: true });
  assertEquals([removed.status, removed.value], [200, { ok: true, kept: [] }]);
  assertEquals(await list(peer), []);
  assertEquals((await peer.ask(`/torrents/${infoHash}`)).status, 404);
  assertEquals([...peer.faults, ...seed.faults], []);
});

Deno.test("a shared torrent is in the catalogue, and can be added from there by name", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const trackers = [tracker.urls[0]!];
  await using seed = await PagePeer.start({ name: "ada", trackers });
  await using peer = await PagePeer.start({ trackers });
  await seed.test.put("notes.txt", someBytes(70_000));
  const { value } = await seed.ask("/share", { path: "notes.txt" });
  assertEquals((value as { published: boolean }).published, true);
  const { torrents } = (await peer.ask("/catalogue")).value as { torrents: CatalogueItem[] };
  assertEquals(torrents.map(({ name, published_by: by, here }) => [name, by, here]), [
    ["notes.txt", "ada", false],
  ]);
  assertEquals((await peer.ask("/torrents", { what: "slides" })).value, {
    error: 'No torrent "slides" in the catalogue. Press Catalogue to see what there is',
  });
  assertEquals((await peer.ask("/torrents", { what: "notes.txt" })).status, 201);
  await peer.test.until("torrent-completed");
});

Deno.test("several links at once, bare info hashes and links with line breaks are all added", async () => {
  await using peer = await PagePeer.start({ sources: { tracker: false } });
  const [a, b, c] = ["a1", "b2", "c3"].map((digits) => digits.repeat(20));
  const what = `magnet:?xt=urn:btih:${a}&dn=one\n  ${b}\nmagnet:?xt=urn:\nbtih:${c}&dn=three`;
  const looked = (await peer.ask("/inspect", { what })).value as Inspected;
  assertEquals(looked.name, "3 links");
  const { status, value } = await peer.ask("/torrents", { what });
  const added = value as { torrents: { "info_hash": string; created: boolean }[] };
  assertEquals([status, added.torrents.map((one) => one.info_hash)], [201, [a, b, c]]);
  assertEquals((await list(peer)).map(({ info_hash }) => info_hash), [a, b, c]);
  // In base32, by itself: it is here already.
  const again = await peer.ask("/torrents", { what: "UGQ2DINBUGQ2DINBUGQ2DINBUGQ2DINB" });
  assertEquals(again, { status: 200, value: { info_hash: a, name: "one", created: false } });
});

Deno.test("wrong questions get a sentence and a status that fits", async () => {
  await using peer = await PagePeer.start();
  await peer.test.put("a.txt", someBytes(10));
  const { info_hash: infoHash } = (await peer.ask("/share", { path: "a.txt" })).value as {
    info_hash: string;
  };
  const hash = "ab".repeat(20);
  const wrong: readonly (readonly [string, unknown, number, string])[] = [
    ["/nothing", undefined, 404, "no such path"],
    ["/status", {}, 405, "takes GET"],
    [`/torrents/${hash}/pause`, {}, 404, "No torrent"],
    ["/torrents", {}, 400, '"what" is missing'],
    ["/torrents", { what: 7 }, 400, "must be a text"],
    ["/torrents", { what: "https://example.org/a.torrent" }, 400, "does not fetch URLs"],
    ["/torrents", { what: "magnet:?xt=urn:btih:no" }, 400, "Magnet"],
    ["/torrents", new Uint8Array([1, 2, 3]), 400, ""],
    ["/events?files=some", undefined, 400, "give all, changes, none"],
    ["/events?only=list", undefined, 400, '"only" goes with "torrent"'],
    ["/log?after=x", undefined, 400, "number of an entry"],
    ["/name", { name: " " }, 400, "Rename to what?"],
    [`/torrents/${infoHash}/rename`, {}, 400, '"name" is missing'],
    [`/torrents/${infoHash}/location`, { folder: "../out" }, 400, "is not in the store"],
    // Without a store of records there is nowhere to write down where the files are.
    [`/torrents/${infoHash}/rename`, { name: "b" }, 409, "keeps its torrents"],
    ["/share", { path: "../a" }, 400, "is not in the store"],
    ["/share", { path: "" }, 400, "Share what?"],
    ["/share", { path: "gone.txt" }, 409, "gone.txt"],
    ["/store?path=../..", undefined, 400, "is not in the store"],
    ["/limits", { download: -1 }, 400, '"download" is -1'],
    ["/limits", { upload_slots: 0 }, 400, '"upload_slots" is 0: give 1 to 1000'],
    [`/torrents/${infoHash}/select`, { select: "9" }, 400, "9"],
    [`/torrents/${infoHash}/select`, { select: "1", priority: "urgent" }, 400, "urgent"],
    [`/torrents/${infoHash}/pieces/7`, undefined, 422, "no piece 7"],
    ["/share", "x".repeat(70_000), 413, "at most 65536"],
  ];
  for (const [path, body, status, words] of wrong) {
    const answer = await peer.ask(path, body);
    assertEquals(answer.status, status, `${path} ${JSON.stringify(answer.value)}`);
    assertStringIncludes((answer.value as { error: string }).error, words);
  }
  assertEquals(peer.faults, []);
});

Deno.test("a torrent is verified, and the log says what was found and why", async () => {
  await using peer = await PagePeer.start();
  const path = await peer.test.put("a.bin", someBytes(100_000));
  const { info_hash: infoHash } = (await peer.ask("/share", { path: "a.bin" })).value as {
    info_hash: string;
  };
  await peer.test.when(
    () => peer.test.engine.snapshot().torrents[0]!.state === "seeding",
    "it to seed",
  );
  await Deno.writeFile(path, someBytes(20_000, 2), { append: false });
  assertEquals((await peer.ask(`/torrents/${infoHash}/verify`, {})).status, 200);
  await peer.test.until("pieces-lost");
  const log = async (query: string) =>
    ((await peer.ask(`/log?${query}`)).value as { entries: LogEntry[] }).entries;
  const all = await log("");
  assertEquals(all.map(({ number }) => number), all.map((_, at) => at + 1));
  const lost = all.find(({ event }) => event === "pieces-lost")!;
  assertEquals([lost.torrent, lost.bad], ["a.bin", true]);
  assertStringIncludes(lost.text, "on disk no longer match");
  assertEquals((await log(`after=${all.at(-1)!.number + 1000}`)).length, 0);
  assertEquals((await log(`torrent=${"ab".repeat(20)}`)).length, 0);
  assert((await log(`torrent=${infoHash}&after=${lost.number - 1}`))[0]!.number === lost.number);
  assertEquals((await peer.ask("/name", { name: " Ada " })).status, 200);
  assertEquals(peer.test.engine.name, "Ada");
});

Deno.test("who asks for changes is told all files once, and then those that changed", async () => {
  await using peer = await PagePeer.start();
  for (const name of ["a", "b", "c"]) await peer.test.put(`d/${name}`, someBytes(10));
  const { info_hash: infoHash } = (await peer.ask("/share", { path: "d" })).value as {
    info_hash: string;
  };
  await using stream = await Told.listen(peer, `torrent=${infoHash}&only=detail&files=changes`);
  const first = await stream.until((change) => change.files !== undefined);
  assertEquals(first.files!.map(({ path }) => path), ["d/a", "d/b", "d/c"]);
  await peer.ask(`/torrents/${infoHash}/select`, { select: "2", priority: "skip" });
  const next = await stream.until((change) => change.files_changed !== undefined);
  assertEquals(next.files_changed!.map(({ number, priority }) => [number, priority]), [[
    2,
    "skip",
  ]]);
  assertEquals(stream.names, new Set(["detail"]));
});

/** What a listener is told of a torrent. */
class Told implements AsyncDisposable {
  readonly names = new Set<string>();
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  private constructor(reader: ReadableStreamDefaultReader<string>) {
    this.#reader = reader;
  }

  static async listen(peer: PagePeer, query: string): Promise<Told> {
    const response = await fetch(`http://127.0.0.1:${peer.page.port}/api/v1/events?${query}`);
    return new Told(response.body!.pipeThrough(new TextDecoderStream()).getReader());
  }

  async until(fits: (change: DetailChange) => boolean): Promise<DetailChange> {
    for (;;) {
      const blocks = this.#text.split("\n\n");
      this.#text = blocks.pop()!;
      for (const [at, block] of blocks.entries()) {
        const match = /^event: (\w+)\ndata: (.*)$/m.exec(block);
        if (match === null) continue;
        this.names.add(match[1]!);
        const change = JSON.parse(match[2]!) as DetailChange;
        if (!fits(change)) continue;
        this.#text = [...blocks.slice(at + 1), this.#text].join("\n\n");
        return change;
      }
      const { value, done } = await this.#reader.read();
      assert(!done);
      this.#text += value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}

Deno.test("changes take the secret; foreign names and origins get nothing", async () => {
  await using peer = await PagePeer.start();
  const { port, token } = peer.page;
  const post = (token: string) => peer.ask("/limits", { download: 1 }, { token });
  assertEquals((await post("")).status, 401);
  assertEquals((await post("x".repeat(token.length))).status, 401);
  assertEquals((await post(token)).status, 200);
  const ask = (headers: readonly string[], path = "/api/v1/status") =>
    rawRequest(port, [`GET ${path} HTTP/1.1`, ...headers]);
  const own = `Host: 127.0.0.1:${port}`;
  assertEquals((await ask([own])).status, 200);
  for (const path of ["/", "/assets/page.css", "/api/v1/status", "/api/v1/events"]) {
    assertEquals((await ask(["Host: evil.example"], path)).status, 403);
    assertEquals((await ask([own, "Origin: http://evil.example"], path)).status, 403);
    assertEquals((await ask([own, `Origin: http://127.0.0.1:${port + 1}`], path)).status, 403);
    assertEquals((await ask([own, "Origin: null"], path)).status, 403);
  }
  assertEquals((await ask([own, "Sec-Fetch-Site: same-site"])).status, 403);
  // A link on another page may lead here; it cannot read what it leads to.
  const visit = [own, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"];
  assertEquals((await ask(visit, "/")).status, 200);
  assertEquals((await ask(visit)).status, 403);
  const { text } = await ask([own], "/");
  assertStringIncludes(text, "Content-Security-Policy: default-src 'none'; script-src 'self'");
  assert(!/access-control/i.test(text));
  assert(!text.includes(token));
  assertEquals((await ask([own], "/assets/../../deno.json")).status, 404);
  assertEquals((await ask([own], "/assets/constructor.ts")).status, 404);
});

Deno.test("rates are recorded before a page is open", async () => {
  await using peer = await PagePeer.start();
  await peer.test.put("a.bin", someBytes(1000));
  const { info_hash: infoHash } = (await peer.ask("/share", { path: "a.bin" })).value as {
    info_hash: string;
  };
  const rates = async (path: string): Promise<PeerRates> =>
    (await peer.ask(path)).value as PeerRates;
  let own = await rates(`/torrents/${infoHash}/rates`);
  for (let tries = 0; tries < 200 && own.download.length < 2; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    own = await rates(`/torrents/${infoHash}/rates`);
  }
  assertEquals([own.every, own.download.slice(0, 2), own.upload.slice(0, 2)], [1000, [0, 0], [
    0,
    0,
  ]]);
  assert((await rates("/rates")).download.length >= own.download.length);
});

Deno.test("events tell all at first, then what changed", async () => {
  await using peer = await PagePeer.start();
  await peer.test.put("a.txt", someBytes(10));
  const response = await fetch(`http://127.0.0.1:${peer.page.port}/api/v1/events`);
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const until = async (words: string) => {
    while (!text.includes(words)) {
      const { value, done } = await reader.read();
      assert(!done);
      text += value;
    }
  };
  await until("event: status");
  const { info_hash: infoHash } = (await peer.ask("/share", { path: "a.txt" })).value as {
    info_hash: string;
  };
  await until(`"info_hash":"${infoHash}"`);
  await peer.ask(`/torrents/${infoHash}/remove`, {});
  await until(`"removed":["${infoHash}"]`);
  await reader.cancel();
});
