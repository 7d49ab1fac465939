/**
 * Fault: the report of an unexpected error, that is, a bug.
 *
 * @module
 */
import { cutText } from "./cut_text.ts";

/**
 * One line without a stack trace: what happened, where in the program, and what to do about it.
 *
 * @param next what to do
 */
export function faultSentence(fault: unknown, next = "please report it"): string {
  const message = fault instanceof Error ? fault.message || fault.name : String(fault);
  const place = placeOf(fault);
  const where = place === undefined ? "" : ` (${place})`;
  return `internal error: ${cutText(message.split("\n")[0]!)}${where}; ${next}`;
}

/** The file and line that threw, without the folders that lead there. */
function placeOf(fault: unknown): string | undefined {
  if (!(fault instanceof Error)) return undefined;
  return /^\s+at .*?([\w.-]+\.[jt]s:\d+(?::\d+)?)\)?$/m.exec(fault.stack ?? "")?.[1];
}
