/**
 * The virtual world: plays a plan in virtual time. The same plan gives the same record, byte for
 * byte, on every machine.
 *
 * @module
 */
import { Layout } from "../../protocol/piece_layout.ts";
import type { RunEvent, RunRecord } from "../run/run_record.ts";
import type { RunOptions, World } from "../run/world.ts";
import type { Deed, PlannedMember, RunPlan } from "../scenario/run_plan.ts";
import { Awaited } from "../run/awaited.ts";
import { behaviourOf } from "./member_behaviour.ts";
import type { VirtualPeer } from "./virtual_peer.ts";
import { VirtualSwarm } from "./virtual_swarm.ts";

/** Steps of the clock between two looks at the signal. */
const STEPS = 20_000;

/** Runs our own peer's decisions on a made-up clock and network. */
export class VirtualWorld implements World {
  async run(plan: RunPlan, options: RunOptions = {}): Promise<RunRecord> {
    const run = new VirtualRun(plan, options);
    while (run.goOn(STEPS)) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return run.record();
  }
}

/** One run. */
class VirtualRun {
  readonly #plan: RunPlan;
  readonly #swarm: VirtualSwarm;
  readonly #here = new Map<string, VirtualPeer>();
  readonly #events: RunEvent[] = [];
  readonly #awaited = new Map<Awaited, Deed>();
  /** Members that have yet to come, or to come back. */
  #toCome: number;
  readonly #signal: AbortSignal | undefined;

  constructor(plan: RunPlan, { onEvent, signal }: RunOptions) {
    this.#plan = plan;
    this.#signal = signal;
    const { content: { size, pieceLength }, members, net, tracker } = plan;
    const pieces = new Layout(size, pieceLength).pieceCount;
    this.#swarm = new VirtualSwarm(plan.seed, pieces, pieceLength, {
      network: net,
      interval: tracker.interval / 1000,
      numwant: tracker.numwant,
      isHonest: members.every(({ policies }) => policies.corrupt === 0),
      onEvent: (event) => {
        this.#events.push(event);
        onEvent?.(event);
        this.#onEvent(event);
      },
    }, size);
    const { time, layout } = this.#swarm;
    this.#toCome = members.length;
    for (const member of members) time.at(member.arrivesAt, () => this.#arrive(member));
    for (const event of plan.events) {
      if (!("at" in event)) {
        this.#awaited.set(new Awaited(event.when, layout), event);
        continue;
      }
      if (event.do === "start") this.#toCome++;
      time.at(event.at, () => {
        if (event.do === "start") this.#toCome--;
        this.#do(event);
      });
    }
  }

  /** Goes on for so many steps of the clock; whether there is more to come. */
  goOn(steps: number): boolean {
    let left = steps;
    const isEnough = () => this.#isDone || left-- <= 0;
    return this.#swarm.time.runUntil(isEnough, this.#plan.limit) && !this.#isDone;
  }

  record(): RunRecord {
    const { scenario, variant, seed, content, limit, members } = this.#plan;
    const { layout, course, time } = this.#swarm;
    return {
      ...{ scenario, variant, seed, world: "virtual" },
      size: content.size,
      pieceLength: content.pieceLength,
      pieces: layout.pieceCount,
      members: members.map((
        { id, name, up, down, arrivesAt, haveAtStart, lacks, corrupt, program, strategy },
      ) => ({
        ...{ id, name, arrivesAt, haveAtStart, program, strategy },
        ...lacks.length === 0 ? {} : { lacks },
        ...corrupt === undefined ? {} : { corrupt },
        ...up === undefined ? {} : { up },
        ...down === undefined ? {} : { down },
      })),
      events: this.#events,
      endedAt: this.#isDone ? time.now : limit,
      course: course.toString(),
    };
  }

  get #isDone(): boolean {
    return this.#toCome === 0 && this.#swarm.isComplete || this.#signal?.aborted === true;
  }

  #arrive(member: PlannedMember): void {
    const { random, layout, time } = this.#swarm;
    const behaviour = behaviourOf(member, layout.pieceCount, random);
    this.#toCome--;
    const peer = this.#swarm.add(behaviour, member.id);
    this.#here.set(member.id, peer);
    const { stay } = member;
    if (stay.until === "time") time.after(stay.ms, () => peer.leave());
    if (stay.until === "complete" && peer.have.isFull) time.after(stay.then, () => peer.leave());
  }

  #onEvent(event: RunEvent): void {
    const { time } = this.#swarm;
    if (event.what === "completed") {
      const stay = this.#plan.members.find(({ id }) => id === event.who)?.stay;
      const peer = this.#here.get(event.who);
      if (stay?.until === "complete") time.after(stay.then, () => peer?.leave());
    }
    for (const [awaited, deed] of this.#awaited) {
      awaited.add(event);
      if (!awaited.isReached) continue;
      this.#awaited.delete(awaited);
      // Not in the middle of what just happens.
      time.after(0, () => this.#do(deed));
    }
  }

  #do(deed: Deed): void {
    const who = "who" in deed ? deed.who : [];
    this.#swarm.tell({ what: "deed", does: deed.do, who });
    const peers = this.#named(who);
    switch (deed.do) {
      case "start":
        for (const peer of peers) peer.start();
        return;
      case "stop":
      // A peer whose disk is full stops with an error.
      // falls through
      case "disk full":
        for (const peer of peers) peer.leave();
        return;
      case "kill":
        for (const peer of peers) peer.kill();
        return;
      case "pause":
        for (const peer of peers) peer.pause();
        return;
      case "resume":
        for (const peer of peers) peer.resume();
        return;
      case "cut":
        return this.#swarm.cut(peers, this.#named(deed.from));
      case "join":
        return this.#swarm.join(peers, this.#named(deed.from));
      case "set":
        for (const peer of peers) {
          if (deed.up !== undefined) peer.up = deed.up;
          if (deed.down !== undefined) peer.down = deed.down;
        }
        return;
      case "tracker down":
      case "tracker up":
        this.#swarm.isTrackerUp = deed.do === "tracker up";
    }
  }

  #named(ids: readonly string[]): VirtualPeer[] {
    return ids.map((id) => this.#here.get(id)).filter((peer) => peer !== undefined);
  }
}
