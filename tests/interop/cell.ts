/**
 * One cell of the matrix: something moves between vtorrent and a client of another make, each on a
 * host of its own. Some of them take only one connection an address.
 *
 * @module
 */
import { join } from "@std/path";
import { assert, assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { HostNetwork } from "../support/hosts.ts";
import { TestProcess } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";
import type { Column, Task } from "./makes.ts";
import { OTHER_PORT, type Program } from "./programs.ts";

/** Longest (ms) that a cell may take for each thing that it waits for, beside others. */
const PATIENCE = 120_000;
/** A part of metadata, bytes (BEP 9). */
const METADATA_PART = 16_384;
/** For addresses to come by PEX: rtorrent takes up to two minutes, others one. */
const PEX_PATIENCE = 240_000;
/** So slow (bytes a second) that a download lasts until then. */
const SLOW = ["--upload-limit", "10k"];

/** `create`'s flags. */
const CREATE: Partial<Record<Column, readonly string[]>> = {
  "hybrid": ["--hybrid"],
  "hybrid link": ["--hybrid"],
  "v2": ["--v2"],
  "v2 link": ["--v2"],
  "private": ["--private"],
};

/** Columns that differ in what is on disk. */
const CONTENTS: ReadonlySet<Column> = new Set(["v1", "hybrid", "v2"]);
/** Columns in which who downloads has a magnet link. */
const LINKS: ReadonlySet<Column> = new Set(["magnet", "hybrid link", "v2 link"]);

type HostName = "home" | "ours" | "other" | "third";

/** A tracker on a host, two or three hosts more, a torrent and its data. */
export class Scene implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly network: HostNetwork<HostName>;
  readonly folder: TempFolder;
  /** What was made; who downloads has a link instead in some columns. */
  torrent = "";

  private constructor(network: HostNetwork<HostName>, folder: TempFolder) {
    this.network = network;
    this.folder = folder;
  }

  static async start(column: Column): Promise<Scene> {
    const folder = await TempFolder.make();
    const names: HostName[] = ["home", "ours", "other"];
    if (column === "PEX") names.push("third");
    const network = await HostNetwork.start(names);
    const scene = new Scene(network, folder);
    scene.#stack.use(folder);
    scene.#stack.use(network);
    try {
      const tracker = scene.vtorrent("home", ["tracker", "--daemon", "--no-db"]);
      await tracker.event("started");
      await scene.#create(column);
      await Deno.mkdir(folder.at("target"));
    } catch (error) {
      await scene[Symbol.asyncDispose]();
      throw error;
    }
    return scene;
  }

  /** Ends with the scene. */
  vtorrent(host: HostName, args: readonly string[]): Vtorrent {
    const { through } = this.network.host(host);
    return this.#stack.use(new Vtorrent(args, { through }));
  }

  async other(program: Program, what: string, dir: string, column: Column, task: Task) {
    const host = this.network.host("other");
    return this.#stack.use(await program.start(what, dir, { task, column, host }));
  }

  /** A web server for the data. */
  async webServer(): Promise<void> {
    const { ip4, through } = this.network.host("home");
    const program = join(import.meta.dirname!, "..", "support", "file_server.ts");
    const args = ["run", "--quiet", "--allow-all", program, this.folder.at("source"), ip4, "80"];
    const server = this.#stack.use(new TestProcess(Deno.execPath(), args, { through }));
    await server.line(/^ready$/);
  }

  /** Resolves when what arrived is what was sent. */
  async arrived(): Promise<void> {
    const sent = await digestsOf(this.folder.at("source"));
    const end = performance.now() + PATIENCE;
    for (;;) {
      const found = await digestsOf(this.folder.at("target"));
      const missing = Object.entries(sent).filter(([path, digest]) => found[path] !== digest);
      if (missing.length === 0) return;
      // Not all is written when a client says that it is done, and Transmission says so, too, when it
      // has no more than the metadata.
      if (performance.now() > end) assertEquals(found, sent);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #create(column: Column): Promise<void> {
    const { folder } = this;
    const seed = column.length;
    if (LINKS.has(column)) {
      for (let i = 0; i < 400; i++) {
        const name = `Übung ${i} ${"von vielen ".repeat(8)}.txt`;
        await folder.write(`source/folder/${name}`, patternBytes(2001, seed + i));
      }
    } else {
      await folder.write("source/folder/a b.bin", patternBytes(3_000_001, seed));
      await folder.write("source/folder/nested/Übung 日本.txt", patternBytes(777, seed + 1));
    }
    const home = this.network.host("home").ip4;
    const tracker = `${column === "UDP" ? "udp" : "http"}://${home}:8000/announce`;
    const others = column === "web seed"
      ? ["--web-seed", `http://${home}/`]
      : ["--tracker", tracker];
    this.torrent = folder.at("it.torrent");
    const made = await vtorrent([
      ...["create", folder.at("source/folder"), ...CREATE[column] ?? [], ...others],
      ...["--output", this.torrent],
    ]);
    assertEquals(made.code, 0, made.stderr);
    if (!LINKS.has(column)) return;
    const { size } = await Deno.stat(this.torrent);
    assert(size > 3 * METADATA_PART, `${size} bytes of metadata`);
  }
}

/** Plays it; throws where it does not come out right. */
export async function play(program: Program, column: Column, task: Task): Promise<void> {
  await using scene = await Scene.start(column);
  if (column === "PEX") await exchangeAddresses(scene, program, task);
  else if (column === "web seed") {
    await scene.webServer();
    const target = scene.folder.at("target");
    const other = await scene.other(program, scene.torrent, target, column, task);
    await other.complete(PATIENCE);
    await scene.arrived();
  } else await move(scene, program, column, task);
}

async function move(scene: Scene, program: Program, column: Column, task: Task): Promise<void> {
  const { torrent, folder, network } = scene;
  if (column === "uTP") await network.forbidTcp("ours", "other");
  const flags = column === "encrypted" ? ["--encryption", "require"] : [];
  const what = LINKS.has(column) ? await magnetOf(torrent) : torrent;
  const [source, target] = [folder.at("source"), folder.at("target")];
  if (task === "seeds") {
    const other = await scene.other(program, torrent, source, column, task);
    await other.complete(PATIENCE);
    const ours = scene.vtorrent("ours", ["download", what, "--dir", target, ...flags]);
    await ours.event("downloaded", undefined, PATIENCE);
  } else {
    const ours = scene.vtorrent("ours", ["seed", torrent, "--dir", source, ...flags]);
    await ours.event("announced");
    const other = await scene.other(program, what, target, column, task);
    await other.complete(PATIENCE);
  }
  await scene.arrived();
  if (!CONTENTS.has(column) && !LINKS.has(column)) return;
  // What it downloaded is taken over without a byte.
  const { code, stdout, stderr } = await vtorrent(["verify", torrent, "--dir", target]);
  assertEquals(code, 0, stdout + stderr);
}

/**
 * "seeds": it knows a seed by the tracker, vtorrent knows it alone, and is told of the seed.
 * "downloads": it knows vtorrent by the tracker, which knows a seed, and calls the seed.
 */
async function exchangeAddresses(scene: Scene, program: Program, task: Task): Promise<void> {
  const { torrent, folder, network } = scene;
  const alone = ["--no-trackers", "--peer"];
  const source = ["--dir", folder.at("source"), "--no-pex", ...SLOW];
  const target = folder.at("target");
  const third = network.host("third").ip4;
  const other = network.host("other").ip4;
  if (task === "seeds") {
    const seed = scene.vtorrent("third", ["seed", torrent, ...source]);
    await seed.event("announced");
    await scene.other(program, torrent, target, "PEX", "downloads");
    await seed.event("peer-connected", ({ address }) => String(address).startsWith(other));
    const address = `${other}:${OTHER_PORT}`;
    const ours = scene.vtorrent("ours", [
      ...["download", torrent, "--dir", folder.at("ours"), ...alone, address],
    ]);
    await ours.event(
      "peer-connected",
      ({ address, source }) => String(address).startsWith(third) && source === "pex",
      PEX_PATIENCE,
    );
  } else {
    const ours = scene.vtorrent("ours", ["download", torrent, "--dir", folder.at("ours")]);
    const { port } = await ours.event("started");
    await ours.event("announced");
    const address = `${network.host("ours").ip4}:${port}`;
    const seed = scene.vtorrent("third", ["seed", torrent, ...source, ...alone, address]);
    await scene.other(program, torrent, target, "PEX", "downloads");
    await seed.event(
      "peer-connected",
      ({ address, source }) => String(address).startsWith(other) && source === "incoming",
      PEX_PATIENCE,
    );
  }
}

async function magnetOf(torrent: string): Promise<string> {
  const { stdout, stderr } = await vtorrent(["link", torrent, "--json"]);
  const { magnet } = JSON.parse(stdout || "{}");
  if (typeof magnet !== "string") throw new Error(stderr);
  return magnet;
}
