/**
 * Outcomes as they come, in a terminal: a heading a step, a line a probe, the first failure whole.
 *
 * @module
 */
import {
  findingLines,
  isKnown,
  type Outcome,
  outcomeLine,
  pointsText,
} from "../../lab/grade/mod.ts";
import type { Screen } from "../terminal/screen.ts";

/** Tells of outcomes. */
export class OutcomeLines {
  readonly #screen: Screen;
  /** Tells every failure whole, not only the first. */
  readonly #whole: boolean;
  readonly #again: (outcome: Outcome) => string;
  #step: string | undefined;
  #told = false;
  /** Probes that were not run, all for the same reason: one line for them. */
  #notRun: Outcome[] = [];

  constructor(screen: Screen, whole: boolean, again: (outcome: Outcome) => string) {
    this.#screen = screen;
    this.#whole = whole;
    this.#again = again;
  }

  tell(outcome: Outcome): void {
    this.#event(outcome);
    const [first] = this.#notRun;
    const { step, verdict, reason } = outcome;
    const isSame = first?.step.id === step.id && first.verdict === verdict &&
      first.reason === reason;
    if (!isSame) this.end();
    if (verdict === "not reached" || verdict === "left out") this.#notRun.push(outcome);
    else this.#line(outcome);
  }

  /** Tells what was held back. */
  end(): void {
    const [first] = this.#notRun;
    if (first === undefined) return;
    const last = this.#notRun.at(-1)!;
    const points = this.#notRun.reduce((sum, { probe }) => sum + probe.points, 0);
    this.#heading(first);
    this.#notRun = [];
    if (first === last && first.verdict === "left out") return this.#line(first);
    const which = first === last ? first.probe.id : `${first.probe.id} to ${last.probe.id}`;
    const sign = this.#screen.look().unicode ? "·" : "-    ";
    const text = `${sign} ${which}: ${first.verdict}, ${first.reason}`;
    this.#screen.say(`${text.padEnd(72)} 0 of ${pointsText(points)}`);
  }

  #line(outcome: Outcome): void {
    const { verdict, finding, remarks } = outcome;
    const known = isKnown(outcome);
    this.#heading(outcome);
    this.#screen.say(outcomeLine(outcome, this.#screen.look().unicode));
    if (verdict === "failed" && (this.#whole || !(this.#told || known))) {
      for (const line of findingLines(outcome, this.#again(outcome))) this.#screen.say(line);
    } else if (finding !== undefined) {
      this.#screen.say(`           ${finding.seen}`);
      if (known) this.#screen.say(`           known: ${outcome.probe.known}`);
    }
    for (const remark of remarks) this.#screen.say(`           remark: ${remark}`);
    this.#told ||= verdict === "failed" && !known;
  }

  #heading({ step }: Outcome): void {
    if (step.id === this.#step) return;
    this.#step = step.id;
    this.#screen.say(`${step.id}  ${step.title}`);
  }

  #event(outcome: Outcome): void {
    const { probe, verdict, score, finding, reason, remarks, took } = outcome;
    this.#screen.event({
      event: "probe",
      ...{ probe: probe.id, title: probe.title, verdict, score, points: probe.points },
      ...{ seconds: Math.round(took) / 1000, remarks },
      ...(reason === undefined ? {} : { reason }),
      ...(finding === undefined
        ? {}
        : { expected: finding.expected, seen: finding.seen, why: finding.why }),
    }, undefined);
  }
}
