import { join } from "@std/path";
import { UsageError } from "../../../shell/base/errors.ts";
import { prepareReportFolder } from "../../../shell/base/report_folder.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";
import { TempFolder } from "../../support/temp_folder.ts";

Deno.test("a report goes into a new folder, an empty one, and one that reports wrote", async () => {
  await using folder = await TempFolder.make();
  const path = join(folder.path, "new", "marks");
  await prepareReportFolder(path, "marks");
  await Deno.writeTextFile(join(path, "report.html"), "the first report");
  await prepareReportFolder(path, "marks");
  await Deno.mkdir(join(folder.path, "empty"));
  await prepareReportFolder(join(folder.path, "empty"), "empty");
});

Deno.test("a report does not go into a folder in which somebody works", async () => {
  await using folder = await TempFolder.make();
  await folder.write("report.html", new TextEncoder().encode("an essay"));
  await assertRejects(
    () => prepareReportFolder(folder.path, "homework"),
    UsageError,
    "homework has files in it that no report wrote, such as report.html: name a new folder",
  );
  const names = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
  assertEquals(names, ["report.html"]);
});
