/**
 * A large file does not need a large machine.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { digestOf } from "../support/digests.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent } from "../support/vtorrent.ts";

const MIB = 2 ** 20;
const LIMIT = 250 * MIB;

Deno.test({
  name: "1 GiB between two peers: each stays below 250 MB of resident memory",
  // Read from /proc.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = await TempFolder.make();
    const cwd = folder.path;
    const source = folder.at("peer_files/peer_1/large.bin");
    await writeLarge(source, 1024);
    const { tracker, url } = await Vtorrent.tracker();
    await using _tracker = tracker;
    await using seed = Vtorrent.peer("1", { tracker: url, cwd });
    await seed.type("send large.bin");
    await seed.event("sent", undefined, 120_000);
    await using leech = Vtorrent.peer("2", { tracker: url, cwd });
    await leech.type("download large.bin");
    await leech.event("downloaded", undefined, 180_000);
    for (const peer of [seed, leech]) {
      const peak = await peer.peakMemory();
      assert(peak < LIMIT, `${peer === seed ? "seed" : "leech"}: ${Math.round(peak / MIB)} MiB`);
    }
    assertEquals(await digestOf(folder.at("peer_files/peer_2/large.bin")), await digestOf(source));
  },
});

/** `mebibytes` MiB, each different from all others. */
async function writeLarge(path: string, mebibytes: number): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  using file = await Deno.open(path, { write: true, create: true });
  const block = patternBytes(MIB);
  const counter = new DataView(block.buffer);
  for (let index = 0; index < mebibytes; index++) {
    for (let at = 0; at < MIB; at += 4096) counter.setUint32(at, index * 256 + at / 4096);
    for (let written = 0; written < MIB;) written += await file.write(block.subarray(written));
  }
}
