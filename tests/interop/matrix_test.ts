/**
 * What moves between vtorrent and clients of other makes, as one table: each kind of torrent, both
 * ways. What counts is the SHA-256 of what arrived.
 *
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { freePort } from "../support/free_port.ts";
import { Libtorrent } from "../support/libtorrent.ts";
import { Aria2, isInstalled, Transmission, WebTorrent } from "../support/other_clients.ts";
import type { TestProcess } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

const KINDS = ["v1 file", "v1 folder", "hybrid", "v2", "magnet", "encrypted"] as const;
type Kind = (typeof KINDS)[number];
type Task = "seed" | "download";

/** How a torrent of that kind is made. A hybrid of one file needs no pad files, which not all know. */
const CREATE: Record<Kind, readonly string[]> = {
  "v1 file": ["file.bin"],
  "v1 folder": ["folder"],
  "hybrid": ["file.bin", "--hybrid"],
  "v2": ["folder", "--v2"],
  // Small pieces: metadata of several parts.
  "magnet": ["folder", "--piece-length", "16k"],
  "encrypted": ["folder"],
};

/** A client that downloads what it lacks and seeds what it has. */
interface OtherClient extends TestProcess {
  complete(): Promise<void>;
}

interface Make {
  readonly name: string;
  isInstalled(): Promise<boolean>;
  start(
    what: string,
    dir: string,
    port: number,
    how: { task: Task; encrypted: boolean },
  ): OtherClient | Promise<OtherClient>;
  /** What it cannot do, and why. */
  readonly lacks: Partial<Record<Kind, string>>;
}

const NO_V2 = "knows no v2 torrents (BEP 52)";

const MAKES: readonly Make[] = [
  {
    name: "aria2",
    isInstalled: () => isInstalled("aria2c", "aria2"),
    start: (what, dir, port, { task, encrypted }) =>
      new Aria2(
        what,
        dir,
        port,
        task,
        encrypted ? ["--bt-require-crypto=true", "--bt-min-crypto-level=arc4"] : [],
      ),
    lacks: {
      hybrid: "1.36 computes another info hash where there is a file tree",
      v2: NO_V2,
    },
  },
  {
    name: "Transmission",
    isInstalled: () => isInstalled("transmission-cli", "transmission-cli"),
    start: (what, dir, port, { encrypted }) =>
      Transmission.start(what, dir, port, encrypted ? { encryption: "required" } : {}),
    lacks: { hybrid: "3.00 refuses a .torrent with a file tree", v2: NO_V2 },
  },
  {
    name: "libtorrent",
    isInstalled: () => Libtorrent.isInstalled(),
    start: (what, dir, port, { encrypted }) =>
      Libtorrent.start(what, dir, [
        ...["--port", String(port)],
        ...(encrypted ? ["--encrypted"] : []),
      ]),
    lacks: {},
  },
  {
    name: "webtorrent",
    isInstalled: () => Promise.resolve(true),
    start: (what, dir, port, { encrypted }) => new WebTorrent(what, dir, port, encrypted),
    lacks: { v2: NO_V2 },
  },
];

const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

/** Moves one torrent; throws where it does not arrive as it was. */
async function move(make: Make, kind: Kind, task: Task): Promise<void> {
  await using folder = await TempFolder.make();
  const seed = kind.length;
  await folder.write("source/file.bin", patternBytes(3_000_001, seed));
  await folder.write("source/folder/a b.bin", patternBytes(17_000_001, seed + 1));
  await folder.write("source/folder/nested/Übung 日本.txt", patternBytes(777, seed + 2));
  const [name, ...flags] = CREATE[kind];
  const torrent = folder.at("it.torrent");
  const made = await vtorrent([
    ...["create", folder.at(`source/${name}`), ...flags, "--output", torrent],
  ]);
  assertEquals(made.code, 0, made.stderr);
  // Nobody seeds what is not in the torrent, and nobody has it in the end.
  await Deno.remove(folder.at(`source/${name === "folder" ? "file.bin" : "folder"}`), {
    recursive: true,
  });
  let what = torrent;
  if (kind === "magnet") {
    const shown = await vtorrent(["show", torrent, "--json"]);
    const infoHash = /"info_hash":"([0-9a-f]{40})"/.exec(shown.stdout)![1]!;
    what = `magnet:?xt=urn:btih:${infoHash}&dn=x`;
  }
  const encrypted = kind === "encrypted";
  const ours = [...ON_LOOPBACK, ...(encrypted ? ["--encryption", "require"] : [])];
  const port = freePort();
  const peer = ["--peer", `127.0.0.1:${port}`];
  await Deno.mkdir(folder.at("target"));
  if (task === "seed") {
    await using other = await make.start(torrent, folder.at("source"), port, { task, encrypted });
    await other.complete();
    const { code, stderr } = await vtorrent([
      ...["download", what, "--dir", folder.at("target"), "--timeout", "45", ...peer, ...ours],
    ]);
    assertEquals(code, 0, `${stderr}\n${other.stderr.slice(-5).join("\n")}`);
  } else {
    await using other = await make.start(what, folder.at("target"), port, { task, encrypted });
    // We call: Transmission takes no loopback addresses from others.
    await using seed = new Vtorrent([
      ...["seed", torrent, "--dir", folder.at("source"), ...peer, ...ours],
    ]);
    await other.complete();
    await seed.event("seeding");
  }
  const arrived = await digestsOf(folder.at("target"));
  for (const [path, digest] of Object.entries(await digestsOf(folder.at("source")))) {
    assertEquals(arrived[path], digest, path);
  }
}

/** A table as people read it. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd())
    .join("\n");
}

Deno.test("the matrix: each kind of torrent to and from clients of other makes", async () => {
  const failures: string[] = [];
  const notes: string[] = [];
  const cells: { make: Make; kind: Kind; task: Task; says: string }[] = [];
  for (const make of MAKES) {
    const isThere = await make.isInstalled();
    for (const [kind, reason] of Object.entries(make.lacks)) {
      notes.push(`${make.name}, ${kind}: ${reason}`);
    }
    for (const task of ["seed", "download"] as const) {
      for (const kind of KINDS) {
        const says = !isThere ? "not installed" : make.lacks[kind] === undefined ? "" : "-";
        cells.push({ make, kind, task, says });
      }
    }
  }
  const left = cells.filter(({ says }) => says === "").values();
  const work = async (): Promise<void> => {
    for (const cell of left) {
      const { make, kind, task } = cell;
      try {
        await move(make, kind, task);
        cell.says = "ok";
      } catch (error) {
        cell.says = "FAILED";
        failures.push(`${make.name}, ${task}s, ${kind}: ${error}`);
      }
    }
  };
  await Promise.all([work(), work(), work()]);
  const rows = MAKES.flatMap((make) =>
    (["seed", "download"] as const).map((task) => [
      `${make.name} ${task}s`,
      ...KINDS.map((kind) =>
        cells.find((cell) => cell.make === make && cell.kind === kind && cell.task === task)!.says
      ),
    ])
  );
  // deno-lint-ignore no-console
  console.log(`${tableOf([["", ...KINDS], ...rows])}\n${notes.join("\n")}`);
  assertEquals(failures, []);
});
