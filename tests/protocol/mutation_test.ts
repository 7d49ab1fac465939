/**
 * Damaged input of every kind against every parser: whatever comes, it is read or refused with the
 * error that its one catcher expects, quickly and within the same rules.
 *
 * @module
 */
import { parseAnnounceReply } from "../../protocol/announce.ts";
import {
  type BencodeInput,
  type BencodeValue,
  decodeBencode,
  encodeBencode,
  rawValue,
} from "../../protocol/bencode.ts";
import { BencodeError, MetainfoError, ProtocolError, TrackerError } from "../../protocol/errors.ts";
import {
  encodePex,
  parseExtensionHandshake,
  parseMetadataMessage,
  parsePex,
} from "../../protocol/extension_message.ts";
import { MessageReader } from "../../protocol/message_reader.ts";
import { MessageWriter } from "../../protocol/message_writer.ts";
import { type Info, parseMetainfo } from "../../protocol/metainfo.ts";
import { systemPaths } from "../../protocol/file_name.ts";
import { partsOf } from "../../protocol/metainfo_files.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { fromLatin1, latin1 } from "../support/bytes.ts";
import { mutate } from "../support/mutate.ts";
import { seededRandom } from "../support/random.ts";

const TORRENTS: BencodeInput[] = [
  {
    announce: "http://127.0.0.1:8000/announce",
    info: { name: "a.bin", length: 40_000, "piece length": 16384, pieces: "x".repeat(60) },
  },
  {
    "announce-list": [["http://a/"], ["udp://b:1"]],
    comment: "c",
    info: {
      files: [
        { length: 5, path: ["d", "e.txt"] },
        { length: 0, path: ["CON"], attr: "x" },
        { length: 7, path: [".pad", "7"], attr: "p" },
      ],
      name: "t",
      "piece length": 20,
      pieces: "y".repeat(20),
      private: 1,
    },
    nodes: [["h", 1]],
    "url-list": "http://w/",
  },
];

const BENCODE = [
  ...TORRENTS.map(encodeBencode),
  latin1("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"),
  latin1("d1:md11:LT_metadatai1e6:\xb5T_PEXi2ee1:pi6881e1:v13:\xc2\xb5Torrent 1.2e"),
  latin1("d8:msg_typei1e5:piecei0e10:total_sizei5ee12345"),
  latin1("d8:completei3e10:incompletei4e8:intervali1800e5:peers6:\x7f\x00\x00\x01\x1a\xe1e"),
  latin1("d14:failure reason9:not today8:retry in5:nevere"),
  encodePex({ added: [{ host: "127.0.0.1", port: 1, flags: 2 }], dropped: [] }),
  latin1("li1ei-42ei0el1:a1:beli9223372036854775807eee"),
];

/** Runs `check` on `count` damaged copies of the corpus; says which one failed. */
function attack(
  seed: number,
  count: number,
  corpus: readonly Uint8Array[],
  check: (bytes: Uint8Array) => void,
): void {
  const random = seededRandom(seed);
  for (let run = 0; run < count; run++) {
    const bytes = mutate(corpus[run % corpus.length]!, random);
    try {
      check(bytes);
    } catch (error) {
      throw new Error(`seed ${seed}, run ${run}: ${JSON.stringify(fromLatin1(bytes))}`, {
        cause: error,
      });
    }
  }
}

/** The result, or undefined where it was refused as it should be. */
function expecting<T>(
  errors: readonly (abstract new (...args: never[]) => Error)[],
  run: () => T,
): T | undefined {
  try {
    return run();
  } catch (error) {
    if (errors.some((type) => error instanceof type)) return undefined;
    throw error;
  }
}

Deno.test("decodeBencode() survives 60,000 damaged inputs, and what it takes is canonical", () => {
  let taken = 0;
  attack(1, 60_000, BENCODE, (bytes) => {
    const value = expecting([BencodeError], () => decodeBencode(bytes));
    if (value === undefined) return;
    taken++;
    assertEquals(fromLatin1(encodeBencode(value as BencodeValue)), fromLatin1(bytes));
  });
  // The attack is worth nothing if everything fails at the first byte.
  assert(taken > 3000, `${taken}`);
});

Deno.test("parseMetainfo() survives 30,000 damaged torrents, and what it takes is consistent", () => {
  let taken = 0;
  attack(2, 30_000, BENCODE.slice(0, TORRENTS.length), (bytes) => {
    const metainfo = expecting([BencodeError, MetainfoError], () => parseMetainfo(bytes));
    if (metainfo === undefined) return;
    taken++;
    assertConsistent(metainfo.info);
    assertEquals(metainfo.infoBytes, rawValue(bytes, ["info"])!.slice());
  });
  assert(taken > 1000, `${taken}`);
});

function assertConsistent(info: Info): void {
  assertEquals(info.pieces.length, info.pieceCount * 20);
  assertEquals(info.pieceCount, Math.ceil(info.totalSize / info.pieceLength));
  let offset = 0;
  for (const file of info.files) {
    assertEquals(file.offset, offset);
    assert(Number.isSafeInteger(file.length) && file.length >= 0);
    offset += file.length;
  }
  assertEquals(offset, info.totalSize);
  const real = info.files.filter((file) => !file.pad);
  for (const system of ["linux", "windows"] as const) {
    const paths = systemPaths(real.map(partsOf), system);
    for (const component of paths.flatMap((path) => path.split("/"))) {
      assert(component !== "" && component !== "." && component !== "..", component);
      assert(!/\0/.test(component), component);
      if (system === "windows") assert(!/[\\:\p{Cc}]/u.test(component), component);
    }
    assertEquals(new Set(paths).size, real.length);
  }
}

Deno.test("the extension parsers survive 20,000 damaged payloads", () => {
  attack(3, 20_000, BENCODE, (bytes) => {
    expecting([ProtocolError], () => parseExtensionHandshake(bytes));
    expecting([ProtocolError], () => parseMetadataMessage(bytes));
    expecting([ProtocolError], () => parsePex(bytes));
  });
});

Deno.test("parseAnnounceReply() survives 20,000 damaged answers", () => {
  attack(4, 20_000, BENCODE, (bytes) => {
    expecting([TrackerError], () => parseAnnounceReply(bytes));
  });
});

Deno.test("MessageReader survives 20,000 damaged streams without an oversized buffer", () => {
  const writer = new MessageWriter(() => {});
  writer.bitfield(Uint8Array.of(0xff, 0xf0));
  writer.interested();
  writer.request(0, 0, 16384);
  writer.have(3);
  writer.extended(0, latin1("d1:mdee"));
  writer.piece(1, 0, new Uint8Array(40).fill(9));
  writer.keepAlive();
  const stream = writer.take().slice();
  attack(5, 20_000, [stream], (bytes) => {
    const reader = new MessageReader({ initial: 16, max: 256, maxFrame: 128 });
    expecting([ProtocolError], () => {
      for (let at = 0; at < bytes.length;) {
        const space = reader.space();
        assert(space.length > 0 && space.length <= 512);
        const part = bytes.subarray(at, at + space.length);
        space.set(part);
        reader.commit(part.length);
        at += part.length;
        while (reader.next() !== undefined);
      }
    });
  });
});
