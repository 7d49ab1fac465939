import fc from "fast-check";
import { findJson, hasValue, isAnswered, seenInstead } from "../../lab/grade/answers.ts";
import { packetsOf } from "../../lab/grade/cutting.ts";
import { markedLines } from "../../lab/grade/report/finding_text.ts";
import { percentBytes } from "../../lab/grade/scripted_tracker.ts";
import { Random, seedOf } from "../../lab/grade/random.ts";
import { makeTorrent } from "../../lab/grade/torrents.ts";
import { parseMetainfo } from "../../protocol/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("a value counts in whichever language's notation it was printed", () => {
  const value = { foo: "bar", list: [1, [-2], {}] };
  assertEquals(findJson(JSON.stringify(value), value), "json");
  assertEquals(findJson('{"list": [1,[-2],{}], "foo":"bar"}', value), "json");
  assertEquals(findJson(`Reading…\n${JSON.stringify(value)}\ndone\n`, value), "json");
  for (
    const other of [
      "{'foo': 'bar', 'list': [1, [-2], {}]}",
      "{b'foo': b'bar', b'list': [1, [-2], {}]}",
      "map[foo:bar list:[1 [-2] map[]]]",
      "{foo: bar, list: (1, (-2), {})}",
    ]
  ) assertEquals(findJson(other, value), "loose", other);
  for (const wrong of ["", "{}", "{'foo': 'bar', 'list': [1, -2, {}]}", '{"foo":"baz"}']) {
    assertEquals(findJson(wrong, value), undefined, wrong);
  }
});

Deno.test("a value inside a longer one is no answer", () => {
  assert(hasValue("Length: 1234\n", "1234"));
  assert(hasValue("(1234)", "1234"));
  assert(!hasValue("Length: 12345", "1234"));
  assert(!hasValue("91234", "1234"));
  assert(hasValue("HASH ABCDEF", "abcdef"));
});

Deno.test("a rubric's pattern says where the answer stands", () => {
  const wanted = { name: "info_hash", label: "Info Hash", value: "ab12" };
  const text = "sum: ab12\nhash = cd34\n";
  assert(isAnswered(text, wanted));
  assert(!isAnswered(text, wanted, /hash = (\w+)/));
  assertEquals(seenInstead(text, wanted, /hash = (\w+)/), "Info Hash: cd34");
  assertEquals(seenInstead("", wanted), "nothing on standard output");
});

Deno.test("however messages are cut, the stream is the same", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 4000 }), { maxLength: 5 }),
      fc.constantFrom("plain", "joined", "bytes", 1, 7, 1000),
      (messages, cutting) => {
        const packets = packetsOf(messages, cutting as "plain");
        assertEquals(
          packets.flatMap(({ bytes }) => [...bytes]),
          messages.flatMap((bytes) => [...bytes]),
        );
        assert(cutting !== "joined" || packets.length <= 1);
        assert(cutting !== "plain" || packets.length === messages.length);
      },
    ),
  );
});

Deno.test("the same seed makes the same torrent, with the bytes that are wanted in its hash", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 200_000 }), (seed, length) => {
      const make = () => makeTorrent(new Random(seed), { length, hashHas: [0x25] });
      const torrent = make();
      assertEquals(torrent.bytes, make().bytes);
      assert(torrent.infoHash.includes(0x25));
      const { info, infoBytes } = parseMetainfo(torrent.bytes);
      assertEquals(infoBytes, torrent.infoBytes);
      assertEquals(info.pieceCount, torrent.pieceCount);
    }),
    { numRuns: 30 },
  );
  assert(seedOf(41, "P5.1") !== seedOf(41, "P5.2"));
});

Deno.test("wrong bytes are underlined where they stand", () => {
  const bytes = Uint8Array.fromHex("0000000d060000000900004000000040" + "00");
  assertEquals(markedLines({ bytes, wrong: [13, 17] }), [
    "            00 00 00 0d 06 00 00 00 09 00 00 40 00 00 00 40 00",
    "                                                   ^^^^^^^^^^^",
  ]);
});

Deno.test("a percent sign without two digits is no escape", () => {
  assertEquals(percentBytes("a%20+"), Uint8Array.of(0x61, 0x20, 0x2b));
  assertEquals(percentBytes("%2"), undefined);
  assertEquals(percentBytes("%zz"), undefined);
});
