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

Deno.test("bytes that are not UTF-8 become _ one by one, or are percent-encoded", () => {
  const of = (...parts: string[]): WrittenPath => ({ parts, bytes: parts.map(latin1) });
  const paths = [
    of("t", "a\xfc.txt"),
    of("t", "a\xff\xfe\xc3"),
    of("\xc3\xbc", "\xe2\x82\xac\xe2\x82"),
  ];
  assertEquals(libtorrentPaths(paths), ["t/a_.txt", "t/a___", "ü/€__"]);
  assertEquals(aria2Paths(paths).slice(0, 2), ["t/a%FC.txt", "t/a%FF%FE%C3"]);
});
