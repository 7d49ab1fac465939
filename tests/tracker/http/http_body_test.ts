import { parseIp } from "../../../protocol/address.ts";
import { BodyBudget } from "../../../tracker/http/http_body.ts";
import { HttpServer } from "../../../tracker/http/http_server.ts";
import { textReply } from "../../../tracker/http/http_reply.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const MEBIBYTE = 1 << 20;

Deno.test("an address takes a quarter of what bodies may take, a /64 counts as one", () => {
  const budget = new BodyBudget(64);
  const [one, neighbour, other] = ["fd00::1", "fd00::2", "fd00:0:0:1::1"].map((ip) => parseIp(ip)!);
  assert(budget.take(10, one!) && !budget.take(10, neighbour!) && budget.take(16, other!));
  budget.giveBack(10, one!);
  assert(budget.take(16, neighbour!));
  assert(budget.take(32, parseIp("127.0.0.1")!));
  assert(!budget.take(1, parseIp("10.0.0.1")!));
});

Deno.test("bodies that are claimed and never sent are in nobody's way", async () => {
  await using server = new HttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [{
      method: "POST",
      path: "/upload",
      maxBody: 4 * MEBIBYTE,
      respond: ({ body }) => textReply(201, String(body.length)),
    }],
    onFault: (_, error) => {
      throw error;
    },
  });
  const { port } = server.address;
  const claims = await Promise.all(Array.from({ length: 40 }, async () => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const head = `POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: ${4 * MEBIBYTE}\r\n\r\nx`;
    await conn.write(new TextEncoder().encode(head));
    return conn;
  }));
  const sent = await Promise.all(Array.from({ length: 8 }, async () => {
    const body = new Uint8Array(4 * MEBIBYTE);
    const reply = await fetch(`http://127.0.0.1:${port}/upload`, { method: "POST", body });
    return [reply.status, await reply.text()];
  }));
  for (const reply of sent) assertEquals(reply, [201, String(4 * MEBIBYTE)]);
  for (const conn of claims) conn.close();
});
