import {
  DISCOVERY_REQUEST_LENGTH,
  encodeDiscoveryRequest,
  parseDiscoveryReply,
} from "../../protocol/tracker_discovery.ts";
import { serveDiscovery } from "../../tracker/discovery_server.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { udpSocket } from "../support/udp.ts";

const OPTIONS = { host: "127.0.0.1", port: 8000, discoveryPort: 0, instance: 77 };

/** The transactions of the replies up to and with `last`. */
async function answersUntil(socket: Deno.DatagramConn, last: number): Promise<number[]> {
  const answers: number[] = [];
  while (answers.at(-1) !== last) {
    const [packet] = await socket.receive();
    const reply = parseDiscoveryReply(packet);
    assert(reply !== undefined && packet.length <= DISCOVERY_REQUEST_LENGTH);
    assertEquals([reply.instance, reply.port], [77, 8000]);
    answers.push(reply.transaction);
  }
  return answers;
}

Deno.test("a question is answered; what is none, or too short, is not", async () => {
  await using discovery = serveDiscovery({ ...OPTIONS, reaches: () => true });
  const to = { transport: "udp", hostname: "127.0.0.1", port: discovery!.port } as const;
  using socket = udpSocket();
  await socket.send(encodeDiscoveryRequest(1).subarray(0, 20), to);
  await socket.send(crypto.getRandomValues(new Uint8Array(200)), to);
  await socket.send(new Uint8Array(0), to);
  await socket.send(encodeDiscoveryRequest(2), to);
  assertEquals(await answersUntil(socket, 2), [2]);
});

Deno.test("an address gets twenty answers a second, then silence", async () => {
  await using discovery = serveDiscovery({ ...OPTIONS, reaches: () => true });
  const to = { transport: "udp", hostname: "127.0.0.1", port: discovery!.port } as const;
  using socket = udpSocket();
  for (let i = 1; i <= 60; i++) await socket.send(encodeDiscoveryRequest(i), to);
  // The next window begins within a second: then there are answers again.
  let asked = 1000;
  const again = setInterval(() => void socket.send(encodeDiscoveryRequest(++asked), to), 50);
  const answers: number[] = [];
  while ((answers.at(-1) ?? 0) <= 1000) {
    answers.push(parseDiscoveryReply((await socket.receive())[0])!.transaction);
  }
  clearInterval(again);
  const early = answers.filter((transaction) => transaction <= 60).length;
  // The sixty may have fallen into two windows.
  assert(early <= 40, `${early} answers`);
});

Deno.test("a host that cannot reach the tracker gets no answer", async () => {
  let refused = 0;
  await using discovery = serveDiscovery({ ...OPTIONS, reaches: () => refused++ > 0 });
  const to = { transport: "udp", hostname: "127.0.0.1", port: discovery!.port } as const;
  using socket = udpSocket();
  await socket.send(encodeDiscoveryRequest(1), to);
  await socket.send(encodeDiscoveryRequest(2), to);
  assertEquals(await answersUntil(socket, 2), [2]);
});

Deno.test("a port that another program holds for itself is no error", () => {
  using other = udpSocket();
  const { port } = other.addr as Deno.NetAddr;
  assertEquals(serveDiscovery({ ...OPTIONS, discoveryPort: port, reaches: () => true }), undefined);
});
