/**
 * Reader of a scenario's file.
 *
 * @module
 */
import { findNodeAtLocation, type Node } from "jsonc-parser";
import type { CrowdRule } from "../../peer/crowd_rules.ts";
import { type DidYouMean, JsoncError, JsoncReader, type Loose } from "../jsonc/reader.ts";
import { KNOWN_PROGRAMS, MOST_ENGINES, MOST_REAL, MOST_VIRTUAL, SCENARIO_KEYS } from "./keys.ts";
import type {
  Check,
  Comparison,
  Draw,
  Group,
  Prediction,
  Scenario,
  ScenarioEvent,
  Setup,
} from "./scenario.ts";
import { readSetting, readTypedSetting, type Setting, withSettings } from "./settings.ts";

/** Pieces that a run may have at most, and bytes. */
const MOST_PIECES = 20_000;
const MOST_BYTES = 4 * 1024 ** 3;
const MOST_SEEDS = 1000;
/** Variants that an error names. */
const MOST_NAMED = 12;

/** What a caller changes about a scenario. */
export interface ReadOptions {
  readonly didYouMean: DidYouMean;
  /** as typed behind `--set` */
  readonly settings?: readonly string[];
  /** in place of the command of the scenario's own program */
  readonly command?: readonly string[];
  /** Variants to read; others need not be possible. Default: all. */
  readonly only?: readonly string[];
}

/**
 * Reads a scenario.
 *
 * @param path its name in errors
 * @throws {JsoncError} the first thing that is wrong, with line and column
 */
export function readScenario(text: string, path: string, options: ReadOptions): Scenario {
  return new ScenarioReader(text, path, options).scenario();
}

/** Keys that whole engines alone heed, and those that they cannot: with the values that are all the same. */
const ENGINE_ALONE: Readonly<Record<string, readonly string[]>> = {
  magnet: ["false"],
  utp: ["off"],
  "upload_limit": [],
  "download_limit": [],
  sources: ["tracker"],
};
const NO_ENGINE: Readonly<Record<string, readonly string[]>> = {
  profile: ["full"],
  order: ["rarest", "sequential"],
  strategy: ["normal"],
  blame: ["true"],
  corrupt: ["0"],
};

class ScenarioReader {
  readonly #reader: JsoncReader;
  readonly #text: string;
  readonly #options: ReadOptions;
  #root!: Node;

  constructor(text: string, path: string, options: ReadOptions) {
    this.#text = text;
    this.#options = options;
    this.#reader = new JsoncReader(text, path, options.didYouMean);
  }

  scenario(): Scenario {
    this.#root = this.#reader.root();
    const read = this.#reader.object(this.#root, SCENARIO_KEYS, "a scenario");
    if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(read.name)) {
      this.#fail(["name"], "a name has letters, digits, dots, dashes and underscores, at most 64");
    }
    const groups = this.#checkGroups(read);
    if (this.#options.command !== undefined && Object.keys(read.programs ?? {}).length === 0) {
      this.#fail(
        [],
        '--with replaces a program of "programs", and there is none: with-my-client has one',
      );
    }
    const typed = (this.#options.settings ?? []).map((one) =>
      readTypedSetting(one, groups, this.#options.didYouMean)
    );
    const all = this.#variants(groups).map(([name, settings]): [string, Loose] => // What is typed beats the file, and a variant's own setting is its point.
    [name, withSettings(read, [...typed, ...settings])]);
    const names = all.map(([name]) => name);
    const { only = names } = this.#options;
    for (const name of only) this.#checkVariant(name, names);
    const variants = new Map(
      all.filter(([name]) => only.includes(name))
        .map(([name, changed]) => [name, this.#setup(changed, name)]),
    );
    const [first, last] = read.seeds ?? [1, 1];
    if (last - first >= MOST_SEEDS) this.#fail(["seeds"], `at most ${MOST_SEEDS} seeds`);
    const known = this.#knownMembers(all.flatMap(([, { peers }]) => peers));
    for (const [name, { net }] of variants) this.#checkPairs(net.pairs, name, known);
    this.#checkNames(read, known, names);
    return {
      name: read.name,
      question: read.question,
      hypothesis: read.hypothesis,
      ...(read.next === undefined ? {} : { next: read.next }),
      seeds: [first, last],
      ...(read.predict === undefined
        ? {}
        : { predict: withoutLine(read.predict) as unknown as Prediction }),
      variants,
      events: (read.events ?? []).map((event: Loose, index: number) => this.#event(event, index)),
      draws: (read.draw ?? []).map(drawOf),
      checks: (read.check ?? []).map((check: Loose, index: number) => this.#check(check, index)),
      text: this.#text,
      settings: this.#options.settings ?? [],
    };
  }

  #fail(path: readonly (string | number)[], says: string): never {
    // The nearest node that exists: a missing key is told at its object.
    for (let length = path.length; length >= 0; length--) {
      const node = findNodeAtLocation(this.#root, path.slice(0, length));
      if (node !== undefined) this.#reader.fail(node.offset, says);
    }
    throw new Error("unreachable: the root is a node");
  }

  #checkGroups(read: Loose): string[] {
    const names: string[] = read.peers.map(({ as }: Loose) => as);
    if (names.length === 0) this.#fail(["peers"], '"peers" has no group');
    for (const [index, name] of names.entries()) {
      const at = ["peers", index, "as"];
      if (!/^[A-Za-z][A-Za-z0-9 _-]{0,31}$/.test(name) || name === "all") {
        this.#fail(at, "a group's name has letters, digits, spaces, - and _, at most 32");
      }
      if (names.indexOf(name) < index) this.#fail(at, `two groups are called "${name}"`);
      const { program } = read.peers[index];
      const known = ["vtorrent", ...KNOWN_PROGRAMS, ...Object.keys(read.programs ?? {})];
      if (program !== undefined && !known.includes(program)) {
        this.#fail(
          ["peers", index, "program"],
          `no program is called "${program}".${this.#options.didYouMean(program, known)}`,
        );
      }
    }
    return names;
  }

  #variants(groups: readonly string[]): [string, Setting[]][] {
    const node = findNodeAtLocation(this.#root, ["variants"]);
    if (node === undefined) return [["", []]];
    if (node.type !== "object" || node.children!.length === 0) {
      this.#reader.fail(node.offset, '"variants" is an object of names and settings');
    }
    return this.#reader.items(node, '"variants"').map((property) => {
      const [name, value] = property.children ?? [];
      const variant = String(name!.value);
      if (!/^[\w][\w ,.:×/=+-]{0,47}$/.test(variant)) {
        this.#reader.fail(name!.offset, "a variant's name has letters, digits and , . : / = + -");
      }
      if (value?.type !== "object") {
        this.#reader.fail(name!.offset, `the variant "${variant}" is an object of settings`);
      }
      const settings = this.#reader.items(value, `"${variant}"`).map((setting) => {
        const [path, given] = setting.children ?? [];
        const fail = (says: string) => this.#reader.fail(path!.offset, says);
        if (given === undefined) return fail("it has no value");
        return readSetting(String(path!.value), given, groups, this.#reader, fail);
      });
      return [variant, settings];
    });
  }

  #checkVariant(name: string, names: readonly string[]): void {
    if (names.includes(name)) return;
    throw new JsoncError(
      names.length === 1 && names[0] === ""
        ? "This scenario has no variants: leave out --only"
        : `There is no variant "${name}".${
          this.#options.didYouMean(name, names) || ` There is ${listOf(names)}`
        }`,
    );
  }

  #setup(read: Loose, variant: string): Setup {
    const at = variant === "" ? [] : ["variants", variant];
    const { size, piece_length: pieceLength } = read.content;
    const where = (key: string) =>
      findNodeAtLocation(this.#root, [...at, `content.${key}`]) === undefined
        ? ["content", key]
        : [...at, `content.${key}`];
    if (size < 1 || size > MOST_BYTES) this.#fail(where("size"), "size: 1 byte to 4 GiB");
    if (
      !(pieceLength >= 16_384 && pieceLength <= 16_777_216 &&
        Number.isInteger(Math.log2(pieceLength)))
    ) {
      this.#fail(where("piece_length"), "piece_length: a power of two from 16 KiB to 16 MiB");
    }
    const pieces = Math.ceil(size / pieceLength);
    if (pieces > MOST_PIECES) {
      this.#fail(where("piece_length"), `${pieces} pieces: at most ${MOST_PIECES}`);
    }
    const groups = read.peers.map((group: Loose) =>
      this.#group(group, read.programs ?? {}, pieces, read.without)
    );
    const world = read.world ?? "virtual";
    const depth = read.depth ?? "decisions";
    const count = groups.reduce((sum: number, { count }: Group) => sum + count, 0);
    const most = world === "real" ? MOST_REAL : depth === "engine" ? MOST_ENGINES : MOST_VIRTUAL;
    if (count > most || count === 0) {
      const [kind, instead] = world === "real"
        ? ["real run", ", or --virtual"]
        : depth === "engine"
        ? ["run of whole engines", ', or "depth": "decisions"']
        : ["virtual run", ""];
      const next = count === 0 ? "say a count" : `take fewer (--peers, or count)${instead}`;
      this.#fail([...at, "peers"], `${count} members: a ${kind} has 1 to ${most}; ${next}`);
    }
    if (world === "virtual") this.#checkDepth(depth, read.peers, at);
    if (read.tracker?.backup === true && (world === "real" || depth !== "engine")) {
      const own = ["tracker", "backup"];
      const isOwn = findNodeAtLocation(this.#root, own) !== undefined;
      const instead = world === "real"
        ? '"world": "virtual" and "depth": "engine"'
        : '"depth": "engine"';
      this.#fail(
        isOwn ? own : [...at, "tracker.backup"],
        `"backup" of the tracker needs ${instead}`,
      );
    }
    return {
      world,
      depth,
      limit: read.limit ?? 1_800_000,
      content: { size, pieceLength },
      net: {
        latency: read.net?.latency ?? 20,
        jitter: read.net?.jitter ?? 0,
        loss: read.net?.loss ?? 0,
        pairs: (read.net?.pairs ?? []).map(withoutLine),
      },
      tracker: {
        interval: read.tracker?.interval ?? 60_000,
        numwant: read.tracker?.numwant ?? 50,
        ...read.tracker?.backup === true ? { hasBackup: true } : {},
      },
      groups,
    };
  }

  /** Whole engines decide by themselves, and only they have what is beside the exchange of pieces. */
  #checkDepth(depth: string, groups: readonly Loose[], variant: readonly string[]): void {
    const isEngine = depth === "engine";
    for (const [index, group] of groups.entries()) {
      const fail = (key: string, says: string): never => {
        const own = ["peers", index, key];
        const isOwn = findNodeAtLocation(this.#root, own) !== undefined;
        return this.#fail(isOwn ? own : [...variant, `peers.${group.as}.${key}`], says);
      };
      for (const [key, heeded] of Object.entries(isEngine ? NO_ENGINE : ENGINE_ALONE)) {
        const value = group[key];
        if (value === undefined || heeded.includes(String(value))) continue;
        fail(
          key,
          isEngine
            ? `"${key}" of ${group.as}: a whole engine cannot be told to; take "depth": "decisions"`
            : `"${key}" of ${group.as} needs "depth": "engine"`,
        );
      }
      if (isEngine && group.up === 0) {
        fail("up", `"up" of ${group.as}: an engine that cannot say anything takes no part`);
      }
    }
  }

  #group(read: Loose, programs: Loose, pieces: number, withoutAll: CrowdRule[] = []): Group {
    const named = programs[read.program];
    const isOurs = (read.program ?? "vtorrent") === "vtorrent";
    const own = named === undefined || this.#options.command === undefined
      ? named
      : { ...named, run: this.#options.command };
    const lacks: number[] = read.lacks ?? [];
    for (const piece of lacks) {
      if (piece >= pieces) this.#fail(["peers"], `lacks: there is no piece ${piece} of ${pieces}`);
    }
    return {
      as: read.as,
      count: read.count ?? 1,
      have: read.have ?? 0,
      lacks,
      ...(read.up === undefined ? {} : { up: read.up }),
      ...(read.down === undefined ? {} : { down: read.down }),
      arrive: read.arrive ?? { is: "at", at: 0 },
      stay: read.stay ?? { until: "end" },
      strategy: read.strategy ?? "normal",
      policies: {
        profile: read.profile ?? "full",
        without: [...new Set([...isOurs ? withoutAll : [], ...read.without ?? []])],
        order: read.order ?? "rarest",
        ...(read.slots === undefined ? {} : { slots: read.slots }),
        isSuperSeed: read.super_seed ?? false,
        blames: read.blame ?? true,
        sources: read.sources ?? ["tracker"],
        corrupt: read.corrupt ?? 0,
      },
      isMagnet: read.magnet ?? false,
      utp: read.utp ?? "off",
      ...(read.upload_limit === undefined ? {} : { uploadLimit: read.upload_limit }),
      ...(read.download_limit === undefined ? {} : { downloadLimit: read.download_limit }),
      program: read.program ?? "vtorrent",
      ...(own === undefined ? {} : { command: own.run }),
      stdin: own?.stdin ?? [],
      optional: read.optional ?? false,
    };
  }

  /** Every name that may stand for members, in any variant. */
  #knownMembers(groups: readonly Loose[]): Set<string> {
    const known = new Set(["all"]);
    for (const { as, count = 1 } of groups) {
      known.add(as);
      for (let index = 1; index <= count; index++) known.add(`${as} ${index}`);
    }
    return known;
  }

  #checkNames(read: Loose, members: ReadonlySet<string>, variants: readonly string[]): void {
    const check = this.#checkKnown.bind(this);
    for (const list of ["events", "check", "draw"]) {
      for (const [index, one] of (read[list] ?? []).entries()) {
        for (const key of ["who", "from", "of", "against"]) {
          check(one[key], members, [list, index, key]);
        }
        check(one.when?.of, members, [list, index, "when", "of"]);
        check(one.variant, variants, [list, index, "variant"]);
        for (const key of ["at_least", "at_most", "above", "below"]) {
          const limit = one[key];
          if (limit === undefined || typeof limit !== "object") continue;
          check(limit.variant, variants, [list, index, key, "variant"]);
          check(limit.of, members, [list, index, key, "of"]);
        }
      }
    }
    check(read.predict?.variant, variants, ["predict", "variant"]);
    check(read.predict?.of, members, ["predict", "of"]);
  }

  /** Pairs of a variant, which are its own or those of the file. */
  #checkPairs(pairs: Setup["net"]["pairs"], variant: string, members: ReadonlySet<string>): void {
    const own = ["variants", variant, "net.pairs"];
    const isOwn = findNodeAtLocation(this.#root, own) !== undefined;
    for (const [index, { between, ...line }] of pairs.entries()) {
      const at = [...isOwn ? own : ["net", "pairs"], index, "between"];
      if (between.length !== 2) this.#fail(at, '"between" has two names');
      this.#checkKnown(between, members, at);
      if (Object.keys(line).length === 0) {
        this.#fail(at.slice(0, -1), 'a pair says "latency", "jitter" or "loss"');
      }
    }
  }

  #checkKnown(names: unknown, known: Iterable<string>, path: (string | number)[]): void {
    for (const name of names === undefined ? [] : [names].flat() as string[]) {
      const all = [...known];
      if (all.includes(name)) continue;
      const near = all.filter((one) => !/ \d+$/.test(one));
      const kind = path.at(-1) === "variant" ? "variant" : "member or group";
      this.#fail(path, `no ${kind} is called "${name}".${this.#options.didYouMean(name, near)}`);
    }
  }

  #event(read: Loose, index: number): ScenarioEvent {
    const at = ["events", index];
    if ((read.at === undefined) === (read.when === undefined)) {
      this.#fail(at, 'an event has either "at" or "when"');
    }
    const isTracker = read.do.startsWith("tracker");
    if (isTracker !== (read.who === undefined)) {
      this.#fail(at, isTracker ? `"${read.do}" has no "who"` : `"${read.do}" needs "who"`);
    }
    const needsFrom = read.do === "cut" || read.do === "join";
    if (needsFrom !== (read.from !== undefined)) {
      this.#fail(at, needsFrom ? `"${read.do}" needs "from"` : '"from" belongs to cut and join');
    }
    const isSet = read.up !== undefined || read.down !== undefined;
    if ((read.do === "set") !== isSet) this.#fail(at, '"set" and "up" or "down" belong together');
    const { when, ...rest } = withoutLine(read);
    return {
      ...{ who: [], from: [] },
      ...rest,
      ...(when === undefined
        ? {}
        : { when: { measure: when.measure, of: when.of, atLeast: when.at_least } }),
    } as unknown as ScenarioEvent;
  }

  #check(read: Loose, index: number): Check {
    const at = ["check", index];
    const given = ["at_least", "at_most", "above", "below", "between", "is"]
      .filter((key) => read[key] !== undefined);
    if (given.length !== 1) {
      this.#fail(at, "a check has one of at_least, at_most, above, below, between, is");
    }
    if (read.measure === "slowdown" && read.against === undefined) {
      this.#fail(at, '"slowdown" needs "against"');
    }
    if (read.between !== undefined && read.between.length !== 2) {
      this.#fail([...at, "between"], '"between" has two numbers');
    }
    const { variant } = read;
    return {
      measure: read.measure,
      ...(read.of === undefined ? {} : { of: read.of }),
      ...(read.against === undefined ? {} : { against: read.against }),
      ...(variant === undefined ? {} : { variants: variant }),
      comparison: comparisonOf(read, given[0]!),
      over: read.over ?? "median",
      why: read.why,
    };
  }
}

/** Names in quotes; of very many the first few. */
function listOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  const shown = names.slice(0, MOST_NAMED).map((name) => `"${name}"`).join(", ");
  return more <= 0 ? shown : `${shown} and ${more} more`;
}

function comparisonOf(read: Loose, by: string): Comparison {
  if (by === "is") return { by, is: read.is };
  if (by === "between") return { by, from: read.between[0], to: read.between[1] };
  const limit = typeof read[by] === "object" ? withoutLine(read[by]) : read[by];
  return { by: by as "at_least", limit };
}

function drawOf({ variant, ...read }: Loose): Draw {
  return {
    ...withoutLine(read),
    ...(variant === undefined ? {} : { variants: variant }),
  } as unknown as Draw;
}

function withoutLine({ line: _, ...rest }: Loose): Loose {
  return rest;
}
