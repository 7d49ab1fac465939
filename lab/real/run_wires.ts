/**
 * The wires of one run, between any two members that were told of each other; who is seen behind which
 * port; and which of them are cut.
 *
 * @module
 */
import { lineBetween } from "../scenario/line_between.ts";
import type { RunPlan } from "../scenario/run_plan.ts";
import type { Ground } from "./ground.ts";
import type { MachineLoad } from "./machine_load.ts";
import type { RealWorldOptions } from "./real_options.ts";
import type { MemberStart } from "./running_member.ts";
import { type Access, Wire } from "./wire.ts";
import type { Witness } from "./witness.ts";

/** A line whose delay is seen to elsewhere. */
const NO_DELAY = { latency: 0, jitter: 0, loss: 0 };

/** The first of the ports that systems call from (RFC 6335). */
const FIRST_CALLER_PORT = 49152;

/** One end. */
export interface WiredPlace {
  readonly start: Pick<MemberStart, "host" | "port">;
  readonly access: Access;
  readonly isProcess: boolean;
  /** Whether its program keeps one connection with an address. */
  readonly takesOneOfAnAddress: boolean;
}

/** The run that they are part of. */
export interface RunWiresOptions {
  readonly ground: Ground;
  readonly net: RunPlan["net"];
  /** By member, in their order. */
  readonly places: ReadonlyMap<string, WiredPlace>;
  readonly witness: Witness;
  readonly load: MachineLoad;
  readonly capture: RealWorldOptions["capture"];
  /** The port that a member said to the tracker. */
  portOf(who: string): number | undefined;
  /** Uniform in [0, 1). */
  random(): number;
  /** ms since the start of the run. */
  now(): number;
}

/** See the module. */
export class RunWires implements AsyncDisposable {
  readonly #run: RunWiresOptions;
  readonly #wires = new Map<string, Wire>();
  /** `who port` → who is seen there. */
  readonly #seenAt = new Map<string, string>();
  readonly #cut = new Set<string>();
  #calls = 0;
  #isOver = false;

  constructor(run: RunWiresOptions) {
    this.#run = run;
  }

  /** Whether one is connected to the other over the wire from it. */
  isInUse(from: string, to: string): boolean {
    return this.#wires.get(wireKey(from, to))?.isInUse === true;
  }

  /** Where one member calls the other: the wire is made when it is first handed out. */
  port(from: string, to: string): number | undefined {
    return this.#wire(from, to)?.port;
  }

  /** Who is behind a port that a member sees. */
  seenAt(who: string, port: string): string | undefined {
    return this.#seenAt.get(`${who} ${port}`);
  }

  cut(one: string, two: string): void {
    for (const key of [wireKey(one, two), wireKey(two, one)]) {
      this.#cut.add(key);
      this.#wires.get(key)?.cut();
    }
  }

  join(one: string, two: string): void {
    for (const key of [wireKey(one, two), wireKey(two, one)]) {
      this.#cut.delete(key);
      this.#wires.get(key)?.join();
    }
  }

  /** A port for the calling end of a connection, as systems choose them. */
  #callerPort(): number {
    return FIRST_CALLER_PORT + this.#calls++ % (65536 - FIRST_CALLER_PORT);
  }

  /** No more are made from now on. */
  end(): void {
    this.#isOver = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await Promise.all([...this.#wires.values()].map((wire) => wire[Symbol.asyncDispose]()));
  }

  #wire(from: string, to: string): Wire | undefined {
    const key = wireKey(from, to);
    const there = this.#wires.get(key);
    if (there !== undefined || this.#isOver) return there;
    const { places, ground, net, random, now, load, witness, portOf, capture } = this.#run;
    const [caller, called] = [places.get(from), places.get(to)];
    if (caller === undefined || called === undefined) return undefined;
    const numbers = [...places.keys()];
    // An address for each member, so that a capture is easy to read.
    const addressOf = (who: string) => `127.0.1.${numbers.indexOf(who) + 1}`;
    const wire = new Wire({
      ...{ caller: from, called: to },
      access: { caller: caller.access, called: called.access },
      hub: ground.hub,
      line: ground.shapes.delays ? NO_DELAY : lineBetween(net, from, to),
      ...{ random, now, load },
      target: () => {
        const { host, port } = called.start;
        const said = portOf(to) ?? (called.isProcess ? port : undefined);
        return said === undefined ? undefined : { hostname: host, port: said };
      },
      from: called.takesOneOfAnAddress ? addressOf(from) : undefined,
      witness: () => witness.connection(from, to),
      onPort: (who, port, other) => this.#seenAt.set(`${who} ${port}`, other),
      passesEncrypted: () => false,
      capture,
      link: () => ({
        // Whoever calls does so from a port of this connection alone: two may call each other at once.
        local: { host: addressOf(from), port: this.#callerPort() },
        remote: { host: addressOf(to), port: called.start.port },
      }),
    });
    if (this.#cut.has(key)) wire.cut();
    this.#wires.set(key, wire);
    return wire;
  }
}

function wireKey(from: string, to: string): string {
  return JSON.stringify([from, to]);
}
