/**
 * Names as torrents write them, with the built program: files that get other ones here are told of,
 * the true ones are shown and can be typed.
 *
 * @module
 */
import { encodeBencode } from "../../protocol/bencode.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { runToEnd } from "../support/process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

const QUIET = ["--host", "127.0.0.1", "--port", "0", "--no-trackers"];
const ignore = Deno.build.os !== "linux";

/** Files of one byte each, the same byte, in one piece. */
async function torrentOf(name: string, paths: readonly string[][]): Promise<Uint8Array> {
  const bytes = new Uint8Array(paths.length);
  return encodeBencode({
    info: {
      name,
      "piece length": 16384,
      pieces: new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)),
      files: paths.map((path) => ({ length: 1, path })),
    },
  });
}

const NAME = "What: is TCP?";
const PATHS = [["plain: name?.txt"], ["..", "up.txt"], ["twice"], ["twice"], ["a/b"]];
const RENAMED = [
  { path: `${NAME}/../up.txt`, disk: `${NAME}/_/up.txt` },
  { path: `${NAME}/twice`, disk: `${NAME}/twice.1` },
  { path: `${NAME}/a/b`, disk: `${NAME}/a_b` },
];

Deno.test({ name: "files that get other names here are told of, once", ignore }, async () => {
  await using folder = await TempFolder.make();
  const options = { cwd: folder.path };
  await folder.write("t.torrent", await torrentOf(NAME, PATHS));
  const names = [`${NAME}/plain: name?.txt`, ...[`twice`, "a_b"].map((name) => `${NAME}/${name}`)];
  for (const name of [...names, ...RENAMED.map(({ disk }) => disk)]) {
    await folder.write(`a/${name}`, new Uint8Array(1));
  }
  await using seed = new Vtorrent(["seed", "t.torrent", "--dir", "a", ...QUIET], options);
  const { port } = await seed.event("started");
  const checked = await seed.event("torrent-checked");
  assertEquals([checked.renamed, checked.renamed_files], [3, RENAMED]);

  const peer = ["--peer", `127.0.0.1:${port}`];
  const download = await vtorrent(
    ["download", "t.torrent", "--dir", "b", ...peer, ...QUIET],
    options,
  );
  assertEquals(download.code, 0, download.stderr);
  const told = `"${NAME}": 3 files have other names here: ` +
    RENAMED.map(({ path, disk }) => `${path} is ${disk}`).join("; ");
  assertEquals(download.stderr.split(told).length, 2, download.stderr);

  const shown = await vtorrent(["show", "t.torrent"], options);
  assertMatch(shown.stderr, /^3 files have other names here: /);
  const { files } = JSON.parse((await vtorrent(["show", "t.torrent", "--json"], options)).stdout);
  assertEquals(
    files.map(({ path, disk }: Record<string, string>) => [path, disk]),
    [...PATHS.entries()].map(([index, path]) => {
      const written = [NAME, ...path].join("/");
      const disk = index === 2 ? undefined : RENAMED.find(({ path }) => path === written)?.disk;
      return [written, disk];
    }),
  );
});

Deno.test({ name: "true names are shown, completed and typed", ignore }, async () => {
  await using folder = await TempFolder.make();
  const options = { cwd: folder.path };
  const { tracker, url } = await Vtorrent.tracker(options);
  await using _tracker = tracker;
  await folder.write(`peer_files/peer_ada/${NAME}/1: "a"?.txt`, "one");
  await folder.write(`peer_files/peer_ada/${NAME}/2: 'b'\\c.txt`, "two");
  // What had the name stays as it is.
  await folder.write(`peer_files/peer_bob/${NAME}/1: "a"?.txt`, "other");
  await using ada = Vtorrent.peer("ada", { ...options, tracker: url });
  await using bob = Vtorrent.peer("bob", { ...options, tracker: url });
  await ada.type(`send ${NAME}`);
  await ada.event("sent");
  await bob.type(`download ${NAME}`);
  const { renamed_files: renamed } = await bob.event("torrent-checked");
  const [path, disk] = [`${NAME}/1: "a"?.txt`, `${NAME}/1: "a"? (1).txt`];
  assertEquals(renamed, [{ path, disk }]);
  await bob.event("torrent-completed");
  await bob.type(`fileinfo ${NAME}`);
  const { files } = await bob.event("files");
  assertEquals(
    (files as { file: string; on_disk?: string }[]).map((
      { file, on_disk: found },
    ) => [file, found]),
    [[path, disk], [`${NAME}/2: 'b'\\c.txt`, undefined]],
  );
  assertEquals(await Deno.readTextFile(folder.at(`peer_files/peer_bob/${path}`)), "other");
  assertEquals(await Deno.readTextFile(folder.at(`peer_files/peer_bob/${disk}`)), "one");
});

/** What is not text in any name that the runtime makes: made by another program, as it happens. */
async function makeByBytes(folder: string, name: string, content: string): Promise<void> {
  // `printf` turns \344 into that byte.
  const script = 'printf "%s" "$2" > "$(printf "$1")"';
  const { code, stderr } = await runToEnd("/bin/sh", ["-c", script, "sh", name, content], {
    cwd: folder,
  });
  assertEquals(code, 0, stderr);
}

Deno.test(
  { name: "a name that is not UTF-8 is told as that, and keeps nothing else out", ignore },
  async () => {
    await using folder = await TempFolder.make();
    const options = { cwd: folder.path };
    await folder.write("t/good.txt", "good");
    await folder.write("t/sub/also good.txt", "also");
    await makeByBytes(folder.at("t"), "M\\344rz.txt", "one");
    await makeByBytes(folder.at("t/sub"), "J\\344nner.txt", "two");
    await makeByBytes(folder.path, "\\374ber.txt", "three");

    const created = await vtorrent(["create", "t", "-o", "t.torrent"], options);
    assertEquals(created.code, 0, created.stderr);
    for (const name of ["M\ufffdrz.txt", "J\ufffdnner.txt"]) {
      assertMatch(created.stderr, new RegExp(`${name} has a name that is not UTF-8`));
    }
    assert(!/missing/.test(created.stderr), created.stderr);
    const json = await vtorrent(["create", "t", "-o", "u.torrent", "--json"], options);
    assertEquals(JSON.parse(json.stdout.trim().split("\n").at(-1)!).left_out.length, 2);
    assertEquals((await vtorrent(["verify", "t.torrent"], options)).code, 0);

    const several = ["create", "t/good.txt", "t/M\ufffdrz.txt", "t/sub", "-o", "v.torrent"];
    const some = await vtorrent(several, options);
    assertEquals(some.code, 0, some.stderr);
    assertMatch(some.stderr, /rz\.txt has a name that is not UTF-8; .*nner\.txt has/s);

    const alone = await vtorrent(["create", "\ufffdber.txt"], options);
    assertEquals(alone.code, 1);
    assertMatch(alone.stderr, /ber\.txt: it has a name that is not UTF-8: rename it$/m);
    // One that really is not there is missing all the same.
    assertMatch((await vtorrent(["create", "\ufffd.txt"], options)).stderr, /is missing$/m);

    const { tracker, url } = await Vtorrent.tracker(options);
    await using _tracker = tracker;
    await folder.write("peer_files/peer_ada/good.txt", "good");
    await folder.write("peer_files/peer_ada/more.txt", "more");
    await makeByBytes(folder.at("peer_files/peer_ada"), "M\\344rz.txt", "one");
    await using ada = Vtorrent.peer("ada", { ...options, tracker: url });
    await ada.type("send *.txt");
    const { message } = await ada.event("error");
    assertMatch(String(message), /^Cannot share .*rz\.txt: it has a name that is not UTF-8/);
    await ada.eventCount("sent", 2);
  },
);

Deno.test(
  { name: "a file that another client wrote by its bytes is not called missing", ignore },
  async () => {
    await using folder = await TempFolder.make();
    const options = { cwd: folder.path };
    const content = new TextEncoder().encode("march" + "april");
    const path = [Uint8Array.from("M\xe4rz.txt", (character) => character.charCodeAt(0))];
    await folder.write(
      "t.torrent",
      encodeBencode({
        info: {
          name: "t",
          "piece length": 16384,
          pieces: new Uint8Array(await crypto.subtle.digest("SHA-1", content)),
          files: [{ length: 5, path }, { length: 5, path: ["April.txt"] }],
        },
      }),
    );
    await folder.write("t/April.txt", "april");
    await makeByBytes(folder.at("t"), "M\\344rz.txt", "march");
    const { code, stderr } = await vtorrent(["verify", "t.torrent"], options);
    assertEquals(code, 32);
    assertMatch(stderr, /^error: t\/März\.txt cannot be told: it has a name that is not UTF-8$/m);
    assert(!/missing/.test(stderr), stderr);
  },
);
