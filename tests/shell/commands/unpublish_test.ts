import fc from "fast-check";
import { parseIp } from "../../../protocol/address.ts";
import { CommandError } from "../../../shell/base/errors.ts";
import { matches, unpublish } from "../../../shell/commands/unpublish.ts";
import { startTracker } from "../../../tracker/mod.ts";
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { tinyTorrent } from "../../support/tiny_torrent.ts";

Deno.test("a pattern is compared as a regular expression would be", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "B", "."), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "."), maxLength: 8 });
  fc.assert(fc.property(text, pattern, (name, wanted) => {
    const source = wanted.replaceAll(".", "\\.").replaceAll("*", ".*");
    assertEquals(matches(name, wanted), new RegExp(`^${source}$`, "i").test(name));
  }));
});

Deno.test("remove takes out one torrent, those of a pattern, and those of an address", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const publish = async (name: string, ip: string) =>
    await tracker.publish(tinyTorrent(name).bytes, "1", undefined, parseIp(ip)!);
  const names = () => tracker.catalogue.list().map(({ name }) => name);
  for (let i = 0; i < 70; i++) await publish(`flood ${i}`, "10.9.0.1");
  for (const name of ["ab", "b", "c", "d"]) await publish(name, "10.1.0.2");
  await publish("last words", "fd00::1");
  const asked: string[] = [];
  const answer = (yes: boolean) => (question: string) => {
    asked.push(question);
    return Promise.resolve(yes);
  };
  await unpublish(tracker, "flood*", answer(false));
  assertEquals(names().length, 75);
  await unpublish(tracker, "flood 1*", answer(true));
  await unpublish(tracker, "10.9.0.1", answer(true));
  assertEquals(names(), ["ab", "b", "c", "d", "last words"]);
  await unpublish(tracker, "D", answer(true));
  assertEquals(names(), ["ab", "b", "c", "last words"]);
  await unpublish(tracker, "fd00::/64", answer(true));
  assertEquals(names(), ["ab", "b", "c"]);
  assertEquals(asked, [
    "Take 70 torrents (flood*) out of the catalogue?",
    "Take 11 torrents (flood 1*) out of the catalogue?",
    "Take 59 torrents (10.9.0.1) out of the catalogue?",
    'Take "d" out of the catalogue?',
    "Take 1 torrent (fd00::/64) out of the catalogue?",
  ]);
  await assertRejects(() => unpublish(tracker, "x*", answer(true)), CommandError, "x*");
  assert(await tracker.unpublish(tracker.catalogue.list()[0]!.infoHash));
});
