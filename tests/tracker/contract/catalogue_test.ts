import { parseMetainfo } from "../../../protocol/metainfo.ts";
import { Catalogue, CatalogueFullError, entryOf } from "../../../tracker/contract/catalogue.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { tinyTorrent } from "../../support/tiny_torrent.ts";

function publish(catalogue: Catalogue, name: string, infoHash: string, now = 0): boolean {
  const { bytes } = tinyTorrent(name);
  const torrent = { infoHash, bytes, publishedBy: undefined, publishedAt: now };
  return catalogue.add(entryOf(torrent, parseMetainfo(bytes)), bytes).created;
}

const hash = (n: number) => n.toString(16).padStart(40, "0");

Deno.test("the list is by name, then by age, also after changes, and can be searched", () => {
  const catalogue = new Catalogue();
  assertEquals(catalogue.list(), []);
  publish(catalogue, "b.pdf", hash(1), 5);
  publish(catalogue, "B.txt", hash(2));
  publish(catalogue, "b.pdf", hash(3), 4);
  assertEquals(catalogue.list().map(({ infoHash }) => infoHash), [hash(2), hash(3), hash(1)]);
  assertEquals(catalogue.list("B.P").map(({ infoHash }) => infoHash), [hash(3), hash(1)]);
  publish(catalogue, "a.pdf", hash(4));
  assertEquals(catalogue.list()[1]!.infoHash, hash(4));
  assertEquals([catalogue.remove(hash(4)), catalogue.remove(hash(4))], [true, false]);
  assertEquals(catalogue.list().length, 3);
  assertEquals(publish(catalogue, "another name", hash(1)), false);
});

Deno.test("a full catalogue says so, takes what it has, and has room again after a removal", () => {
  const size = tinyTorrent("a").bytes.length;
  const byCount = new Catalogue({ limits: { entries: 3, bytes: 1000 * size } });
  const byBytes = new Catalogue({ limits: { entries: 1000, bytes: 3 * size } });
  for (const catalogue of [byCount, byBytes]) {
    for (let i = 0; i < 3; i++) publish(catalogue, `${i}`, hash(i));
    const { message } = assertThrows(() => publish(catalogue, "m", hash(9)), CatalogueFullError);
    assertEquals(message, "The catalogue is full: remove torrents on the tracker first");
    assertEquals(publish(catalogue, "1", hash(1)), false);
    catalogue.remove(hash(1));
    assertEquals(publish(catalogue, "m", hash(9)), true);
    assertEquals(catalogue.get(hash(9)), tinyTorrent("m").bytes);
    assertEquals(catalogue.get(hash(1)), undefined);
  }
});
