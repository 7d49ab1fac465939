/**
 * A tracker killed with kill -9 in the middle of its work: catalogue and counts are there again, and
 * peers come back by themselves.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { digestOf } from "../support/digests.ts";
import { freePort } from "../support/free_port.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

const KILLS = 3;
/** With its file in the folder that it is started in, as without any flag. */
const env = { VTORRENT_NO_DB: "" };

Deno.test("a tracker killed with kill -9 has lost nothing when it is back", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const where = ["tracker", "--host", "127.0.0.1", "--daemon"];
  const args = [...where, "--port", `${freePort()}`];
  const url = `http://127.0.0.1:${args.at(-1)}/announce`;
  const source = await folder.write("peer_files/peer_1/a.bin", patternBytes(200_000));
  await using first = new Vtorrent(args, { cwd, env });
  await first.event("started");
  await using seed = Vtorrent.peer("1", { tracker: url, cwd });
  await seed.type("send a.bin");
  await seed.event("sent");

  let tracker = first;
  await using trackers = new AsyncDisposableStack();
  for (let kill = 1; kill <= KILLS; kill++) {
    await using peer = Vtorrent.peer(`2${kill}`, { tracker: url, cwd });
    await peer.type("download a.bin");
    await peer.event("downloaded");
    const copy = folder.at(`peer_files/peer_2${kill}/a.bin`);
    assertEquals(await digestOf(copy), await digestOf(source));
    await tracker.event("announce", ({ kind }) => kind === "completed");
    await peer.type("scrape a.bin");
    assertEquals((await peer.event("scrape")).completed, kill);
    // A new entry is safe at once, and with it all counts.
    await folder.write(`peer_files/peer_1/b${kill}.bin`, patternBytes(1000, kill));
    await seed.type(`send b${kill}.bin`);
    await seed.eventCount("sent", kill + 1);
    tracker.kill("SIGKILL");
    await tracker.ended();
    tracker = trackers.use(new Vtorrent(args, { cwd, env }));
    await tracker.event("started");
    assertEquals(tracker.count("warning"), 0);
    // The seed comes back by itself: that is how the next download finds it.
    await tracker.event("announce", ({ peer, name }) => peer === "1" && name === "a.bin");
  }
  await seed.type("list");
  const { torrents } = await seed.event("list");
  assertEquals(
    (torrents as { name: string }[]).map(({ name }) => name),
    ["a.bin", "b1.bin", "b2.bin", "b3.bin"],
  );

  // Another one in the same folder runs without, and says so; asked for that file it does not start.
  await using second = new Vtorrent([...where, "--port", "0"], { cwd, env });
  await second.event("started");
  const says = "tracker.db is in use by another tracker: ";
  assert(String((await second.event("warning")).text).includes(says));
  const third = await vtorrent([...where, "--port", "0", "--db", "tracker.db"], { cwd, env });
  assertEquals(third.code, 1);
  assert(third.stderr.includes(says) && third.stderr.includes("--db FILE"), third.stderr);
  tracker.kill("SIGTERM");
  assertEquals((await tracker.ended()).code, 0);
});
