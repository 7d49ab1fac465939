/**
 * A running peer from outside: the secret of its page in its store, and the programs that use it.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../support/assert.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

Deno.test("a page left open outlives its peer's kill -9, and programs find the peer by its store", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/lecture.pdf", patternBytes(100_000));
  const nobody = { cwd, tracker: "http://127.0.0.1:1/announce" };
  let address: URL;
  {
    await using first = Vtorrent.peer("1", { ...nobody, args: ["--web-port", "0"] });
    address = new URL(String((await first.event("page"))["url"]));
    await first.type("send lecture.pdf");
    await first.event("sent");
    first.kill("SIGKILL");
    await first.ended();
  }
  const none = await vtorrent(["status"], { cwd });
  assertEquals(none.code, 1);
  assertMatch(none.stderr, /No peer with a page runs here: start one with/);

  const args = ["--web-port", address.port];
  await using again = Vtorrent.peer("1", { ...nobody, args });
  assertEquals(
    (await again.event("page"))["url"],
    address.href,
    "the page that is open still fits",
  );

  const { mode } = await Deno.stat(folder.at("peer_files/peer_1/.vtorrent/page-secret"));
  assertEquals(mode! & 0o777, 0o600);
  const hash = "ab".repeat(20);
  assertEquals((await vtorrent(["add", hash], { cwd })).stdout, `"${hash}" is added\n`);
  assertEquals(
    (await vtorrent(["pause", "lecture.pdf"], { cwd })).stdout,
    '"lecture.pdf" is paused\n',
  );
  const shown = await vtorrent(["status", "--json"], { cwd });
  const { torrents } = JSON.parse(shown.stdout);
  assertEquals(
    torrents.map(({ name, state }: { name: string; state: string }) => [name, state]),
    [["lecture.pdf", "paused"], [hash, "metadata"]],
  );
  const wrong = await vtorrent(["remove", "lecture.pd"], { cwd });
  assertEquals(wrong.code, 1);
  assertMatch(wrong.stderr, /No torrent "lecture\.pd" there\. Did you mean "lecture\.pdf"\?/);
  const there = { cwd: "/" };
  const removed = await vtorrent(["remove", hash, "--dir", folder.at("peer_files/peer_1")], there);
  assertEquals(removed.stdout, `"${hash}" is removed; its files stay\n`, removed.stderr);
});
