/**
 * Ports for programs that are told where to listen. Two graders on one machine never give the same
 * one: each port has a twin, at which the one that gives it listens meanwhile. The system lets nobody
 * else listen there, and frees it with the death of a grader by whatever cause.
 *
 * @module
 */

/** Below the ports that systems give to callers: a call to such a port may meet itself. */
const FIRST = 10_000;
/** Ports that are given; as many twins follow. */
const COUNT = 5000;
/** A port that somebody names lies anywhere: so far from its own place is its twin. */
const SHIFT = COUNT / 2;
/** ms between two looks whether a port is free again. */
const LOOK_INTERVAL = 50;
/** Sockets of this host, as Linux lists them. */
const TABLES = ["tcp", "tcp6", "udp", "udp6"];

/** A port that is nobody else's until it is disposed. */
export class ClaimedPort implements AsyncDisposable {
  readonly port: number;
  readonly #twin: Deno.TcpListener;

  private constructor(port: number, twin: Deno.TcpListener) {
    this.port = port;
    this.#twin = twin;
  }

  /**
   * Any port that is free. It does not follow from a seed: a class with one seed would try the same
   * ports in the same order.
   *
   * @throws {RangeError} where none is
   */
  static any(isWanted: (port: number) => boolean = () => true): ClaimedPort {
    const [chance] = crypto.getRandomValues(new Uint16Array(1));
    const taken = localPorts();
    for (let step = 0; step < COUNT; step++) {
      const port = FIRST + (chance! + step) % COUNT;
      if (!isWanted(port) || taken?.has(port)) continue;
      const claim = ClaimedPort.take(port);
      if (claim === undefined) continue;
      if (isFree(port)) return claim;
      claim.#twin.close();
    }
    throw new RangeError(`No port from ${FIRST} to ${FIRST + COUNT - 1} is free`);
  }

  /** This port, unless somebody else claims it. Who listens there is another question. */
  static take(port: number): ClaimedPort | undefined {
    const twin = listenAt(FIRST + COUNT + (port + SHIFT) % COUNT);
    return twin === undefined ? undefined : new ClaimedPort(port, twin);
  }

  /** This port, as soon as nobody else claims it; undefined where somebody does for `patience` ms. */
  static async wait(port: number, patience: number): Promise<ClaimedPort | undefined> {
    const limit = performance.now() + patience;
    while (true) {
      const claim = ClaimedPort.take(port);
      if (claim !== undefined || performance.now() > limit) return claim;
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#twin.close();
    return Promise.resolve();
  }
}

/** Whether nobody listens at a port. */
export function isFree(port: number): boolean {
  const listener = listenAt(port);
  listener?.close();
  return listener !== undefined;
}

function listenAt(port: number): Deno.TcpListener | undefined {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch {
    return undefined;
  }
}

/**
 * The ports of all sockets of this host, also of connections that are over: for a minute a program
 * that sets no SO_REUSEADDR may not listen there. Undefined where the system does not tell.
 */
function localPorts(): Set<number> | undefined {
  const ports = new Set<number>();
  for (const name of TABLES) {
    try {
      const [, ...lines] = Deno.readTextFileSync(`/proc/net/${name}`).trim().split("\n");
      for (const line of lines) {
        const local = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4})/.exec(line)?.[1];
        if (local !== undefined) ports.add(parseInt(local, 16));
      }
    } catch {
      if (name === "tcp") return undefined;
    }
  }
  return ports;
}
