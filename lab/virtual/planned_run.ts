/**
 * One run in virtual time: members come and go, and what was planned happens.
 *
 * @module
 */
import type { Layout } from "../../protocol/piece_layout.ts";
import { Awaited } from "../run/awaited.ts";
import type { RunEvent, RunRecord } from "../run/run_record.ts";
import type { TrafficCount } from "../run/traffic.ts";
import type { RunOptions } from "../run/world.ts";
import type { Deed, PlannedMember, RunPlan } from "../scenario/run_plan.ts";
import type { Course } from "./course.ts";
import type { Happening } from "./happening.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** A member as a run deals with it. Rates in bytes per second. */
export interface Actor {
  readonly have: { readonly isFull: boolean };
  up: number;
  down: number;
  /** It comes back. */
  start(): void;
  /** It goes in good order. */
  leave(): void;
  /** It goes without a word. */
  kill(): void;
  pause(): void;
  resume(): void;
  /** Nothing more can be written to its disk. Left out: it leaves, as one does that has an error. */
  fillDisk?(): void;
}

/** Where it plays. */
export interface Stage<Member extends Actor> {
  readonly time: VirtualTime;
  readonly layout: Layout;
  readonly course: Course;
  /** Left out: what is said has no bytes there. */
  readonly traffic?: TrafficCount;
  /** Whether all who are there have everything. */
  readonly isComplete: boolean;
  isTrackerUp: boolean;
  /** A member comes for the first time. */
  arrive(member: PlannedMember): Member;
  /** From now on they cannot reach each other. */
  cut(some: readonly Member[], others: readonly Member[]): void;
  /** They can again. */
  join(some: readonly Member[], others: readonly Member[]): void;
  /** Something happened. */
  tell(what: Happening): void;
}

/** One run. */
export class PlannedRun<Member extends Actor> {
  readonly stage: Stage<Member>;
  readonly #plan: RunPlan;
  readonly #here = new Map<string, Member>();
  readonly #events: RunEvent[] = [];
  readonly #awaited = new Map<Awaited, Deed>();
  /** Members that have yet to come, or to come back. */
  #toCome: number;
  readonly #signal: AbortSignal | undefined;

  /** @param set makes the stage, which tells of everything at once */
  constructor(
    plan: RunPlan,
    { onEvent, signal }: RunOptions,
    set: (onEvent: (event: RunEvent) => void) => Stage<Member>,
  ) {
    this.#plan = plan;
    this.#signal = signal;
    this.stage = set((event) => {
      this.#events.push(event);
      onEvent?.(event);
      this.#onEvent(event);
    });
    const { time, layout } = this.stage;
    this.#toCome = plan.members.length;
    for (const member of plan.members) time.at(member.arrivesAt, () => this.#arrive(member));
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

  /** Whether nothing more is to come, or nobody wants to see it. */
  get isDone(): boolean {
    return this.#toCome === 0 && this.stage.isComplete || this.#signal?.aborted === true;
  }

  record(): RunRecord {
    const { scenario, variant, seed, content, limit, members } = this.#plan;
    const { layout, course, time, traffic } = this.stage;
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
      endedAt: this.isDone ? time.now : limit,
      course: course.toString(),
      ...traffic === undefined ? {} : { traffic: traffic.all },
    };
  }

  #arrive(member: PlannedMember): void {
    const { time } = this.stage;
    this.#toCome--;
    const one = this.stage.arrive(member);
    this.#here.set(member.id, one);
    const { stay } = member;
    if (stay.until === "time") time.after(stay.ms, () => one.leave());
    if (stay.until === "complete" && one.have.isFull) time.after(stay.then, () => one.leave());
  }

  #onEvent(event: RunEvent): void {
    if (event.what === "completed") {
      const { time } = this.stage;
      const stay = this.#plan.members.find(({ id }) => id === event.who)?.stay;
      const one = this.#here.get(event.who);
      if (stay?.until === "complete") time.after(stay.then, () => one?.leave());
    }
    for (const [awaited, deed] of this.#awaited) {
      awaited.add(event);
      if (!awaited.isReached) continue;
      this.#awaited.delete(awaited);
      // Not in the middle of what just happens.
      this.stage.time.after(0, () => this.#do(deed));
    }
  }

  #do(deed: Deed): void {
    const who = "who" in deed ? deed.who : [];
    this.stage.tell({ what: "deed", does: deed.do, who });
    const members = this.#named(who);
    switch (deed.do) {
      case "start":
        for (const one of members) one.start();
        return;
      case "stop":
        for (const one of members) one.leave();
        return;
      case "disk full":
        for (const one of members) one.fillDisk === undefined ? one.leave() : one.fillDisk();
        return;
      case "kill":
        for (const one of members) one.kill();
        return;
      case "pause":
        for (const one of members) one.pause();
        return;
      case "resume":
        for (const one of members) one.resume();
        return;
      case "cut":
        return this.stage.cut(members, this.#named(deed.from));
      case "join":
        return this.stage.join(members, this.#named(deed.from));
      case "set":
        for (const one of members) {
          if (deed.up !== undefined) one.up = deed.up;
          if (deed.down !== undefined) one.down = deed.down;
        }
        return;
      case "tracker down":
      case "tracker up":
        this.stage.isTrackerUp = deed.do === "tracker up";
    }
  }

  #named(ids: readonly string[]): Member[] {
    return ids.map((id) => this.#here.get(id)).filter((one) => one !== undefined);
  }
}
