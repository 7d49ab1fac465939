/**
 * Folders for reports. A report has many files with everyday names; in a folder that somebody works in
 * they would replace that person's own.
 *
 * @module
 */
import { join } from "@std/path";
import { UsageError } from "./errors.ts";

/** Says that everything of a report's names in this folder came from reports. */
const MARK = ".vtorrent-report";

/**
 * Makes a folder ready for a report, before the work that the report is about.
 *
 * @param shown how the message calls it
 * @throws {UsageError} where it has files that no report wrote
 */
export async function prepareReportFolder(path: string, shown: string): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
  const names = (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name);
  if (names.includes(MARK)) return;
  if (names.length > 0) {
    throw new UsageError(
      `${shown} has files in it that no report wrote, such as ${names.sort()[0]}: ` +
        "name a new folder with --out",
    );
  }
  await Deno.writeTextFile(join(path, MARK), "");
}
