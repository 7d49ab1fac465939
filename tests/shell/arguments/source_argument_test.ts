import { assertEquals, assertRejects } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { CommandError } from "../../../shell/base/errors.ts";
import { parseLine } from "../../../shell/arguments/parse_line.ts";
import { findSources } from "../../../shell/arguments/source_argument.ts";

const NAMES = [
  "a.mp4",
  "b.mp4",
  "c d.mp4",
  "e.txt",
  'The "Best" Talk.mp4',
  "what?.txt",
  "week 1/x.pdf",
  "week 1/deep/y.pdf",
  ".hidden.mp4",
  "half.mp4.part",
];

Deno.test("send takes several names, patterns, and names with quotes or spaces as typed", async () => {
  await using folder = await TempFolder.make();
  for (const name of NAMES) await folder.write(name, name);
  const meant = async (line: string) =>
    (await findSources(parseLine(`send ${line}`)!.words, [folder.at("none"), folder.path]))
      .map((path) => path.slice(folder.path.length + 1));
  const cases: [string, string[]][] = [
    ["a.mp4 b.mp4", ["a.mp4", "b.mp4"]],
    ["c d.mp4", ["c d.mp4"]],
    ["a.mp4 c d.mp4 e.txt", ["a.mp4", "c d.mp4", "e.txt"]],
    ['"c d.mp4" a.mp4', ["c d.mp4", "a.mp4"]],
    ['The "Best" Talk.mp4', ['The "Best" Talk.mp4']],
    ['a.mp4 The "Best" Talk.mp4', ["a.mp4", 'The "Best" Talk.mp4']],
    ["*.mp4", ['The "Best" Talk.mp4', "a.mp4", "b.mp4", "c d.mp4"]],
    ["?.mp4 e.txt", ["a.mp4", "b.mp4", "e.txt"]],
    ["*.txt e.txt", ["e.txt", "what?.txt"]],
    // A name is a name before it is a pattern.
    ["what?.txt", ["what?.txt"]],
    ["week* e.txt", ["week 1", "e.txt"]],
    ["w*/*.pdf", ["week 1/x.pdf"]],
    ["**.pdf", ["week 1/deep/y.pdf", "week 1/x.pdf"]],
    [".h*", [".hidden.mp4"]],
    [`${folder.path}/?.mp4`, ["a.mp4", "b.mp4"]],
  ];
  for (const [line, expected] of cases) assertEquals(await meant(line), expected, line);
  for (const line of ['"*.mp4"', "*.avi", "a.mp4 gone.mp4", `a.mp4 ${"gone.mp4 ".repeat(60)}`]) {
    await assertRejects(() => meant(line), CommandError, "No such file or folder: ");
  }
  const many = Array.from({ length: 60 }, () => "a.mp4 b.mp4").join(" ");
  assertEquals(await meant(many), ["a.mp4", "b.mp4"]);
});
