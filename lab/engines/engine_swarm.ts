/**
 * A swarm of whole engines on a made-up network, with its tracker.
 *
 * @module
 */
import { Layout } from "../../protocol/piece_layout.ts";
import { makeContent, type SharedContent, startPieces } from "../run/content.ts";
import type { RunEvent } from "../run/run_record.ts";
import { TrafficCount } from "../run/traffic.ts";
import type { PlannedMember, RunPlan } from "../scenario/run_plan.ts";
import { Course } from "../virtual/course.ts";
import type { Happening } from "../virtual/happening.ts";
import type { Stage } from "../virtual/planned_run.ts";
import { seededRandom } from "../virtual/seeded_random.ts";
import { hostOf } from "../virtual/virtual_address.ts";
import { VirtualNetworks } from "../virtual/virtual_network.ts";
import { VirtualTime } from "../virtual/virtual_time.ts";
import { EngineMember, type EngineMemberContext, PORT } from "./engine_member.ts";
import { VirtualInternet } from "./virtual_internet.ts";
import { VirtualTracker } from "./virtual_tracker.ts";

/** Turns of the event loop after which work that time stands still for will never be done. */
const MAX_TURNS = 100_000;

/** See the module. */
export class EngineSwarm implements Stage<EngineMember>, EngineMemberContext {
  readonly time = new VirtualTime();
  readonly layout: Layout;
  readonly course = new Course();
  readonly traffic = new TrafficCount();
  readonly internet: VirtualInternet;
  readonly tracker: VirtualTracker;
  readonly content: SharedContent;
  readonly pieceLength: number;
  readonly bootstrap: readonly { host: string; port: number }[];
  readonly random: () => number;
  readonly #addresses: ReadonlyMap<string, string>;
  readonly #members: ReadonlyMap<string, string>;
  readonly #incomplete = new Set<EngineMember>();
  readonly #emit: (event: RunEvent) => void;
  #real: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #fault: { readonly thrown: unknown } | undefined;

  constructor({ seed, content, members, net, tracker }: RunPlan, emit: (event: RunEvent) => void) {
    const { size, pieceLength } = content;
    this.#emit = emit;
    this.random = seededRandom(seed);
    this.layout = new Layout(size, pieceLength);
    this.content = makeContent(seed, size, pieceLength, { isPrivate: false });
    this.pieceLength = pieceLength;
    const networks = new VirtualNetworks(net, this.random);
    this.internet = new VirtualInternet(this.time, networks, this.memberAt);
    this.tracker = new VirtualTracker({
      ...{ time: this.time, latency: net.latency, numwant: tracker.numwant, random: this.random },
      hasBackup: tracker.hasBackup ?? false,
      interval: Math.max(1, Math.round(tracker.interval / 1000)),
    });
    this.#addresses = new Map(members.map(({ id }, number) => [id, hostOf(number)]));
    this.#members = new Map([...this.#addresses].map(([id, address]) => [address, id]));
    const first = members.find(({ policies }) => policies.sources.includes("dht"));
    this.bootstrap = first === undefined
      ? []
      : [{ host: this.#addresses.get(first.id)!, port: PORT }];
  }

  get isTrackerUp(): boolean {
    return this.tracker.isUp;
  }

  set isTrackerUp(isUp: boolean) {
    this.tracker.isUp = isUp;
  }

  get isComplete(): boolean {
    return this.#incomplete.size === 0;
  }

  arrive(member: PlannedMember): EngineMember {
    const has = startPieces(this.layout.pieceCount, member, this.random);
    const one = new EngineMember(member, this.#addresses.get(member.id)!, has, this);
    one.start();
    return one;
  }

  cut(some: readonly EngineMember[], others: readonly EngineMember[]): void {
    for (const one of some) {
      for (const other of others) {
        if (one !== other) this.internet.cut(one.address, other.address);
      }
    }
  }

  join(some: readonly EngineMember[], others: readonly EngineMember[]): void {
    for (const one of some) {
      for (const other of others) this.internet.join(one.address, other.address);
    }
  }

  memberAt = (host: string): string | undefined => this.#members.get(host);

  tell = (what: Happening): void => {
    const event = { t: this.time.now, ...what } as RunEvent;
    this.course.add(event);
    this.#emit(event);
  };

  note = (member: EngineMember): void => {
    if (member.hasLeft || member.have.isFull) this.#incomplete.delete(member);
    else this.#incomplete.add(member);
  };

  onFault = (fault: unknown): void => void (this.#fault ??= { thrown: fault });

  /** One after the other, so that their order does not depend on how long each takes. */
  waitFor(work: () => Promise<unknown>): void {
    this.#waiting++;
    this.#real = this.#real.then(work).catch(this.onFault).finally(() => void this.#waiting--);
  }

  /**
   * Goes on to the next time at which something happens, and lets all that follows from it happen.
   *
   * @returns false where nothing happens until `limit` (ms)
   * @throws what an engine did not expect
   */
  async step(limit: number): Promise<boolean> {
    const goesOn = this.time.runNext(limit);
    // Promises are all that engines wait with: one turn of the loop settles them.
    let turns = 0;
    do {
      await new Promise(setImmediate);
      if (++turns > MAX_TURNS) throw new Error("An engine waits for what never comes");
    } while (this.#waiting > 0);
    if (this.#fault !== undefined) throw this.#fault.thrown;
    return goesOn;
  }
}
