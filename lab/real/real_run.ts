/**
 * One run in the real world: members come, wires open, what was planned happens, and everything ends.
 *
 * @module
 */
import { join } from "@std/path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { EngineEvent } from "../../peer/mod.ts";
import type { Guardian } from "../programs/guardian.ts";
import { Awaited } from "../run/awaited.ts";
import { whyOf } from "../run/choke_reason.ts";
import type { RunEvent, RunRecord } from "../run/run_record.ts";
import type { RunOptions } from "../run/world.ts";
import type { Deed, PlannedMember, RunPlan } from "../scenario/run_plan.ts";
import { makeContent, type SharedContent, startPieces } from "../run/content.ts";
import { finalDigests } from "./final_digests.ts";
import { startEngineMember } from "./engine_member.ts";
import { type Ground, LOOPBACK } from "./ground.ts";
import { MachineLoad } from "./machine_load.ts";
import { ownCommand, placeholders, PRESETS, vtorrentCommand } from "./presets.ts";
import { startProgramMember } from "./program_member.ts";
import type { RealWorldOptions } from "./real_options.ts";
import { type Place, preparePlace } from "./place.ts";
import type { RunningMember } from "./running_member.ts";
import { type Announce, TopologyTracker } from "./topology_tracker.ts";
import { RunWires } from "./run_wires.ts";
import { type EventBody, Witness } from "./witness.ts";

/** Bytes that may lie in the system's buffers before a wire: measured, at most 332 kB. */
const BUFFERED = 400_000;
/** ms that a program may take to act on what it was told. */
const REACTION = 1000;
/** ms beyond the run's limit after which programs are ended, whatever happens here. */
const CEILING = 30_000;

/** What a run is made of. */
export interface RealRunSetup {
  readonly guardian: Guardian;
  readonly remarks: string[];
  readonly world: RealWorldOptions;
  readonly options: RunOptions;
}

/** See the module. */
export class RealRun implements AsyncDisposable {
  readonly #plan: RunPlan;
  readonly #setup: RealRunSetup;
  readonly #content: SharedContent;
  readonly #ground: Ground;
  readonly #random: () => number;
  readonly #events: RunEvent[] = [];
  readonly #places = new Map<string, Place>();
  readonly #wires: RunWires;
  readonly #awaited = new Map<Awaited, Deed>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #pending = new Set<Promise<void>>();
  readonly #over = Promise.withResolvers<void>();
  readonly #load = new MachineLoad();
  readonly #witness: Witness;
  readonly #tracker: TopologyTracker;
  #deedsToCome = 0;
  #isOver = false;
  #started = performance.now();
  #fault: unknown;

  constructor(plan: RunPlan, setup: RealRunSetup) {
    const { content, seed, members, tracker } = plan;
    this.#plan = plan;
    this.#setup = setup;
    this.#ground = setup.world.ground ?? LOOPBACK;
    // Peers come from the tracker alone, and so through the wires (BEP 27).
    const { size, pieceLength } = content;
    this.#content = makeContent(seed, size, pieceLength, { isPrivate: true });
    const generator = xoroshiro128plus(seed);
    this.#random = () => (generator.next() >>> 0) / 2 ** 32;
    this.#witness = new Witness({
      infoHash: this.#content.infoHash,
      content: this.#content.bytes,
      pieceLength: content.pieceLength,
      isPrivate: true,
      now: () => this.#now(),
      emit: (event) => this.#emit(event),
      listenedTo: plan.listenedTo ?? [],
      listener: setup.world.listener,
      tellsChokes: (who) => this.#isEngine(who),
      corrupts: (who) => {
        const share = this.#places.get(who)!.member.policies.corrupt;
        return share > 0 && this.#random() < share;
      },
    });
    this.#tracker = new TopologyTracker(members.map(({ id }) => id), {
      address: this.#ground.hub,
      infoHash: this.#content.infoHash,
      interval: tracker.interval,
      numwant: tracker.numwant,
      // Two that are connected are not told of each other again: they would connect twice.
      wire: (from, to) => this.#wires.isInUse(to, from) ? undefined : this.#wires.port(from, to),
      onAnnounce: (who, announce) => this.#onAnnounce(who, announce),
      onFound: (who, whom) => this.#tell({ what: "found", who, whom, by: "tracker" }),
    });
    this.#wires = new RunWires({
      ground: this.#ground,
      net: plan.net,
      places: this.#places,
      witness: this.#witness,
      load: this.#load,
      capture: setup.world.capture,
      portOf: (who) => this.#tracker.portOf(who),
      random: this.#random,
      now: () => this.#now(),
    });
  }

  /** Plays the plan; what happened. */
  async play(): Promise<RunRecord> {
    const { limit, members, events } = this.#plan;
    const { signal } = this.#setup.options;
    for (const member of members) await this.#prepare(member);
    this.#started = performance.now();
    const stop = () => this.#end();
    signal?.addEventListener("abort", stop);
    try {
      for (const event of events) this.#schedule(event);
      for (const { id, arrivesAt } of members) this.#at(arrivesAt, () => this.#arrive(id));
      this.#at(limit, stop);
      if (signal?.aborted) stop();
      await this.#over.promise;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
    const endedAt = this.#now();
    const machine = this.#load.end(members.length);
    this.#isOver = true;
    this.#wires.end();
    const { digest } = this.#content;
    const hashes = await finalDigests(
      this.#places.values(),
      digest,
      (who) => this.#witness.isComplete(who),
    );
    await this[Symbol.asyncDispose]();
    if (this.#fault !== undefined) throw this.#fault;
    const { scenario, variant, seed, content } = this.#plan;
    const { unkept } = this.#witness;
    return {
      ...{ scenario, variant, seed, world: "real", endedAt, machine },
      size: content.size,
      pieceLength: content.pieceLength,
      pieces: this.#witness.pieces,
      members: members.map(recorded),
      // Those of one moment were told of in the order in which they were found out.
      events: this.#events.sort((one, two) => one.t - two.t),
      traffic: this.#witness.traffic.all,
      hashes,
      ...(unkept === 0 ? {} : { unkept }),
      remarks: this.#setup.remarks,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#wires.end();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#load.end(0);
    await Promise.all(this.#pending);
    await Promise.all([...this.#places.values()].map(({ running }) => running?.kill()));
    await this.#wires[Symbol.asyncDispose]();
    await this.#tracker[Symbol.asyncDispose]();
  }

  /** ms since the start */
  #now(): number {
    return performance.now() - this.#started;
  }

  /** Makes a member's folder, with what it has from the start. */
  async #prepare(member: PlannedMember): Promise<void> {
    const { id, up } = member;
    const has = startPieces(this.#witness.pieces, member, this.#random);
    const place = await preparePlace(member, has, {
      plan: this.#plan,
      content: this.#content,
      folder: join(this.#setup.guardian.folder, String(this.#places.size + 1)),
      tracker: this.#tracker.url(id),
      ground: this.#ground,
      processes: this.#setup.world.processes ?? false,
      taken: new Set([...this.#places.values()].map(({ start }) => start.port)),
      random: this.#random,
    });
    this.#places.set(id, place);
    const slack = REACTION + (up === undefined ? 0 : BUFFERED / up * 1000);
    this.#witness.join(id, has, slack);
  }

  #isEngine(who: string): boolean {
    return !(this.#places.get(who)?.isProcess ?? true);
  }

  /** Does something at a time of the run (ms). */
  #at(time: number, action: () => void | Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#try(action);
    }, Math.max(0, time - this.#now()));
    this.#timers.add(timer);
  }

  /** Does something that may take its time; a fault ends the run. */
  #try(action: () => void | Promise<void>): void {
    if (this.#isOver) return;
    const doing = (async () => {
      try {
        await action();
      } catch (fault) {
        this.#fault ??= fault;
        this.#end();
      }
    })();
    this.#pending.add(doing);
    doing.finally(() => this.#pending.delete(doing));
  }

  #schedule(event: RunPlan["events"][number]): void {
    if (event.do === "start") this.#deedsToCome++;
    const action = () => {
      if (event.do === "start") this.#deedsToCome--;
      return this.#do(event);
    };
    if ("at" in event) return this.#at(event.at, action);
    const { size, pieceLength } = this.#plan.content;
    const layout = {
      totalSize: size,
      pieceCount: this.#witness.pieces,
      pieceSize: (piece: number) => Math.min(pieceLength, size - piece * pieceLength),
    };
    this.#awaited.set(new Awaited(event.when, layout), event);
  }

  /** Starts a member. */
  async #arrive(id: string): Promise<void> {
    const place = this.#places.get(id)!;
    if (place.state === "here") return;
    place.state = "here";
    this.#tell({ what: "arrived", who: id });
    const { member, start } = place;
    const running = place.isProcess
      ? await this.#startProgram(place)
      : await startEngineMember(start, member, (event) => this.#onEngine(id, event));
    if (this.#isOver || place.state as Place["state"] !== "here") return await running.kill();
    place.running = running;
    running.ended?.then((why) => {
      if (place.running !== running || this.#isOver) return;
      this.#setup.remarks.push(why);
      this.#try(() => this.#leave(id));
    });
    const { stay } = member;
    if (stay.until === "time") this.#at(this.#now() + stay.ms, () => this.#leave(id));
    if (stay.until === "complete" && this.#witness.isComplete(id)) {
      this.#at(this.#now() + stay.then, () => this.#leave(id));
    }
  }

  async #startProgram({ member, start }: Place): Promise<RunningMember> {
    const { guardian, world } = this.#setup;
    const magnet = `magnet:?xt=urn:btih:${this.#content.infoHash.toHex()}&tr=` +
      encodeURIComponent(start.tracker);
    const command = member.command !== undefined
      ? ownCommand(start, member.command, member.stdin, magnet)
      : member.program === "vtorrent"
      ? vtorrentCommand(world.vtorrent!, start, member)
      : PRESETS[member.program]!.command(start);
    const isOwn = member.command !== undefined;
    const argv = this.#ground.commandOf(member.id, command.argv);
    return await startProgramMember(start, { ...command, argv }, placeholders(start, magnet), {
      guardian,
      ceiling: this.#plan.limit + CEILING,
      logs: world.logs,
      ...(isOwn && world.cwd !== undefined ? { cwd: world.cwd } : {}),
    });
  }

  /** A member leaves in good order. */
  async #leave(id: string): Promise<void> {
    const place = this.#places.get(id)!;
    if (place.state !== "here") return;
    place.state = "gone";
    const { running } = place;
    place.running = undefined;
    await running?.stop();
    this.#tracker.forget(id);
    this.#tell({ what: "left", who: id });
    this.#look();
  }

  async #kill(id: string): Promise<void> {
    const place = this.#places.get(id)!;
    if (place.state !== "here") return;
    place.state = "gone";
    const { running } = place;
    place.running = undefined;
    this.#tell({ what: "killed", who: id });
    await running?.kill();
    this.#tracker.forget(id);
    this.#look();
  }

  async #do(deed: Deed): Promise<void> {
    const who = "who" in deed ? deed.who : [];
    this.#tell({ what: "deed", does: deed.do, who });
    switch (deed.do) {
      case "start":
        await Promise.all(who.map((id) => this.#arrive(id)));
        break;
      case "stop":
        await Promise.all(who.map((id) => this.#leave(id)));
        break;
      case "kill":
        await Promise.all(who.map((id) => this.#kill(id)));
        break;
      case "pause":
      case "resume":
        for (const id of who) this.#places.get(id)?.running?.[deed.do]?.();
        break;
      case "cut":
      case "join":
        for (const one of who) {
          for (const two of deed.from) this.#wires[deed.do](one, two);
        }
        break;
      case "set":
        for (const id of who) {
          const { access: { up, down }, running } = this.#places.get(id)!;
          if (deed.up !== undefined) running?.tellUplink?.(deed.up);
          if (this.#ground.shapes.rates) await this.#ground.setRates(id, deed);
          else {
            if (deed.up !== undefined) up.setRate(deed.up);
            if (deed.down !== undefined) down.setRate(deed.down);
          }
        }
        break;
      case "tracker down":
      case "tracker up":
        this.#tracker.isDown = deed.do === "tracker down";
        break;
      default:
    }
  }

  #onAnnounce(who: string, { request, isAnswered, peers }: Announce): void {
    const event = request?.event ?? "unknown";
    this.#tell({ what: "announced", who, event: event === "none" ? "" : event, isAnswered, peers });
    if (request !== undefined) this.#witness.announced(who, request.peerId, request.left);
  }

  /** What an engine says of itself: its decisions, with their reasons. */
  #onEngine(who: string, event: EngineEvent): void {
    if (event.event !== "unchoked" && event.event !== "choked" && event.event !== "peer-banned") {
      return;
    }
    const port = event.address.slice(event.address.lastIndexOf(":") + 1);
    const whom = this.#wires.seenAt(who, port);
    if (whom === undefined) return;
    if (event.event === "peer-banned") return this.#tell({ what: "banned", who, whom });
    const why = whyOf(event.reason, this.#witness.isComplete(who));
    this.#tell({ what: event.event, who, whom, why });
  }

  #tell(event: EventBody): void {
    this.#emit({ t: this.#now(), ...event });
  }

  #emit(event: RunEvent): void {
    if (this.#isOver) return;
    this.#events.push(event);
    this.#setup.options.onEvent?.(event);
    for (const [awaited, deed] of this.#awaited) {
      awaited.add(event);
      if (!awaited.isReached) continue;
      this.#awaited.delete(awaited);
      this.#at(this.#now(), () => {
        if (deed.do === "start") this.#deedsToCome--;
        return this.#do(deed);
      });
    }
    if (event.what !== "completed") return;
    const stay = this.#plan.members.find(({ id }) => id === event.who)?.stay;
    if (stay?.until === "complete") {
      this.#at(this.#now() + stay.then, () => this.#leave(event.who));
    }
    this.#look();
  }

  /** Ends the run where everybody who stays is complete and nobody is to come. */
  #look(): void {
    if (this.#deedsToCome > 0) return;
    for (const { member, state } of this.#places.values()) {
      if (state === "to come") return;
      if (state === "here" && !this.#witness.isComplete(member.id)) return;
    }
    this.#end();
  }

  #end(): void {
    this.#over.resolve();
  }
}

function recorded(member: PlannedMember): RunRecord["members"][number] {
  const { id, name, up, down, arrivesAt, haveAtStart, program, strategy } = member;
  return {
    ...{ id, name, arrivesAt, haveAtStart, program, strategy },
    ...(up === undefined ? {} : { up }),
    ...(down === undefined ? {} : { down }),
  };
}
