/**
 * The shell as it is typed at: the built program in a terminal.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { haveTerminal, Terminal } from "../support/terminal.ts";
import { VTORRENT, Vtorrent } from "../support/vtorrent.ts";

const ignore = !await haveTerminal();
const HOST = ["--host", "127.0.0.1", "--port", "0"];

/** A peer in a terminal, at its first prompt. */
async function peerIn(
  cwd: string,
  id: string,
  url: string,
  options: { args?: string[]; columns?: number; env?: Record<string, string> } = {},
): Promise<Terminal> {
  const { args = [], ...rest } = options;
  const command = [VTORRENT, "peer", id, ...HOST, "--tracker", url, ...args];
  const terminal = await Terminal.start(command, { cwd, ...rest });
  await terminal.until(/^peer \S+>$/m);
  return terminal;
}

const last = (lines: readonly string[]) => lines.at(-1)!;

Deno.test({ name: "the prompt edits, completes, remembers and leaves", ignore }, async (t) => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/my lecture.pdf", patternBytes(100_000));
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;

  await t.step("Tab completes verbs, own files and the catalogue", async () => {
    await using terminal = await peerIn(cwd, "1", url);
    await terminal.type("sen");
    await terminal.press("Tab");
    await terminal.until((lines) => last(lines) === "peer 1> send");
    await terminal.type("my");
    await terminal.press("Tab");
    await terminal.until((lines) => last(lines) === 'peer 1> send "my lecture.pdf"');
    await terminal.press("Enter");
    await terminal.until(/in catalogue\s+yes/);
    await terminal.type("torrent -mode download m");
    await terminal.press("Tab");
    await terminal.until(/^peer 1> torrent -mode download "my lecture.pdf"$/m);
    await terminal.press("C-c");
    await terminal.until((lines) => last(lines) === "peer 1>");
    await terminal.enter("statsu");
    await terminal.until(/Unknown verb "statsu"\. Did you mean "status"\?/);
    await terminal.press("C-d");
    await terminal.until(/\[ended 0\]/);
  });

  await t.step(
    "the up arrow knows what an earlier session typed; Ctrl-C twice leaves",
    async () => {
      await using terminal = await peerIn(cwd, "1", url);
      await terminal.press("Up", "Up");
      await terminal.until((lines) => last(lines) === 'peer 1> send "my lecture.pdf"');
      await terminal.press("C-c");
      await terminal.until((lines) => last(lines) === "peer 1>");
      await terminal.press("C-c");
      await terminal.until(/Ctrl-C again, Ctrl-D or exit leaves\.\npeer 1>$/);
      await terminal.press("C-c");
      await terminal.until(/\[ended 0\]/);
    },
  );

  await t.step("Ctrl-R searches what was typed, and leaves the line to be changed", async () => {
    await using terminal = await peerIn(cwd, "1", url);
    await terminal.enter("limit up 300k");
    await terminal.until(/300 KiB\/s[^]*peer 1>$/);
    await terminal.enter("status");
    await terminal.until(/> status\n[^]*peer 1>$/);
    await terminal.press("C-r");
    await terminal.until(/^\? Which earlier line\?[^]*^❯ status$/m);
    await terminal.type("lim");
    await terminal.until(/^❯ limit up 300k$/m);
    await terminal.press("Enter");
    await terminal.until((lines) => last(lines) === "peer 1> limit up 300k");
    await terminal.press("BSpace", "BSpace", "BSpace", "BSpace");
    await terminal.enter("200k");
    await terminal.until(/200 KiB\/s[^]*peer 1>$/);
    await terminal.type("pau");
    await terminal.press("C-r");
    await terminal.until(/No results found/);
    await terminal.press("C-c");
    await terminal.until((lines) => last(lines) === "peer 1> pau");
  });

  await t.step(
    "clear and Ctrl-L leave nothing but the prompt, and what is being typed",
    async () => {
      await using terminal = await peerIn(cwd, "1", url);
      await terminal.enter("list");
      await terminal.until(/> list\n[^]*peer 1>$/);
      await terminal.enter("clear");
      await terminal.until((lines) => lines.length === 1 && lines[0] === "peer 1>");
      await terminal.enter("status");
      await terminal.until(/> status\n[^]*peer 1>$/);
      await terminal.type("sta");
      await terminal.press("C-l");
      await terminal.until((lines) => lines.length === 1 && lines[0] === "peer 1> sta");
      await terminal.enter("tus");
      await terminal.until(/my lecture\.pdf +seeding[^]*peer 1>$/);
    },
  );

  await t.step("a paste waits for Enter, then runs line by line", async () => {
    await using terminal = await peerIn(cwd, "1", url);
    await terminal.paste("status\nlist\n");
    await terminal.until((lines) => last(lines) === "peer 1> status⏎list⏎");
    await terminal.press("Enter");
    const lines = await terminal.until(/peer 1> list[\s\S]*\npeer 1>$/);
    assertMatch(lines.join("\n"), /> status⏎list⏎\nname.*\nmy lecture\.pdf +seeding/);
  });
});

Deno.test(
  { name: "events appear above the line being typed", ignore },
  async (t) => {
    await using folder = await TempFolder.make();
    const cwd = folder.path;
    await folder.write("peer_files/peer_1/film.mp4", patternBytes(3_000_000));
    const { tracker, url } = await Vtorrent.tracker();
    await using _tracker = tracker;
    await using seed = Vtorrent.peer("1", { tracker: url, cwd, args: ["--upload-limit", "600k"] });
    await seed.type("send film.mp4");
    await seed.event("sent");

    await t.step(
      "events, a bar and the end come above; the line stays, also when resized",
      async () => {
        await using terminal = await peerIn(cwd, "2", url);
        await terminal.enter("download film.mp4");
        await terminal.until(/Downloading "film\.mp4"/);
        const typed = "peer 2> fileinfo something that is longer than sixty columns, and stays";
        await terminal.type(typed.slice("peer 2> ".length));
        const bar = /^film\.mp4 +[▁-█░▒·]+ +\d[\d.]*% /;
        const above = await terminal.until((lines) =>
          last(lines) === typed && lines.some((line) => bar.test(line))
        );
        assertMatch(above.join("\n"), /"film\.mp4": peer 1 connected/);
        await terminal.resize(60, 20);
        await terminal.until((lines) => lines.slice(-2).join("") === typed);
        await terminal.resize(120, 24);
        const lines = await terminal.until((lines) =>
          last(lines) === typed && lines.some((line) => /is complete: 2\.9 MiB in/.test(line))
        );
        assert(lines.some((line) => /peer 1 connected/.test(line)), lines.join("\n"));
      },
    );

    await t.step("status --watch paints in place, goes with any key, leaves no trace", async () => {
      await using terminal = await peerIn(cwd, "3", url, { columns: 100 });
      await terminal.enter("download film.mp4");
      await terminal.enter("status --watch");
      await terminal.until(/^name +pieces.*\nfilm\.mp4 +[▁-█░▒·]+ [^]*any other key ends this/m);
      await terminal.resize(70, 24);
      await terminal.until(/\nfilm\.mp4 +[▁-█░▒·]+ .*\b100% .*seeding/);
      await terminal.type("q");
      const lines = await terminal.until((lines) => last(lines) === "peer 3>");
      assertEquals(lines.filter((line) => /any other key/.test(line)), []);
      assertEquals(lines.filter((line) => /^name +state/.test(line)).length, 1);
    });

    await t.step(
      "in status --watch a torrent is chosen, looked into, paused, resumed",
      async () => {
        await using terminal = await peerIn(cwd, "4", url);
        await folder.write("peer_files/peer_4/notes.txt", patternBytes(20_000));
        await terminal.enter("send notes.txt");
        await terminal.until(/in catalogue\s+yes/);
        await terminal.enter("download film.mp4");
        await terminal.until(/Downloading "film\.mp4"/);
        await terminal.enter("status --watch");
        await terminal.until(/any other key ends this/);
        await terminal.press("Down", "Down");
        await terminal.until(/^❯ film\.mp4/m);
        await terminal.press("Enter");
        await terminal.until(/^name +film\.mp4\n[^]*^info hash +[0-9a-f]{40}\npeer +address/m);
        await terminal.press("p");
        await terminal.until(/^state +paused/m);
        await terminal.press("p");
        await terminal.until(/^state +(downloading|seeding)/m);
        await terminal.press("Escape");
        await terminal.until(/^❯ film\.mp4/m);
        await terminal.press("Up");
        await terminal.until(/^❯ notes\.txt/m);
        await terminal.type("q");
        await terminal.until((lines) => last(lines) === "peer 4>");
        // The arrows were none through the history.
        await terminal.press("Up");
        await terminal.until((lines) => last(lines) === "peer 4> status --watch");
      },
    );
  },
);

Deno.test({ name: "send asks before it shares a whole home", ignore }, async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("ada/letter.txt", "Dear Bob");
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  const env = { HOME: folder.at("ada") };
  await using terminal = await peerIn(cwd, "1", url, { columns: 200, env });
  await terminal.enter("send ada");
  await terminal.until(/\/ada is your home folder\. Share all that is in it\? \[y\/N\]$/);
  await terminal.enter("");
  await terminal.until(/\/ada" is not shared\npeer 1>$/);
  await terminal.enter("send ada");
  await terminal.until(/\[y\/N\]$/);
  await terminal.enter("y");
  await terminal.until(/in catalogue\s+yes/);
});

Deno.test({ name: "a tracker's prompt knows what an earlier session typed", ignore }, async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  const start = async (...args: string[]) => {
    const command = [VTORRENT, "tracker", ...HOST, "--no-discovery", ...args];
    const terminal = await Terminal.start(command, { cwd });
    await terminal.until(/^tracker>$/m);
    return terminal;
  };
  {
    await using terminal = await start();
    await terminal.enter("help status");
    await terminal.until((lines) => last(lines) === "tracker>");
    await terminal.enter("list");
    await terminal.until(/tracker> list\n[^]*\ntracker>$/);
  }
  {
    await using terminal = await start();
    await terminal.press("Up", "Up");
    await terminal.until((lines) => last(lines) === "tracker> help status");
  }
  await using terminal = await start("--no-db");
  await terminal.press("Up");
  await terminal.type("help");
  await terminal.until((lines) => last(lines) === "tracker> help");
});

Deno.test({ name: "Ctrl-Z and fg, at the prompt and in the menu", ignore }, async () => {
  await using folder = await TempFolder.make();
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  const env = { HISTFILE: "" };
  await using terminal = await Terminal.start(["bash", "--norc", "-i"], { cwd: folder.path, env });
  await terminal.enter([VTORRENT, "peer", "1", ...HOST, "--tracker", url].join(" "));
  await terminal.until((lines) => last(lines) === "peer 1>");
  const sleepAndWake = async () => {
    await terminal.press("C-z");
    await terminal.until((lines) => /Stopped/.test(lines.join(" ")) && /[$#]$/.test(last(lines)));
    await terminal.enter("clear; fg");
  };
  await terminal.type("sta");
  await sleepAndWake();
  await terminal.until((lines) => last(lines) === "peer 1> sta");
  await terminal.enter("tus");
  await terminal.until(/No torrents yet/);
  await terminal.enter("menu");
  await terminal.until(/^❯ Download something/m);
  await sleepAndWake();
  await terminal.until((lines) => /vtorrent peer 1/.test(lines[0]!) && lines.length <= 3);
  await terminal.press("Down");
  await terminal.until(/^❯ Share a file/m);
  await terminal.press("C-c");
  await terminal.until((lines) => last(lines) === "peer 1>");
});

Deno.test({ name: "a dumb terminal gets ASCII and no colour", ignore }, async () => {
  await using folder = await TempFolder.make();
  const { tracker, url } = await Vtorrent.tracker();
  await using _tracker = tracker;
  await folder.write("peer_files/peer_1/a b.bin", patternBytes(1000));
  const env = { LC_ALL: "C", NO_COLOR: "" };
  // tmux sets TERM itself, so it is changed behind it.
  const command = ["env", "TERM=dumb", VTORRENT, "peer", "1", ...HOST, "--tracker", url];
  await using terminal = await Terminal.start(command, { cwd: folder.path, env });
  await terminal.until(/^peer 1>$/m);
  await terminal.enter("send a b.bin");
  await terminal.until(/in catalogue\s+yes/);
  await terminal.enter("status");
  const lines = await terminal.until(/^a b\.bin +seeding +#+ +100%/m);
  assert(/^[\x20-\x7e\n]*$/.test(lines.join("\n")), lines.join("\n"));
  assertEquals((await terminal.colours()).includes("\x1b["), false);
});

Deno.test(
  { name: "a start with many torrents greets first and tells of them once", ignore },
  async () => {
    await using folder = await TempFolder.make();
    const cwd = folder.path;
    for (let n = 0; n < 20; n++) {
      await folder.write(`peer_files/peer_1/part ${n}.bin`, patternBytes(20_000 + n));
    }
    const { tracker, url } = await Vtorrent.tracker();
    await using _tracker = tracker;
    {
      await using first = Vtorrent.peer("1", { tracker: url, cwd });
      await first.type("send *.bin");
      await first.eventCount("sent", 20);
      await first.type("exit");
      await first.ended();
    }
    await using terminal = await peerIn(cwd, "1", url, { columns: 100 });
    // At once: it waits for the torrents, and shows them all.
    await terminal.enter("status");
    const lines = await terminal.untilHistory(
      (lines) =>
        last(lines) === "peer 1>" && lines.some((line) => /^20 torrents are back/.test(line)),
      "all to be back",
    );
    const all = lines.findIndex((line) => line === "20 torrents are back: 20 seeding");
    const greeting = lines.findIndex((line) => line.startsWith("20 torrents from last time"));
    const prompt = lines.findIndex((line) => line.startsWith("peer 1>"));
    // What comes while the prompt stands is written above it.
    assert(0 <= greeting && greeting < Math.min(prompt, all), lines.join("\n"));
    assertEquals(lines.filter((line) => /is back/.test(line)), []);
    assertEquals(
      lines.filter((line) => /^part \d+\.bin +(seeding|checking)/.test(line)).length,
      20,
    );
  },
);
