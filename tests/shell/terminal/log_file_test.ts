import { assert, assertEquals, assertMatch, assertThrows } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import { UsageError } from "../../../shell/base/errors.ts";
import { Log, logLine } from "../../../shell/terminal/log_file.ts";

const TIME = new Date(0);

Deno.test("logLine() is one line, whatever others call themselves", () => {
  const facts = {
    event: "peer-connected",
    name: "a b",
    peer: "x\n2026 ERROR fake=1",
    port: 3,
    gone: undefined,
  };
  assertEquals(
    logLine(facts, { time: TIME, format: "text" }),
    '1970-01-01T00:00:00.000Z INFO  peer-connected name="a b" peer="x\\\\x0a2026 ERROR fake=1" port=3\n',
  );
  assertEquals(JSON.parse(logLine(facts, { time: TIME, format: "json" })), {
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    event: "peer-connected",
    name: "a b",
    peer: "x\n2026 ERROR fake=1",
    port: 3,
  });
});

Deno.test("Log keeps to its level, goes on where it was, and puts full files aside", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("peer.log");
  for (const session of [1, 2]) {
    using log = Log.open(path, { level: "warn" })!;
    log.write({ event: "started", session });
    log.write({ event: "error", message: `in ${session}` });
  }
  const text = await Deno.readTextFile(path);
  assertEquals(text.trimEnd().split("\n").map((line) => line.slice(25)), [
    'ERROR error message="in 1"',
    'ERROR error message="in 2"',
  ]);
  {
    using log = Log.open(path, { level: "debug" })!;
    const long = "x".repeat(100_000);
    for (let i = 0; i < 250; i++) log.write({ event: "error", message: long });
  }
  const sizes: number[] = [];
  for await (const { name } of Deno.readDir(folder.path)) {
    assertMatch(name, /^peer\.log(\.[123])?$/);
    sizes.push((await Deno.stat(folder.at(name))).size);
  }
  assertEquals(sizes.length, 4);
  assert(sizes.every((size) => size <= 4 << 20), `${sizes}`);
});

Deno.test("Log.open() says what levels and formats there are, and off is off", () => {
  assertEquals(Log.open("/nowhere/at/all", { level: "off" }), undefined);
  assertThrows(() => Log.open("x", { level: "inf" }), UsageError, 'Did you mean "info"?');
  assertThrows(() => Log.open("x", { format: "xml" }), UsageError, "give text, json");
  using log = Log.open("/nowhere/at/all/peer.log", {})!;
  log.write({ event: "error" });
});
