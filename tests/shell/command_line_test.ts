import fc from "fast-check";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../support/assert.ts";
import { readCommandLine } from "../../shell/command_line.ts";
import { readPlainCommandLine } from "../../shell/plain_command_line.ts";
import { verbsOf } from "../../shell/commands/mod.ts";
import { UsageError } from "../../shell/base/errors.ts";
import { flagRow, FLAGS, typedName } from "../../shell/flags/flags.ts";
import { PROGRAMS } from "../../shell/programs/mod.ts";
import { VERSION } from "../../protocol/mod.ts";

const textOf = (...args: string[]) => {
  const line = readCommandLine(args, 80);
  assert("text" in line, "a text to print");
  return line.text;
};

Deno.test("readCommandLine() finds program, arguments and flags in any order", () => {
  const line = readCommandLine(
    ["--json", "peer", "--tracker", "a:1", "7", "--tracker=b:2", "-q", "-e", "list; exit"],
    80,
  );
  assert("program" in line);
  assertEquals(line.program.name, "peer");
  assertEquals(line.args, ["7"]);
  assertEquals(line.given.map(({ name, value }) => `${name}=${value}`).sort(), [
    "execute=list; exit",
    "json=undefined",
    "quiet=undefined",
    "tracker=a:1",
    "tracker=b:2",
  ]);
});

Deno.test("readCommandLine() takes all the paths of create, and -- before odd ones", () => {
  const line = readCommandLine(["create", "a", "--force", "--", "-b"], 80);
  assert("program" in line);
  assertEquals(line.args, ["a", "-b"]);
});

Deno.test("readCommandLine() leads somebody who gives no arguments", () => {
  const text = textOf();
  for (const hint of ["vtorrent tracker", "vtorrent peer 1", "vtorrent demo"]) {
    assertStringIncludes(text, hint);
  }
});

Deno.test("readCommandLine() breaks no word in a narrow window", () => {
  for (const args of [[], ["--help"], ...PROGRAMS.map(({ name }) => [name, "--help"])]) {
    const line = readCommandLine(args, 40);
    assert("text" in line);
    for (const text of line.text.split("\n")) {
      // A word that is longer than the window has a line of its own.
      assert(text.length <= 40 || !/\S\s+\S/.test(text.trim()), text);
    }
  }
});

Deno.test("readCommandLine() has help with every flag and an example for every program", () => {
  for (const program of PROGRAMS) {
    const text = textOf(program.name, "--help");
    assertEquals(textOf("help", program.name), text);
    for (const flag of program.flags) assertStringIncludes(text, `--${typedName(flag)}`);
    assertStringIncludes(text, program.examples[0]!);
    for (const line of text.split("\n")) assert(line.length <= 80, line);
  }
  assertEquals(textOf("--version"), `vtorrent ${VERSION}\n`);
});

Deno.test("readCommandLine() says what is wrong and what was meant", () => {
  const wrong: [string[], string][] = [
    [["pere", "1"], "Unknown command 'pere'. Did you mean peer?"],
    [["peer", "1", "--trakcer", "x"], "Unknown option '--trakcer'. Did you mean --tracker?"],
    [["peer"], "Missing required argument 'ID'"],
    [["peer", "1", "2"], "Too many arguments"],
    [["peer", "1", "--tracker"], "argument missing"],
    [["show", "x", "--force"], "Unknown option '--force'"],
  ];
  for (const [args, message] of wrong) {
    assertThrows(() => readCommandLine(args, 80), UsageError, message);
  }
});

Deno.test("every flag belongs to a program or to a verb of the shell", () => {
  const verbs = [...verbsOf("peer"), ...verbsOf("tracker")];
  const used = new Set<string>([...PROGRAMS, ...verbs].flatMap(({ flags }) => flags ?? []));
  for (const flag of Object.keys(FLAGS)) assert(used.has(flag), flag);
});

Deno.test("readPlainCommandLine() reads the lines of help and docs, and none that asks or errs", () => {
  for (const { name, examples } of PROGRAMS) {
    for (const example of examples) {
      const [command, ...args] = example.split(" ");
      if (command !== "vtorrent" || /["'|>*]| -- /.test(example)) continue;
      assertEquals(readPlainCommandLine(args)?.program.name, name, example);
    }
  }
  for (
    const line of ["", "help", "peer", "peer --help", "-q peer 1", "peer 1 2", "peer 1 --trakcer"]
  ) {
    assertEquals(readPlainCommandLine(line.split(" ")), undefined, line);
  }
});

Deno.test("readPlainCommandLine() says what readCommandLine() says, whatever is typed", () => {
  const typed = (name: keyof typeof FLAGS) => {
    const { value, short } = flagRow(name);
    const long = `--${typedName(name)}`;
    const short_ = short === undefined ? [] : [`-${short}`, `-${short}x`];
    return [long, ...short_, ...(value === undefined ? [] : [`${long}=`, `${long}=a=b`])];
  };
  const lines = fc.constantFrom(...PROGRAMS).chain((program) => {
    const flags = program.flags.flatMap(typed);
    const word = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("a", "b", "-", "", "run", "help", program.name) },
      { weight: 4, arbitrary: fc.constantFrom(...flags) },
      { weight: 1, arbitrary: fc.constantFrom("--", "-x", "--json=1", "--help", "-qq", "-1") },
    );
    return fc.array(word, { maxLength: 7 }).map((words) => [program.name, ...words]);
  });
  fc.assert(
    fc.property(lines, (args) => {
      const line = readPlainCommandLine(args);
      if (line !== undefined) assertEquals(line, readCommandLine(args, 80), args.join(" "));
    }),
    { numRuns: 400 },
  );
});
