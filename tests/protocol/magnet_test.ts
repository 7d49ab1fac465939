import fc from "fast-check";
import { MagnetError } from "../../protocol/errors.ts";
import {
  formatMagnet,
  type Magnet,
  mergedRanges,
  parseMagnet,
  selectedIndexes,
} from "../../protocol/magnet.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const HEX = "0123456789abcdef0123456789abcdef01234567";
const XT = `xt=urn:btih:${HEX}`;

Deno.test("parseMagnet() reads everything a link can say", () => {
  const magnet = parseMagnet(
    `magnet:?${XT}&dn=Lecture+1%20%C3%9Cbung.pdf&tr=http%3A%2F%2F127.0.0.1%3A8000%2Fannounce` +
      "&tr.1=udp://b:80&ws=http://w/&ws=ftp://no/&x.pe=127.0.0.1:6881&x.pe=[::1]:6882" +
      "&x.pe=host.example:1&so=0,2,4,6-8&unknown=1",
  );
  assertEquals(magnet, {
    infoHash: Uint8Array.fromHex(HEX),
    name: "Lecture 1 Übung.pdf",
    trackers: ["http://127.0.0.1:8000/announce", "udp://b:80"],
    webSeeds: ["http://w/"],
    peers: [
      { host: "127.0.0.1", port: 6881 },
      { host: "::1", port: 6882 },
      { host: "host.example", port: 1 },
    ],
    select: "0,2,4,6-8",
  });
});

Deno.test("parseMagnet() reads hex and base32 in either case", () => {
  const expected = Uint8Array.fromHex(HEX);
  const base32 = "AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH";
  for (const hash of [HEX, HEX.toUpperCase(), base32, base32.toLowerCase()]) {
    assertEquals(parseMagnet(`magnet:?xt=urn:btih:${hash}`).infoHash, expected);
    assertEquals(parseMagnet(`MAGNET:?XT=URN:BTIH:${hash}`).infoHash, expected);
  }
});

Deno.test("parseMagnet() is patient with what web pages make of a link", () => {
  assertEquals(
    parseMagnet(` magnet:?dn=a&amp;${XT}&amp;tr=http://a/&amp;tr=http://a/ \n`).trackers,
    ["http://a/"],
  );
  const hybrid = parseMagnet(`magnet:?xt=urn:btmh:1220${"ab".repeat(32)}&xt.1=urn:btih:${HEX}`);
  assertEquals(hybrid.infoHash.toHex(), HEX);
  assertEquals(hybrid.infoHashV2?.toHex(), "ab".repeat(32));
});

Deno.test("a magnet link of a v2-only torrent names the swarm by its cut hash", () => {
  const link = `magnet:?xt=urn:btmh:1220${"0123456789abcdef".repeat(4)}`;
  const magnet = parseMagnet(link);
  assertEquals(magnet.infoHash.toHex(), "0123456789abcdef0123456789abcdef01234567");
  assertEquals(formatMagnet(magnet), link);
  const hybrid = `magnet:?xt=urn:btih:${HEX}&xt=urn:btmh:1220${"ab".repeat(32)}`;
  assertEquals(formatMagnet(parseMagnet(hybrid)), hybrid);
});

Deno.test("parseMagnet() leaves out peers that cannot be", () => {
  for (const peer of ["x", ":1", "a:0", "a:65536", "a:b", "[::1]", "a b:1", "a/b:1", "::1:5"]) {
    assertEquals(parseMagnet(`magnet:?${XT}&x.pe=${encodeURIComponent(peer)}`).peers, [], peer);
  }
});

const REFUSED: [link: string, message: string][] = [
  ["", 'does not begin with "magnet:?"'],
  ["http://example/", 'does not begin with "magnet:?"'],
  ["magnet:", 'does not begin with "magnet:?"'],
  ["magnet:?", 'no "xt=urn:btih:"'],
  ["magnet:?dn=x", 'no "xt=urn:btih:"'],
  ["magnet:?xt=urn:sha1:abc", 'no "xt=urn:btih:"'],
  ["magnet:?xt=urn:btih:", "neither 40 hex digits nor 32 base32"],
  [`magnet:?xt=urn:btih:${HEX.slice(1)}`, "neither 40 hex digits nor 32 base32"],
  [`magnet:?xt=urn:btih:${HEX}0`, "neither 40 hex digits nor 32 base32"],
  [`magnet:?xt=urn:btih:${"g".repeat(40)}`, "neither 40 hex digits nor 32 base32"],
  [`magnet:?xt=urn:btih:${"1".repeat(32)}`, "neither 40 hex digits nor 32 base32"],
  [`magnet:?xt=urn:btmh:1220${"ab".repeat(31)}`, 'not "1220" and 64 hex digits'],
  [`magnet:?xt=urn:btmh:1114${"ab".repeat(20)}`, 'not "1220" and 64 hex digits'],
  [`magnet:?${XT}&so=1-`, "no list of file numbers"],
  [`magnet:?${XT}&so=a`, "no list of file numbers"],
  [`magnet:?${XT}&dn=${"x".repeat(70_000)}`, "longer than 65536 characters"],
];

for (const [link, message] of REFUSED) {
  Deno.test(`parseMagnet() refuses ${link.slice(0, 70)}`, () => {
    assertThrows(() => parseMagnet(link), MagnetError, message);
  });
}

const magnet: fc.Arbitrary<Magnet> = fc.record({
  infoHash: fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => new Uint8Array(bytes)),
  name: fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }),
  trackers: fc.uniqueArray(fc.webUrl({ withQueryParameters: true }), { maxLength: 4 }),
  webSeeds: fc.uniqueArray(fc.webUrl(), { maxLength: 2 }),
  peers: fc.array(
    fc.record({
      host: fc.oneof(fc.ipV4(), fc.constantFrom("::1", "2001:db8::5", "host.example")),
      port: fc.integer({ min: 1, max: 65535 }),
    }),
    { maxLength: 3 },
  ),
  select: fc.constantFrom(undefined, "0", "0,2,4,6-8"),
});

Deno.test("parseMagnet() reads back what formatMagnet() writes", () => {
  fc.assert(
    fc.property(magnet, (value) => assertEquals(parseMagnet(formatMagnet(value)), value)),
    { seed: 9, numRuns: 500 },
  );
});

Deno.test("parseMagnet() throws nothing but MagnetError", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (tail) => {
      try {
        parseMagnet(`magnet:?${XT}&${tail}`);
      } catch (error) {
        if (!(error instanceof MagnetError)) throw error;
      }
    }),
    { seed: 10, numRuns: 3000 },
  );
});

Deno.test("parseMagnet() understands a link as pages write it", () => {
  const v2 = "ab".repeat(32);
  for (
    const link of [
      `  magnet:?${XT}&so=0,`,
      `magnet:?${XT}&so=,%200,,`,
      `magnet:?${XT.slice(0, 30)}\n    ${XT.slice(30)}&so=0\r\n`,
      `magnet:?xt=urn:btmh:9920${v2}&${XT}&so=0`,
      `magnet:?xt=urn:btih:zz&${XT}&so=0`,
      `magnet:? ${XT} &so= 0 `,
    ]
  ) {
    const { infoHash, infoHashV2, select } = parseMagnet(link);
    assertEquals([infoHash.toHex(), infoHashV2, select], [HEX, undefined, "0"], link);
  }
});

Deno.test("ranges are merged before they are walked, however often they are said", () => {
  const ranges = new Array(7000).fill("0-999999").join(",");
  assertEquals(mergedRanges(ranges), [[0, 999_999]]);
  assertEquals(mergedRanges("7,0-3,2-5,9-8,6-6"), [[0, 5], [6, 6], [7, 7]]);
  assertEquals(selectedIndexes({ select: ranges }, 130_000)!.length, 130_000);
  assertEquals(selectedIndexes({ select: `4,1-2,${"9".repeat(400)}` }, 5), [1, 2, 4]);
  const many = parseMagnet(`magnet:?${XT}&so=${new Array(10_000).fill("1").join(",")}`);
  assertEquals(selectedIndexes(many, 3), [1]);
  assertThrows(
    () => parseMagnet(`magnet:?${XT}&so=${new Array(10_001).fill("1").join(",")}`),
    MagnetError,
    "10001 ranges of files: up to 10000",
  );
});

Deno.test("entries beyond a link's bounds are left out", () => {
  const list = (key: string, value: (i: number) => string) =>
    Array.from({ length: 600 }, (_, i) => `&${key}=${value(i)}`).join("");
  const magnet = parseMagnet(
    `magnet:?${XT}${list("tr", (i) => `udp://h${i}`)}${list("ws", (i) => `http://h${i}`)}` +
      list("x.pe", (i) => `h${i}:1`),
  );
  assertEquals(
    [magnet.trackers.length, magnet.webSeeds.length, magnet.peers.length],
    [256, 64, 64],
  );
});

Deno.test("parseMagnet() counts the peers and web seeds that it leaves out", () => {
  const many = (count: number, part: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => part(i)).join("");
  const link = `magnet:?xt=urn:btih:${"0".repeat(40)}`;
  const { peers, webSeeds, leftOut } = parseMagnet(
    link + many(70, (i) => `&x.pe=h${i}:1`) + many(65, (i) => `&ws=http://h${i}/`),
  );
  assertEquals([peers.length, webSeeds.length], [64, 64]);
  assertEquals(leftOut, { webSeeds: 1, peers: 6, nodes: 0, longUrls: 0 });
  assertEquals(parseMagnet(link + many(64, (i) => `&x.pe=h${i}:1`)).leftOut, undefined);
});
