import { History } from "../../../shell/terminal/history.ts";
import { assertEquals } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";

Deno.test("two shells of one file keep what both were told", async () => {
  await using folder = await TempFolder.make();
  const path = folder.at("history");
  const [one, two] = [await History.open(path), await History.open(path)];
  one.add("status");
  two.add("list");
  one.add("list");
  one.add("list");
  one.add("  ");
  assertEquals(one.lines, ["status", "list"]);
  assertEquals((await History.open(path)).lines, ["status", "list", "list"]);
  if (Deno.build.os !== "windows") assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
});

Deno.test("the last thousand lines are kept, and the file does not grow for ever", async () => {
  await using folder = await TempFolder.make();
  const lines = Array.from({ length: 2500 }, (_, index) => `download ${index}`);
  await folder.write("history", new TextEncoder().encode(lines.join("\n") + "\n"));
  const history = await History.open(folder.at("history"));
  assertEquals(history.lines, lines.slice(-1000));
  assertEquals((await Deno.readTextFile(folder.at("history"))).split("\n").length, 1001);
});

Deno.test("a folder that goes away costs the history alone", async () => {
  await using folder = await TempFolder.make();
  const history = await History.open(folder.at("gone/history"));
  history.add("status");
  assertEquals(history.lines, ["status"]);
});
