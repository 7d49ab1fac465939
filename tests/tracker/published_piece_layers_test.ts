import { createHash } from "node:crypto";
import { encodeBencode } from "../../protocol/bencode.ts";
import { MetainfoError } from "../../protocol/errors.ts";
import { levelsFor, merkleRoot } from "../../protocol/merkle.ts";
import { SharedCatalogue } from "../../tracker/shared_catalogue.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";

const PIECE = 16384;
const PIECES = 5000;

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** A v2 torrent whose layer is damaged by `change`. */
function torrent(change: number): Uint8Array {
  const layer = new Uint8Array(PIECES * 32).fill(7);
  const root = merkleRoot(layer, levelsFor(PIECES), 0, sha256);
  layer[layer.length - 1]! += change;
  return encodeBencode({
    info: {
      "file tree": { a: { "": { length: PIECES * PIECE, "pieces root": root } } },
      "meta version": 2,
      name: "a",
      "piece length": PIECE,
    },
    "piece layers": new Map([[String.fromCharCode(...root), layer]]),
  });
}

Deno.test("the catalogue takes no torrent whose piece layer is not its file's", async () => {
  const published = new SharedCatalogue({
    db: undefined,
    shared: undefined,
    check: () => {},
    counts: () => [],
    emit: () => {},
  });
  await assertRejects(
    () => published.publish(torrent(1), undefined),
    MetainfoError,
    "does not match its file's root",
  );
  assertEquals(published.catalogue.list().length, 0);
  const { created } = await published.publish(torrent(0), undefined);
  assertEquals(created, true);
});
