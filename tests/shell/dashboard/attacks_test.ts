import type { HttpRequest } from "../../../tracker/mod.ts";
import { peerGuard, type Purpose, turnAway } from "../../../shell/dashboard/guard.ts";
import { parseRequestHead, type RequestHead } from "../../../protocol/http_head.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { FOREIGN_NAME, TestBrowser } from "../../support/browser.ts";
import { PagePeer } from "../../support/dashboard.ts";
import { someBytes } from "../../support/swarm.ts";

/** What a hostile page tries in a browser that also has the peer's page open. */
function attack(target: string, infoHash: string): Promise<string[]> {
  const got: string[] = [];
  const tried = (what: string, promise: Promise<unknown>) =>
    promise.then((value) => value !== undefined && got.push(`${what}: ${value}`), () => {});
  const json = { "Content-Type": "application/json" };
  const dom = globalThis as unknown as {
    document: {
      createElement(tag: string): Record<string, unknown> & {
        append(node: unknown): void;
        submit(): void;
        addEventListener(name: string, run: () => void): void;
      };
      body: { append(node: unknown): void };
    };
    EventSource: new (url: string) => { onmessage: unknown; onopen: unknown; close(): void };
  };
  const read = (path: string) =>
    fetch(target + path).then((response) => response.text()).then((text) => text.slice(0, 60));
  const frame = dom.document.createElement("iframe");
  frame["name"] = "frame";
  frame["src"] = target;
  dom.document.body.append(frame);
  const form = dom.document.createElement("form");
  form["action"] = `${target}/api/v1/torrents/${infoHash}/remove`;
  form["method"] = "post";
  form["enctype"] = "text/plain";
  form["target"] = "frame";
  dom.document.body.append(form);
  form.submit();
  const image = dom.document.createElement("img");
  image["src"] = `${target}/api/v1/torrents/${infoHash}/remove`;
  dom.document.body.append(image);
  const script = dom.document.createElement("script");
  script["src"] = `${target}/assets/words.ts`;
  const loaded = new Promise<string | undefined>((resolve) => {
    script.addEventListener("load", () => resolve("loaded"));
    script.addEventListener("error", () => resolve(undefined));
  });
  dom.document.body.append(script);
  return Promise.all([
    tried("read", read("/api/v1/status")),
    tried("page", read("/")),
    tried("events", read("/api/v1/events")),
    tried("script", loaded),
    tried(
      "json",
      fetch(`${target}/api/v1/limits`, { method: "POST", headers: json, body: '{"upload":1}' })
        .then((response) => response.status),
    ),
    tried(
      "token",
      fetch(`${target}/api/v1/limits`, {
        method: "POST",
        headers: { ...json, Authorization: "Bearer guess" },
        body: '{"upload":1}',
      }).then((response) => response.status),
    ),
    ...["text/plain", "application/x-www-form-urlencoded"].map((type) =>
      tried(
        type,
        fetch(`${target}/api/v1/torrents/${infoHash}/remove`, {
          method: "POST",
          mode: "no-cors",
          headers: { "Content-Type": type },
          body: '{"data":true}',
        }).then(() => undefined),
      )
    ),
  ]).then(() => got);
}

Deno.test("browser: hostile pages read nothing and change nothing", async () => {
  await using browser = await TestBrowser.start();
  if (browser === undefined) return;
  await using peer = await PagePeer.start();
  await peer.test.put("thesis.pdf", someBytes(1000));
  const { info_hash: infoHash } = (await peer.ask("/share", { path: "thesis.pdf" })).value as {
    info_hash: string;
  };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response("<!DOCTYPE html><title>nice</title>", {
        headers: { "content-type": "text/html" },
      }),
  );
  const target = `http://127.0.0.1:${peer.page.port}`;
  // The peer's own page is open beside it.
  await browser.open(peer.page.url);
  // Another port of this machine counts as the same site, another name as a foreign one.
  for (const host of ["127.0.0.1", FOREIGN_NAME]) {
    const page = await browser.open(`http://${host}:${server.addr.port}/`);
    const run = (target: string) =>
      page.evaluate(
        ({ code, target, infoHash }) =>
          (new Function(`return (${code})`)() as typeof attack)(target, infoHash),
        { code: attack.toString(), target, infoHash },
      );
    assertEquals(await run(target), []);
    // The same at a server that guards nothing: the attack itself works.
    const careless = await run(new URL(page.url()).origin);
    assertEquals(careless.map((one) => one.split(":")[0]).sort(), [
      "events",
      "json",
      "page",
      "read",
      "script",
      "token",
    ]);
  }
  // DNS rebinding: the name that is the attacker's now leads to this server.
  const rebound = await browser.open(`http://${FOREIGN_NAME}:${peer.page.port}/`);
  assert(!(await rebound.content()).includes("modulepreload"));
  const read = await rebound.evaluate(async () => {
    const response = await fetch("/api/v1/torrents");
    return [response.status, await response.text()] as const;
  });
  assertEquals(read[0], 403);
  assert(!read[1].includes("thesis"));
  const { torrents, uploadLimit } = peer.test.engine.snapshot();
  assertEquals([torrents.length, uploadLimit], [1, 0]);
  assertEquals(await peer.test.read("thesis.pdf"), someBytes(1000));
  assertEquals(peer.faults, []);
});

Deno.test("a page that other machines reach tells nothing without its secret", () => {
  const guard = peerGuard("0.0.0.0", "s".repeat(24));
  const status = (purpose: Purpose, ...lines: string[]) => {
    const head = parseRequestHead(
      ["GET / HTTP/1.1", "Host: 192.168.1.5:80", ...lines, "", ""].join("\r\n"),
    ) as RequestHead;
    const request: Pick<HttpRequest, "head" | "address"> = {
      head,
      address: new Uint8Array([192, 168, 1, 9]),
    };
    return turnAway(request, purpose, guard)?.status;
  };
  const secret = `Authorization: Bearer ${"s".repeat(24)}`;
  assertEquals([status("page"), status("read"), status("change")], [undefined, 401, 401]);
  assertEquals([status("read", secret), status("change", secret)], [undefined, undefined]);
  assertEquals(status("read", `Authorization: Bearer ${"s".repeat(23)}`), 401);
  assertEquals(status("read", "Authorization: Bearer "), 401);
});
