/**
 * Torrents of many files or pieces that come to a peer by each way, and what is asked of them then.
 *
 * @module
 */
import { parseMetainfo } from "../../protocol/metainfo.ts";
import { startTracker } from "../../tracker/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { MetadataPeer } from "../support/metadata_peer.ts";
import { TempFolder } from "../support/temp_folder.ts";
import type { Look, StallRow } from "./stall_rows.ts";
import { Victim } from "./victim.ts";
import { PIECES, SHAPES } from "./wide_torrents.ts";

/** A way on which a torrent comes to a running peer. */
type Give = (victim: Victim, torrent: Uint8Array, folder: TempFolder) => Promise<void>;

const page: Give = (victim, torrent) => victim.add(torrent);

const commandLine: Give = async (victim, torrent, folder) => {
  await folder.write("wide.torrent", torrent);
  await victim.type("torrent -mode download wide.torrent");
};

async function hashOf(infoBytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-1", infoBytes)).toHex();
}

const link: Give = async (victim, torrent) => {
  const { infoBytes } = parseMetainfo(torrent);
  const hash = await hashOf(infoBytes);
  await victim.add({ what: `magnet:?xt=urn:btih:${hash}` });
  const { port } = await victim.event("started");
  using peer = await MetadataPeer.connect(Number(port), hash, infoBytes);
  const served = peer.serve();
  await victim.event("torrent-added");
  peer[Symbol.dispose]();
  await served;
};

function shapeOf(name: string): typeof SHAPES[number] {
  const shape = SHAPES.find(([what]) => what === name);
  assert(shape !== undefined);
  return shape;
}

const FILES = shapeOf("100,000 files");
const TREE = shapeOf("a tree of 100,000 files");

const OPENED: [what: typeof FILES, way: string, give: Give][] = [
  [FILES, "its page", page],
  [FILES, "the command line", commandLine],
  [FILES, "a link", link],
  [TREE, "its page", page],
  [PIECES, "its page", page],
];

function opening([[what, make], way, give]: (typeof OPENED)[number]): StallRow {
  return {
    name: `a peer's loop goes on while ${what} come by ${way}`,
    run: async (look) => {
      await using folder = await TempFolder.make();
      await using victim = new Victim(folder);
      await victim.isUp();
      await give(victim, make(), folder);
      await victim.event("torrent-checked");
      await look(victim, way);
    },
  };
}

async function fromCatalogue(look: Look): Promise<void> {
  await using folder = await TempFolder.make();
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const torrent = FILES[1]();
  const api = `http://127.0.0.1:${tracker.port}/api/torrents`;
  const reply = await fetch(api, { method: "POST", body: torrent as Uint8Array<ArrayBuffer> });
  assertEquals(reply.status, 201);
  await reply.body?.cancel();
  await using victim = new Victim(folder, `http://127.0.0.1:${tracker.port}/announce`);
  await victim.isUp();
  await victim.add({ what: await hashOf(parseMetainfo(torrent).infoBytes) });
  await victim.event("torrent-checked");
  await look(victim, "the catalogue");
}

/** What is asked of a torrent that is open, and the next start. */
async function looksAndRestore(look: Look): Promise<void> {
  await using folder = await TempFolder.make();
  {
    await using victim = new Victim(folder);
    await victim.event("started");
    await victim.add(FILES[1]());
    const { info_hash: infoHash } = await victim.event("torrent-checked");
    const looks: [what: string, path: string, body?: Record<string, unknown>][] = [
      ["its detail", ""],
      ["its pieces", "/pieces"],
      ["a selection by numbers", "/select", { select: "1-50000" }],
      ["a selection by names", "/select", { select: "f7,*9", priority: "high" }],
    ];
    for (const [what, path, body] of looks) {
      victim.forgetStalls();
      const reply = await victim.ask(`/torrents/${infoHash}${path}`, body);
      assertEquals(reply.status, 200, await reply.text());
      await look(victim, what);
    }
    victim.kill("SIGTERM");
    await victim.ended();
  }
  await using again = new Victim(folder);
  // Starting has stalls of its own.
  await again.event("started");
  again.forgetStalls();
  await again.event("torrent-checked");
  await look(again, "restored");
}

export const OPENING: readonly StallRow[] = [
  ...OPENED.map(opening),
  {
    name: "a peer's loop goes on while 100,000 files come from a catalogue",
    run: fromCatalogue,
  },
  {
    name: "a peer's loop goes on while 100,000 files are looked at, chosen from and restored",
    run: looksAndRestore,
  },
];

/** A person's own: for `bench/stalls.ts` alone, since making so many files takes a while. */
export const SENDING: StallRow = {
  name: "a peer's loop goes on while a folder of 20,000 files is sent",
  run: async (look) => {
    await using folder = await TempFolder.make();
    await using victim = new Victim(folder);
    await victim.event("started");
    for (let file = 0; file < 20_000; file++) {
      const path = `peer_files/peer_victim/many/folder ${file % 100}/file ${file}`;
      if (file < 100) await folder.write(path, "x");
      else Deno.writeTextFileSync(folder.at(path), "x");
    }
    victim.forgetStalls();
    await victim.type("torrent -mode send -y many");
    await victim.event("sent");
    await look(victim, "sent");
  },
};
