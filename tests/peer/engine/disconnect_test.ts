import { assertEquals } from "../../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";

Deno.test("a disconnected peer stays away, whichever side dials, until reconnect", async () => {
  await using seed = await TestEngine.start({ uploadLimit: 20_000 });
  await using leech = await TestEngine.start();
  const bytes = someBytes(400_000);
  const { torrent, infoHash } = await seed.engine.share(await seed.put("file", bytes));
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("peer-connected");
  const [peer] = leech.engine.snapshot().torrents[0]!.peers;
  const { peerId, address, port } = peer!;
  const away = { peerId, host: address, port, label: "seed" };

  leech.engine.sentAway.add(away);
  assertEquals((await leech.until("peer-disconnected")).reason, "disconnected by the user");
  assertEquals(leech.engine.snapshot().torrents[0]!.peers, []);
  assertEquals([...leech.engine.sentAway], [away]);

  const count = ({ events }: TestEngine, kind: string) =>
    events.filter(({ event }) => event === kind).length;
  await seed.until("peer-disconnected");
  const ended: string[] = [];
  leech.engine.tap = {
    wire() {},
    link: (_link, state) => "ended" in state && ended.push(state.ended),
    chose() {},
    tracker() {},
  };
  seed.engine.addPeer(infoHash, addressOf(leech));
  await leech.when(() => ended.length > 0, "a call");
  assertEquals(ended[0], "disconnected by the user");
  assertEquals(count(leech, "peer-connected"), 1);

  leech.engine.sentAway.readmit(away);
  assertEquals([...leech.engine.sentAway], []);
  leech.engine.addPeer(infoHash, addressOf(seed));
  await leech.when(() => count(leech, "peer-connected") > 1, "a new connection");
  seed.engine.setLimits({ upload: 0 });
  await leech.until("torrent-completed");
  assertEquals(await leech.read("file"), bytes);
});
