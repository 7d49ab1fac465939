import { TrackerError } from "../../../protocol/errors.ts";
import { CatalogueClient } from "../../../peer/trackers/catalogue_client.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { tinyTorrent } from "../../support/tiny_torrent.ts";

function serve(handler: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  const url = `http://127.0.0.1:${server.addr.port}/announce`;
  return { url, [Symbol.asyncDispose]: () => server.shutdown() };
}

const client = new CatalogueClient();

const TORRENT = tinyTorrent("lecture.pdf", { length: 5 });
const INFO_HASH = new Uint8Array(await crypto.subtle.digest("SHA-1", TORRENT.infoBytes)).toHex();

function entry(i: number): Record<string, unknown> {
  return {
    name: `Übung ${i}`,
    info_hash: i.toString(16).padStart(40, "0"),
    size: 100,
    pieces: 1,
    files: 1,
    ...(i === 0 ? { published_by: "1" } : {}),
    published_at: 5,
    seeders: 1,
    leechers: 2,
    completed: 3,
  };
}

Deno.test("a list comes page by page, with all its facts", async () => {
  const all = Array.from({ length: 1201 }, (_, i) => entry(i));
  await using server = serve((request) => {
    const { pathname, searchParams } = new URL(request.url);
    assertEquals([pathname, searchParams.get("search")], ["/api/torrents", "Ü b"]);
    const offset = Number(searchParams.get("offset"));
    const page = all.slice(offset, offset + Math.min(200, Number(searchParams.get("limit"))));
    return Response.json({ torrents: page, total: all.length });
  });
  const list = await client.list(server.url, "Ü b");
  assertEquals(list.length, 1201);
  assertEquals(list[0], {
    name: "Übung 0",
    infoHash: "0".repeat(40),
    totalSize: 100,
    pieceCount: 1,
    fileCount: 1,
    publishedBy: "1",
    publishedAt: 5,
    seeders: 1,
    leechers: 2,
    completed: 3,
  });
  assertEquals(list[1]?.publishedBy, undefined);
});

Deno.test("a list that never ends does end", async () => {
  let page = 0;
  await using server = serve(() => {
    page++;
    return Response.json({
      torrents: Array.from({ length: 500 }, (_, i) => entry(page * 500 + i)),
      total: 1e15,
    });
  });
  assertEquals((await client.list(server.url)).length, 10_000);
});

Deno.test("a .torrent is fetched and checked against its info hash", async () => {
  await using server = serve((request) => {
    const { pathname } = new URL(request.url);
    if (pathname === `/api/torrents/${INFO_HASH}.torrent`) return new Response(TORRENT.bytes);
    if (pathname.includes("11111")) return new Response(TORRENT.bytes);
    if (pathname.includes("22222")) return new Response("<html>");
    return Response.json({ error: "no such torrent" }, { status: 404 });
  });
  assertEquals(await client.fetch(server.url, INFO_HASH), TORRENT.bytes);
  for (const wrong of ["1", "2"]) {
    await assertRejects(
      () => client.fetch(server.url, wrong.repeat(40)),
      TrackerError,
      "sent a torrent other than",
    );
  }
  await assertRejects(
    () => client.fetch(server.url, "3".repeat(40)),
    TrackerError,
    `has no torrent ${"3".repeat(40)}`,
  );
});

Deno.test("publishing sends the bytes with token and name", async () => {
  await using server = serve(async (request) => {
    assertEquals([request.method, new URL(request.url).pathname], ["POST", "/api/torrents"]);
    assertEquals(new Uint8Array(await request.arrayBuffer()), TORRENT.bytes);
    if (request.headers.get("x-publish-token") !== "secret") {
      return Response.json({ error: "publishing here takes a token" }, { status: 403 });
    }
    assertEquals(decodeURIComponent(request.headers.get("x-peer-name")!), "Übung ①");
    return Response.json({ info_hash: INFO_HASH, name: "lecture.pdf", created: true });
  });
  const options = { token: "secret", peerName: "Übung ①" };
  assertEquals(await client.publish(server.url, TORRENT.bytes, options), {
    infoHash: INFO_HASH,
    name: "lecture.pdf",
    created: true,
  });
  await assertRejects(
    () => client.publish(server.url, TORRENT.bytes),
    TrackerError,
    `Tracker ${server.url} refused: publishing here takes a token`,
  );
});

Deno.test("a tracker without a catalogue, and one that is not running, are called that", async () => {
  let url = "";
  {
    await using server = serve(() => new Response("Not found", { status: 404 }));
    url = server.url;
    await assertRejects(() => client.list(url), TrackerError, "has no catalogue");
    await assertRejects(() => client.publish(url, TORRENT.bytes), TrackerError, "has no catalogue");
  }
  await assertRejects(() => client.list(url), TrackerError, "connection refused");
  for (const body of ["null", '{"torrents": 5}', '{"torrents": [{}]}', '{"torrents": [null]}']) {
    await using server = serve(() => new Response(body));
    await assertRejects(() => client.list(server.url), TrackerError, "has no catalogue");
  }
});
