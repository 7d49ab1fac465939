/**
 * The keys of a scenario: THE table that reading, `--set`, the JSON schema and the documentation
 * follow.
 *
 * @module
 */
import { CROWD_RULES } from "../../peer/crowd_rules.ts";
import type { Form, Keys } from "../jsonc/form.ts";
import { bytes, bytesPerSecond, milliseconds, wholeRange } from "../jsonc/notations.ts";
import { fileSchema } from "../jsonc/schema.ts";
import { FIGURES, MEASURES } from "./measure_names.ts";
import { readArrival, readStay } from "./notations.ts";
import { DEPTHS, ORDERS, PROFILES, SOURCES, STRATEGIES, UTP_USES } from "./run_plan.ts";

/** Most members of one run in virtual time, and of real programs. */
export const MOST_VIRTUAL = 2000;
export const MOST_REAL = 32;
/** Most whole engines of one run in virtual time. */
export const MOST_ENGINES = 200;

/** Other programs that the lab can start by itself. */
export const KNOWN_PROGRAMS = ["aria2", "transmission", "libtorrent"] as const;

const TEXT: Form = { is: "text" };
const SHARE: Form = { is: "number", least: 0, most: 1, isReal: true };
const NAMES: Form = {
  is: "own",
  called: "a name of a group or of a member, or a list of them",
  schema: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
  read: (node, reader, what) =>
    typeof node.value === "string"
      ? [node.value]
      : reader.value(node, { is: "texts" }, what) as string[],
};
const SIZE: Form = {
  is: "written",
  called: 'a size like "16 MiB"',
  pattern: "^\\d+(\\.\\d+)? ?[A-Za-z]{0,3}$",
  read: bytes,
};
const RATE: Form = {
  is: "written",
  called: 'a rate like "200k" (bytes a second) or "2 Mbit/s"',
  pattern: "^\\d+(\\.\\d+)? ?[A-Za-z/]{0,6}$",
  read: bytesPerSecond,
};
const ARRIVAL: Form = {
  is: "written",
  called: '"2s", "uniform 0s-3s", "every 10s" or "poisson 0.5/s"',
  read: readArrival,
};
const STAY: Form = {
  is: "written",
  called: '"until end", "until all", "until complete", "until complete + 30s" or a time',
  read: readStay,
};
/** Rules of our engine: one, several with commas between them, or a list. */
const RULE_NAMES = Object.keys(CROWD_RULES);
const RULES: Form = {
  is: "own",
  called: "one rule, several with commas between them, or a list of them",
  words: RULE_NAMES,
  schema: {
    anyOf: [{ type: "string" }, { type: "array", items: { type: "string", enum: RULE_NAMES } }],
  },
  read: (node, reader, what) => {
    const names = typeof node.value === "string"
      ? node.value.split(",").map((name) => name.trim())
      : reader.value(node, { is: "texts" }, what) as string[];
    const unknown = names.find((name) => !Object.hasOwn(CROWD_RULES, name));
    if (unknown === undefined) return [...new Set(names)];
    return reader.fail(
      node.offset,
      `${what}: there is no rule "${unknown}".${reader.didYouMean(unknown, RULE_NAMES)}`,
    );
  },
};
const MEASURE: Form = {
  is: "text",
  words: Object.keys(MEASURES),
  listed: { as: "measure", by: "vtorrent lab list measures" },
};
const FIGURE: Form = {
  is: "text",
  words: Object.keys(FIGURES),
  listed: { as: "figure", by: "vtorrent lab list figures" },
};

/** A number as it stands, or a time or size in its notation. */
const AMOUNT: Form = {
  is: "either",
  of: [
    { is: "number", least: -1e15, most: 1e15, isReal: true },
    {
      is: "written",
      called: "a number, a time or a size",
      read: (text) => milliseconds(text) ?? bytes(text),
    },
  ],
};

/** Another value that a check compares with. */
const REFERENCE: Keys = {
  variant: { form: TEXT, says: "of this variant (default: the same)" },
  measure: { form: MEASURE, says: "this measure (default: the same)" },
  of: { form: NAMES, says: "of these members (default: the same)" },
  times: {
    form: { is: "number", least: 0, most: 1e6, isReal: true },
    says: "multiplied by this (default: 1)",
  },
};

const LIMIT: Form = {
  is: "either",
  of: [...(AMOUNT as Form & { is: "either" }).of, { is: "object", keys: REFERENCE }],
};

export const CHECK_KEYS: Keys = {
  measure: { form: MEASURE, says: "what is measured", required: true },
  of: { form: NAMES, says: "of which members (default: all leechers, or the swarm)" },
  against: { form: NAMES, says: "slowdown: compared with these" },
  variant: { form: NAMES, says: "in which variants (default: in each)" },
  "at_least": { form: LIMIT, says: "the measure is this or more" },
  "at_most": { form: LIMIT, says: "the measure is this or less" },
  above: { form: LIMIT, says: "the measure is more than this" },
  below: { form: LIMIT, says: "the measure is less than this" },
  between: { form: { is: "list", of: AMOUNT }, says: "the measure lies between these two" },
  is: { form: { is: "switch" }, says: "true: the measure is 1, false: it is 0" },
  over: {
    form: { is: "text", words: ["median", "mean", "every", "three of four"] },
    says:
      "over several seeds: compare the median (default) or the mean, or each seed by itself, of " +
      "which every one or three of four have to pass",
  },
  why: { form: TEXT, says: "why it has to be so: theory, a paper, a rule", required: true },
};

export const GROUP_KEYS: Keys = {
  as: {
    form: TEXT,
    says: 'name of the group; its members are "NAME 1", "NAME 2" …',
    required: true,
  },
  count: { form: { is: "number", least: 0, most: MOST_VIRTUAL }, says: "how many (default: 1)" },
  have: { form: SHARE, says: "share of the pieces it has on arrival; 1: a seed (default: 0)" },
  lacks: {
    form: { is: "list", of: { is: "number", least: 0, most: 1e6 } },
    says: "pieces that it lacks on arrival",
  },
  up: { form: RATE, says: "its uplink (default: without a limit)" },
  down: { form: RATE, says: "its downlink (default: without a limit)" },
  arrive: { form: ARRIVAL, says: "when it arrives (default: 0s)" },
  stay: { form: STAY, says: "how long it stays (default: until end)" },
  profile: {
    form: { is: "text", words: PROFILES },
    says: "textbook: BEP 3 alone, without what this engine adds to it (default: full)",
  },
  without: {
    form: RULES,
    says: `rules of our peer that it decides without: ${RULE_NAMES.join(", ")} (default: none)`,
  },
  order: {
    form: { is: "text", words: ORDERS },
    says: "in which order it asks for pieces (default: rarest)",
  },
  strategy: {
    form: { is: "text", words: STRATEGIES },
    says: "whom it gives to (default: normal)",
  },
  slots: {
    form: { is: "number", least: 1, most: 1000 },
    says: "peers it unchokes at once (default: as the engine decides)",
  },
  "super_seed": { form: { is: "switch" }, says: "offer each peer one piece at a time (BEP 16)" },
  blame: { form: { is: "switch" }, says: "find out who sent wrong bytes (default: true)" },
  magnet: { form: { is: "switch" }, says: "whole engines: it has the magnet link alone" },
  utp: {
    form: { is: "text", words: UTP_USES },
    says: "whole engines: whether it calls over uTP, BEP 29 (default: off)",
  },
  "upload_limit": {
    form: RATE,
    says: "whole engines and real peers of ours: what its engine keeps to (default: its uplink)",
  },
  "download_limit": {
    form: RATE,
    says: "whole engines and real peers of ours: the same for what comes (default: none)",
  },
  sources: {
    form: { is: "list", of: { is: "text", words: SOURCES } },
    says: "where it learns of others (default: tracker)",
  },
  corrupt: { form: SHARE, says: "share of the blocks that it sends with wrong bytes" },
  program: {
    form: TEXT,
    says: `real world: vtorrent (default), ${KNOWN_PROGRAMS.join(", ")}, or a name in programs`,
  },
  optional: { form: { is: "switch" }, says: "real world: run without it if it is not installed" },
};

const PROGRAM_KEYS: Keys = {
  run: {
    form: { is: "texts" },
    says: "the command and its arguments, with {torrent}, {dir}, {name}, {host}, {port}, {id}",
    required: true,
  },
  stdin: { form: { is: "texts" }, says: "lines typed into it" },
};

const LINE_KEYS: Keys = {
  latency: { form: { is: "seconds" }, says: "one way (default: 20ms)" },
  jitter: { form: { is: "seconds" }, says: "at most so much more or less (default: 0ms)" },
  loss: { form: SHARE, says: "share of lost segments (default: 0)" },
};

const PAIR_KEYS: Keys = {
  between: {
    form: { is: "texts" },
    says: "two names of groups or members, one for each end",
    required: true,
  },
  latency: { form: { is: "seconds" }, says: "one way between these two" },
  jitter: { form: { is: "seconds" }, says: "at most so much more or less between these two" },
  loss: { form: SHARE, says: "share of lost segments between these two" },
};

/** The network. */
export const NET_KEYS: Keys = {
  ...LINE_KEYS,
  pairs: {
    form: { is: "list", of: { is: "object", keys: PAIR_KEYS } },
    says: 'members that are nearer to each other than others, or farther: each has "between", ' +
      'two names of groups or members, and what is different: "latency", "jitter", "loss"',
  },
};

const WHEN_KEYS: Keys = {
  measure: {
    form: { is: "text", words: ["given_copies", "distinct_share", "complete_share"] },
    says: "what is awaited",
    required: true,
  },
  of: { form: NAMES, says: "of which members", required: true },
  "at_least": {
    form: { is: "number", least: 0, most: 1e6, isReal: true },
    says: "until it is this or more",
    required: true,
  },
};

export const DEEDS = [
  "start",
  "stop",
  "kill",
  "pause",
  "resume",
  "disk full",
  "cut",
  "join",
  "set",
  "tracker down",
  "tracker up",
] as const;

export const EVENT_KEYS: Keys = {
  at: { form: { is: "seconds" }, says: "when, since the start" },
  when: { form: { is: "object", keys: WHEN_KEYS }, says: "as soon as this is so" },
  do: { form: { is: "text", words: DEEDS }, says: "what happens", required: true },
  who: { form: NAMES, says: "to whom" },
  from: { form: NAMES, says: "cut, join: from whom" },
  up: { form: RATE, says: "set: the new uplink" },
  down: { form: RATE, says: "set: the new downlink" },
};

const DRAW_KEYS: Keys = {
  figure: { form: FIGURE, says: "which", required: true },
  title: { form: TEXT, says: "its title" },
  of: { form: NAMES, says: "of these members (default: all)" },
  variant: { form: NAMES, says: "of these variants (default: all)" },
  measure: { form: MEASURE, says: "bars: the measure" },
};

/** The keys of a scenario. */
export const SCENARIO_KEYS: Keys = {
  $schema: { form: TEXT, says: "where an editor finds the schema; not read" },
  lab: {
    form: { is: "number", least: 1, most: 1 },
    says: "version of this format: 1",
    required: true,
  },
  name: { form: TEXT, says: "its name", required: true },
  world: {
    form: { is: "text", words: ["virtual", "real"] },
    says: "virtual time (default), or programs on this machine",
  },
  depth: {
    form: { is: "text", words: DEPTHS },
    says:
      "virtual time: what decides in our peer, on a network of messages (default), or whole engines " +
      "on a network of bytes, with magnet links, peer exchange, DHT, uTP and records",
  },
  seeds: {
    form: {
      is: "written",
      called: 'a seed or a range of them, like "7" or "1-20"',
      pattern: "^\\d+(-\\d+)?$",
      read: wholeRange,
    },
    says: "random seeds, a run for each (default: 1)",
  },
  limit: { form: { is: "seconds" }, says: "longest run (default: 30m)" },
  question: { form: TEXT, says: "what it asks", required: true },
  hypothesis: { form: TEXT, says: "what should come out, and why", required: true },
  next: { form: TEXT, says: "what to change next" },
  predict: {
    form: {
      is: "object",
      keys: {
        ask: { form: TEXT, says: "the question to the audience", required: true },
        measure: { form: MEASURE, says: "the measure that answers it", required: true },
        of: { form: NAMES, says: "of these members" },
        variant: { form: TEXT, says: "of this variant (default: the first)" },
      },
    },
    says: "what --predict asks before the run",
  },
  without: { form: RULES, says: "rules that all peers decide without, beside those of each group" },
  content: {
    form: {
      is: "object",
      keys: {
        size: { form: SIZE, says: "bytes to share", required: true },
        piece_length: { form: SIZE, says: "a power of two from 16 KiB", required: true },
      },
    },
    says: "what is shared",
    required: true,
  },
  net: {
    form: { is: "object", keys: NET_KEYS },
    says: "the network between any two members",
  },
  tracker: {
    form: {
      is: "object",
      keys: {
        interval: { form: { is: "seconds" }, says: "between announces (default: 1m)" },
        numwant: {
          form: { is: "number", least: 1, most: 200 },
          says: "most peers in a reply (default: 50)",
        },
        backup: {
          form: { is: "switch" },
          says: "whole engines: a second one, asked where the first fails (BEP 12), that stays up",
        },
      },
    },
    says: "the tracker",
  },
  programs: {
    form: { is: "map", of: { is: "object", keys: PROGRAM_KEYS } },
    says: "real world: programs of one's own, by name",
  },
  peers: {
    form: { is: "list", of: { is: "object", keys: GROUP_KEYS } },
    says: "groups of members",
    required: true,
  },
  variants: {
    form: {
      is: "own",
      called: 'an object of variants, each an object of settings like {"peers.leech.up": "50k"}',
      schema: { type: "object", additionalProperties: { type: "object" } },
      // Read against the table by readScenario, once all else is known.
      read: () => undefined,
    },
    says: "name → settings that differ in it",
  },
  events: {
    form: { is: "list", of: { is: "object", keys: EVENT_KEYS } },
    says: "what happens to members and tracker",
  },
  draw: { form: { is: "list", of: { is: "object", keys: DRAW_KEYS } }, says: "figures" },
  check: {
    form: { is: "list", of: { is: "object", keys: CHECK_KEYS } },
    says: "what must come out, each with its reason",
  },
};

/** The table as a JSON schema (2020-12), for editors. */
export function scenarioSchema(): Record<string, unknown> {
  return fileSchema("vtorrent lab: scenario", SCENARIO_KEYS);
}
