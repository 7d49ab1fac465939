import { encodeBencode } from "../../protocol/bencode.ts";
import { parseInfo } from "../../protocol/metainfo.ts";
import { webSeedPaths, webSeedUrl } from "../../protocol/web_seed.ts";
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
