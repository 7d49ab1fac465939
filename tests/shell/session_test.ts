/**
 * Whole programs in this process: a tracker and peers, their shells fed with lines.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { TestWorld } from "../support/test_world.ts";
import { runProgram } from "../../shell/program.ts";

type JsonLine = Record<string, unknown> & { event: string };

/** A program that runs until it is disposed of. */
class Running implements AsyncDisposable {
  readonly world: TestWorld;
  readonly #stop = new AbortController();
  readonly #status: Promise<number>;
  readonly #waiting = new Set<(line: JsonLine) => void>();
  readonly #lines: JsonLine[] = [];

  constructor(cwd: string, args: readonly string[]) {
    this.world = new TestWorld({
      args: [...args, "--host", "127.0.0.1", "--port", "0", "--daemon", "--json"],
      cwd,
      stop: this.#stop.signal,
      onLine: (text) => {
        const line: JsonLine = JSON.parse(text);
        this.#lines.push(line);
        for (const waiting of this.#waiting) waiting(line);
      },
    });
    this.#status = runProgram(this.world);
  }

  async event(name: string): Promise<JsonLine> {
    const known = this.#lines.find(({ event }) => event === name);
    if (known !== undefined) return known;
    return await new Promise((resolve) => {
      const look = (line: JsonLine) => {
        if (line.event !== name) return;
        this.#waiting.delete(look);
        resolve(line);
      };
      this.#waiting.add(look);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    assertEquals(await this.#status, 0, this.world.stderr.text);
  }
}

async function typed(
  cwd: string,
  args: readonly string[],
  lines: readonly string[],
): Promise<{ status: number; out: string[]; err: string[] }> {
  const world = new TestWorld({
    args: [...args, "--host", "127.0.0.1", "--port", "0"],
    cwd,
    lines,
  });
  const status = await runProgram(world);
  return { status, out: world.stdout.lines, err: world.stderr.lines };
}

/** Lines that greet before the first verb: the peer, its board, its tracker, the next step. */
const GREETING = 4;

Deno.test("peers send, find, download and leave", async (t) => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/my lecture.pdf", patternBytes(300_000));
  await folder.write("login.torrent", "<html><body>Log in");
  await folder.write("slides/a.txt", "one");
  await folder.write("slides/b; c.txt", "two");
  await using tracker = new Running(cwd, ["tracker"]);
  const { urls } = await tracker.event("started");
  const where = ["--tracker", (urls as string[])[0]!];
  await using peer1 = new Running(cwd, [
    "peer",
    "1",
    ...where,
    "-e",
    'torrent -mode send my lecture.pdf; send "slides"; scrape slides',
  ]);
  await peer1.event("scrape");

  await t.step("commands of a pipe are finished one after the other", async () => {
    const { status, out, err } = await typed(cwd, ["peer", "2", ...where], [
      "list",
      "",
      "# a remark",
      "torrent --mode download my lecture.pdf",
      "scrape my lecture.pdf",
      "download SLIDES",
      "status",
      "peerinfo",
      "fileinfo slides",
      "list no such name",
    ]);
    assertEquals(status, 0, err.join("\n"));
    assertEquals(out.at(-1), 'No name in the catalogue has "no such name" in it');
    const records = out.join("\n");
    assertMatch(records, /^name: my lecture\.pdf, size: 293 KiB, files: 1, seeders: 1, /m);
    assertMatch(records, /^"my lecture\.pdf" is complete \(293 KiB\) in .*peer_2$/m);
    // The event tells in which time it came, the answer that it is complete.
    const complete = [...out, ...err].filter((line) => line.includes("is complete"));
    assertEquals(complete.map((line) => line.split(" is ")[0]), ['"my lecture.pdf"', '"slides"']);
    assertMatch(err.join("\n"), /^"my lecture\.pdf": 293 KiB in [\d.]+s \([\d.]+ \wiB\/s\)$/m);
    assertMatch(records, /^name: my lecture\.pdf, .*seeders: 2, leechers: 0, completed: 1$/m);
    assertMatch(records, /^name: slides, state: seeding, pieces: #+, progress: 100%/m);
    assertMatch(records, /^peer_id: 1, ip: 127\.0\.0\.1, port: \d+, torrent: slides, /m);
    assertMatch(records, /^number: 2, file: slides\/b; c\.txt, length: 3 B, progress: 100%$/m);
    assertMatch(records, /^peer_id: 1, ip: 127\.0\.0\.1, port: \d+, status: seeder/m);
    assertEquals(
      await folder.read("peer_files/peer_2/my lecture.pdf"),
      await folder.read("peer_files/peer_1/my lecture.pdf"),
    );
  });

  await t.step("what a peer had it has again, and can pause, stop, remove", async () => {
    const { status, out, err } = await typed(cwd, ["peer", "2", ...where], [
      "pause slides",
      "resume slides",
      "stop my lecture.pdf",
      "remove slides --data",
      "remove my lecture.pdf",
      "status",
      "rename Ada",
    ]);
    assertEquals(status, 0);
    // Whom it met last time may still be there, and is called again.
    const told = err.filter((line) => !line.includes("peer 1 connected ("));
    assert(told.every((line) => / is back: \w+, all \d+ pieces? here$/.test(line)), told.join());
    assertEquals(out.slice(GREETING), [
      '"slides" is paused; resume continues it',
      '"slides" continues: seeding',
      '"my lecture.pdf" is stopped; resume continues it',
      '"slides" is removed and its files are deleted',
      `"my lecture.pdf" is removed; its files are still in ${folder.at("peer_files/peer_2")}`,
      "No torrents yet. Type send <FILE>, or list and download <NAME>",
      'Other peers now see this peer as "Ada" (it was "2")',
    ]);
    assert(await folder.exists("peer_files/peer_2/my lecture.pdf"));
    assertEquals(await folder.exists("peer_files/peer_2/slides"), false);
  });

  await t.step("files can be chosen, when it begins and later", async () => {
    const { status, out, err } = await typed(cwd, ["peer", "5", ...where], [
      "download slides --select 1",
      "fileinfo slides",
      "select slides b*.txt high",
      "select slides 9",
      "download slides",
    ]);
    assertEquals(status, 1);
    assertEquals(err.at(-1), "error: There is no file 9: files are numbered from 1 to 2");
    const records = out.join("\n");
    assertMatch(records, /^number: 2, file: slides\/b; c\.txt, length: 3 B, .*priority: skip$/m);
    assertMatch(records, /^"slides": 2 files of 2 wanted \(6 B\): 1 high, 1 normal$/m);
    assertMatch(records, /^"slides" is complete \(6 B\)/m);
    assertEquals(await Deno.readTextFile(folder.at("peer_files/peer_5/slides/b; c.txt")), "two");
  });

  await t.step("errors are told, counted, and end nothing", async () => {
    const { status, out, err } = await typed(cwd, ["peer", "3", ...where], [
      "donwload x",
      "download",
      "download nothing like it",
      "download my lectur.pdf",
      "send missing.pdf",
      "pause slides",
      'send "open',
      "limit down -5",
      "list --jsom",
      "download login.torrent",
      "help",
      "exit",
      "frob",
    ]);
    assertEquals(status, 1);
    assertEquals(err, [
      'error: Unknown verb "donwload". Did you mean "download"?',
      "error: Download what? Type download <NAME>; list shows what there is",
      'error: No torrent "nothing like it" in the catalogue. Type list to see what there is',
      'error: No torrent "my lectur.pdf" in the catalogue. Did you mean "my lecture.pdf"?',
      `error: No such file or folder: missing.pdf (looked in ${folder.at("peer_files/peer_3")})`,
      'error: No torrent "slides" here. Type status to see what there is',
      'error: Closing quote " is missing',
      'error: down is "-5": give a size like 500k or 2M',
      "error: Unknown flag --jsom.",
      "error: login.torrent is no .torrent but a page of the web: look at it in a browser for the " +
      "right link",
    ]);
    assertMatch(out.join("\n"), /^download <NAME> +by name, info hash, /m);
    for (const line of out.slice(GREETING)) assert(line.length <= 80, line);
  });

  await t.step("a one-shot download takes names, magnets and files", async () => {
    const { out } = await typed(cwd, ["peer", "4", ...where], ["fileinfo my lecture.pdf"]);
    const magnet = /magnet: (magnet:\S+)/.exec(out.join("\n"))![1]!;
    for (const what of ["my lecture.pdf", magnet, magnet.slice(20, 60)]) {
      const dir = folder.at(`one shot ${what.length}`);
      const { status, out, err } = await typed(cwd, ["download", what, "--dir", dir, ...where], []);
      assertEquals(status, 0, err.join("\n"));
      const complete = [...out, ...err].filter((line) => line.includes("is complete"));
      assertEquals(complete, [`"my lecture.pdf" is complete (293 KiB) in ${dir}`]);
      assertMatch(err.join("\n"), /^"my lecture\.pdf": 293 KiB in [\d.]+s \([\d.]+ \wiB\/s\)$/m);
      assertEquals((await Deno.stat(`${dir}/my lecture.pdf`)).size, 300_000);
    }
  });

  await t.step("a one-shot scrape takes names of the catalogue", async () => {
    const scraped = async (what: string) => {
      const world = new TestWorld({ args: ["scrape", what, ...where, "--json"], cwd });
      const status = await runProgram(world);
      return { status, line: world.stdout.lines[0]!, err: world.stderr.lines };
    };
    const { status, line, err } = await scraped("My Lecture.pdf");
    assertEquals([status, err], [0, []]);
    const { event, name, seeders } = JSON.parse(line);
    assertEquals([event, name, seeders], ["scrape", "my lecture.pdf", 1]);
    assertEquals((await scraped("lectur.pdf")).status, 1);
    // The file itself may lie there, too.
    await folder.write("my lecture.pdf", patternBytes(300_000));
    assertEquals((await scraped("my lecture.pdf")).status, 0);
    await folder.write("notes.txt", "no torrent");
    assertMatch((await scraped("notes.txt")).err.join(), /^error: notes\.txt is no \.torrent: /);
    assertEquals((await scraped("lost.torrent")).err, [
      `error: No such file or folder: ${folder.at("lost.torrent")}`,
    ]);
  });

  await t.step(
    "several at once end with a table; one that fails keeps no other from it",
    async () => {
      const dir = folder.at("several");
      const args = ["download", "my lecture.pdf", "no such name", "slides", "--dir", dir, ...where];
      const { status, out, err } = await typed(cwd, args, []);
      assertEquals(status, 1);
      const problems = err.filter((line) => line.startsWith("error: "));
      assertMatch(problems.join("\n"), /^error: no such name: .*$/);
      const rows = out.slice(-3).map((line) => line.split("\t"));
      assertEquals(rows.map((row) => row.slice(0, 8)), [
        ["name", "my lecture.pdf", "state", "complete", "done", "100%", "size", "293 KiB"],
        ["name", "slides", "state", "complete", "done", "100%", "size", "6 B"],
        ["name", "no such name", "state", "failed"],
      ]);
      assertMatch(rows[0]!.slice(8).join(" "), /^average speed [\d.]+ [KM]iB\/s$/);
      assertEquals((await Deno.stat(`${dir}/my lecture.pdf`)).size, 300_000);
      assertEquals(await Deno.readTextFile(`${dir}/slides/a.txt`), "one");
    },
  );

  await t.step("a one-shot download of some files leaves nothing else behind", async () => {
    const dir = folder.at("some");
    const args = ["download", "slides", "--select", "1", "--dir", dir, ...where];
    const { status, err } = await typed(cwd, args, []);
    assertEquals(status, 0, err.join("\n"));
    // The only piece has some of both files: the other one's part lay in a hidden file meanwhile.
    assertEquals(Array.from(Deno.readDirSync(dir), ({ name }) => name), ["slides"]);
    assertEquals(Array.from(Deno.readDirSync(`${dir}/slides`), ({ name }) => name), ["a.txt"]);
  });
});

Deno.test("a tracker's shell knows its verbs and whose the others are", async () => {
  await using folder = await TempFolder.make();
  const { status, out, err } = await typed(folder.path, ["tracker"], [
    "list",
    "peerinfo",
    "send x",
    "scrape x",
    "torrent -mode status",
  ]);
  assertEquals(status, 1);
  assertEquals(out.slice(4, 6), [
    "The catalogue is empty. A peer fills it: torrent -mode send <FILE>",
    "No active peers.",
  ]);
  assertMatch(
    out[6]!,
    /^announce: http:\/\/127\.0\.0\.1:(\d+)\/announce udp:\/\/127\.0\.0\.1:\1\/announce, running: 0s, announces: 0/,
  );
  assertEquals(err, [
    'error: "send" is a peer\'s verb: start one with vtorrent peer 1',
    'error: No torrent "x" here. Type list to see what there is',
  ]);
});

Deno.test("a send without a tracker is seeded and says what is missing", async () => {
  await using folder = await TempFolder.make();
  await folder.write("peer_files/peer_1/a.bin", patternBytes(50_000));
  const nobody = ["--tracker", "127.0.0.1:1"];
  const { status, out, err } = await typed(folder.path, ["peer", "1", ...nobody], ["send a.bin"]);
  assertEquals(status, 1);
  assertMatch(
    out.join("\n"),
    /^name: a\.bin, .*state: seeding, published: no, magnet: magnet:\?xt=urn:btih:/m,
  );
  const problem = err.filter((line) => line.startsWith("error: "));
  assertEquals(problem.length, 1);
  assertMatch(problem[0]!, /"a\.bin" is seeded but not in the catalogue yet: .*127\.0\.0\.1:1/);
});

Deno.test("send refuses a thousand files and a home unless -y says so", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await Deno.mkdir(folder.at("many/deep"), { recursive: true });
  for (let n = 0; n <= 1000; n++) await Deno.writeTextFile(folder.at(`many/deep/${n}`), `${n}`);
  await folder.write("home/.ssh/key", "secret");
  await folder.write("home/a.txt", "a");
  await folder.write("few/a.txt", "a");
  const world = new TestWorld({
    args: ["peer", "1", "--tracker", "127.0.0.1:1", "--host", "127.0.0.1", "--port", "0"],
    cwd,
    env: { HOME: folder.at("home") },
    lines: ["send many few", "send home", `send ${folder.at("home/.ssh")}`, "send /etc"],
  });
  assertEquals(await runProgram(world), 1);
  const told = (path: string, why: string) =>
    `error: ${path} ${why}: send -y shares it all the same`;
  assertEquals(world.stderr.lines.filter((line) => line.includes("-y")), [
    told(folder.at("many"), "has more than 1,000 files"),
    told(folder.at("home"), "is your home folder"),
    told(folder.at("home/.ssh"), "is a hidden folder of your home"),
    told("/etc", "is a folder of this system"),
  ]);
  assertEquals(world.stdout.lines.filter((line) => /^name: /.test(line)).length, 1);
  const { out } = await typed(cwd, ["peer", "2", "--tracker", "127.0.0.1:1"], ["send -y many"]);
  assertMatch(out.join("\n"), /^name: many, .*state: seeding/m);
});

Deno.test("send makes v2 and hybrid torrents, which others download from the catalogue", async () => {
  await using folder = await TempFolder.make();
  const cwd = folder.path;
  await folder.write("peer_files/peer_1/two.bin", patternBytes(300_000));
  await folder.write("peer_files/peer_1/both.bin", patternBytes(200_000));
  await using tracker = new Running(cwd, ["tracker"]);
  const { urls } = await tracker.event("started");
  const where = ["--tracker", (urls as string[])[0]!];
  const script = "send --v2 two.bin; send both.bin --hybrid; scrape both.bin";
  await using peer1 = new Running(cwd, ["peer", "1", ...where, "-e", script]);
  const sent = await peer1.event("sent");
  assertMatch(String(sent.magnet), /^magnet:\?xt=urn:btmh:1220[0-9a-f]{64}&/);
  await peer1.event("scrape");
  const { status, out, err } = await typed(cwd, ["peer", "2", ...where], [
    "download two.bin",
    "download both.bin",
    "send both.bin --v1 --v2",
  ]);
  assertEquals(status, 1, "the last line cannot be done");
  assertMatch(err.join("\n"), /--v1 and --v2: choose one of them/);
  assertMatch(out.join("\n"), /^"two\.bin" is complete/m);
  for (const name of ["two.bin", "both.bin"]) {
    assertEquals(
      await folder.read(`peer_files/peer_2/${name}`),
      await folder.read(`peer_files/peer_1/${name}`),
    );
  }
});

Deno.test("a peer that starts again tells what it has of last time", async () => {
  await using folder = await TempFolder.make();
  await folder.write("store/a.bin", patternBytes(100_000));
  await using tracker = new Running(folder.path, ["tracker"]);
  const { urls } = await tracker.event("started");
  const args = ["peer", "1", "--dir", "store", "--tracker", (urls as string[])[0]!];
  const first = await typed(folder.path, args, ["send a.bin"]);
  assertEquals(first.status, 0, first.err.join("\n"));
  await using again = new Running(folder.path, args);
  const { name, wanted } = await again.event("torrent-restored");
  assertEquals([name, wanted], ["a.bin", "active"]);
  const { have, pieces } = await again.event("torrent-checked");
  assertEquals(have, pieces);
  await again.event("announced");
  const log = await Deno.readTextFile(folder.at("store/.vtorrent/peer.log"));
  assertMatch(log, /INFO {2}torrent-restored .*\n(.*\n)*?.*INFO {2}torrent-checked .*have=/);
});

Deno.test("a torrent that cannot be restored says why and hinders no other", async () => {
  await using folder = await TempFolder.make();
  await folder.write("store/a.bin", patternBytes(100_000));
  await folder.write("store/b.bin", patternBytes(200_000));
  await using tracker = new Running(folder.path, ["tracker"]);
  const { urls } = await tracker.event("started");
  const args = ["peer", "1", "--dir", "store", "--tracker", (urls as string[])[0]!];
  await typed(folder.path, args, ["send a.bin", "send b.bin"]);
  const torrents = folder.at("store/.vtorrent/torrents");
  for (const { name } of Deno.readDirSync(torrents)) {
    const path = `${torrents}/${name}`;
    if ((await Deno.readTextFile(path)).includes("a.bin")) {
      await Deno.writeTextFile(path, "rubbish");
    }
  }
  const { status, err, out } = await typed(folder.path, args, ["status"]);
  assertEquals(status, 0);
  assertMatch(err.join("\n"), /^"a\.bin" could not be restored: .+$/m);
  assertMatch(out.join("\n"), /^name: b\.bin, /m);
  assertMatch(out.join("\n"), /^name: a\.bin, .*state: error/m);
});

Deno.test("a peer with --no-trackers asks none, and puts none into its links", async () => {
  await using folder = await TempFolder.make();
  await folder.write("peer_files/peer_1/a.bin", patternBytes(1000));
  const { status, out, err } = await typed(
    folder.path,
    ["peer", "1", "--no-dht", "--no-trackers"],
    [
      "send a.bin",
      "list",
      "download b.bin",
    ],
  );
  assertEquals(status, 1);
  const said = out.join("\n");
  assertMatch(said, /^No tracker is asked: peers come from /m);
  assertMatch(said, /magnet: magnet:\?xt=urn:btih:[0-9a-f]{40}&dn=a\.bin$/m);
  assertMatch(said, /^No tracker is asked for its catalogue: name one with --tracker$/m);
  assertEquals(err, [
    'error: No torrent "b.bin" here. No tracker is asked for its catalogue: name one with --tracker',
  ]);
  assertEquals([...out, ...err].join().includes("8000"), false);
  const one = await typed(folder.path, ["download", "b.bin", "--no-dht", "--no-trackers"], []);
  assertEquals([one.status, one.err], [1, [err[0]!]]);
});

Deno.test("remove takes several names and patterns, or nothing where one is not known", async () => {
  await using folder = await TempFolder.make();
  for (const name of ["a.bin", "b c.bin", "d.txt", "e.txt"]) {
    await folder.write(`peer_files/peer_1/${name}`, patternBytes(1000, name.length));
  }
  const peer = ["peer", "1", "--no-discovery", "--no-dht", "--no-trackers"];
  const { out, err } = await typed(folder.path, [...peer, "--json"], [
    "send *.txt a.bin b c.bin",
    "remove a.bin gone.bin",
    "status",
    "remove a.bin b c.bin",
    "remove *.txt",
    "status",
  ]);
  assertMatch(err.join("\n"), /No torrent "gone\.bin" here/);
  const lines: JsonLine[] = out.map((line) => JSON.parse(line));
  const removed = lines.filter(({ event }) => event === "removed").map(({ name }) => name);
  assertEquals(removed.sort(), ["a.bin", "b c.bin", "d.txt", "e.txt"]);
  const counts = lines.filter(({ event }) => event === "status")
    .map(({ torrents }) => (torrents as unknown[]).length);
  assertEquals(counts, [4, 0]);
});
