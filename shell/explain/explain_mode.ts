/**
 * Explain mode: what is explained, and where to. Nothing listens in while it is off.
 *
 * @module
 */
import { visibleJson } from "../base/format.ts";
import { resolve } from "@std/path";
import type { Engine, Tap, TapLink } from "../../peer/mod.ts";
import type { FlagValues } from "../flags/flags.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Environment } from "../base/environment.ts";
import { BlockRuns } from "./block_runs.ts";
import { explainedFacts, explainedLine } from "./explain_lines.ts";
import { type ExplainFilter, isWanted } from "./explain_filter.ts";
import { type Explained, Explainer } from "./explainer.ts";
import { FileSink, type Sink } from "./file_sink.ts";
import { PcapTap } from "./pcap_tap.ts";

/** Where explanations go. */
export interface ExplainTargets {
  /** On the screen. */
  readonly screen?: boolean | undefined;
  /** What of it, on the screen; files have all. */
  readonly filter?: ExplainFilter | undefined;
  /** A text file, JSON Lines where its name ends in `.jsonl`. `-` is standard output. */
  readonly file?: string | undefined;
  /** A packet capture. `-` is standard output. */
  readonly pcap?: string | undefined;
}

/** How often (ms) quiet runs are told and files written. */
const TICK_MS = 250;

/** Turns explanations of one engine on and off. */
export class ExplainMode implements Disposable {
  readonly #world: Pick<Environment, "cwd" | "stdout">;
  readonly #screen: Screen;
  #engine: Engine | undefined;
  #active: Active | undefined;

  /** Made before its engine, so that it still listens in when that one says goodbye. */
  constructor(world: Pick<Environment, "cwd" | "stdout">, screen: Screen) {
    this.#world = world;
    this.#screen = screen;
  }

  /** The engine is there: explains as the flags of the program want it. */
  attach(engine: Engine, flags: FlagValues): void {
    this.#engine = engine;
    this.set({ screen: flags.explain, file: flags["explain-file"], pcap: flags.pcap });
  }

  /** What is on; undefined for nothing. */
  get targets(): ExplainTargets | undefined {
    return this.#active?.targets;
  }

  /** Replaces what is explained where to; nothing ends it. A file that stays goes on. */
  set(targets: ExplainTargets): void {
    const { screen = false, file, pcap } = targets;
    const isKept = (file !== undefined || pcap !== undefined) &&
      file === this.#active?.targets.file && pcap === this.#active?.targets.pcap;
    if (isKept) return this.#active!.show(targets);
    this[Symbol.dispose]();
    if (!screen && file === undefined && pcap === undefined) return;
    this.#active = new Active(this.#engine!, this.#screen, targets, (path) => this.#open(path));
  }

  [Symbol.dispose](): void {
    this.#active?.[Symbol.dispose]();
    this.#active = undefined;
  }

  #open(path: string): Sink {
    if (path === "-") {
      const { stdout } = this.#world;
      return { write: (bytes) => stdout.writeBytes(bytes), flush() {}, [Symbol.dispose]() {} };
    }
    return new FileSink(resolve(this.#world.cwd, path));
  }
}

/** What runs while something is explained. */
class Active implements Disposable {
  targets: ExplainTargets;
  readonly #engine: Engine;
  readonly #screen: Screen;
  readonly #explainer: Explainer;
  readonly #pcap: PcapTap | undefined;
  readonly #listeners = new Set<(line: Explained) => void>();
  readonly #tasks = new Set<() => void>();
  readonly #stack = new DisposableStack();
  /** What goes on the screen. */
  #shown = new DisposableStack();

  constructor(
    engine: Engine,
    screen: Screen,
    targets: ExplainTargets,
    open: (path: string) => Sink,
  ) {
    this.targets = targets;
    this.#engine = engine;
    this.#screen = screen;
    const { unicode } = screen.look("stderr");
    const emit = (line: Explained) => this.#listeners.forEach((listener) => listener(line));
    this.#explainer = new Explainer({ emit, now, look: { unicode } });
    if (targets.file !== undefined) {
      const sink = this.#stack.use(open(targets.file));
      const isJson = targets.file.endsWith(".jsonl");
      const encoder = new TextEncoder();
      this.#listeners.add((line) =>
        sink.write(encoder.encode(
          isJson
            ? visibleJson({ event: "explain", ...explainedFacts(line) }) + "\n"
            : explainedLine(line, { unicode: true }).text + "\n",
        ))
      );
      this.#tasks.add(() => sink.flush());
    }
    if (targets.pcap !== undefined) {
      const sink = this.#stack.use(open(targets.pcap));
      this.#pcap = new PcapTap((bytes) => sink.write(bytes), now);
      this.#tasks.add(() => sink.flush());
    }
    this.show(targets);
    this.#stack.use(
      engine.subscribe((event) => this.#listeners.size > 0 && this.#explainer.event(event)),
    );
    const timer = setInterval(() => this.#tasks.forEach((task) => task()), TICK_MS);
    this.#stack.defer(() => clearInterval(timer));
  }

  /** Has other things on the screen, or nothing; files stay as they are. */
  show(targets: ExplainTargets): void {
    this.targets = targets;
    this.#shown.dispose();
    this.#shown = new DisposableStack();
    if (targets.screen) this.#show(targets.filter ?? {});
    // To make sentences that nobody reads would slow the transfer down.
    const taps = [
      ...(this.#listeners.size > 0 ? [this.#explainer] : []),
      ...(this.#pcap === undefined ? [] : [this.#pcap]),
    ];
    this.#engine.tap = taps.length === 1 ? taps[0]! : new Taps(taps);
  }

  #show(filter: ExplainFilter): void {
    const screen = this.#screen;
    const { unicode, colour } = screen.look("stderr");
    const show = (line: Explained) =>
      screen.explain(explainedLine(line, { unicode, colour }), () => explainedFacts(line));
    const runs = new BlockRuns(show);
    // Programs that read JSON can bear every message.
    const take = screen.json ? show : (line: Explained) => runs.add(line);
    const listener = (line: Explained) => isWanted(line, filter) && take(line);
    const flush = () => runs.flush(now());
    this.#listeners.add(listener);
    this.#tasks.add(flush);
    this.#shown.defer(() => {
      this.#listeners.delete(listener);
      this.#tasks.delete(flush);
      runs.flush();
    });
  }

  [Symbol.dispose](): void {
    this.#engine.tap = undefined;
    this.#shown.dispose();
    this.#stack.dispose();
  }
}

/** ms since the epoch. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Several taps as one. */
class Taps implements Tap {
  readonly #taps: readonly Tap[];

  constructor(taps: readonly Tap[]) {
    this.#taps = taps;
  }

  wire(link: TapLink, direction: "sent" | "received", bytes: Uint8Array): void {
    for (const tap of this.#taps) tap.wire(link, direction, bytes);
  }

  link(...args: Parameters<Tap["link"]>): void {
    for (const tap of this.#taps) tap.link(...args);
  }

  chose(...args: Parameters<Tap["chose"]>): void {
    for (const tap of this.#taps) tap.chose(...args);
  }

  ruled(...args: Parameters<NonNullable<Tap["ruled"]>>): void {
    for (const tap of this.#taps) tap.ruled?.(...args);
  }

  trackerBytes(...args: Parameters<NonNullable<Tap["trackerBytes"]>>): void {
    for (const tap of this.#taps) tap.trackerBytes?.(...args);
  }

  tracker(...args: Parameters<Tap["tracker"]>): void {
    for (const tap of this.#taps) tap.tracker(...args);
  }
}
