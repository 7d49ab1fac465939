/**
 * uTP with libtorrent, which speaks nothing else here, and with Transmission; over loopback and over
 * a bad line.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { Libtorrent } from "../support/libtorrent.ts";
import { type LossyLine, LossyRelay } from "../support/lossy_relay.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

const ON_LOOPBACK = ["--host", "127.0.0.1", "--port", "0"];

async function makeTorrent(folder: TempFolder, size = 8_000_001): Promise<string> {
  await folder.write("source/it/a.bin", patternBytes(size, 1));
  await folder.write("source/it/b.txt", patternBytes(777, 2));
  const torrent = folder.at("it.torrent");
  const { code, stderr } = await vtorrent([
    ...["create", folder.at("source/it"), "--piece-length", "64k", "--output", torrent],
  ]);
  assertEquals(code, 0, stderr);
  return torrent;
}

for (const encryption of ["allow", "require"]) {
  Deno.test(`a seed takes libtorrent's call over uTP, --encryption ${encryption}`, async () => {
    if (!await Libtorrent.isInstalled()) return;
    await using folder = await TempFolder.make();
    const torrent = await makeTorrent(folder);
    await using seed = new Vtorrent([
      ...["seed", torrent, "--dir", folder.at("source"), "--encryption", encryption],
      ...ON_LOOPBACK,
    ]);
    const { port } = await seed.event("started");
    await seed.event("seeding");
    const call = ["--utp", "--peer", `127.0.0.1:${port}`];
    await using other = await Libtorrent.start(torrent, folder.at("target"), call);
    await other.complete();
    assertEquals(await digestsOf(folder.at("target/it")), await digestsOf(folder.at("source/it")));
  });

  Deno.test(`--utp prefer downloads from libtorrent, --encryption ${encryption}`, async () => {
    if (!await Libtorrent.isInstalled()) return;
    await using folder = await TempFolder.make();
    const torrent = await makeTorrent(folder);
    await using other = await Libtorrent.start(torrent, folder.at("source"), ["--utp"]);
    const port = await other.port();
    await other.complete();
    const download = await vtorrent([
      ...["download", torrent, "--dir", folder.at("target"), "--utp", "prefer"],
      ...["--peer", `127.0.0.1:${port}`, "--encryption", encryption, "--timeout", "60"],
      ...ON_LOOPBACK,
    ]);
    assertEquals(download.code, 0, download.stderr);
    assertEquals(await digestsOf(folder.at("target/it")), await digestsOf(folder.at("source/it")));
  });
}

/** 20 Mbit/s, 50 ms there and back, 2 % of the packets lost each way. */
const BAD_LINE: LossyLine = { loss: 0.02, delay: 25, rate: 2500, queue: 200_000 };
/** What passes is what has to pass, and nobody says so. */
const NARROW_LINE: LossyLine = {
  loss: 0.005,
  delay: 10,
  rate: 5000,
  queue: 200_000,
  longest: 1252,
};

Deno.test("libtorrent downloads from a seed over a line that loses packets", async () => {
  if (!await Libtorrent.isInstalled()) return;
  await using folder = await TempFolder.make();
  const torrent = await makeTorrent(folder, 2_000_001);
  await using seed = new Vtorrent(["seed", torrent, "--dir", folder.at("source"), ...ON_LOOPBACK]);
  const { port } = await seed.event("started");
  await seed.event("seeding");
  await using relay = new LossyRelay(Number(port), BAD_LINE);
  const call = ["--utp", "--peer", `127.0.0.1:${relay.port}`];
  await using other = await Libtorrent.start(torrent, folder.at("target"), call);
  await other.complete();
  assertEquals(await digestsOf(folder.at("target/it")), await digestsOf(folder.at("source/it")));
  assert(relay.lost > 10 && relay.longest === 1372, `${relay.lost} lost, up to ${relay.longest}`);
});

for (const [name, line] of [["loses", BAD_LINE], ["swallows long", NARROW_LINE]] as const) {
  Deno.test(`a download from libtorrent over a line that ${name} packets`, async () => {
    if (!await Libtorrent.isInstalled()) return;
    await using folder = await TempFolder.make();
    const torrent = await makeTorrent(folder, 2_000_001);
    await using other = await Libtorrent.start(torrent, folder.at("source"), ["--utp"]);
    await using relay = new LossyRelay(await other.port(), line);
    await other.complete();
    const download = await vtorrent([
      ...["download", torrent, "--dir", folder.at("target"), "--utp", "prefer"],
      ...["--peer", `127.0.0.1:${relay.port}`, "--timeout", "60", ...ON_LOOPBACK],
    ], { patience: 70_000 });
    assertEquals(download.code, 0, download.stderr);
    assertEquals(await digestsOf(folder.at("target/it")), await digestsOf(folder.at("source/it")));
    assert(relay.lost > 0 && relay.longest <= (line.longest ?? 1500), `${relay.longest} bytes`);
  });
}

Deno.test("IPv6: libtorrent downloads from a seed over uTP, and seeds to a download", async () => {
  if (!await Libtorrent.isInstalled()) return;
  await using folder = await TempFolder.make();
  const torrent = await makeTorrent(folder);
  const here = ["--host", "::1", "--port", "0"];
  await using seed = new Vtorrent(["seed", torrent, "--dir", folder.at("source"), ...here]);
  const { port } = await seed.event("started");
  await seed.event("seeding");
  await using other = await Libtorrent.start(torrent, folder.at("target"), [
    ...["--host", "::1", "--utp", "--peer", `[::1]:${port}`],
  ]);
  await other.complete();
  assertEquals(await digestsOf(folder.at("target/it")), await digestsOf(folder.at("source/it")));
  const download = await vtorrent([
    ...["download", torrent, "--dir", folder.at("second"), "--utp", "prefer"],
    ...["--peer", `[::1]:${await other.port()}`, "--timeout", "60", ...here],
  ]);
  assertEquals(download.code, 0, download.stderr);
  assertEquals(await digestsOf(folder.at("second/it")), await digestsOf(folder.at("source/it")));
});
