/**
 * Whether the machine kept up with a run: where it did not, the run says nothing about the programs.
 *
 * @module
 */
import { cpus } from "node:os";
import type { MachineWatch } from "../run/run_record.ts";

/** ms between two looks at the timers. */
const TICK = 50;
/** Most samples kept of each kind; later ones take the place of earlier ones by turns. */
const MAX_SAMPLES = 20_000;
/** ms of a timer's lag, share of the processors, ms of a wire's lag, beyond which nothing is told. */
const LIMITS = { timerLag: 20, cpu: 0.8, wireLag: 10 };

/** Watches the machine from its start to {@linkcode MachineLoad.end}. */
export class MachineLoad {
  readonly #timers = new Samples();
  readonly #wires = new Samples();
  readonly #before = processorTimes();
  readonly #tick: ReturnType<typeof setInterval>;

  constructor() {
    let due = performance.now() + TICK;
    this.#tick = setInterval(() => {
      const now = performance.now();
      this.#timers.add(Math.max(0, now - due));
      due = now + TICK;
    }, TICK);
  }

  /** A wire delivered so many ms after it should have. */
  wireLate(ms: number): void {
    this.#wires.add(Math.max(0, ms));
  }

  /** Stops watching: how it was. @param members how many took part */
  end(members: number): MachineWatch {
    clearInterval(this.#tick);
    const after = processorTimes();
    const all = after.all - this.#before.all;
    return judgeMachine({
      timerLag: this.#timers.p99(),
      cpu: all > 0 ? (after.busy - this.#before.busy) / all : 0,
      wireLag: this.#wires.p99(),
    }, members);
  }
}

/** Adds the sentence for a machine that was too slow. */
export function judgeMachine(
  { timerLag, cpu, wireLag }: Omit<MachineWatch, "tooSlow">,
  members: number,
): MachineWatch {
  const words = [
    ...(cpu >= LIMITS.cpu ? [`its processors were ${Math.round(cpu * 100)} % busy`] : []),
    ...(timerLag >= LIMITS.timerLag ? [`timers were ${timerLag.toFixed(0)} ms late`] : []),
    ...(wireLag >= LIMITS.wireLag ? [`wires were ${wireLag.toFixed(0)} ms late`] : []),
  ];
  const watch = { timerLag, cpu, wireLag };
  if (words.length === 0) return watch;
  const fewer = members > 4 ? ` or with --peers ${Math.ceil(members / 2)}` : "";
  const tooSlow = `The machine was too busy to tell: ${words.join(", ")}. ` +
    `Run it again with other programs closed${fewer}`;
  return { ...watch, tooSlow };
}

class Samples {
  readonly #samples: number[] = [];
  #count = 0;

  add(value: number): void {
    this.#samples[this.#count++ % MAX_SAMPLES] = value;
  }

  /** 99 of 100 are no larger. */
  p99(): number {
    const sorted = [...this.#samples].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.99) - 1)] ?? 0;
  }
}

/** ms of all processors since the system's start. */
function processorTimes(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  try {
    for (const { times } of cpus()) {
      const used = times.user + times.nice + times.sys + times.irq;
      busy += used;
      all += used + times.idle;
    }
  } catch {
    // Not allowed here: the timers have to do.
  }
  return { busy, all };
}
