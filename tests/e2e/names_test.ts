/**
 * Names as torrents write them, with the built program: files that get other ones here are told of,
 * the true ones are shown and can be typed.
 *
 * @module
 */
import { encodeBencode } from "../../protocol/bencode.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
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
