import { type BencodeInput, encodeBencode } from "../../protocol/bencode.ts";
import { BencodeError, MetainfoError } from "../../protocol/errors.ts";
import {
  choosePieceLength,
  encodeMetainfo,
  type NewMetainfo,
  parseInfo,
  parseMetainfo,
} from "../../protocol/metainfo.ts";
import { bytesOf, partsOf, writtenPath } from "../../protocol/metainfo_files.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { fromLatin1, latin1 } from "../support/bytes.ts";

type Entries = Record<string, BencodeInput | undefined>;

/** `count` piece hashes. */
function hashes(count: number): Uint8Array {
  return new Uint8Array(count * 20).fill(7);
}

function single(changes: Entries = {}): Entries {
  return { name: "a.bin", length: 40_000, "piece length": 16384, pieces: hashes(3), ...changes };
}

function multi(files: BencodeInput, changes: Entries = {}): Entries {
  return { name: "t", files, "piece length": 16384, pieces: hashes(1), ...changes };
}

function torrent(info: BencodeInput, changes: Entries = {}): Uint8Array {
  return encodeBencode({ announce: "http://127.0.0.1:8000/announce", info, ...changes });
}

/** The paths of files of one byte each. */
function pathsOf(...paths: BencodeInput[]): string[] {
  const info = multi(paths.map((path) => ({ length: 1, path })));
  return parseMetainfo(torrent(info)).info.files.map((file) => file.path);
}

Deno.test("parseMetainfo() reads a single file", () => {
  const { info, infoBytes, trackers, webSeeds, nodes } = parseMetainfo(torrent(single()));
  assertEquals(info, {
    name: "a.bin",
    pieceLength: 16384,
    kind: "v1",
    pieces: hashes(3).slice(),
    pieceCount: 3,
    files: [
      {
        path: "a.bin",
        length: 40_000,
        offset: 0,
        pad: false,
        symlink: false,
        executable: false,
      },
    ],
    multiFile: false,
    totalSize: 40_000,
    private: false,
  });
  assertEquals(infoBytes, encodeBencode(single()));
  assertEquals(trackers, [["http://127.0.0.1:8000/announce"]]);
  assertEquals(webSeeds, []);
  assertEquals(nodes, []);
});

Deno.test("parseMetainfo() reads several files, with pads, links and empty ones", () => {
  const files = [
    { length: 10, path: ["b", "x y.txt"] },
    { length: 0, path: ["empty"] },
    { length: 16374, path: [".pad", "16374"], attr: "p" },
    { length: 5, path: ["tool"], attr: "x" },
    { length: 0, path: ["link"], attr: "l", "symlink path": ["tool"] },
    { length: 16379, path: [".pad", "16374"], attr: "p" },
    { length: 1, path: ["Größe.txt"] },
  ];
  const { info } = parseMetainfo(torrent(multi(files, { pieces: hashes(3), private: 1 })));
  assertEquals(info.files.map((file) => [file.path, file.offset, file.length]), [
    ["t/b/x y.txt", 0, 10],
    ["t/empty", 10, 0],
    ["t/.pad/16374", 10, 16374],
    ["t/tool", 16384, 5],
    ["t/link", 16389, 0],
    ["t/.pad/16374", 16389, 16379],
    ["t/Größe.txt", 32768, 1],
  ]);
  assertEquals(info.files.map((file) => file.pad), [false, false, true, false, false, true, false]);
  assertEquals(info.files.findIndex((file) => file.executable), 3);
  assertEquals(info.files.findIndex((file) => file.symlink), 4);
  assertEquals(info.totalSize, 32769);
  assert(info.multiFile);
  assert(info.private);
});

Deno.test("parseMetainfo() keeps the info dictionary as it stands, unordered keys and all", () => {
  const info = `d6:pieces20:${"x".repeat(20)}4:name1:a6:lengthi5e7:unknownle` +
    "12:piece lengthi16384ee";
  const bytes = latin1(`d4:info${info}8:announce3:url` + "e\r\n");
  const metainfo = parseMetainfo(bytes);
  assertEquals(fromLatin1(metainfo.infoBytes), info);
  assertEquals(metainfo.trackers, [["url"]]);
  assertEquals(fromLatin1(metainfo.info.pieces), "x".repeat(20));
  // No byte is copied: forty megabytes of hashes would hold up the loop.
  assert(metainfo.infoBytes.buffer === bytes.buffer && parseMetainfo(bytes) === metainfo);
});

Deno.test("parseMetainfo() reads what surrounds the info", () => {
  const metainfo = parseMetainfo(torrent(single({ source: "lab", private: 1 }), {
    "announce-list": [["http://a/announce", "udp://b:80"], [], "http://c/", [
      7,
      " http://a/announce ",
    ]],
    "url-list": ["http://w/", "ftp://no/", "https://w/", "http://w/"],
    nodes: [["router.example", 6881], ["bad", 0], "x", ["127.0.0.1", 6882]],
    comment: latin1("caf\xe9"),
    "created by": "someone",
    "creation date": 1_700_000_000,
  }));
  assertEquals(metainfo.trackers, [["http://a/announce", "udp://b:80"], ["http://c/"]]);
  assertEquals(metainfo.webSeeds, ["http://w/", "https://w/"]);
  assertEquals(metainfo.nodes, [["router.example", 6881], ["127.0.0.1", 6882]]);
  assertEquals(metainfo.comment, "café");
  assertEquals(metainfo.createdBy, "someone");
  assertEquals(metainfo.creationDate, 1_700_000_000);
  assertEquals(metainfo.info.source, "lab");
});

Deno.test("parseMetainfo() does without what is optional, whatever stands there", () => {
  const odd = { "announce-list": 5, "url-list": 5, nodes: 5, comment: [], "created by": {} };
  const bytes = torrent(single(), { ...odd, announce: undefined, "creation date": "x" });
  const { info: _info, infoBytes: _infoBytes, ...rest } = parseMetainfo(bytes);
  assertEquals(rest, { pieceLayers: new Map(), trackers: [], webSeeds: [], nodes: [] });
  assertEquals(
    parseMetainfo(torrent(single(), { "url-list": "http://one/" })).webSeeds,
    ["http://one/"],
  );
  assertEquals(
    parseMetainfo(torrent(single(), { "announce-list": [] })).trackers,
    [["http://127.0.0.1:8000/announce"]],
  );
});

Deno.test("parseMetainfo() reads both parts of a hybrid", () => {
  const root = new Uint8Array(32).fill(1);
  const tree = { "a.bin": { "": { length: 40_000, "pieces root": root } } };
  const { info } = parseMetainfo(torrent(single({ "meta version": 2, "file tree": tree })));
  assertEquals([info.kind, info.pieceCount, info.files[0]?.piecesRoot], ["hybrid", 3, root]);
});

Deno.test("parseMetainfo() takes a torrent of empty files", () => {
  const info = parseMetainfo(torrent(single({ length: 0, pieces: "" }))).info;
  assertEquals([info.pieceCount, info.totalSize], [0, 0]);
});

Deno.test("parseMetainfo() takes odd but possible piece lengths", () => {
  const odd = single({ "piece length": 20_001, pieces: hashes(2) });
  assertEquals(parseMetainfo(torrent(odd)).info.pieceCount, 2);
  const one = single({ length: 3, "piece length": 1 });
  assertEquals(parseMetainfo(torrent(one)).info.pieceCount, 3);
  const large = single({ "piece length": 128 * 1024 * 1024, pieces: hashes(1) });
  assertEquals(parseMetainfo(torrent(large)).info.pieceCount, 1);
});

const REFUSED: [what: string, bytes: Uint8Array, message: string][] = [
  ["no dictionary", encodeBencode([]), "Torrent is not a dictionary"],
  ["no info", encodeBencode({ announce: "x" }), 'no "info" dictionary'],
  ["info that is no dictionary", torrent("x"), 'no "info" dictionary'],
  ["empty info", torrent({}), 'no "pieces"'],
  ["no name", torrent(single({ name: undefined })), "no name"],
  ["name that is no text", torrent(single({ name: 5 })), "no name"],
  ["no length", torrent(single({ length: undefined })), "a length of no number"],
  ["negative length", torrent(single({ length: -1 })), "a length of -1"],
  ["length beyond 2^53", torrent(single({ length: 2n ** 60n })), "1152921504606846976"],
  ["no piece length", torrent(single({ "piece length": undefined })), "piece length of no number"],
  ["piece length 0", torrent(single({ "piece length": 0 })), "piece length of 0"],
  ["negative piece length", torrent(single({ "piece length": -16384 })), "piece length of -16384"],
  [
    "huge piece length",
    torrent(single({ "piece length": 32767 * 16384 + 1 })),
    "from 1 to 134217728 bytes",
  ],
  ["no pieces", torrent(single({ pieces: undefined })), 'no "pieces"'],
  ["pieces that are no bytes", torrent(single({ pieces: 5 })), 'no "pieces"'],
  ["cut pieces", torrent(single({ pieces: new Uint8Array(59) })), "no multiple of 20"],
  ["too few pieces", torrent(single({ pieces: hashes(2) })), "2 piece hashes where 40000 bytes"],
  ["too many pieces", torrent(single({ pieces: hashes(4) })), "need 3"],
  ["no files", torrent(multi([])), "no files"],
  ["files that are no list", torrent(multi(5)), '"files" is not a list'],
  ["a file that is no dictionary", torrent(multi([5])), "file 1 is not a dictionary"],
  ["a file without path", torrent(multi([{ length: 1 }])), "file 1 has no path"],
  ["a file with an empty path", torrent(multi([{ length: 1, path: [] }])), "file 1 has no path"],
  ["a path that is text", torrent(multi([{ length: 1, path: "x" }])), "file 1 has no path"],
  ["a path with a number", torrent(multi([{ length: 1, path: [1] }])), "file 1 has no path"],
  ["a file without length", torrent(multi([{ path: ["x"] }])), "a length of no number"],
  ["a file of negative length", torrent(multi([{ length: -5, path: ["x"] }])), "a length of -5"],
  [
    "files that are too large in all",
    torrent(multi([{ length: 2 ** 53 - 1, path: ["x"] }, { length: 1, path: ["y"] }])),
    "too large in all",
  ],
  [
    "a version to come",
    torrent({ name: "x", "meta version": 3, "piece length": 1 }),
    "of a version that is not known here",
  ],
  [
    "a v2 piece length that is no power of two",
    torrent({ name: "x", "meta version": 2, "file tree": {}, "piece length": 20_000 }),
    "v2 wants a power of two",
  ],
];

for (const [what, bytes, message] of REFUSED) {
  Deno.test(`parseMetainfo() refuses a torrent with ${what}`, () => {
    assertThrows(() => parseMetainfo(bytes), MetainfoError, message);
  });
}

Deno.test("parseMetainfo() refuses what is no bencode, with the offset", () => {
  assertThrows(() => parseMetainfo(latin1("")), BencodeError, "offset 0");
  assertThrows(() => parseMetainfo(latin1("<!DOCTYPE html>")), BencodeError, "offset 0");
  const bytes = torrent(single());
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => parseMetainfo(bytes.subarray(0, length)), BencodeError);
  }
});

Deno.test("parseMetainfo() refuses a file over the limit before it reads it", () => {
  assertThrows(() => parseMetainfo(new Uint8Array(64 * 1024 * 1024 + 1)), MetainfoError, "limit");
});

Deno.test("parseMetainfo() keeps every name as it is written, and refuses none", () => {
  const paths = [
    ["..", "passwd"],
    ["../evil"],
    ["a\\..\\b"],
    ["CON"],
    ["a: b?.txt"],
    ["x", "", "y"],
    ["x."],
    ["\x1b[2J"],
    ["x".repeat(300)],
  ];
  const { info } = parseMetainfo(torrent(multi(paths.map((path) => ({ length: 1, path })))));
  assertEquals(info.files.map((file) => partsOf(file).slice(1)), paths);
  assertEquals(info.files[0]!.path, "t/../passwd");
  for (const name of ["..", "../../etc/passwd", "/x", "What is TCP?.txt", ".vtorrent"]) {
    assertEquals(parseMetainfo(torrent(single({ name }))).info.name, name);
  }
});

Deno.test("parseMetainfo() keeps the bytes of names that are not UTF-8", () => {
  const path = ["plain", latin1("caf\xe9")];
  const { files } =
    parseMetainfo(torrent(multi([{ length: 1, path }, { length: 1, path: ["x"] }]))).info;
  assertEquals(files[0]!.rawPath, "t/plain/caf\xe9");
  assertEquals(files[1]!.rawPath, undefined);
  const named = parseMetainfo(
    torrent(multi([{ length: 1, path: ["x"] }], { name: latin1("\xfc") })),
  );
  const [file] = named.info.files;
  assertEquals(bytesOf(writtenPath(file!)).map(fromLatin1), ["\xfc", "x"]);
});

Deno.test("parseMetainfo() wants no path of padding", () => {
  const { files } = parseMetainfo(torrent(multi([
    { length: 1, path: ["x"] },
    { length: 3, attr: "p" },
  ]))).info;
  assertEquals(files.map(({ pad }) => pad), [false, true]);
});

Deno.test("parseMetainfo() reads names that are not UTF-8, and keeps them apart", () => {
  assertEquals(
    pathsOf([latin1("caf\xe9")], [latin1("caf\xe8")], [latin1("caf\xc3\xa9.txt")]),
    ["t/café", "t/cafè", "t/café.txt"],
  );
  const info = multi([
    { length: 1, path: [latin1("\x83e")], "path.utf-8": ["テ"] },
    { length: 1, path: ["kept"], "path.utf-8": [latin1("\xff")] },
  ], { name: latin1("\x83"), "name.utf-8": "名" });
  assertEquals(
    parseMetainfo(torrent(info)).info.files.map((file) => file.path),
    ["名/テ", "名/kept"],
  );
});

Deno.test("parseInfo() reads an info dictionary that came from a peer", () => {
  const bytes = encodeBencode(single());
  assertEquals(parseInfo(bytes), parseMetainfo(torrent(single())).info);
  assertThrows(() => parseInfo(encodeBencode([])), MetainfoError);
  assertThrows(() => parseInfo(encodeBencode(single({ name: 5 }))), MetainfoError);
  assertThrows(() => parseInfo(bytes.subarray(1)), BencodeError);
});

Deno.test("parseMetainfo() reads a hundred thousand files", () => {
  const files = Array.from(
    { length: 100_000 },
    (_, i) => ({ length: i, path: [`dir${i % 100}`, `file ${i}.bin`] }),
  );
  const totalSize = (100_000 * 99_999) / 2;
  const pieces = hashes(Math.ceil(totalSize / (1 << 20)));
  const { info } = parseMetainfo(torrent(multi(files, { pieces, "piece length": 1 << 20 })));
  assertEquals(info.files.length, 100_000);
  assertEquals(info.totalSize, totalSize);
});

Deno.test("encodeMetainfo() writes what parseMetainfo() reads", () => {
  const input: NewMetainfo = {
    name: "Übung",
    pieceLength: 16384,
    pieces: hashes(2),
    files: [{ path: ["a", "b.txt"], length: 16384 }, { path: ["ü"], length: 1 }],
    private: true,
    trackers: [["http://a/announce", "http://b/announce"], ["http://c/announce"]],
    webSeeds: ["http://w/"],
    comment: "for the lab",
    createdBy: "vtorrent 0.1.0",
    creationDate: 1_700_000_000,
    source: "lab",
  };
  const { bytes, infoBytes } = encodeMetainfo(input);
  const metainfo = parseMetainfo(bytes);
  assertEquals(metainfo.infoBytes, infoBytes);
  assertEquals(metainfo.trackers, input.trackers!);
  assertEquals(metainfo.webSeeds, ["http://w/"]);
  assertEquals(metainfo.comment, "for the lab");
  assertEquals(metainfo.createdBy, "vtorrent 0.1.0");
  assertEquals(metainfo.creationDate, 1_700_000_000);
  assertEquals(metainfo.info.files.map((file) => file.path), ["Übung/a/b.txt", "Übung/ü"]);
  assert(metainfo.info.private);
  assertEquals(metainfo.info.source, "lab");
});

Deno.test("encodeMetainfo() leaves out what is not given", () => {
  const { bytes } = encodeMetainfo({
    name: "a",
    pieceLength: 16384,
    pieces: hashes(1),
    files: undefined,
    length: 5,
    trackers: [[], ["http://a/"]],
    webSeeds: [],
  });
  assertEquals(
    fromLatin1(bytes),
    "d8:announce9:http://a/4:infod6:lengthi5e4:name1:a12:piece lengthi16384e" +
      `6:pieces20:${"\x07".repeat(20)}ee`,
  );
});

Deno.test("choosePieceLength() grows with the size, from 16 KiB to 16 MiB", () => {
  const KiB = 1024;
  const MiB = 1024 * KiB;
  const GiB = 1024 * MiB;
  assertEquals(choosePieceLength(0), 16 * KiB);
  assertEquals(choosePieceLength(1), 16 * KiB);
  assertEquals(choosePieceLength(MiB), 16 * KiB);
  assertEquals(choosePieceLength(90 * MiB), 128 * KiB);
  assertEquals(choosePieceLength(GiB), 512 * KiB);
  assertEquals(choosePieceLength(GiB + 1), 512 * KiB);
  assertEquals(choosePieceLength(4 * GiB), MiB);
  assertEquals(choosePieceLength(1024 * GiB), 16 * MiB);
  // A bitfield has to fit into a frame of 32 KiB.
  for (let size = 1; size < 30_000 * GiB; size *= 1.7) {
    assert(size / choosePieceLength(size) <= 32 * KiB * 8);
  }
});

Deno.test("a piece may be said to be long where the content is short, as libtorrent has it", () => {
  const length = 32767 * 16384;
  const { info } = parseMetainfo(torrent(single({ "piece length": length, pieces: hashes(1) })));
  assertEquals([info.pieceLength, info.pieceCount], [length, 1]);
  const long = single({ "piece length": length, length: 2 ** 28, pieces: hashes(1) });
  assertThrows(
    () => parseMetainfo(torrent(long)),
    MetainfoError,
    "pieces of 536854528 bytes: up to 134217728 are supported",
  );
});

Deno.test("few bytes of v2 metadata cannot claim many pieces", () => {
  const claim = (length: number) =>
    encodeBencode({
      "file tree": { a: { "": { length, "pieces root": new Uint8Array(32).fill(1) } } },
      "meta version": 2,
      name: "a",
      "piece length": 16384,
    });
  assertEquals(parseInfo(claim(2 ** 35)).pieceCount, 2 ** 21);
  const over = 2 ** 45;
  assertThrows(
    () => parseInfo(claim(over)),
    MetainfoError,
    "has 2147483648 pieces: up to 2097152 are supported",
  );
});

Deno.test("paths are bounded in depth, folders in the sum of their paths", () => {
  const deep = (parts: number, more = "x") =>
    torrent(multi([{ length: 1, path: [...new Array(parts - 2).fill("d"), more] }]));
  assertEquals(parseMetainfo(deep(100)).info.files.length, 1);
  assertThrows(() => parseMetainfo(deep(101)), MetainfoError, "up to 100 are supported");
  const names = Array.from({ length: 400 }, (_, i) => {
    return { length: 1, path: [`${i}`, ...new Array(97).fill("long".repeat(40)), "x"] };
  });
  const info = multi(names, { pieces: hashes(1) });
  assertThrows(() => parseMetainfo(torrent(info)), MetainfoError, "more than 33554432 characters");
});

Deno.test("more files than are read are refused before anything is made of them", () => {
  const files = new Array((1 << 18) + 1).fill({ length: 0, path: ["x"] });
  assertThrows(() => parseMetainfo(torrent(multi(files))), MetainfoError, "up to 262144");
});

Deno.test("of lists that say where to look, what is beyond the bound is left out", () => {
  const many = Array.from({ length: 1000 }, (_, i) => `http://h${i}/`);
  const { trackers, webSeeds, nodes, comment } = parseMetainfo(torrent(single(), {
    "announce-list": many.map((url) => [url]),
    "url-list": ["http://long/" + "x".repeat(5000), ...many],
    nodes: many.map((host) => [host, 1]),
    comment: "c".repeat(100_000),
  }));
  assertEquals([trackers.length, webSeeds.length, nodes.length], [256, 64, 64]);
  assertEquals(webSeeds[0], "http://h0/");
  assertEquals(comment?.length, 65_536);
});

Deno.test("a symbolic link needs no length, a file does", () => {
  const torrent = (attr: string) =>
    new TextEncoder().encode(
      "d4:infod5:filesld6:lengthi425e4:pathl1:beed" + attr +
        "4:pathl1:ae12:symlink pathl1:beee4:name1:t12:piece lengthi16384e6:pieces20:" +
        "aaaaaaaaaaaaaaaaaaaaee",
    );
  const { files, totalSize } = parseMetainfo(torrent("4:attr1:l")).info;
  assertEquals([totalSize, files.map(({ symlink, length }) => [symlink, length])], [
    425,
    [[false, 425], [true, 0]],
  ]);
  assertThrows(() => parseMetainfo(torrent("4:attr1:x")), MetainfoError, "length of no number");
});

Deno.test("parseMetainfo() counts the sources that it leaves out", () => {
  const many = (count: number, make: (i: number) => BencodeInput) =>
    Array.from({ length: count }, (_, i) => make(i));
  const { webSeeds, nodes, leftOut } = parseMetainfo(torrent(single(), {
    "url-list": [
      ...many(70, (i) => `http://h${i}/`),
      "http://h1/",
      "ftp://h/",
      `http://${"x".repeat(5000)}/`,
    ],
    nodes: [...many(66, (i) => [`h${i}`, 1]), ["h", 0]],
    "announce-list": [[`http://${"y".repeat(4096)}/announce`]],
  }));
  assertEquals([webSeeds.length, nodes.length], [64, 64]);
  assertEquals(leftOut, { webSeeds: 6, peers: 0, nodes: 2, longUrls: 2 });
  const all = parseMetainfo(torrent(single(), { "url-list": many(64, (i) => `http://h${i}/`) }));
  assertEquals(all.leftOut, undefined);
});

Deno.test("a text that is cut ends so that one sees it", () => {
  const { comment } = parseMetainfo(torrent(single(), { comment: "c".repeat(70_000) }));
  assertEquals([comment!.length, comment!.slice(-2)], [65_536, "c…"]);
  const whole = "c".repeat(65_536);
  assertEquals(parseMetainfo(torrent(single(), { comment: whole })).comment, whole);
});
