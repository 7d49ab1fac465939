import { Catalogues } from "../../../shell/trackers/catalogues.ts";
import { CatalogueClient } from "../../../peer/mod.ts";
import { TrackerError } from "../../../protocol/mod.ts";
import { assertEquals } from "../../support/assert.ts";

/** Notes who is asked, and how many at once; nobody has anything. */
class EmptyCatalogues extends CatalogueClient {
  readonly asked: string[] = [];
  now = 0;
  most = 0;

  override async fetch(announce: string): Promise<Uint8Array> {
    this.asked.push(announce);
    this.most = Math.max(this.most, ++this.now);
    await Promise.resolve();
    this.now--;
    throw new TrackerError("not here");
  }
}

Deno.test("of a link's thousand trackers a few catalogues are asked, ours first, a few at a time", async () => {
  const client = new EmptyCatalogues();
  const catalogues = new Catalogues(client, ["http://ours/announce"]);
  const named = Array.from({ length: 1000 }, (_, n) => `http://t${n}/announce`);
  const asked = [...named, "http://ours/announce"];
  assertEquals(await catalogues.fetchAny("ab".repeat(20), asked, 5000), undefined);
  assertEquals(client.asked, ["http://ours/announce", ...named.slice(0, 16)]);
  assertEquals(client.most, 4);
});
