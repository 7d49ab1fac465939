import { openPort } from "../../../peer/dht/datagram_port.ts";
import { DhtNode } from "../../../peer/dht/node.ts";
import { DhtStateFile } from "../../../peer/dht/state_file.ts";
import { encodeKrpcQuery, encodeKrpcResponse, parseKrpc } from "../../../protocol/krpc.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { udpSocket } from "../../support/udp.ts";
import { listenDatagram } from "../../../peer/connections/udp.ts";
import { REAL_CLOCK } from "../../../peer/engine/real_world.ts";

function startNode(more: { readOnly?: boolean } = {}): DhtNode {
  return new DhtNode({
    family: 4,
    open: (hear) => openPort({ host: "127.0.0.1", port: 0, maxLength: 4096, listenDatagram }, hear),
    clock: REAL_CLOCK,
    random: Math.random,
    ...more,
  });
}

const at = ({ port }: { port: number }) => ({ host: "127.0.0.1", port });

Deno.test("nodes that know one of them find each other, and who has a torrent", async () => {
  await using stack = new AsyncDisposableStack();
  const nodes = Array.from({ length: 12 }, () => stack.use(startNode()));
  const [first, ...others] = nodes;
  for (const node of others) {
    assert(await node.ping(at(first!)));
    await node.lookup(node.table.ownId);
  }
  const infoHash = crypto.getRandomValues(new Uint8Array(20));
  const seed = others[3]!;
  const nobody: unknown[] = [];
  const place = await seed.lookup(infoHash, (peers) => nobody.push(...peers));
  assertEquals(nobody, []);
  assert(await seed.announce(place, infoHash, 4242) >= 8);
  const found = new Set<string>();
  await others[7]!.lookup(infoHash, (peers) => {
    for (const { host, port } of peers) found.add(`${host}:${port}`);
  });
  assertEquals([...found], ["127.0.0.1:4242"]);
});

Deno.test("a node that only asks is never told of, and answers nobody (BEP 43)", async () => {
  await using node = startNode();
  await using asker = startNode({ readOnly: true });
  assert(await asker.ping(at(node)));
  await asker.lookup(asker.table.ownId);
  assertEquals([asker.table.size, node.table.size], [1, 0]);
  await using other = startNode();
  assert(!await other.ping(at(asker)));
});

Deno.test("wrong tokens, methods and datagrams are refused or left unanswered", async () => {
  await using node = startNode();
  using socket = udpSocket();
  const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port: node.port };
  const id = new Uint8Array(20).fill(7);
  const ask = async (bytes: Uint8Array) => {
    await socket.send(bytes, to);
    for (;;) {
      const message = parseKrpc((await socket.receive())[0]);
      // It asks back who we are.
      if (message?.kind !== "query") return message;
    }
  };
  const announce = {
    transaction: Uint8Array.of(1),
    method: "announce_peer" as const,
    id,
    target: id,
    want: [],
    port: 1,
    readOnly: true,
  };
  const refused = await ask(encodeKrpcQuery({ ...announce, token: new Uint8Array(8) }));
  assertEquals(refused?.kind === "error" && refused.message, "Bad Token");
  await socket.send(new TextEncoder().encode("nonsense"), to);
  const unknown = new TextEncoder().encode(
    "d1:ad2:id20:abcdefghij0123456789e1:q4:vote2:roi1e1:t2:aa1:y1:qe",
  );
  const answer = await ask(unknown);
  assertEquals(answer?.kind === "error" && answer.code, 204);
});

Deno.test("a silent node is given up, and the lookup goes on", async () => {
  await using a = startNode();
  await using b = startNode();
  await a.ping(at(b));
  using silent = udpSocket();
  a.table.add(
    { id: new Uint8Array(20).fill(1), host: "127.0.0.1", port: (silent.addr as Deno.NetAddr).port },
    performance.now(),
  );
  const { closest } = await a.lookup(new Uint8Array(20).fill(1));
  assertEquals(closest.map(({ node }) => node.port), [b.port]);
});

Deno.test("IDs and nodes are remembered; damage is no error", async () => {
  await using folder = await TempFolder.make();
  const file = new DhtStateFile(folder.path);
  assertEquals(file.load(), { ids: {}, nodes: [] });
  const ids = { 4: new Uint8Array(20).fill(4), 6: undefined };
  file.save({ ids, nodes: [{ host: "127.0.0.1", port: 6881 }] });
  assertEquals(file.load(), { ids, nodes: [{ host: "127.0.0.1", port: 6881 }] });
  await folder.write("dht.json", "{");
  assertEquals(file.load(), { ids: {}, nodes: [] });
});

Deno.test("a family that is wanted a thousand times is told of once", async () => {
  await using node = startNode();
  await using other = startNode();
  assert(await node.ping(at(other)));
  using socket = udpSocket();
  const id = "abcdefghij0123456789";
  const want = "2:n4".repeat(900);
  const question =
    `d1:ad2:id20:${id}6:target20:${id}4:wantl${want}ee1:q9:find_node2:roi1e1:t1:a1:y1:qe`;
  const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port: node.port };
  await socket.send(new TextEncoder().encode(question), to);
  const [answer] = await socket.receive();
  const message = parseKrpc(answer);
  assert(message?.kind === "response" && answer.length < 200, `${answer.length} bytes`);
  assertEquals(message.nodes.map(({ port }) => port), [other.port]);
});

Deno.test("neither announces nor replies send a node to the ports of other services", async () => {
  await using node = startNode();
  await using asker = startNode();
  await asker.ping(at(node));
  const infoHash = new Uint8Array(20).fill(3);
  const place = await asker.lookup(infoHash, () => {});
  assertEquals(await asker.announce(place, infoHash, 25), 0);
  assertEquals(await asker.announce(place, infoHash, 6881), 1);
  const found: number[] = [];
  await asker.lookup(infoHash, (peers) => found.push(...peers.map(({ port }) => port)));
  assertEquals(found, [6881]);
  assert(!await asker.ping({ host: "127.0.0.1", port: 11211 }));
});

Deno.test("of what one answer names a bounded part is believed", async () => {
  await using node = startNode();
  using liar = udpSocket();
  const heard = node.ping(at(liar.addr as Deno.NetAddr));
  const answer = async (peers: { host: string; port: number }[]) => {
    for (;;) {
      const [bytes, from] = await liar.receive();
      const query = parseKrpc(bytes);
      if (query?.kind !== "query") continue;
      const reply = encodeKrpcResponse({
        transaction: query.transaction,
        id: new Uint8Array(20).fill(9),
        nodes: [],
        want: [4],
        peers,
      });
      await liar.send(reply, from);
      return;
    }
  };
  await answer([]);
  assert(await heard);
  const found: string[] = [];
  const asking = node.lookup(new Uint8Array(20), (peers) => {
    for (const { host } of peers) found.push(host);
  });
  await answer([
    ...Array.from({ length: 50 }, (_, n) => ({ host: "198.51.100.7", port: 2000 + n })),
    ...Array.from({ length: 150 }, (_, n) => ({ host: `203.0.113.${n}`, port: 25 + (n % 2) })),
  ]);
  await asking;
  assertEquals(found.filter((host) => host === "198.51.100.7").length, 8);
  assertEquals(found.length, 8 + 25, "of a hundred, those at another service's port are left out");
});
