import { assertEquals, assertThrows } from "../../support/assert.ts";
import { UsageError } from "../../../shell/base/errors.ts";
import { parseLine, quoteName, splitCommands } from "../../../shell/arguments/parse_line.ts";

const parsed = (text: string) => {
  const line = parseLine(text)!;
  return [line.verb, ...line.args];
};

Deno.test("parseLine() understands the long and the short form alike", () => {
  for (
    const text of [
      "torrent -mode send lecture.pdf",
      "torrent --mode send lecture.pdf",
      "torrent -mode=send lecture.pdf",
      "TORRENT -MODE SEND lecture.pdf",
      "torrent send lecture.pdf",
      "send lecture.pdf",
      "  send   lecture.pdf  ",
      'torrent -mode send "lecture.pdf"',
    ]
  ) {
    assertEquals(parsed(text), ["send", "lecture.pdf"], text);
  }
});

Deno.test("parseLine() keeps an unquoted name with spaces as it was typed", () => {
  const line = parseLine("torrent -mode download my  long name.pdf")!;
  assertEquals(line.args, ["my", "long", "name.pdf"]);
  assertEquals(line.rest, "my  long name.pdf");
});

Deno.test("parseLine() takes quotes off, also around names with flags behind them", () => {
  const line = parseLine('torrent -mode remove "a b.pdf" --data')!;
  assertEquals(line.rest, "a b.pdf");
  assertEquals(line.flags, [{ name: "data", value: undefined }]);
  assertEquals(parsed("send 'it is \"one\"' two"), ["send", 'it is "one"', "two"]);
  assertEquals(parsed('send "say \\"hi\\""'), ["send", 'say "hi"']);
});

Deno.test("parseLine() leaves apostrophes, backslashes and quoted flags alone", () => {
  assertEquals(parsed("send don't.pdf"), ["send", "don't.pdf"]);
  assertEquals(parsed("send C:\\data\\x.pdf"), ["send", "C:\\data\\x.pdf"]);
  assertEquals(parsed("send a\\ b.pdf"), ["send", "a b.pdf"]);
  assertEquals(parsed('send "--odd"'), ["send", "--odd"]);
});

Deno.test("parseLine() gives flags their values where they take one", () => {
  const takesValue = (flag: string) => flag === "comment";
  const line = parseLine("send a.pdf --comment hello --private b.pdf --x=1", { takesValue })!;
  assertEquals(line.args, ["a.pdf", "b.pdf"]);
  assertEquals(line.flags, [
    { name: "comment", value: "hello" },
    { name: "private", value: undefined },
    { name: "x", value: "1" },
  ]);
});

Deno.test("parseLine() knows the letters of a verb's flags, and leaves others to names", () => {
  const options = {
    takesValue: (flag: string) => flag === "comment",
    flagOf: (letter: string, verb: string) =>
      verb === "send" && letter === "c" ? "comment" : undefined,
  };
  for (const text of ["send a.pdf -c hello", "torrent -mode SEND -c=hello a.pdf"]) {
    const line = parseLine(text, options)!;
    assertEquals([line.rest, line.flags], ["a.pdf", [{ name: "comment", value: "hello" }]], text);
  }
  assertEquals(parseLine("send a -x -", options)!.rest, "a -x -");
  assertEquals(parseLine('send "-c"', options)!.rest, "-c");
  assertEquals(parseLine("list -c", options)!.rest, "-c");
});

Deno.test("parseLine() has nothing to say about empty lines and comments", () => {
  for (const text of ["", "   ", "\t", "# send a.pdf"]) {
    assertEquals(parseLine(text), undefined);
  }
  assertEquals(parseLine("torrent")?.verb, "");
});

Deno.test("parseLine() says what is wrong with a line", () => {
  assertThrows(() => parseLine('send "a b.pdf'), UsageError, "Closing quote");
  assertThrows(() => parseLine("torrent -mode"), UsageError, "-mode wants a verb");
  assertThrows(() => parseLine("torrent -mod send"), UsageError, '"-mod"');
});

Deno.test("splitCommands() splits at semicolons that are not quoted", () => {
  assertEquals(splitCommands('send "a;b.pdf"; list ;; exit\nhelp'), [
    'send "a;b.pdf"',
    "list",
    "exit",
    "help",
  ]);
  assertEquals(splitCommands("send don't.pdf; list"), ["send don't.pdf", "list"]);
  assertEquals(splitCommands(""), []);
});

Deno.test("quoteName() writes names so that parseLine() reads them back", () => {
  for (
    const name of ["plain.pdf", "a b.pdf", 'say "hi" now', "it's", "--odd", "#x", "a;b", "'q'"]
  ) {
    assertEquals(parseLine(`send ${quoteName(name)}`)!.args, [name], name);
    assertEquals(splitCommands(`send ${quoteName(name)}; list`).length, 2, name);
  }
});
