/**
 * The command that runs one probe again.
 *
 * @module
 */
import { type Outcome, quoted } from "../../lab/grade/mod.ts";
import type { GradeCall } from "./grade_call.ts";

/** `vtorrent grade peer --only P5.1 --seed 41 -- python3 peer.py` */
export function againCommand(call: GradeCall, { probe }: Outcome): string {
  const { subject, program, seed, flags, rubric } = call;
  const { dir } = flags;
  return [
    ...["vtorrent", "grade", subject, "--only", probe.id, "--seed", String(seed)],
    ...(flags.rubric === undefined ? [] : ["--rubric", flags.rubric]),
    ...(dir === undefined ? [] : ["--dir", dir]),
    // The rubric may name the program itself.
    ...(rubric.command === undefined ? ["--", ...program.command] : []),
  ].map(quoted).join(" ");
}
