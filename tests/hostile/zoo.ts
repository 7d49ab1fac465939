/**
 * Honest downloads beside attackers: each is done in little more than the time of one without, and
 * no honest program pays for it with its memory or its loop.
 *
 * @module
 */
import { assert } from "../support/assert.ts";
import { Attack, type Attacker } from "./attack.ts";
import { type Figures, HonestSwarm, type Role } from "./honest_swarm.ts";

/** Most attackers, each with a swarm of its own, that are tried at the same time. */
const SIDE_BY_SIDE = 6;

/** The download may take so much longer than one without an attacker that runs at the same time. */
const TIME_FACTOR = 1.5;
/** A program's memory may be so many bytes above that of the same one without an attacker. */
const MEMORY_ABOVE = 150 << 20;
/** ms that a loop may stand still; on a slow machine twice as long as without an attacker. */
const MOST_STALL = 100;

const ROLES: readonly Role[] = ["tracker", "seed", "leech"];

/** ms until an attacker must have done something. */
const PATIENCE = 30_000;

/**
 * Tests every attacker of a table; with `HOSTILE_ONLY` set, those whose name contains it: for work
 * on one of them.
 */
export function testAttackers(kind: string, all: readonly Attacker[]): void {
  const only = Deno.env.get("HOSTILE_ONLY") ?? "";
  const attackers = all.filter(({ name }) => name.includes(only));
  // Batches of one size: a small one at the end would take as long as a large one.
  const size = Math.ceil(attackers.length / Math.ceil(attackers.length / SIDE_BY_SIDE));
  for (let first = 0; first < attackers.length; first += size) {
    const batch = attackers.slice(first, first + size);
    const range = `${first + 1} to ${first + batch.length}`;
    Deno.test(`hostile ${kind} ${range} of ${attackers.length}`, async (t) => {
      const [undisturbed, ...disturbed] = await Promise.all([
        undisturbedDownload(),
        ...batch.map((attacker) => downloadBeside(attacker)),
      ]);
      for (const [index, { name }] of batch.entries()) {
        await t.step(`an honest download beside ${name}`, async () => {
          const result = disturbed[index]!;
          if (!(result instanceof Error) && verdict(result, undisturbed!) === undefined) return;
          // Whatever else this machine did meanwhile is not the attacker's fault: once more, alone.
          const [reference, again] = await Promise.all([
            undisturbedDownload(),
            downloadBeside(batch[index]!),
          ]);
          if (again instanceof Error) throw again;
          const fault = verdict(again, reference);
          if (fault !== undefined) throw new Error(fault);
        });
      }
    });
  }
}

async function undisturbedDownload(): Promise<Figures> {
  await using swarm = await HonestSwarm.start();
  return await swarm.download();
}

/** An error for each attacker by itself: the others of its batch have their say all the same. */
async function downloadBeside(attacker: Attacker): Promise<Figures | Error> {
  try {
    await using swarm = await HonestSwarm.start();
    await using attack = new Attack(swarm);
    attacker.begin(attack);
    if (attacker.isLate !== true) await struck(attack);
    const figures = await swarm.download(attacker.way);
    assert(attack.count > 0, "the attacker did nothing");
    return figures;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Resolves with the first hostile act: a download beside none would show nothing. */
async function struck(attack: Attack): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const limit = setTimeout(() => reject(new Error("the attacker did nothing")), PATIENCE);
  await Promise.race([attack.struck, promise]).finally(() => clearTimeout(limit));
}

/** What an attacker cost that it must not; undefined where all is well. */
function verdict(found: Figures, undisturbed: Figures): string | undefined {
  report(found, undisturbed);
  const factor = found.seconds / undisturbed.seconds;
  if (factor > TIME_FACTOR) return `done after ${factor.toFixed(2)} of the time without it`;
  for (const role of ROLES) {
    const above = found.costs[role].memory - undisturbed.costs[role].memory;
    if (above > MEMORY_ABOVE) return `the ${role} took ${above >> 20} MiB more`;
    const stall = found.costs[role].stall;
    if (stall > Math.max(MOST_STALL, 2 * undisturbed.costs[role].stall)) {
      return `the ${role}'s loop stood still for ${stall.toFixed(0)} ms`;
    }
  }
  return undefined;
}

/** With `HOSTILE_FIGURES` set, what each attack cost. */
function report(found: Figures, undisturbed: Figures): void {
  if (Deno.env.get("HOSTILE_FIGURES") === undefined) return;
  const cost = (role: Role) => {
    const { memory, stall } = found.costs[role];
    const above = (memory - undisturbed.costs[role].memory) / 2 ** 20;
    return `${role} ${above.toFixed(0)} MiB ${stall.toFixed(0)} ms`;
  };
  const times = `${found.seconds.toFixed(1)} s / ${undisturbed.seconds.toFixed(1)} s`;
  // deno-lint-ignore no-console
  console.log(`${times}; ${ROLES.map(cost).join("; ")}`);
}
