import fc from "fast-check";
import {
  anyText,
  type BencodeInput,
  type BencodeValue,
  decodeBencode,
  decodeBencodePrefix,
  type DecodeOptions,
  encodeBencode,
  getBytes,
  getDict,
  getInteger,
  getList,
  getText,
  rawValue,
  text,
} from "../../protocol/bencode.ts";
import { BencodeError } from "../../protocol/errors.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { fromLatin1, latin1 } from "../support/bytes.ts";

function decode(input: string, options?: DecodeOptions): BencodeValue {
  return decodeBencode(latin1(input), options);
}

Deno.test("decodeBencode() reads the examples of BEP 3", () => {
  assertEquals(decode("4:spam"), latin1("spam"));
  assertEquals(decode("0:"), latin1(""));
  assertEquals(decode("i3e"), 3);
  assertEquals(decode("i-3e"), -3);
  assertEquals(decode("i0e"), 0);
  assertEquals(decode("le"), []);
  assertEquals(decode("l4:spam4:eggse"), [latin1("spam"), latin1("eggs")]);
  assertEquals(decode("de"), new Map());
  assertEquals(
    decode("d3:cow3:moo4:spam4:eggse"),
    new Map([["cow", latin1("moo")], ["spam", latin1("eggs")]]),
  );
  assertEquals(
    decode("d4:spaml1:a1:bee"),
    new Map([["spam", [latin1("a"), latin1("b")]]]),
  );
});

Deno.test("decodeBencode() reads the packets of BEP 5 and BEP 10", () => {
  const ping = decode("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe");
  assert(ping instanceof Map);
  assertEquals(getText(ping, "q"), "ping");
  assertEquals(getText(getDict(ping, "a")!, "id"), "abcdefghij0123456789");

  const error = decode("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee");
  assert(error instanceof Map);
  assertEquals(getList(error, "e")![0], 201);

  const hello = decode("d1:md11:LT_metadatai1e6:\xb5T_PEXi2ee1:pi6881e1:v13:\xc2\xb5Torrent 1.2e");
  assert(hello instanceof Map);
  assertEquals(getDict(hello, "m"), new Map([["LT_metadata", 1], ["\xb5T_PEX", 2]]));
  assertEquals(getText(hello, "v"), "µTorrent 1.2");
  assertThrows(
    () => decodeBencode(new TextEncoder().encode("d6:µT_PEXi2ee")),
    BencodeError,
  );
});

Deno.test("decodeBencode() keeps integers exact beyond 2^53", () => {
  assertEquals(decode("i9007199254740991e"), 9007199254740991);
  assertEquals(decode("i9007199254740993e"), 9007199254740993n);
  assertEquals(decode("i-9223372036854775808e"), -9223372036854775808n);
  assertEquals(decode("i18446744073709551615e"), 18446744073709551615n);
});

const MALFORMED: [input: string, offset: number, message: string][] = [
  ["", 0, "Unexpected end"],
  ["i", 1, "Unexpected end"],
  ["i1", 2, "Unexpected end"],
  ["ie", 1, "Unexpected byte 0x65 in integer"],
  ["i-e", 2, "Unexpected byte"],
  ["i-0e", 0, "Integer is -0"],
  ["i03e", 1, "Leading zero in integer"],
  ["i-03e", 2, "Leading zero in integer"],
  ["i00e", 1, "Leading zero"],
  ["i+3e", 1, "Unexpected byte 0x2b"],
  ["i--3e", 2, "Unexpected byte 0x2d"],
  ["i 3e", 1, "Unexpected byte 0x20"],
  ["i3.5e", 2, "Unexpected byte 0x2e"],
  ["i3", 2, "Unexpected end"],
  [`i${"9".repeat(21)}e`, 0, "Too many digits in integer"],
  ["4", 1, "Unexpected end"],
  ["4:spa", 0, "String of 4 bytes where 3 remain"],
  ["04:spam", 0, "Leading zero in string length"],
  ["4spam", 1, "Unexpected byte 0x73 in string length"],
  ["-1:a", 0, "Unexpected byte 0x2d"],
  ["2147483648:a", 0, "String of 2147483648 bytes where 1 remain"],
  ["4294967295:a", 0, "String of 4294967295 bytes where 1 remain"],
  ["18446744073709551615:a", 0, "remain"],
  [`${"9".repeat(30)}:a`, 0, "Too many digits in string length"],
  ["l", 1, "Unexpected end"],
  ["l4:spam", 7, "Unexpected end"],
  ["d", 1, "Unexpected end"],
  ["d3:cow", 6, "Unexpected end"],
  ["d3:cowe", 6, "Dictionary key without a value"],
  ["d3:cow3:moo", 11, "Unexpected end"],
  ["di1e3:mooe", 1, "Dictionary key is not a string"],
  ["dlei1ee", 1, "Dictionary key is not a string"],
  ["d1:ai1e1:ai2ee", 7, 'Duplicate key "a"'],
  ["d1:bi1e1:ai2ee", 7, 'Key "a" out of order'],
  ["d1:ad1:zi1e1:yi1eee", 11, 'Key "y" out of order'],
  ["e", 0, "Unexpected byte 0x65"],
  ["x", 0, "Unexpected byte 0x78"],
  [" i1e", 0, "Unexpected byte 0x20"],
  ["i1ei2e", 3, "3 bytes too many"],
  ["i1e\n", 3, "1 bytes too many"],
  ["<html>", 0, "Unexpected byte 0x3c"],
];

for (const [input, offset, message] of MALFORMED) {
  Deno.test(`decodeBencode() refuses ${JSON.stringify(input)}`, () => {
    const error = assertThrows(() => decode(input), BencodeError, message);
    assertEquals(error.offset, offset);
  });
}

Deno.test("decodeBencode() shows no control characters of a key", () => {
  const error = assertThrows(() => decode("d3:\x1b[\x9bi1e3:\x1b[\x9bi1ee"), BencodeError);
  assert(!/\p{Cc}/u.test(error.message), error.message);
});

Deno.test("decodeBencode() lenient takes unsorted keys and white space after the end", () => {
  assertEquals(
    decode("d1:bi1e1:ai2ee\r\n \t", { lenient: true }),
    new Map([["b", 1], ["a", 2]]),
  );
  assertThrows(() => decode("d1:ai1e1:ai2ee", { lenient: true }), BencodeError, "Duplicate");
  assertThrows(() => decode("i1ex", { lenient: true }), BencodeError, "too many");
  assertThrows(() => decode("i01e", { lenient: true }), BencodeError, "Leading zero");
});

Deno.test("decodeBencode() ends deep nesting at its limit", () => {
  assertThrows(() => decode("l".repeat(1e6)), BencodeError, "Nested deeper than 100");
  assertThrows(() => decode("d1:a".repeat(1e5)), BencodeError, "Nested deeper than 100");
  decode("l".repeat(100) + "e".repeat(100));
  assertThrows(() => decode("l".repeat(101) + "e".repeat(101)), BencodeError);
  decode("l".repeat(50_000) + "e".repeat(50_000), { maxDepth: 50_000 });
});

Deno.test("decodeBencode() ends at the limit of values and keys", () => {
  decode("l1:a1:be", { maxTokens: 3 });
  assertThrows(() => decode("l1:a1:b1:ce", { maxTokens: 3 }), BencodeError, "Too many values");
  assertThrows(() => decode("d1:a1:b1:c1:de", { maxTokens: 4 }), BencodeError, "Too many values");
  assertThrows(() => decode("l" + "0:".repeat(3_000_000) + "e"), BencodeError, "Too many values");
});

Deno.test("decodeBencode() reads keys up to their bound", () => {
  const key = "k".repeat(65_536);
  assertEquals(decode(`d${key.length}:${key}i1ee`), new Map([[key, 1]]));
  assertThrows(() => decode(`d${key.length + 1}:${key}ki1ee`), BencodeError, "Key of 65537 bytes");
});

Deno.test("decodeBencodePrefix() tells where the value ends (BEP 9)", () => {
  const bytes = latin1("d8:msg_typei1e5:piecei0ee\x00\x01raw");
  const { value, end } = decodeBencodePrefix(bytes);
  assertEquals(value, new Map([["msg_type", 1], ["piece", 0]]));
  assertEquals(fromLatin1(bytes.subarray(end)), "\x00\x01raw");
});

Deno.test("encodeBencode() writes canonical bencode", () => {
  const written = (value: BencodeInput): string => fromLatin1(encodeBencode(value));
  assertEquals(written(0), "i0e");
  assertEquals(written(-0), "i0e");
  assertEquals(written(-42), "i-42e");
  assertEquals(written(18446744073709551615n), "i18446744073709551615e");
  assertEquals(written("é"), "2:\xc3\xa9");
  assertEquals(written([1, "a", []]), "li1e1:alee");
  assertEquals(written({ spam: "eggs", cow: "moo" }), "d3:cow3:moo4:spam4:eggse");
  assertEquals(written({ a: undefined, b: 1 }), "d1:bi1ee");
  assertEquals(written(new Map([["\xff", 1], ["a", 2], ["B", 3]])), "d1:Bi3e1:ai2e1:\xffi1ee");
  assertEquals(written({ "10": 1, "9": 2 }), "d2:10i1e1:9i2ee");
});

Deno.test("encodeBencode() refuses what has no encoding", () => {
  assertThrows(() => encodeBencode(1.5), RangeError, "1.5");
  assertThrows(() => encodeBencode(NaN), RangeError);
  assertThrows(() => encodeBencode(2 ** 53), RangeError);
  assertThrows(() => encodeBencode({ "€": 1 }), RangeError, "byte string");
});

const value: fc.Arbitrary<BencodeValue> = fc.letrec<{ value: BencodeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes)),
    fc.array(tie("value"), { maxLength: 6 }),
    fc.array(
      fc.tuple(
        fc.uint8Array({ maxLength: 12 }).map((bytes) => fromLatin1(new Uint8Array(bytes))),
        tie("value"),
      ),
      { maxLength: 6 },
    ).map((entries) => new Map([...new Map(entries)].sort(([a], [b]) => a < b ? -1 : 1))),
  ),
})).value;

Deno.test("encoding then decoding gives the same value", () => {
  fc.assert(
    fc.property(value, (input) => assertEquals(decodeBencode(encodeBencode(input)), input)),
    { seed: 3, numRuns: 1000 },
  );
});

Deno.test("encoding writes back byte for byte any input that strict decoding accepts", () => {
  fc.assert(
    fc.property(value, fc.nat(), fc.nat({ max: 255 }), (input, at, byte) => {
      const bytes = encodeBencode(input);
      bytes[at % bytes.length] = byte;
      let decoded: BencodeValue;
      try {
        decoded = decodeBencode(bytes);
      } catch (error) {
        assert(error instanceof BencodeError);
        return;
      }
      assertEquals(encodeBencode(decoded), bytes);
    }),
    { seed: 4, numRuns: 2000 },
  );
});

Deno.test("rawValue() gives the span as it stands, odd order and all", () => {
  const info = "d4:name1:x6:lengthi1e5:extrald1:zi1e1:ai2eeee";
  const bytes = latin1(`d8:announce3:url4:info${info}1:ai1ee`);
  assertEquals(fromLatin1(rawValue(bytes, ["info"])!), info);
  assertEquals(fromLatin1(rawValue(bytes, ["info", "length"])!), "i1e");
  assertEquals(fromLatin1(rawValue(bytes, [])!), fromLatin1(bytes));
  assertEquals(rawValue(bytes, ["absent"]), undefined);
  assertEquals(rawValue(bytes, ["announce", "deeper"]), undefined);
  assertEquals(rawValue(latin1("le"), ["info"]), undefined);
});

Deno.test("rawValue() agrees with the decoder on every entry", () => {
  fc.assert(
    fc.property(value, (input) => {
      if (!(input instanceof Map)) return;
      const bytes = encodeBencode(input);
      for (const [key, item] of input) {
        assertEquals(rawValue(bytes, [key]), encodeBencode(item));
      }
    }),
    { seed: 5, numRuns: 500 },
  );
});

Deno.test("rawValue() survives broken framing and depth", () => {
  for (const input of ["", "d", "d4:info", "d4:infol", "d4:info9:x", "di1ei2ee", "d4:infoe"]) {
    assertThrows(() => rawValue(latin1(input), ["info"]), BencodeError);
  }
  const deep = "l".repeat(1e5) + "e".repeat(1e5);
  assertEquals(rawValue(latin1(`d4:info${deep}e`), ["info"])!.length, 2e5);
});

Deno.test("getText() and its siblings look without trusting", () => {
  const dict = decode("d1:dde1:ii7e1:lle1:s2:hi1:x2:\xff\xfee");
  assert(dict instanceof Map);
  assertEquals(getText(dict, "s"), "hi");
  assertEquals(getText(dict, "x"), undefined);
  assertEquals(anyText(dict.get("x")), "ÿþ");
  assertEquals(anyText(dict.get("i")), undefined);
  assertEquals(getBytes(dict, "x"), latin1("\xff\xfe"));
  assertEquals(getInteger(dict, "i"), 7);
  assertEquals(getList(dict, "l"), []);
  assertEquals(getDict(dict, "d"), new Map());
  for (const get of [getText, getInteger, getBytes, getList, getDict]) {
    assertEquals(get(dict, "absent"), undefined);
  }
  assertEquals(getText(dict, "i"), undefined);
  assertEquals(getInteger(dict, "s"), undefined);
  assertEquals(getBytes(dict, "l"), undefined);
  assertEquals(getList(dict, "d"), undefined);
  assertEquals(getDict(dict, "l"), undefined);
  assertEquals(text(latin1("\xef\xbb\xbfa")), "\ufeffa");
});

Deno.test("keys that share a place among the remembered are told apart", () => {
  // Same length, same first and last byte: the slot of one is the slot of the other.
  const bytes = new TextEncoder().encode("ld4:paxhi1eed4:payhi2eed4:paxhi3eee");
  const list = decodeBencode(bytes) as Map<string, number>[];
  assertEquals(list.map((dict) => [...dict]), [[["paxh", 1]], [["payh", 2]], [["paxh", 3]]]);
});
