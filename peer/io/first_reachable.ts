/**
 * Which address of a name answers (RFC 8305).
 *
 * @module
 */

/** ms that an address has before the next one is tried beside it. */
const STAGGER_MS = 250;

/** How one address is tried. */
export interface Tries<T> {
  /** Ends with what answers there; gives up on `signal`. */
  readonly attempt: (address: string, signal: AbortSignal) => Promise<T>;
  /** Gives back what came of an address after another one had answered. */
  readonly discard: (late: T) => void;
}

/**
 * What the first of `addresses` to answer gives: they are tried one after the other a quarter of a
 * second apart, or at once where one fails.
 *
 * @throws what the first of them failed by, where all do
 */
export async function firstOf<T>(
  addresses: readonly string[],
  { attempt, discard }: Tries<T>,
  signal: AbortSignal,
): Promise<T> {
  if (addresses.length === 1) return await attempt(addresses[0]!, signal);
  const done = new AbortController();
  const both = AbortSignal.any([signal, done.signal]);
  const tries: Promise<{ result: T }>[] = [];
  let winner: { result: T } | undefined;
  try {
    for (const address of addresses) {
      tries.push(attempt(address, both).then((result) => ({ result })));
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<undefined>((resolve) =>
        timer = setTimeout(() => resolve(undefined), STAGGER_MS)
      );
      winner = await Promise.race([Promise.any(tries).catch(() => undefined), late]);
      clearTimeout(timer);
      if (winner !== undefined) return winner.result;
    }
    winner = await Promise.any(tries).catch(() => undefined);
    return (winner ?? await tries[0]!).result;
  } finally {
    done.abort();
    for (const outcome of await Promise.allSettled(tries)) {
      if (outcome.status === "fulfilled" && outcome.value !== winner) discard(outcome.value.result);
    }
  }
}

/** The first of `addresses` that takes a connection over TCP; the first of all where none does. */
export async function firstReachable(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<string> {
  if (addresses.length === 1) return addresses[0]!;
  const tries: Tries<string> = {
    attempt: async (address, signal) => {
      (await Deno.connect({ hostname: address, port, signal })).close();
      return address;
    },
    discard: () => {},
  };
  return await firstOf(addresses, tries, signal).catch(() => addresses[0]!);
}
