import { linksIn, sortDropped } from "../../../../../shell/dashboard/page/peer/dropped.ts";
import { assert, assertEquals, assertMatch } from "../../../../support/assert.ts";

const D = "d".charCodeAt(0);

Deno.test("each wrong file gets a sentence that says what to do, and hinders no other", () => {
  const { used, problems } = sortDropped([
    { name: "photo.jpg", size: 1000, first: 0xff },
    { name: "good.torrent", size: 1000, first: D },
    { name: "page.torrent", size: 1000, first: "<".charCodeAt(0) },
    { name: "course", size: 4096, first: undefined },
    { name: "another", size: 300, first: D },
  ]);
  assertEquals(used, [1, 4]);
  assertMatch(problems[0]!, /“photo\.jpg” is no \.torrent\. To share a file/);
  assertMatch(problems[1]!, /“page\.torrent” is called \.torrent but is none/);
  assertMatch(problems[2]!, /“course” is a folder or cannot be read/);
  for (const problem of problems) assert(!/body|JSON|byte/i.test(problem), problem);
});

Deno.test("a hundred wrong files do not make a hundred sentences", () => {
  const files = Array.from({ length: 100 }, (_, at) => ({ name: `${at}.png`, size: 9, first: 1 }));
  const { problems } = sortDropped(files);
  assertEquals(problems.length, 4);
  assertEquals(problems[3], "97 more files are no .torrent");
});

Deno.test("too many and too large ones are told", () => {
  const large = sortDropped([{ name: "x.torrent", size: 2 ** 27, first: D }]);
  assertEquals(large, { used: [], problems: ["“x.torrent” is too large for a .torrent"] });
  const many = Array.from({ length: 203 }, (_, at) => ({ name: `${at}`, size: 9, first: D }));
  const { used, problems } = sortDropped(many);
  assertEquals(used.length, 200);
  assertMatch(problems[0]!, /drop the other 3 again/);
});

Deno.test("links are found in what is pasted, and nothing else is taken for one", () => {
  const hash = "0123456789abcdef0123456789ABCDEF01234567";
  assertEquals(linksIn(` ${hash}\n`), hash);
  assertEquals(linksIn(`see magnet:?xt=urn:btih:${hash}`), `magnet:?xt=urn:btih:${hash}`);
  assertEquals(linksIn("hello"), undefined);
  assertEquals(linksIn("https://example.org/"), undefined);
});
