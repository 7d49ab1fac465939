/**
 * One DHT of vtorrent, aria2 and libtorrent on 127.0.0.1: magnet links without any tracker.
 *
 * @module
 */
import { join } from "@std/path";
import { assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { freePort } from "../support/free_port.ts";
import { Libtorrent } from "../support/libtorrent.ts";
import { Aria2, isInstalled } from "../support/other_clients.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import type { TestProcess } from "../support/process.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

interface OtherClient extends TestProcess {
  complete(): Promise<void>;
}

const CLIENTS: readonly {
  name: string;
  isInstalled: () => Promise<boolean>;
  /** @param entrance UDP port of a node */
  start: (
    what: string,
    dir: string,
    entrance: number,
    task: "seed" | "download",
  ) => Promise<OtherClient>;
}[] = [
  {
    name: "aria2",
    isInstalled: () => isInstalled("aria2c", "aria2"),
    start: async (what, dir, entrance, task) => {
      await Deno.mkdir(dir, { recursive: true });
      return new Aria2(what, dir, freePort(), task, [
        `--dht-entry-point=127.0.0.1:${entrance}`,
        `--dht-listen-port=${freePort()}`,
        `--dht-file-path=${join(dir, "..", `dht-${task}.dat`)}`,
      ], { dht: true });
    },
  },
  {
    name: "libtorrent",
    isInstalled: () => Libtorrent.isInstalled(),
    start: (what, dir, entrance) =>
      Libtorrent.start(what, dir, ["--dht", "--dht-node", `127.0.0.1:${entrance}`]),
  },
];

const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0", "--dht", "--no-pex"];

async function makeTorrent(folder: TempFolder): Promise<{ torrent: string; infoHash: string }> {
  await folder.write("source/slides.pdf", patternBytes(3_000_001, 1));
  const torrent = folder.at("it.torrent");
  const { code, stderr } = await vtorrent([
    ...["create", folder.at("source/slides.pdf"), "--output", torrent],
  ]);
  assertEquals(code, 0, stderr);
  const shown = await vtorrent(["show", torrent, "--json"]);
  return { torrent, infoHash: /"info_hash":"([0-9a-f]{40})"/.exec(shown.stdout)![1]! };
}

for (const client of CLIENTS) {
  Deno.test(`vtorrent finds ${client.name} in the DHT`, async () => {
    if (!await client.isInstalled()) return;
    await using folder = await TempFolder.make();
    const { torrent, infoHash } = await makeTorrent(folder);
    await using node = new Vtorrent(["peer", "1", "--daemon", ...ON_LOOPBACK], {
      cwd: folder.path,
    });
    const entrance = Number((await node.event("started")).port);
    await using other = await client.start(torrent, folder.at("source"), entrance, "seed");
    await other.complete();
    const download = await vtorrent([
      ...["download", `magnet:?xt=urn:btih:${infoHash}`, "--dir", folder.at("target")],
      ...["--timeout", "120", "--dht-bootstrap", `127.0.0.1:${entrance}`, ...ON_LOOPBACK],
    ], { patience: 130_000 });
    assertEquals(download.code, 0, download.stderr);
    assertEquals(await digestsOf(folder.at("target")), await digestsOf(folder.at("source")));
  });

  Deno.test(`${client.name} finds vtorrent in the DHT`, async () => {
    if (!await client.isInstalled()) return;
    await using folder = await TempFolder.make();
    const { torrent, infoHash } = await makeTorrent(folder);
    await using node = new Vtorrent(["peer", "1", "--daemon", ...ON_LOOPBACK], {
      cwd: folder.path,
    });
    const entrance = Number((await node.event("started")).port);
    await using seed = new Vtorrent([
      ...["seed", torrent, "--dir", folder.at("source"), ...ON_LOOPBACK],
      ...["--dht-bootstrap", `127.0.0.1:${entrance}`],
    ]);
    await seed.event("seeding");
    const magnet = `magnet:?xt=urn:btih:${infoHash}`;
    await using other = await client.start(magnet, folder.at("target"), entrance, "download");
    await other.complete();
    assertEquals(
      await Deno.readFile(folder.at("target/slides.pdf")),
      await Deno.readFile(folder.at("source/slides.pdf")),
    );
  });
}
