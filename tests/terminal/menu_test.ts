/**
 * The menu and other questions, answered with arrow keys in a terminal.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../support/assert.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { pick } from "../support/pick.ts";
import { haveTerminal, Terminal } from "../support/terminal.ts";
import { VTORRENT, Vtorrent } from "../support/vtorrent.ts";

const ignore = !await haveTerminal();

async function peerIn(cwd: string, id: string, url: string): Promise<Terminal> {
  const where = ["--host", "127.0.0.1", "--port", "0", "--tracker", url];
  const terminal = await Terminal.start([VTORRENT, "peer", id, ...where], { cwd });
  await terminal.until(/^peer \S+>$/m);
  return terminal;
}

Deno.test({ name: "everything by arrow keys", ignore }, async (t) => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/my film.mp4", patternBytes(200_000));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  await using one = await peerIn(cwd, "1", url);
  await using two = await peerIn(cwd, "2", url);

  await t.step("share a file", async () => {
    await one.enter("menu");
    await pick(one, "What next?", "Share");
    await pick(one, "Share what?", "my film.mp4");
    await one.until(/^peer 1> send "my film\.mp4"$[^]*in catalogue +yes/m);
  });

  await t.step("search and download", async () => {
    await two.enter("menu");
    await pick(two, "What next?", "Download");
    await two.until(/Something else/);
    await two.type("film");
    await two.until((lines) => !lines.some((line) => /Something else/.test(line)));
    await pick(two, "Download what?", "my film.mp4  195 KiB  1 seeder");
    await two.until(/^peer 2> download "my film\.mp4"$/m);
    // What happens while a menu is open is told when it is left.
    await two.until(/What next\?/);
    await two.press("C-c");
    await two.until(/"my film\.mp4" is complete: 195 KiB/);
  });

  await t.step("typing filters every menu, and ? shows the keys", async () => {
    await two.enter("menu");
    await two.until(/letters filter, \? keys/);
    await two.type("?");
    await two.until(/Ctrl-C +goes back/);
    await two.until(/^❯ Download/m);
    await two.press("BSpace");
    await two.until((lines) => !lines.some((line) => /goes back/.test(line)));
    await two.type("catal");
    await two.until((lines) => !lines.some((line) => /Download something/.test(line)));
    await two.press("Enter");
    await two.until(/^peer 2> list$/m);
    await two.until(/What next\?/);
    await two.press("C-c");
    await two.until((lines) => lines.at(-1) === "peer 2>");
  });

  await t.step("pause, rename, leave", async () => {
    await two.enter("menu");
    await pick(two, "What next?", "My torrents");
    await pick(two, "Which torrent?", "my film.mp4");
    await pick(two, "What about", "Pause");
    await two.until(/"my film\.mp4" is paused; resume continues it/);
    await pick(two, "What next?", "Change my name");
    await two.until(/Name that others see:/);
    await two.enter("Ada");
    await two.until(/Other peers now see this peer as "Ada"/);
    await pick(two, "What next?", "Back to the prompt");
    await two.until((lines) => lines.at(-1) === "peer Ada>");
    await two.enter("menu");
    await pick(two, "What next?", "Disconnect and leave");
    await two.until(/\[ended 0\]/);
  });
});

Deno.test({ name: "a peer is sent away and let in again by arrow keys", ignore }, async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/film.mp4", patternBytes(3_000_000));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  // It takes longer than the test.
  await using seed = Vtorrent.peer("1", { tracker: url, cwd, args: ["--upload-limit", "10k"] });
  await seed.type("send film.mp4");
  await seed.event("sent");
  await using terminal = await peerIn(cwd, "2", url);
  await terminal.enter("download film.mp4");
  await terminal.until(/peer 1 connected/);
  await terminal.enter("menu");
  await pick(terminal, "What next?", "Peers");
  await pick(terminal, "Which peer?", "Disconnect 1 (127.0.0.1:");
  await terminal.until(
    /^peer 2> disconnect 1\n1 \(127\.0\.0\.1:\d+\) is disconnected and stays out/m,
  );
  await seed.event("peer-disconnected");
  await pick(terminal, "What next?", "Peers");
  await pick(terminal, "Which peer?", "Let in again: 1");
  await terminal.until(/^peer 2> reconnect 1\n1 \(.*\) may come back/m);
  await pick(terminal, "What next?", "Back to the prompt");
  await seed.eventCount("peer-connected", 2);
  await terminal.enter("disconnect 5");
  await terminal.until(/^error: No peer "5" is connected/m);
});

Deno.test({ name: "an ambiguous download asks which one", ignore }, async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  await folder.write("peer_files/peer_a/notes.txt", patternBytes(20_000, 1));
  await folder.write("peer_files/peer_b/notes.txt", patternBytes(40_000, 2));
  await using a = Vtorrent.peer("a", { tracker: url, cwd });
  await using b = Vtorrent.peer("b", { tracker: url, cwd });
  for (const peer of [a, b]) {
    await peer.type("send notes.txt");
    await peer.event("sent");
  }
  await using terminal = await peerIn(cwd, "3", url);
  await terminal.enter("download notes.txt");
  const lines = await terminal.until(/2 torrents are called "notes\.txt"\. Which one\?/);
  assertMatch(lines.join("\n"), /39\.1 KiB, 1 file, from b, 1 seeder/);
  await pick(terminal, "2 torrents", "39.1 KiB");
  await terminal.until(/"notes\.txt" is complete: 39\.1 KiB/);
  assertEquals(
    await folder.read("peer_files/peer_3/notes.txt"),
    await folder.read("peer_files/peer_b/notes.txt"),
  );
});
