/**
 * One run in the real world: members come, wires open, what was planned happens, and everything ends.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { EngineEvent } from "../../peer/mod.ts";
import type { Guardian } from "../programs/guardian.ts";
import { Awaited } from "../run/awaited.ts";
import { whyOf } from "../run/choke_reason.ts";
import type { RunEvent, RunRecord } from "../run/run_record.ts";
import type { RunOptions } from "../run/world.ts";
import type { Deed, PlannedMember, RunPlan } from "../scenario/run_plan.ts";
import { AccessLink } from "./access_link.ts";
import { CONTENT_NAME, makeContent, type SharedContent, startPieces } from "../run/content.ts";
import { startEngineMember } from "./engine_member.ts";
import { type Ground, LOOPBACK } from "./ground.ts";
import { MachineLoad } from "./machine_load.ts";
import { ownCommand, placeholders, PRESETS, vtorrentCommand } from "./presets.ts";
import { startProgramMember } from "./program_member.ts";
import type { RealWorldOptions } from "./real_options.ts";
import type { MemberStart, RunningMember } from "./running_member.ts";
import { type Announce, TopologyTracker } from "./topology_tracker.ts";
import { type Access, Wire } from "./wire.ts";
import { type EventBody, Witness } from "./witness.ts";

/** Bytes that may lie in the system's buffers before a wire: measured, at most 332 kB. */
const BUFFERED = 400_000;
/** ms that a program may take to act on what it was told. */
const REACTION = 1000;
/** Below the ports that systems give to callers. */
const PORTS = { first: 20_000, count: 10_000 };
/** ms beyond the run's limit after which programs are ended, whatever happens here. */
const CEILING = 30_000;

/** ms that programs have to write what they have, and between two looks. */
const SETTLE = 4000;
const SETTLE_POLL = 100;

/** A line whose delay is seen to elsewhere. */
const NO_DELAY = { latency: 0, jitter: 0, loss: 0 };

/** What a run is made of. */
export interface RealRunSetup {
  readonly guardian: Guardian;
  readonly remarks: string[];
  readonly world: RealWorldOptions;
  readonly options: RunOptions;
}

/** One member's place: it may come and go several times. */
interface Place {
  readonly member: PlannedMember;
  readonly start: MemberStart;
  readonly access: Access;
  readonly isProcess: boolean;
  running: RunningMember | undefined;
  /** Whether it has come, is here, and will come (again). */
  state: "to come" | "here" | "gone";
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
  readonly #wires = new Map<string, Wire>();
  /** `who port` → who is seen there. */
  readonly #seenAt = new Map<string, string>();
  readonly #cut = new Set<string>();
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
      wire: (from, to) =>
        this.#wires.get(wireKey(to, from))?.isInUse ? undefined : this.#wire(from, to)?.port,
      onAnnounce: (who, announce) => this.#onAnnounce(who, announce),
      onFound: (who, whom) => this.#tell({ what: "found", who, whom, by: "tracker" }),
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
    const hashes = await this.#digests();
    await this[Symbol.asyncDispose]();
    if (this.#fault !== undefined) throw this.#fault;
    const { scenario, variant, seed, content } = this.#plan;
    return {
      ...{ scenario, variant, seed, world: "real", endedAt, machine },
      size: content.size,
      pieceLength: content.pieceLength,
      pieces: this.#witness.pieces,
      members: members.map(recorded),
      // Those of one moment were told of in the order in which they were found out.
      events: this.#events.sort((one, two) => one.t - two.t),
      hashes,
      remarks: this.#setup.remarks,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#load.end(0);
    await Promise.all(this.#pending);
    await Promise.all([...this.#places.values()].map(({ running }) => running?.kill()));
    await Promise.all([...this.#wires.values()].map((wire) => wire[Symbol.asyncDispose]()));
    await this.#tracker[Symbol.asyncDispose]();
  }

  /** ms since the start */
  #now(): number {
    return performance.now() - this.#started;
  }

  /** Makes a member's folder, with what it has from the start. */
  async #prepare(member: PlannedMember): Promise<void> {
    const { id, up, down } = member;
    const home = join(this.#setup.guardian.folder, String(this.#places.size + 1));
    const dir = join(home, "content");
    await Deno.mkdir(dir, { recursive: true });
    const tracker = this.#tracker.url(id);
    const torrent = this.#content.torrent(tracker);
    const torrentPath = join(home, `${CONTENT_NAME}.torrent`);
    await Deno.writeFile(torrentPath, torrent);
    const { bytes } = this.#content;
    const { pieceLength } = this.#plan.content;
    const has = startPieces(this.#witness.pieces, member, this.#random);
    if (has.length > 0) {
      const file = new Uint8Array(bytes.length);
      for (const piece of has) {
        const from = piece * pieceLength;
        file.set(bytes.subarray(from, from + pieceLength), from);
      }
      await Deno.writeFile(join(dir, CONTENT_NAME), file);
    }
    const isKilled = this.#plan.events.some((event) =>
      (event.do === "kill" || event.do === "pause") && event.who.includes(id)
    );
    const { shapes } = this.#ground;
    this.#places.set(id, {
      member,
      start: {
        id,
        dir,
        torrent,
        torrentPath,
        tracker,
        host: this.#ground.addressOf(id),
        port: this.#freePort(),
        seed: this.#plan.seed,
      },
      access: {
        up: new AccessLink(shapes.rates ? undefined : up),
        down: new AccessLink(shapes.rates ? undefined : down),
      },
      isProcess: member.program !== "vtorrent" || isKilled ||
        (this.#setup.world.processes ?? false) || this.#ground !== LOOPBACK,
      running: undefined,
      state: "to come",
    });
    const slack = REACTION + (up === undefined ? 0 : BUFFERED / up * 1000);
    this.#witness.join(id, has, slack);
  }

  #freePort(): number {
    const taken = new Set([...this.#places.values()].map(({ start }) => start.port));
    for (let tries = 0; tries < 200; tries++) {
      const port = PORTS.first + Math.floor(this.#random() * PORTS.count);
      if (taken.has(port)) continue;
      try {
        Deno.listen({ hostname: this.#ground.hub, port }).close();
        return port;
      } catch {
        // Somebody has it.
      }
    }
    throw new Error(`No port from ${PORTS.first} on is free`);
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
          for (const two of deed.from) {
            for (const key of [wireKey(one, two), wireKey(two, one)]) {
              if (deed.do === "cut") this.#cut.add(key);
              else this.#cut.delete(key);
              this.#wires.get(key)?.[deed.do]();
            }
          }
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

  /** The wire from one member to another, which is made when it is first handed out. */
  #wire(from: string, to: string): Wire | undefined {
    const key = wireKey(from, to);
    const there = this.#wires.get(key);
    if (there !== undefined || this.#isOver) return there;
    const [caller, called] = [this.#places.get(from), this.#places.get(to)];
    if (caller === undefined || called === undefined) return undefined;
    const numbers = [...this.#places.keys()];
    const wire = new Wire({
      ...{ caller: from, called: to },
      access: { caller: caller.access, called: called.access },
      hub: this.#ground.hub,
      line: this.#ground.shapes.delays ? NO_DELAY : this.#plan.net,
      random: this.#random,
      now: () => this.#now(),
      load: this.#load,
      target: () => {
        const { host, port } = called.start;
        const said = this.#tracker.portOf(to) ?? (called.isProcess ? port : undefined);
        return said === undefined ? undefined : { hostname: host, port: said };
      },
      witness: () => this.#witness.connection(from, to),
      onPort: (who, port, other) => this.#seenAt.set(`${who} ${port}`, other),
      passesEncrypted: () => false,
      capture: this.#setup.world.capture,
      link: () => ({
        // An address for each member, so that a capture is easy to read.
        local: { host: `127.0.1.${numbers.indexOf(from) + 1}`, port: caller.start.port },
        remote: { host: `127.0.1.${numbers.indexOf(to) + 1}`, port: called.start.port },
      }),
    });
    if (this.#cut.has(key)) wire.cut();
    this.#wires.set(key, wire);
    return wire;
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
    const whom = this.#seenAt.get(`${who} ${port}`);
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

  /**
   * SHA-256 of what each member has in the end. Programs need a moment from the last block to the last
   * byte on the disk.
   */
  async #digests(): Promise<Record<string, string>> {
    const digests: Record<string, string> = {};
    const until = performance.now() + SETTLE;
    for (const [id, { start }] of this.#places) {
      while (true) {
        const digest = await digestOf(join(start.dir, CONTENT_NAME));
        if (digest !== undefined) digests[id] = digest;
        const isDone = digest === this.#content.digest || !this.#witness.isComplete(id);
        if (isDone || performance.now() > until) break;
        await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL));
      }
    }
    return digests;
  }
}

async function digestOf(path: string): Promise<string | undefined> {
  try {
    return createHash("sha256").update(await Deno.readFile(path)).digest("hex");
  } catch {
    // It has no such file: nothing was finished.
    return undefined;
  }
}

function wireKey(from: string, to: string): string {
  return JSON.stringify([from, to]);
}

function recorded(member: PlannedMember): RunRecord["members"][number] {
  const { id, name, up, down, arrivesAt, haveAtStart, program, strategy } = member;
  return {
    ...{ id, name, arrivesAt, haveAtStart, program, strategy },
    ...(up === undefined ? {} : { up }),
    ...(down === undefined ? {} : { down }),
  };
}
