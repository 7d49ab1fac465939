import { encodeBencode } from "../../protocol/bencode.ts";
import { parseInfo } from "../../protocol/metainfo.ts";
import { webSeedPaths, webSeedUrl } from "../../protocol/web_seed.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("BEP 19: where a web seed has a file", () => {
  const one = (base: string) => webSeedUrl(base, ["a%20b.bin"], false);
  assertEquals(one("http://h/x/file?v=1"), "http://h/x/file?v=1");
  assertEquals(one("http://h/x/"), "http://h/x/a%20b.bin");
  assertEquals(one("https://h"), "https://h/a%20b.bin");
  const many = (base: string) => webSeedUrl(base, ["t", "%C3%B6%23%3F", "50%25.txt"], true);
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
    ["na%7Cme", "CON", "a%3Ab"],
    ["na%7Cme", ".pad", "11"],
    ["na%7Cme", "neu%20%C3%B6"],
  ]);
  const single = encodeBencode({ length: 5, name: "a?b", "piece length": 16384, pieces: hash });
  assertEquals(webSeedPaths(single, parseInfo(single)), [["a%3Fb"]]);
});

Deno.test("a web seed is asked for the very bytes of a name, in v1 and in v2", () => {
  const v1 = encodeBencode({
    files: [{ length: 5, path: [new Uint8Array([0x61, 0xfc, 0x20])] }],
    name: "t",
    "piece length": 16384,
    pieces: "x".repeat(20),
  });
  assertEquals(webSeedPaths(v1, parseInfo(v1)), [["t", "a%FC%20"]]);
  const leaf = new Map([["", { length: 5, "pieces root": "x".repeat(32) }]]);
  const v2 = encodeBencode({
    "file tree": new Map([["\xc3\xb6", leaf]]),
    "meta version": 2,
    name: "t",
    "piece length": 16384,
  });
  assertEquals(webSeedPaths(v2, parseInfo(v2)), [["t", "%C3%B6"]]);
});
