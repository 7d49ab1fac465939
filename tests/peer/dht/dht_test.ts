import { parseMagnet } from "../../../protocol/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";
import { assertLinkIsEnough } from "../../support/dht_link.ts";
import { TempFolder } from "../../support/temp_folder.ts";

/** The DHT of the test: entered by `nodes` only, all on 127.0.0.1. */
function inDht(nodes: TestEngine[], dht: "on" | "auto" = "on") {
  return { sources: { dht, pex: false }, dhtBootstrap: nodes.map(addressOf) };
}

Deno.test("a magnet link alone is enough: metadata and file come by way of the DHT", async () => {
  await using entrance = await TestEngine.start(inDht([]));
  await using seed = await TestEngine.start(inDht([entrance]));
  await using leech = await TestEngine.start(inDht([entrance], "auto"));
  await assertLinkIsEnough(seed, leech);
});

Deno.test("20 nodes, each of which was told of one other: a link alone leads to the file", async () => {
  await using stack = new AsyncDisposableStack();
  const nodes: TestEngine[] = [];
  for (let n = 0; n < 18; n++) {
    nodes.push(stack.use(await TestEngine.start(inDht(nodes.slice(-1)))));
  }
  const seed = stack.use(await TestEngine.start(inDht([nodes[1]!])));
  const bytes = someBytes(300_000, 20);
  const { infoHash } = await seed.engine.share(await seed.put("dht", bytes));
  const leech = stack.use(await TestEngine.start(inDht([nodes[16]!])));
  leech.engine.addMagnet(parseMagnet(`magnet:?xt=urn:btih:${infoHash}`));
  await leech.until("torrent-completed");
  assertEquals(await leech.read("dht"), bytes);
});

Deno.test("nodes are remembered: after a restart nobody has to be named", async () => {
  await using state = await TempFolder.make();
  await using node = await TestEngine.start(inDht([]));
  await using seed = await TestEngine.start(inDht([node]));
  const bytes = someBytes(100_000, 21);
  const { infoHash } = await seed.engine.share(await seed.put("dht", bytes));
  const before = await TestEngine.start({ ...inDht([node]), stateDir: state.path });
  await before.when(() => {
    try {
      return Deno.readTextFileSync(state.at("dht.json"));
    } catch {
      return undefined;
    }
  }, "the DHT's file");
  await before[Symbol.asyncDispose]();
  await using again = await TestEngine.start({ ...inDht([]), stateDir: state.path });
  again.engine.addMagnet(parseMagnet(`magnet:?xt=urn:btih:${infoHash}`));
  await again.until("torrent-completed");
  assertEquals(await again.read("dht"), bytes);
});

Deno.test("private torrents are not looked for (BEP 27), nor those with a tracker unless asked", async (t) => {
  const cases = [
    { what: "private", dht: "on" as const, options: { private: true } },
    {
      what: "with a tracker",
      dht: "auto" as const,
      options: { trackers: [["http://127.0.0.1:1/"]] },
    },
  ];
  for (const { what, dht, options } of cases) {
    await t.step(what, async () => {
      await using entrance = await TestEngine.start(inDht([]));
      await using seed = await TestEngine.start(inDht([entrance], dht));
      await using leech = await TestEngine.start(inDht([entrance], dht));
      const hidden = await seed.engine.share(
        await seed.put("hidden", someBytes(50_000, 6)),
        options,
      );
      const open = await seed.engine.share(await seed.put("open", someBytes(50_000, 7)));
      await leech.engine.add(hidden.torrent);
      await leech.engine.add(open.torrent);
      await leech.until("torrent-completed", ({ infoHash }) => infoHash === open.infoHash);
      assert(
        leech.events.every(({ event, infoHash }) =>
          event !== "peer-connected" || infoHash !== hidden.infoHash
        ),
      );
    });
  }
});

Deno.test("peers tell each other of their nodes (BEP 5 port), which are remembered", async () => {
  await using folder = await TempFolder.make();
  await using seed = await TestEngine.start(inDht([]));
  await using leech = await TestEngine.start({ ...inDht([]), stateDir: folder.path });
  const { torrent } = await seed.engine.share(await seed.put("file", someBytes(50_000, 8)));
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("torrent-completed");
  const known = await leech.when(() => {
    try {
      return Deno.readTextFileSync(folder.at("dht.json"));
    } catch {
      return undefined;
    }
  }, "the DHT's file");
  assertEquals(JSON.parse(known).nodes, [["127.0.0.1", seed.engine.port]]);
});
