/**
 * A folder that one client has finished is taken over by another without a byte, whatever its files
 * are called. Each client is on a host of its own.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { encodeBencode } from "../../protocol/bencode.ts";
import { systemPaths } from "../../protocol/file_name.ts";
import { assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { canMakeHosts, HostNetwork } from "../support/hosts.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";
import type { MakeName, Task } from "./makes.ts";
import { PROGRAMS } from "./programs.ts";

/** Longest (ms) that a client is waited for. */
const PATIENCE = 90_000;
const PIECE_LENGTH = 16_384;

/** A component of a path: text, or bytes that are no text. */
type Component = string | Uint8Array<ArrayBuffer>;

/** Names that a Unix can have, and that somebody has. */
const ODD: readonly (readonly Component[])[] = [
  ["What is TCP?.txt"],
  ["Lecture 3: TCP.pdf"],
  ['the "best" talk.mp4'],
  ["it's <here> | a*b.txt"],
  ["dot at the end."],
  ["blank at the end "],
  [" blank in front"],
  ["folder with a dot.", "blank folder ", "in it.txt"],
  ["-rf"],
  ["--help.txt"],
  ["~"],
  ["100%.txt"],
  ["%41%2F.txt"],
  ["smile 😀 👩‍👩‍👧.txt"],
  ["é NFC.txt".normalize("NFC")],
  ["é NFD.txt".normalize("NFD")],
  ["con"],
  ["NUL.txt"],
  [".hidden"],
  ["a.part"],
  ["a"],
  ["empty?.txt"],
];

/** Bytes of a name that is as long as a Unix takes it. */
const LONGEST = 255;

/** Names that the one or the other client changes, which each does in its own way. */
const CHANGED = {
  "not UTF-8": [
    [latin1("Übungsblätter zur Vorlesung.pdf")],
    [latin1("Übung"), "in it.txt"],
    [latin1("aé")],
  ],
  "as long as can be": [
    ["long ".repeat(LONGEST / 5)],
    [`${"x".repeat(LONGEST - 4)}.txt`],
    [`${"ü".repeat((LONGEST - 5) / 2)}.txt`],
  ],
  "a backslash, or the same but for capitals": [
    ["back\\slash.txt"],
    ["Readme.txt"],
    ["README.TXT"],
  ],
  "invisible": [["gpj.\u202etxt"], ["no\u200bwidth.txt"]],
  "control characters": [["tab\there.txt"], ["new\nline.txt"], ["escape \x1b[31mred.txt"]],
  "upwards": [
    ["..", "up.txt"],
    ["folder", "..", "..", "further up.txt"],
    [".", "here.txt"],
    ["a/b", "with a slash.txt"],
  ],
} satisfies Record<string, readonly (readonly Component[])[]>;

/** A character a byte, as old programs wrote it. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function textOf(component: Component): string {
  return typeof component === "string" ? component : new TextDecoder("latin1").decode(component);
}

interface Folder {
  readonly name: string;
  readonly paths: readonly (readonly Component[])[];
}

/** A torrent with these paths, as bytes. */
function torrentOf({ name, paths }: Folder, tracker: string): Uint8Array<ArrayBuffer> {
  const contents = paths.map((_, index) => contentOf(index));
  const all = new Uint8Array(contents.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const content of contents) {
    all.set(content, at);
    at += content.length;
  }
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += PIECE_LENGTH) {
    pieces.push(createHash("sha1").update(all.subarray(at, at + PIECE_LENGTH)).digest());
  }
  return encodeBencode({
    announce: tracker,
    info: {
      name,
      "piece length": PIECE_LENGTH,
      pieces: new Uint8Array(pieces.flatMap((hash) => [...hash])),
      files: paths.map((path, index) => ({ length: contents[index]!.length, path: [...path] })),
    },
  });
}

/** Files differ in length, as a client that finds one by its length has to be right. */
function contentOf(index: number): Uint8Array<ArrayBuffer> {
  return patternBytes(20_000 + 777 * index, index + 1);
}

/** vtorrent seeds a folder on a host of its own, behind a tracker; another client is on a third. */
class Scene implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly network: HostNetwork<"home" | "ours" | "other">;
  readonly folder: TempFolder;
  /** A torrent that vtorrent seeds. */
  readonly torrent: string;
  /** The same torrent with a tracker that is not there: whoever has it finds nobody. */
  readonly alone: string;

  private constructor(network: Scene["network"], folder: TempFolder) {
    this.network = network;
    this.folder = folder;
    this.torrent = folder.at("it.torrent");
    this.alone = folder.at("alone.torrent");
  }

  static async start(what: Folder): Promise<Scene> {
    const folder = await TempFolder.make();
    const network = await HostNetwork.start(["home", "ours", "other"]);
    const scene = new Scene(network, folder);
    scene.#stack.use(folder);
    scene.#stack.use(network);
    try {
      const tracker = `http://${network.host("home").ip4}:8000/announce`;
      await folder.write("it.torrent", torrentOf(what, tracker));
      // Nobody answers there; rtorrent takes no torrent without a tracker.
      const silent = `http://${network.host("other").ip4}:9/announce`;
      await folder.write("alone.torrent", torrentOf(what, silent));
      const written = what.paths.map((path) => [what.name, ...path.map(textOf)]);
      for (const [index, path] of systemPaths(written, "linux").entries()) {
        await folder.write(`source/${path}`, contentOf(index));
      }
      await scene.#vtorrent("home", ["tracker", "--daemon", "--no-db"]).event("started");
      const seed = ["seed", scene.torrent, "--dir", folder.at("source")];
      await scene.#vtorrent("ours", seed).event("announced");
    } catch (error) {
      await scene[Symbol.asyncDispose]();
      throw error;
    }
    return scene;
  }

  /** vtorrent downloads it from the seed into a folder. */
  async download(dir: string): Promise<void> {
    const { through } = this.network.host("home");
    const { code, stderr } = await vtorrent(["download", this.torrent, "--dir", dir], { through });
    assertEquals(code, 0, stderr);
  }

  /** Another client finishes it in a folder, and goes. */
  async finish(make: MakeName, torrent: string, dir: string, task: Task): Promise<void> {
    const host = this.network.host("other");
    await using other = await PROGRAMS[make].start(torrent, dir, { task, column: "v1", host });
    await other.complete(PATIENCE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #vtorrent(host: "home" | "ours", args: readonly string[]): Vtorrent {
    return this.#stack.use(new Vtorrent(args, { through: this.network.host(host).through }));
  }
}

/** vtorrent finds all of it in a folder, with nobody there to get a byte from, and changes nothing. */
async function takeOver(torrent: string, dir: string): Promise<void> {
  const before = await digestsOf(dir);
  const verified = await vtorrent(["verify", torrent, "--dir", dir]);
  assertEquals(
    verified.code,
    0,
    verified.stdout + verified.stderr + Object.keys(before).join("\n"),
  );
  const nobody = ["--no-trackers", "--host", "127.0.0.1", "--port", "0"];
  await using seed = new Vtorrent(["seed", torrent, "--dir", dir, ...nobody]);
  const { have, pieces } = await seed.event("torrent-checked");
  assertEquals(have, pieces);
  await seed.event("seeding");
  const download = ["download", torrent, "--dir", dir, ...nobody, "--timeout", "60"];
  const downloaded = await vtorrent(download);
  assertEquals(downloaded.code, 0, downloaded.stdout + downloaded.stderr);
  assertEquals(await digestsOf(dir), before);
}

const ignore = !await canMakeHosts();
const NAME = "Übung: Was ist TCP?";

type Kind = keyof typeof CHANGED;

/** Kinds of names with which a client takes no torrent, or writes files that nobody else can open. */
const LEFT_OUT: readonly (readonly [make: MakeName, leftOut: readonly Kind[]])[] = [
  ["aria2", ["control characters", "upwards"]],
  ["qBittorrent", []],
  ["rtorrent", ["not UTF-8", "upwards"]],
];

for (const [make, leftOut] of LEFT_OUT) {
  Deno.test({ name: `${make} and vtorrent take over each other's odd names`, ignore }, async () => {
    if (!await PROGRAMS[make].isInstalled()) return;
    await using scene = await Scene.start({ name: NAME, paths: ODD });
    const { folder, torrent, alone } = scene;
    await scene.finish(make, torrent, folder.at("theirs"), "downloads");
    await takeOver(alone, folder.at("theirs"));
    await scene.download(folder.at("ours"));
    const before = await digestsOf(folder.at("ours"));
    await scene.finish(make, alone, folder.at("ours"), "seeds");
    assertEquals(await digestsOf(folder.at("ours")), before);
  });

  Deno.test({ name: `vtorrent finds ${make}'s names for what it changes`, ignore }, async () => {
    if (!await PROGRAMS[make].isInstalled()) return;
    const kinds = (Object.keys(CHANGED) as Kind[]).filter((kind) => !leftOut.includes(kind));
    const paths = kinds.flatMap((kind): readonly (readonly Component[])[] => CHANGED[kind]);
    await using scene = await Scene.start({ name: NAME, paths });
    await scene.finish(make, scene.torrent, scene.folder.at("theirs"), "downloads");
    await takeOver(scene.alone, scene.folder.at("theirs"));
  });
}
