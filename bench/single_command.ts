/**
 * Measurements of one command that runs to its end: making and verifying a .torrent.
 *
 * @module
 */
import { join } from "@std/path";
import { decodeBencode, rawValue } from "../protocol/bencode.ts";
import type { Program } from "./programs.ts";
import {
  ended,
  type Figures,
  RunError,
  RunFolder,
  type Surroundings,
  waitFor,
} from "./run_folder.ts";
import type { Workload } from "./workload.ts";

/**
 * Lets a program check data that is good.
 *
 * @throws {RunError} where it fails or is too slow
 */
export async function runVerify(
  around: Surroundings,
  program: Program,
  workload: Workload,
): Promise<Figures> {
  await using folder = await RunFolder.make(around);
  const place = await folder.place(workload, true);
  return await runToEnd(around, folder, program, program.verify!(place));
}

/**
 * Lets a program make a .torrent and compares its piece hashes.
 *
 * @throws {RunError} where it fails, is too slow, or the hashes differ
 */
export async function runCreate(
  around: Surroundings,
  program: Program,
  workload: Workload,
): Promise<Figures> {
  await using folder = await RunFolder.make(around);
  const output = join(folder.path, "made.torrent");
  const command = program.create!({
    path: join(workload.dir, workload.name),
    output,
    pieceLength: workload.plan.pieceLength,
    announce: around.tracker.url,
  });
  const figures = await runToEnd(around, folder, program, command);
  const raw = rawValue(await Deno.readFile(output), ["info", "pieces"]);
  const pieces = raw && decodeBencode(raw);
  if (!(pieces instanceof Uint8Array) || !equalBytes(pieces, workload.pieces)) {
    throw new RunError(`${program.name} made other piece hashes`);
  }
  return figures;
}

async function runToEnd(
  around: Surroundings,
  folder: RunFolder,
  program: Program,
  command: readonly string[],
): Promise<Figures> {
  await using process = await folder.start(program.name, command);
  await waitFor([process], around, () => {
    process.usage(); // keeps the peak of its memory, which is gone after its end
    return process.exit !== undefined;
  });
  const { code, at } = process.exit!;
  if (code !== 0) throw ended(process);
  return { wall: (at - process.startedAt) / 1000, ...process.usage() };
}

function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
