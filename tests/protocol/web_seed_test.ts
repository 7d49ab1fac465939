import { encodeBencode } from "../../protocol/bencode.ts";
import { parseInfo } from "../../protocol/metainfo.ts";
import { forbiddenUrl, webSeedPaths, webSeedUrl } from "../../protocol/web_seed.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("BEP 19: where a web seed has a file", () => {
  const one = (base: string) => webSeedUrl(base, ["a b.bin"], false);
  assertEquals(one("http://h/x/file?v=1"), "http://h/x/file?v=1");
  assertEquals(one("http://h/x/"), "http://h/x/a%20b.bin");
  assertEquals(one("https://h"), "https://h/a%20b.bin");
  const many = (base: string) => webSeedUrl(base, ["t", "ö#?", "50%.txt"], true);
  assertEquals(many("http://h/x"), "http://h/x/t/%C3%B6%23%3F/50%25.txt");
  assertEquals(many("http://h/x/#top"), "http://h/x/t/%C3%B6%23%3F/50%25.txt");
});

Deno.test("a web seed is asked for the names in the torrent, not for those on our disk", () => {
  const hash = "x".repeat(20);
  const several = encodeBencode({
    files: [
      { length: 5, path: ["CON", "a:b"] },
      { attr: "p", length: 11, path: [".pad", "11"] },
      { length: 4, path: ["old"], "path.utf-8": ["neu ö"] },
    ],
    name: "na|me",
    "piece length": 16384,
    pieces: hash,
  });
  assertEquals(webSeedPaths(several, parseInfo(several)), [
    ["na|me", "CON", "a:b"],
    ["na|me", ".pad", "11"],
    ["na|me", "neu ö"],
  ]);
  const single = encodeBencode({ length: 5, name: "a?b", "piece length": 16384, pieces: hash });
  assertEquals(webSeedPaths(single, parseInfo(single)), [["a?b"]]);
});

Deno.test("no torrent makes us ask where it may not", () => {
  const reason = (url: string, addresses: string[], from?: { isLocal: boolean }) =>
    forbiddenUrl(new URL(url), addresses, from);
  const outside = { isLocal: false };
  const inside = { isLocal: true };
  assertEquals(reason("http://example.org/a?b", ["93.184.216.34"]), undefined);
  assertEquals(reason("http://127.0.0.1:80/a", ["127.0.0.1"]), undefined);
  assertEquals(reason("http://nas/a", ["192.168.1.2"], inside), undefined);
  assertEquals(reason("http://nas/a", ["8.8.8.8"], inside), undefined);

  const local = "it asks a local server a question";
  assertEquals(reason("http://router/set?dns=evil", ["192.168.1.1"]), local);
  assertEquals(reason("http://x/a?b", ["93.184.216.34", "::1"]), local);
  assertEquals(reason("http://x/a?b", ["::ffff:127.0.0.1"]), local);
  const led = "it leads from outside to a local server";
  for (const address of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "fe80::1", "fd00::1", "::1"]) {
    assertEquals(reason("http://x/a", [address], outside), led);
  }
  assertEquals(reason("ftp://x/a", ["93.184.216.34"]), "it is no web address");
  assertEquals(reason("http://u:p@x/a", ["93.184.216.34"]), "it has a password in it");
  assertEquals(
    reason("http://xn--e1aybc/a", ["93.184.216.34"]),
    "its host name is not in plain letters",
  );
  assertEquals(reason("http://x/a", []), "no such host");
  assertEquals(reason("http://x/a", ["0.0.0.0"]), "nobody can answer at its address");
  assertEquals(reason("http://x/a", ["239.1.1.1"]), "nobody can answer at its address");
});
