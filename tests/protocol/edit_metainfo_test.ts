import { assertEquals, assertThrows } from "../support/assert.ts";
import { decodeBencode, encodeBencode, rawValue } from "../../protocol/bencode.ts";
import { editMetainfo } from "../../protocol/edit_metainfo.ts";
import { MetainfoError } from "../../protocol/errors.ts";

/** Keys out of order and an integer with a name nobody knows: none of it may be lost. */
const INFO = "d4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaa6:lengthi5ee";
const ODD = new TextEncoder().encode(
  `d8:announce3:old4:info${INFO}5:x-odd1:yzzz`.replace("zzz", "e"),
);

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

Deno.test("editMetainfo() keeps the info dictionary byte for byte, and keys nobody knows", () => {
  const edited = editMetainfo(ODD, {
    trackers: [["http://a/announce", "http://b/announce"], [], ["udp://c:1"]],
    webSeeds: ["http://w/"],
    comment: "hé",
  });
  assertEquals(text(rawValue(edited, ["info"], { lenient: true })!), INFO);
  const dict = decodeBencode(edited, { lenient: true }) as Map<string, unknown>;
  assertEquals([...dict.keys()], [
    "announce",
    "announce-list",
    "comment",
    "info",
    "url-list",
    "x-odd",
  ]);
  assertEquals(
    text(edited).replace(INFO, "INFO"),
    "d8:announce17:http://a/announce13:announce-listll17:http://a/announce17:http://b/announcee" +
      "l9:udp://c:1ee7:comment3:hé4:infoINFO8:url-listl9:http://w/e5:x-odd1:ye",
  );
});

Deno.test("editMetainfo() takes things out again, and changes nothing unasked", () => {
  const full = editMetainfo(ODD, { comment: "x", webSeeds: ["http://w/"] });
  assertEquals(editMetainfo(full, { comment: "", webSeeds: [] }), ODD);
  assertEquals(editMetainfo(ODD, {}), ODD);
  assertEquals(text(editMetainfo(ODD, { trackers: [] })), `d4:info${INFO}5:x-odd1:ye`);
});

Deno.test("editMetainfo() refuses what is no .torrent", () => {
  assertThrows(() => editMetainfo(encodeBencode({ a: 1 }), {}), MetainfoError);
  assertThrows(() => editMetainfo(encodeBencode([1]), {}), MetainfoError);
});
