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
import {
  Aria2,
  isInstalled,
  Transmission,
  WebTorrent,
  WEBTORRENT_PEER,
} from "../support/other_clients.ts";
import { runToEnd, type TestProcess } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";
import {
  type Column,
  COLUMNS,
  lackOf,
  type Make,
  type MakeName,
  MAKES,
  type Task,
} from "./makes.ts";

const NAMES = Object.keys(COLUMNS) as Column[];
const TASKS: readonly Task[] = ["seeds", "downloads"];

/** How a torrent of that column is made. A hybrid of one file needs no pad files, which not all know. */
const CREATE: Record<Column, readonly string[]> = {
  "v1 file": ["file.bin"],
  "v1": ["folder"],
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

/** How a client is asked for its version, and how it is started. */
interface Program {
  /** Fails, or says so, where it is not installed. */
  isInstalled(): Promise<boolean>;
  readonly version: readonly string[];
  start(
    what: string,
    dir: string,
    port: number,
    how: { task: Task; encrypted: boolean },
  ): OtherClient | Promise<OtherClient>;
}

const PROGRAMS: Record<MakeName, Program> = {
  aria2: {
    isInstalled: () => isInstalled("aria2c", "aria2"),
    version: ["aria2c", "--version"],
    start: (what, dir, port, { task, encrypted }) =>
      new Aria2(
        what,
        dir,
        port,
        task === "seeds" ? "seed" : "download",
        encrypted ? ["--bt-require-crypto=true", "--bt-min-crypto-level=arc4"] : [],
      ),
  },
  Transmission: {
    isInstalled: () => isInstalled("transmission-cli", "transmission-cli"),
    version: ["transmission-cli", "--version"],
    start: (what, dir, port, { encrypted }) =>
      Transmission.start(what, dir, port, encrypted ? { encryption: "required" } : {}),
  },
  libtorrent: {
    isInstalled: () => Libtorrent.isInstalled(),
    version: ["/usr/bin/python3", "-c", "import libtorrent; print(libtorrent.__version__)"],
    start: (what, dir, port, { encrypted }) =>
      Libtorrent.start(what, dir, [
        ...["--port", String(port)],
        ...(encrypted ? ["--encrypted"] : []),
      ]),
  },
  webtorrent: {
    isInstalled: () => Promise.resolve(true),
    version: [Deno.execPath(), "run", "--quiet", "--allow-all", WEBTORRENT_PEER, "--version"],
    start: (what, dir, port, { encrypted }) => new WebTorrent(what, dir, port, encrypted),
  },
};

const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

/** Moves one torrent; throws where it does not arrive as it was. */
async function move(program: Program, column: Column, task: Task): Promise<void> {
  await using folder = await TempFolder.make();
  const seed = column.length;
  await folder.write("source/file.bin", patternBytes(3_000_001, seed));
  await folder.write("source/folder/a b.bin", patternBytes(17_000_001, seed + 1));
  await folder.write("source/folder/nested/Übung 日本.txt", patternBytes(777, seed + 2));
  const [name, ...flags] = CREATE[column];
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
  if (column === "magnet") {
    const shown = await vtorrent(["show", torrent, "--json"]);
    const infoHash = /"info_hash":"([0-9a-f]{40})"/.exec(shown.stdout)![1]!;
    what = `magnet:?xt=urn:btih:${infoHash}&dn=x`;
  }
  const encrypted = column === "encrypted";
  const ours = [...ON_LOOPBACK, ...(encrypted ? ["--encryption", "require"] : [])];
  const port = freePort();
  const peer = ["--peer", `127.0.0.1:${port}`];
  await Deno.mkdir(folder.at("target"));
  if (task === "seeds") {
    await using other = await program.start(torrent, folder.at("source"), port, {
      task,
      encrypted,
    });
    await other.complete();
    const { code, stderr } = await vtorrent([
      ...["download", what, "--dir", folder.at("target"), "--timeout", "45", ...peer, ...ours],
    ]);
    assertEquals(code, 0, `${stderr}\n${other.stderr.slice(-5).join("\n")}`);
  } else {
    await using other = await program.start(what, folder.at("target"), port, { task, encrypted });
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

/** What the program says of itself, with the version that the page tells in it. */
async function versionOf({ version: [command, ...args] }: Program): Promise<string> {
  const { stdout, stderr } = await runToEnd(command!, args);
  return (stdout + stderr).split("\n", 1)[0]!.trim();
}

Deno.test("the matrix: each kind of torrent to and from clients of other makes", async () => {
  const failures: string[] = [];
  const cells: { make: Make; column: Column; task: Task; says: string }[] = [];
  for (const make of MAKES) {
    const program = PROGRAMS[make.name];
    const isThere = await program.isInstalled();
    if (isThere) {
      const version = await versionOf(program);
      if (!version.split(/[ v]/).includes(make.version)) {
        failures.push(`${make.name} is "${version}"; tests/interop/makes.ts says ${make.version}`);
      }
    }
    for (const task of TASKS) {
      for (const column of NAMES) {
        const lacks = lackOf(make, column, task) !== undefined;
        cells.push({ make, column, task, says: !isThere ? "NOT RUN" : lacks ? "no" : "" });
      }
    }
  }
  const left = cells.filter(({ says }) => says === "").values();
  const work = async (): Promise<void> => {
    for (const cell of left) {
      const { make, column, task } = cell;
      try {
        await move(PROGRAMS[make.name], column, task);
        cell.says = "ok";
      } catch (error) {
        cell.says = "FAILED";
        failures.push(`${make.name} ${task}, ${column}: ${error}`);
      }
    }
  };
  await Promise.all([work(), work(), work()]);
  const rows = MAKES.flatMap((make) =>
    TASKS.map((task) => [
      `${make.name} ${make.version} ${task}`,
      ...cells.filter((cell) => cell.make === make && cell.task === task).map(({ says }) => says),
    ])
  );
  // deno-lint-ignore no-console
  console.log(tableOf([["", ...NAMES], ...rows]));
  assertEquals(failures, []);
});
