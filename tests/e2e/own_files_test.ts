/**
 * What a person has stays theirs: edited, moved away or shared twice, with the built program.
 *
 * @module
 */
import { join } from "@std/path";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { someBytes } from "../support/swarm.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

const ADA = "peer_files/peer_ada";
const BOB = "peer_files/peer_bob";
const OLD = someBytes(300_000);
const NEW = OLD.slice();
NEW.set(new TextEncoder().encode("MY EDIT"), 150_000);

async function waits(peer: Vtorrent): Promise<{ reason: string; remedy: unknown }> {
  const { reason, remedy } = await peer.event("torrent-state", ({ state }) => state === "error");
  return { reason: String(reason), remedy };
}

async function leave(peer: Vtorrent): Promise<void> {
  await peer.type("exit");
  await peer.ended();
}

Deno.test("a shared file that was edited while its peer was off waits, and stays", async () => {
  await using folder = await TempFolder.make();
  const options = { cwd: folder.path };
  const { tracker, url } = await Vtorrent.tracker(options);
  await using _tracker = tracker;
  await folder.write(`${ADA}/talk.pdf`, OLD);
  await using bob = Vtorrent.peer("bob", { ...options, tracker: url });
  {
    await using ada = Vtorrent.peer("ada", { ...options, tracker: url });
    await ada.type("send talk.pdf");
    await ada.event("sent");
    await bob.type("download talk.pdf");
    await bob.event("torrent-completed");
    await leave(ada);
  }
  await folder.write(`${ADA}/talk.pdf`, NEW);
  await using ada = Vtorrent.peer("ada", { ...options, tracker: url });
  const { reason, remedy } = await waits(ada);
  assertMatch(reason, /talk\.pdf was changed: 1 piece in it .*Nothing is written to it$/);
  assertEquals(remedy, { kind: "changed", files: 1 });
  await ada.event("peer-connected");
  await ada.type("status");
  const status = await ada.event("status");
  assertMatch(JSON.stringify(status), /talk\.pdf was changed.*resume .*--over.*send/);
  assertEquals(await folder.read(`${ADA}/talk.pdf`), NEW);
  // The old version comes beside it; what was right in the new one is not fetched.
  await ada.type("resume talk.pdf");
  const { downloaded } = await ada.event("torrent-completed");
  assert(Number(downloaded) < OLD.length);
  assertEquals(await folder.read(`${ADA}/talk.pdf`), NEW);
  assertEquals(await folder.read(`${ADA}/talk (1).pdf`), OLD);
  // And the new one can be shared.
  await ada.type(`send ${join(folder.path, ADA, "talk.pdf")}`);
  await ada.event("sent");
  await leave(ada);
});

Deno.test("a complete torrent whose files are away is not fetched again, and is found again", async () => {
  await using folder = await TempFolder.make();
  const options = { cwd: folder.path };
  const { tracker, url } = await Vtorrent.tracker(options);
  await using _tracker = tracker;
  for (const name of ["a", "b"]) await folder.write(`${ADA}/t/${name}`, someBytes(100_000));
  await using ada = Vtorrent.peer("ada", { ...options, tracker: url });
  await ada.type("send t");
  await ada.event("sent");
  {
    await using bob = Vtorrent.peer("bob", { ...options, tracker: url });
    await bob.type("download t");
    await bob.event("announced", ({ kind }) => kind === "completed");
    await leave(bob);
  }
  await Deno.rename(folder.at(`${BOB}/t`), folder.at("away"));
  {
    await using bob = Vtorrent.peer("bob", { ...options, tracker: url });
    const { reason, remedy } = await waits(bob);
    assertMatch(reason, /^All 2 files are missing in /);
    assertEquals(remedy, { kind: "away" });
    await leave(bob);
  }
  // Nor at the second start.
  await using bob = Vtorrent.peer("bob", { ...options, tracker: url });
  await waits(bob);
  await bob.event("peer-connected");
  assert(!await folder.exists(`${BOB}/t`));
  await Deno.rename(folder.at("away"), folder.at(`${BOB}/t`));
  await bob.type("resume t");
  await bob.event("torrent-state", ({ state }) => state === "seeding");
  assertEquals(bob.count("piece-verified"), 0);

  // Fetched again because somebody says so: the tracker counts one download all the same.
  await leave(bob);
  await Deno.remove(folder.at(`${BOB}/t`), { recursive: true });
  await using again = Vtorrent.peer("bob", { ...options, tracker: url });
  await waits(again);
  await again.type("resume t");
  await again.event("torrent-completed");
  await again.type("scrape t");
  assertEquals((await again.event("scrape")).completed, 1);
  await leave(again);
});

Deno.test("seed and download leave a file alone that differs; --over writes over it", async () => {
  await using folder = await TempFolder.make();
  const options = { cwd: folder.path };
  await folder.write("a/talk.pdf", OLD);
  await folder.write("b/talk.pdf", NEW);
  await vtorrent(["create", "a/talk.pdf", "-o", "t.torrent"], options);
  const quiet = ["--host", "127.0.0.1", "--port", "0", "--no-trackers"];
  await using seed = new Vtorrent(["seed", "t.torrent", "--dir", "a", ...quiet], options);
  const { port } = await seed.event("started");
  await seed.event("seeding");
  const peer = [...quiet, "--peer", `127.0.0.1:${port}`];
  const names = () => [...Deno.readDirSync(folder.at("b"))].map(({ name }) => name).sort();

  const own = await vtorrent(["seed", "t.torrent", "--dir", "b", ...peer], options);
  assertEquals(own.code, 1);
  assertMatch(
    own.stderr,
    /talk\.pdf was changed: 1 piece in it is not what was shared\. .*: vtorrent download fetches /,
  );
  assertEquals(names(), ["talk.pdf"]);

  // Who downloads wants the torrent's version: it comes beside, once, however often that is said.
  for (let time = 0; time < 2; time++) {
    const ended = await vtorrent(["download", "t.torrent", "--dir", "b", ...peer], options);
    assertEquals([ended.code, names()], [0, ["talk (1).pdf", "talk.pdf"]]);
    assertMatch(
      ended.stderr,
      /talk\.pdf is talk \(1\)\.pdf here: what had its name stays as it is$/m,
    );
    assertEquals(await folder.read("b/talk.pdf"), NEW);
    assertEquals(await folder.read("b/talk (1).pdf"), OLD);
  }
  assertEquals((await vtorrent(["verify", "t.torrent", "--dir", "b"], options)).code, 0);
  const found = new Vtorrent(["seed", "t.torrent", "--dir", "b", ...peer], options);
  await using _found = found;
  await found.event("seeding");

  await Deno.remove(folder.at("b/talk (1).pdf"));
  const over = await vtorrent(["download", "t.torrent", "--dir", "b", "--over", ...peer], options);
  assertEquals([over.code, names()], [0, ["talk.pdf"]]);
  assertEquals(await folder.read("b/talk.pdf"), OLD);
});

Deno.test("all the right bytes with more behind them are not complete; a .part is cut", async () => {
  await using folder = await TempFolder.make();
  const options = { cwd: folder.path };
  await folder.write("a/talk.pdf", OLD);
  await vtorrent(["create", "a/talk.pdf", "-o", "t.torrent"], options);
  const longer = new Uint8Array([...OLD, ...NEW.subarray(0, 5000)]);
  await folder.write("b/talk.pdf", longer);
  await folder.write("c/talk.pdf.part", longer);
  const alone = ["--host", "127.0.0.1", "--port", "0", "--no-trackers", "--timeout", "20"];
  const statusOf = async (...args: string[]) => (await vtorrent(args, options)).code;

  assertEquals(await statusOf("download", "t.torrent", "--dir", "b", ...alone), 1);
  assertEquals(await statusOf("verify", "t.torrent", "--dir", "b"), 32);
  assertEquals(await folder.read("b/talk.pdf"), longer);
  assertEquals(await statusOf("download", "t.torrent", "--dir", "b", "--over", ...alone), 0);
  assertEquals(await folder.read("b/talk.pdf"), OLD);

  assertEquals(await statusOf("verify", "t.torrent", "--dir", "c"), 32);
  assertEquals(await statusOf("download", "t.torrent", "--dir", "c", ...alone), 0);
  assertEquals(await folder.read("c/talk.pdf"), OLD);
});

Deno.test("remove --data deletes what was downloaded, and no more", async () => {
  await using folder = await TempFolder.make();
  const options = { cwd: folder.path };
  const { tracker, url } = await Vtorrent.tracker(options);
  await using _tracker = tracker;
  await folder.write(`${ADA}/talk.pdf`, OLD);
  await using ada = Vtorrent.peer("ada", { ...options, tracker: url });
  await ada.type("send talk.pdf");
  await ada.event("sent");
  await using bob = Vtorrent.peer("bob", { ...options, tracker: url });
  await bob.type("download talk.pdf");
  await bob.event("torrent-completed");
  // The same file in another torrent of the same peer.
  await bob.type("send --hybrid talk.pdf");
  const { info_hash: hybrid } = await bob.event("sent");
  const { info_hash: v1 } = await bob.event("torrent-completed");
  await bob.type(`remove ${v1} --data --yes`);
  const used = await bob.event("removed");
  assertMatch(String(used.text), /talk\.pdf stays: another torrent uses it$/);
  assertEquals(used.kept, 1);
  await bob.type(`remove ${hybrid} --data --yes`);
  const own = await bob.event("removed", (event) => event.info_hash === hybrid);
  assertMatch(String(own.text), /talk\.pdf stays: it was not downloaded$/);
  assertEquals(await folder.read(`${BOB}/talk.pdf`), OLD);

  await ada.type("remove talk.pdf --data --yes");
  assertMatch(String((await ada.event("removed")).text), /stays: it was not downloaded$/);
  assertEquals(await folder.read(`${ADA}/talk.pdf`), OLD);
  await leave(ada);
  await leave(bob);
});

Deno.test("a link in the place of the hidden file leads nobody out of the store", async () => {
  await using folder = await TempFolder.make();
  const options = { cwd: folder.path };
  for (const name of ["one", "two"]) await folder.write(`a/f/${name}`, someBytes(100_000));
  await vtorrent(["create", "a/f", "--piece-length", "64k", "-o", "t.torrent"], options);
  const quiet = ["--host", "127.0.0.1", "--port", "0", "--no-trackers"];
  await using seed = new Vtorrent(["seed", "t.torrent", "--dir", "a", ...quiet], options);
  const { port } = await seed.event("started");
  const { info_hash: infoHash } = await seed.event("seeding");
  await folder.write("victim", "precious");
  await Deno.mkdir(folder.at("b"));
  await Deno.symlink(folder.at("victim"), folder.at(`b/.${infoHash}.parts`));
  const where = ["--dir", "b", "--select", "1", "--peer", `127.0.0.1:${port}`, ...quiet];
  const ended = await vtorrent(["download", "t.torrent", ...where], options);
  assertEquals(ended.code, 1);
  assertMatch(ended.stderr, /\.parts: it is no file but a link/);
  assertEquals(await Deno.readTextFile(folder.at("victim")), "precious");
});
