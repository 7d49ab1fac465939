/**
 * What several failures have in common, in a sentence that repairs them together.
 *
 * @module
 */
import type { Outcome } from "../step.ts";

interface Lesson {
  /** Probes that fail for want of it. */
  readonly probes: readonly string[];
  /** A probe that passes all the same: the rest is right. */
  readonly unless: string;
  readonly sentence: string;
}

const LESSONS: readonly Lesson[] = [
  {
    probes: ["P4.2", "P4.3", "P5.4", "P5.5", "P5.6", "P5.7"],
    unless: "P5.1",
    sentence:
      "These have one cause: TCP is a stream, and one read is not one message. Append what you " +
      "read to a buffer; while the buffer has a whole message (4 bytes of length, then so many), take " +
      "it from the front and leave the rest for later.",
  },
  {
    probes: ["P3.2", "P3.3"],
    unless: "P3.1",
    sentence:
      "These have one cause: the info hash goes into the URL as %XX for every byte but letters, " +
      "digits and .-_~. What encodes form fields makes a + of a space.",
  },
  {
    probes: ["P2.3", "P2.4"],
    unless: "P2.1",
    sentence:
      "These have one cause: the info hash is that of the bytes in the file. Remember where the " +
      "value of `info` begins and ends while you decode.",
  },
];

/** The lessons of a run: two probes or more that fail for the same reason. */
export function lessonsOf(outcomes: readonly Outcome[]): string[] {
  const failed = new Set(
    outcomes.filter(({ verdict }) => verdict === "failed").map(({ probe }) => probe.id),
  );
  const has = (id: string) =>
    outcomes.some(({ probe, verdict }) => probe.id === id && verdict === "passed");
  return LESSONS.flatMap(({ probes, unless, sentence }) => {
    const met = probes.filter((id) => failed.has(id));
    return met.length >= 2 && has(unless) ? [`${met.join(", ")}: ${sentence}`] : [];
  });
}
