/**
 * Which address of a name answers (RFC 8305, over TCP).
 *
 * @module
 */

/** ms that an address has before the next one is tried beside it. */
const STAGGER_MS = 250;

/**
 * The first of `addresses` that takes a connection, tried one after the other a quarter of a second
 * apart, or at once where one refuses; the first of all where none does.
 */
export async function firstReachable(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<string> {
  if (addresses.length === 1) return addresses[0]!;
  const done = new AbortController();
  const both = AbortSignal.any([signal, done.signal]);
  const tries: Promise<string>[] = [];
  try {
    for (const address of addresses) {
      const attempt = Deno.connect({ hostname: address, port, signal: both }).then((conn) => {
        conn.close();
        return address;
      });
      tries.push(attempt);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<undefined>((resolve) =>
        timer = setTimeout(() => resolve(undefined), STAGGER_MS)
      );
      const first = await Promise.race([
        Promise.any(tries).catch(() => undefined),
        late,
      ]);
      clearTimeout(timer);
      if (first !== undefined) return first;
    }
    return await Promise.any(tries).catch(() => addresses[0]!);
  } finally {
    done.abort();
    await Promise.allSettled(tries);
  }
}
