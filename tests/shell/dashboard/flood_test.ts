/**
 * Those who do not want to see a page but to harm who shows it.
 *
 * @module
 */
import { assert, assertEquals } from "../../support/assert.ts";
import { PagePeer, rawRequest } from "../../support/dashboard.ts";
import { someBytes } from "../../support/swarm.ts";

Deno.test("a body that is too large is refused before it is read, and so is one without the secret", async () => {
  await using peer = await PagePeer.start();
  const post = (path: string, length: number, ...lines: string[]) =>
    rawRequest(peer.page.port, [
      `POST /api/v1${path} HTTP/1.1`,
      "Host: 127.0.0.1",
      "Content-Type: application/x-bittorrent",
      `Content-Length: ${length}`,
      ...lines,
    ]);
  const secret = `Authorization: Bearer ${peer.page.token}`;
  assertEquals((await post("/torrents", 2 ** 40, secret)).status, 413);
  assertEquals((await post("/limits", 2 ** 20, secret)).status, 413);
  assertEquals((await post("/torrents", 2 ** 20)).status, 401);
  assertEquals((await post("/torrents", 2 ** 20, `${secret}x`)).status, 401);
  assertEquals(peer.test.engine.snapshot().torrents, []);
});

Deno.test("headers forbid framing, caching and referrers", async () => {
  await using peer = await PagePeer.start();
  await peer.test.put("a.bin", someBytes(10));
  await peer.ask("/share", { path: "a.bin" });
  for (const path of ["/", "/api/v1/torrents", "/assets/words.ts", "/api/v1/nothing", "/nothing"]) {
    const response = await fetch(`http://127.0.0.1:${peer.page.port}${path}`);
    const text = await response.text();
    assert(!text.includes(peer.page.token), `${path} tells the secret`);
    if (path === "/nothing") continue;
    const policy = response.headers.get("content-security-policy") ?? "";
    assert(policy.includes("frame-ancestors 'none'"), path);
    assert(policy.includes("default-src 'none'"), path);
    assert(!policy.includes("unsafe"), path);
    assertEquals(response.headers.get("x-frame-options"), "DENY", path);
    assertEquals(response.headers.get("referrer-policy"), "no-referrer", path);
    assertEquals(response.headers.get("cache-control"), "no-store", path);
    assertEquals(response.headers.get("x-content-type-options"), "nosniff", path);
    assertEquals(response.headers.get("access-control-allow-origin"), null, path);
  }
});

Deno.test("every error of the API is JSON with one sentence", async () => {
  await using peer = await PagePeer.start();
  const none = "0".repeat(40);
  const asked: [string, unknown, number][] = [
    ["/nothing", undefined, 404],
    [`/torrents/${none}`, undefined, 404],
    [`/torrents/${none}/pause`, {}, 404],
    ["/status", {}, 405],
    ["/store?path=../..", undefined, 400],
    ["/share", { path: "/etc/passwd" }, 400],
    ["/share", { path: 7 }, 400],
    ["/limits", { download: -1 }, 400],
    ["/torrents", { what: "magnet:?xt=urn:btih:zz" }, 400],
    ["/torrents", someBytes(100), 400],
  ];
  for (const [path, body, status] of asked) {
    const answer = await peer.ask(path, body);
    assertEquals(answer.status, status, `${path} ${JSON.stringify(answer.value)}`);
    const { error, ...rest } = answer.value as { error: unknown };
    assert(typeof error === "string" && error.length > 5 && !error.includes("\n"), path);
    assertEquals(rest, {}, path);
  }
  assertEquals(peer.faults, []);
});
