import { atOnce } from "../../../protocol/steps.ts";
import { aria2PathSteps, libtorrentPathSteps } from "../../../peer/logic/other_names.ts";
import type { WrittenPath } from "../../../protocol/metainfo_files.ts";
import { assertEquals } from "../../support/assert.ts";
import { latin1 } from "../../support/bytes.ts";

const aria2Paths = (paths: readonly WrittenPath[]) => atOnce(aria2PathSteps(paths));
const libtorrentPaths = (paths: readonly WrittenPath[]) => atOnce(libtorrentPathSteps(paths));

/** What libtorrent 2.0.8 and aria2 1.36 themselves say of each, on Linux. */
const NAMES: [parts: string[], libtorrent: string, aria2: string | undefined][] = [
  [["What is TCP?.txt"], "What is TCP?.txt", "What is TCP?.txt"],
  [["a: b"], "a: b", "a: b"],
  [["trail."], "trail.", "trail."],
  [["back\\slash"], "backslash", "back\\slash"],
  [["sl/ash"], "slash", "sl/ash"],
  [["ctl\x01\x7fx"], "ctl_\x7fx", "ctl%01%7Fx"],
  [["nul\0x"], "nulx", "nul%00x"],
  [["a\u202eb"], "ab", "a\u202eb"],
  [["u\u0308"], "u\u0308", "u\u0308"],
  [["x".repeat(300) + ".pdf"], "x".repeat(240) + ".pdf", "x".repeat(300) + ".pdf"],
  [["ü".repeat(130)], "ü".repeat(120), "ü".repeat(130)],
  [["..", "x1"], "x1", undefined],
  [["a", "..", "x2"], "a/x2", undefined],
  [["a", "", "x3"], "a/_/x3", undefined],
  [["/etc", "x4"], "etc/x4", undefined],
  [["../up", "x5"], "..up/x5", undefined],
  [[".hid", ".", "x7"], ".hid/x7", undefined],
  [["..."], "...", "..."],
];

for (const [parts, libtorrent, aria2] of NAMES) {
  const name = JSON.stringify(parts).slice(0, 40);
  Deno.test(`${name} has the name that libtorrent and aria2 give it`, () => {
    assertEquals(libtorrentPaths([{ parts }]), [libtorrent]);
    assertEquals(aria2Paths([{ parts }]), [aria2]);
  });
}

Deno.test("libtorrent numbers what differs in case only", () => {
  const paths = [["t", "Case.txt"], ["t", "case.txt"], ["t", "dup"], ["t", "dup"]];
  assertEquals(
    libtorrentPaths(paths.map((parts) => ({ parts }))),
    ["t/Case.txt", "t/case.1.txt", "t/dup", "t/dup.1"],
  );
});

/** What the same two say of names that are not UTF-8, a character a byte. */
const NOT_UTF8: [bytes: string, libtorrent: string, aria2: string][] = [
  ["a\xfc.txt", "a_.txt", "a%FC.txt"],
  ["a\xff\xfe\xc3", "a___", "a%FF%FE%C3"],
  ["\xe2\x82\xac\xe2\x82", "€_", "%E2%82%AC%E2%82"],
  ["bl\xe4tter 1.txt", "bl_er 1.txt", "bl%E4tter%201.txt"],
  ["a\xe9", "a_", "a%E9"],
  ["\xe4\xb8x", "_", "%E4%B8x"],
  ["\xe4\xb8\xc3\xbc", "__", "%E4%B8%C3%BC"],
  ["\xed\xa0\x80x", "_x", "%ED%A0%80x"],
  ["\xc0\xafx", "_x", "%C0%AFx"],
  ["\xf4\x90\x80\x80x", "_x", "%F4%90%80%80x"],
  ["\xf8abcdef", "_ef", "%F8abcdef"],
  ["\xfcabc", "_abc", "%FCabc"],
  ["\x80abc", "_abc", "%80abc"],
];

Deno.test("a name that is not UTF-8 has the name that libtorrent and aria2 give it", () => {
  for (const [bytes, libtorrent, aria2] of NOT_UTF8) {
    const path: WrittenPath = { parts: ["ü", bytes], bytes: [latin1("\xc3\xbc"), latin1(bytes)] };
    assertEquals(libtorrentPaths([path]), [`ü/${libtorrent}`]);
    assertEquals(aria2Paths([path]), [`ü/${aria2}`]);
  }
});
