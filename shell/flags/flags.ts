/**
 * Every flag of the program: THE table from which command line, environment, configuration file,
 * help and completion are made.
 *
 * A flag given beats `VTORRENT_*` in the environment, which beats the file of `--config`.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import {
  parseAddress,
  parseCount,
  parsePieceLength,
  parsePort,
  parseRatio,
  parseSeconds,
  parseSize,
} from "./flag_value.ts";
import { didYouMean } from "../base/did_you_mean.ts";

/** What a flag's value is. */
type Kind =
  | "switch"
  | "text"
  | "list"
  | "addresses"
  | "count"
  | "port"
  | "size"
  | "piece-length"
  | "seconds"
  | "ratio";

/** One flag. */
export interface Flag {
  readonly kind: Kind;
  /** How its value is called in help; none for a switch. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  /** How it is typed, where a verb of the shell has another flag of that name. */
  readonly typed?: string;
  readonly help: string;
  /** What the shell completes after it. */
  readonly completes?: "file" | "folder" | "setting";
  /** All that it may be, or what comes with the program: the shell completes these. */
  readonly values?: readonly string[];
}

/** Name → flag. The order is that of the help texts. */
export const FLAGS = {
  "tracker": {
    kind: "list",
    value: "URL",
    help: "tracker to use, e.g. 127.0.0.1:8000 (repeatable; peer default: the nearest found)",
  },
  "host": { kind: "text", value: "ADDR", help: "address to listen on (default: all)" },
  "port": {
    kind: "port",
    value: "N",
    help: "port to listen on, 0 for any free one (tracker: 8000; peer: 6881 or the next free one)",
  },
  "dir": {
    kind: "text",
    value: "DIR",
    help:
      "folder for the files (peer: peer_files/peer_<ID>; grade: where CMD is started, default a " +
      "fresh folder; grade swarm: the one team to grade; else: the current folder)",
    completes: "folder",
  },
  "peer": { kind: "addresses", value: "HOST:PORT", help: "peer to connect to (repeatable)" },
  "no-trackers": { kind: "switch", help: "announce to no tracker" },
  "lsd": { kind: "switch", help: "find peers on local networks by multicast (BEP 14)" },
  "dht": {
    kind: "switch",
    help: "use the DHT for all public torrents (default: trackerless ones)",
  },
  "no-dht": { kind: "switch", help: "do not use the DHT (BEP 5)" },
  "dht-bootstrap": {
    kind: "addresses",
    value: "HOST:PORT",
    help: "DHT bootstrap node (repeatable; default: three public ones)",
  },
  "no-pex": { kind: "switch", help: "no peer exchange (BEP 11)" },
  "id": { kind: "text", value: "ID", help: "name shown to other vtorrent peers" },
  "download-limit": {
    kind: "size",
    value: "RATE",
    help: "maximum download rate, bytes per second, e.g. 500k, 2M (default: no limit)",
  },
  "upload-limit": {
    kind: "size",
    value: "RATE",
    help: "maximum upload rate, bytes per second, e.g. 500k, 2M (default: no limit)",
  },
  "upload-slots": {
    kind: "count",
    value: "N",
    help:
      "peers unchoked by their rate, per torrent; one optimistic on top (default: 8; fewer under an upload limit)",
  },
  "encryption": {
    kind: "text",
    value: "MODE",
    help: "allow: if the other side wants it (default); prefer, require or off",
    values: ["allow", "prefer", "require", "off"],
  },
  "select": {
    kind: "text",
    value: "FILES",
    help: "download only these files: numbers from fileinfo, names, patterns, e.g. 1,3-5,*.pdf",
  },
  "sequential": { kind: "switch", help: "download pieces in order instead of rarest first" },
  "over": { kind: "switch", help: "overwrite existing files that differ (default: keep and wait)" },
  "utp": {
    kind: "text",
    value: "MODE",
    help: "allow: if TCP gets no answer (default); prefer: before TCP; off",
    values: ["allow", "prefer", "off"],
  },
  "no-web-seeds": { kind: "switch", help: "do not download from a torrent's web seeds (BEP 19)" },
  "seed-ratio": {
    kind: "ratio",
    value: "RATIO",
    help: "stop seeding at this share ratio, e.g. 1.5",
  },
  "seed-time": {
    kind: "seconds",
    value: "TIME",
    help: "stop seeding after this much time, e.g. 30m",
  },
  "exit-when": {
    kind: "text",
    value: "WHEN",
    help: "done, ratio (--seed-ratio, --seed-time) or all-peers-done (every peer has everything)",
    values: ["done", "ratio", "all-peers-done"],
  },
  "max-active": {
    kind: "count",
    value: "N",
    help: "maximum active downloads; the others wait in a queue (default: no limit)",
  },
  "super-seed": { kind: "switch", help: "hand out each piece once before repeating any (BEP 16)" },
  "timeout": {
    kind: "seconds",
    value: "TIME",
    help: "give up after this much time, e.g. 90, 5m, 1h",
  },
  "execute": {
    kind: "text",
    value: "CMDS",
    short: "e",
    help: 'shell commands to run first, "CMD; CMD"',
  },
  "daemon": { kind: "switch", help: "no shell: run until stopped by a signal" },
  "discovery-port": {
    kind: "port",
    value: "N",
    help: "UDP port at which peers without --tracker find one (default: 8001)",
  },
  "no-discovery": {
    kind: "switch",
    help: "peers: do not search for a tracker; tracker: do not answer",
  },
  "db": {
    kind: "text",
    value: "FILE",
    help: "file for the catalogue and the counts (default: tracker.db)",
    completes: "file",
  },
  "no-db": { kind: "switch", help: "keep nothing across restarts" },
  "store": {
    kind: "text",
    value: "URL",
    help: "keep swarms in Redis or Valkey, shared between trackers: redis://HOST:PORT[/DB], " +
      "redis+cluster://HOSTS or redis+sentinel://HOSTS/NAME[/DB]; HOSTS: HOST:PORT,HOST:PORT",
  },
  "allow": {
    kind: "list",
    value: "FILE|LINT",
    help:
      "tracker: serve only these torrents: one info hash per line, reloaded on SIGHUP; create, edit: " +
      "permit private-trackerless, large-piece-length or many-pieces (repeatable)",
    completes: "file",
  },
  "deny": {
    kind: "text",
    value: "FILE",
    help: "refuse these torrents: one info hash per line, reloaded on SIGHUP",
    completes: "file",
  },
  "no-port-check": { kind: "switch", help: "do not test whether new peers accept connections" },
  "publish-token": {
    kind: "text",
    value: "TOKEN",
    help: "secret required to publish in the tracker's catalogue from other networks",
  },
  "trust-proxy": {
    kind: "count",
    value: "N",
    help: "number of trusted reverse proxies: use the N-th address from the right in " +
      "X-Forwarded-For (default: 0, ignore the field)",
  },
  "connections-per-address": {
    kind: "count",
    value: "N",
    help: "maximum HTTP connections per address (default: 256; this machine: unlimited)",
  },
  "output": {
    kind: "text",
    value: "FILE",
    short: "o",
    help: "file to write the .torrent to, - for standard output (default: <NAME>.torrent)",
    completes: "file",
  },
  "name": {
    kind: "text",
    value: "NAME",
    help: "name in the torrent (default: the name of the file or folder)",
  },
  "piece-length": {
    kind: "piece-length",
    value: "SIZE",
    help: "piece length, a power of two from 16k to 128M (default: by size)",
  },
  "v1": { kind: "switch", help: "make a v1 torrent: every client supports it (default)" },
  "hybrid": { kind: "switch", help: "make a torrent for v1 and v2 clients (BEP 52)" },
  "v2": { kind: "switch", help: "make a v2-only torrent (BEP 52)" },
  "private": { kind: "switch", help: "only its trackers may name peers (BEP 27)" },
  "comment": { kind: "text", value: "TEXT", short: "c", help: "comment in the torrent" },
  "source": { kind: "text", value: "TEXT", help: "source tag in the info dictionary" },
  "web-seed": {
    kind: "list",
    value: "URL",
    help: "URL of a web server that has the same data (repeatable)",
  },
  "add-tracker": { kind: "list", value: "URL", help: "tracker to add (repeatable)" },
  "remove-tracker": { kind: "list", value: "URL", help: "tracker to remove, or all (repeatable)" },
  "include-hidden": { kind: "switch", help: "include files whose names begin with a dot" },
  "include-junk": { kind: "switch", help: "include .DS_Store, Thumbs.db and the like" },
  "force": { kind: "switch", help: "overwrite an existing file" },
  "peers": {
    kind: "count",
    value: "N",
    help:
      "number of downloading peers (demo: 2 by default; lab: as the scenario says; room: wait for so many)",
  },
  "seconds": {
    kind: "seconds",
    value: "TIME",
    help: "demo: how long the transfer lasts, about; 0 for as fast as it goes (default: 20)",
  },
  "file": {
    kind: "text",
    value: "PATH",
    help: "file to share (default: a made-up lecture.mp4 of 40 MiB)",
    completes: "file",
  },
  "keep": { kind: "switch", help: "leave files and processes in place afterwards, to look around" },
  "only": {
    kind: "list",
    value: "STEPS",
    help: "grade: run only these steps and probes, e.g. P5,P6.2; lab: this variant (repeatable)",
  },
  "from": { kind: "text", value: "STEP", help: "begin at this step or probe" },
  "seed": {
    kind: "count",
    value: "N",
    help:
      "grade: random seed of the test torrents, to get the same ones again (default: random); " +
      "lab: the one seed to run",
  },
  "seeds": { kind: "text", value: "A-B", help: "run once with each of these seeds, e.g. 1-20" },
  "set": {
    kind: "list",
    value: "PATH=VALUE",
    completes: "setting",
    help: "change a value of the scenario, e.g. peers.leech.up=200k (repeatable)",
  },
  "virtual": { kind: "switch", help: "run in virtual time, whatever the scenario says" },
  "real": { kind: "switch", help: "run real programs, whatever the scenario says" },
  "processes": {
    kind: "switch",
    help: "real runs: start every peer of ours as a process of its own",
  },
  "netns": {
    kind: "switch",
    help: "real runs on Linux: hosts of their own, whose lines the kernel keeps slow",
  },
  "with": {
    kind: "text",
    value: "COMMAND",
    help: "run this command as the scenario's own program, with {torrent}, {dir}, {port}",
  },
  "predict": { kind: "switch", help: "ask for your guess first, and print it beside the result" },
  "open": { kind: "switch", help: "show the report in the browser" },
  "slow": { kind: "switch", help: "also run probes that wait for minutes" },
  "all": { kind: "switch", help: "also run the steps that build on a failed one" },
  "out": {
    kind: "text",
    value: "DIR",
    help: "write the report, with packet captures of grade, into this folder",
    completes: "folder",
  },
  "rubric": {
    kind: "text",
    value: "NAME|FILE",
    help: "how to start the program and award points: steps (default), co3093 or a file",
    values: ["steps", "co3093"],
    completes: "file",
  },
  "each": {
    kind: "text",
    value: "DIR",
    help: "grade swarm: grade every folder in this one as one team's program",
    completes: "folder",
  },
  "one-host": {
    kind: "switch",
    help: "grade swarm: run everything on this host, if network namespaces cannot be made",
  },
  "packets": { kind: "switch", help: "grade swarm: record packets into the folder of --out" },
  "rate": {
    kind: "text",
    value: "RATE",
    help: "grade swarm: upload rate of each host, 1mbit to 1000mbit (default: 16mbit)",
  },
  "hosts": {
    kind: "count",
    value: "N",
    help: "grade swarm: maximum number of hosts (default: 16)",
  },
  "junit": { kind: "text", value: "FILE", help: "write a JUnit report", completes: "file" },
  "gradescope": {
    kind: "text",
    value: "FILE",
    help: "write results.json for Gradescope",
    completes: "file",
  },
  "watch-file": {
    kind: "text",
    typed: "watch",
    value: "PATH",
    help: "run again whenever this file, or a file in this folder, changes",
    completes: "file",
  },
  "watch-board": {
    kind: "switch",
    typed: "watch",
    help: "serve the swarm board of a run, live or as it was in virtual time; prints its address",
  },
  "pace": {
    kind: "count",
    value: "N",
    help: "virtual seconds that --watch shows in one (default: a run takes 25 s)",
  },
  "markdown": { kind: "switch", help: "print the handout for a class, in Markdown" },
  "gradescope-zip": {
    kind: "text",
    value: "FILE",
    help: "write a Gradescope autograder that contains this program and the rubric",
    completes: "file",
  },
  "playful": { kind: "switch", help: "show a banner, colours and symbols for events" },
  "log-file": {
    kind: "text",
    value: "FILE",
    help: "log file (default for a peer: peer.log in its store; for a tracker: none)",
    completes: "file",
  },
  "log-level": {
    kind: "text",
    value: "LEVEL",
    help: "off, error, warn, info (default) or debug",
    values: ["off", "error", "warn", "info", "debug"],
  },
  "log-format": {
    kind: "text",
    value: "FORMAT",
    help: "text (default) or json",
    values: ["text", "json"],
  },
  "explain": { kind: "switch", help: "narrate every message and decision" },
  "explain-file": {
    kind: "text",
    value: "FILE",
    help: "write the explanations to a file, as JSON Lines if it ends in .jsonl, - for stdout",
    completes: "file",
  },
  "pcap": {
    kind: "text",
    value: "FILE",
    help: "capture messages with peers and trackers for Wireshark, - for stdout",
    completes: "file",
  },
  "watch": {
    kind: "switch",
    help: "refresh until a key ends it; arrows, Enter and p act (room: until everybody has it)",
  },
  "data": {
    kind: "switch",
    help: "also delete downloaded files; files shared from here are always kept",
  },
  "yes": { kind: "switch", short: "y", help: "do not ask for confirmation" },
  "web-port": {
    kind: "port",
    value: "N",
    help: "serve a web page on this port, 0 for any free one; prints its address",
  },
  "web-host": {
    kind: "text",
    value: "ADDR",
    help: "address to serve the web page on (default: 127.0.0.1, this machine only)",
  },
  "report": {
    kind: "switch",
    help: "report transfers to all trackers of this network, for the swarm board on their page " +
      "(default: to those on this machine)",
  },
  "no-report": { kind: "switch", help: "report transfers to no tracker, not even on this machine" },
  "json": { kind: "switch", help: "one JSON object per line on standard output" },
  "quiet": { kind: "switch", short: "q", help: "print only results and errors" },
  "no-color": { kind: "switch", help: "no colour (same as NO_COLOR)" },
  "config": {
    kind: "text",
    value: "FILE",
    help: "JSON file with the same flags as keys",
    completes: "file",
  },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

/** `host:port`, taken apart. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

type ValueOf<K extends Kind> = K extends "switch" ? boolean
  : K extends "list" ? readonly string[]
  : K extends "addresses" ? readonly Address[]
  : K extends "text" ? string
  : number;

/** Flags that were given, read. Sizes are bytes, times seconds. */
export type FlagValues = {
  readonly [N in FlagName]?: ValueOf<(typeof FLAGS)[N]["kind"]>;
};

/** Flags of programs with an engine that can be looked into. */
export const EXPLAIN_FLAGS = ["explain", "explain-file", "pcap"] as const;

/** Flags of programs with an engine that can be looked at in a browser. */
export const WEB_FLAGS = ["web-port", "web-host", "report", "no-report"] as const;

/** Flags of what runs for long. */
export const LOG_FLAGS = ["log-file", "log-level", "log-format"] as const;

/** Flags of every program that talks. */
export const COMMON_FLAGS = ["json", "quiet", "no-color", "config"] as const;

export function isFlag(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

/** The row of a flag, with the optional columns that not all rows have. */
export function flagRow(name: FlagName): Flag {
  return FLAGS[name];
}

/** How a flag is typed, without its dashes. */
export function typedName(name: FlagName): string {
  return flagRow(name).typed ?? name;
}

/** The environment variable that stands for a flag. */
export function variableOf(name: FlagName): string {
  return `VTORRENT_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Where flags come from. */
export interface FlagSources {
  /** As typed: name and value, in order. */
  readonly given: readonly { name: string; value: string | undefined }[];
  readonly env?: (name: string) => string | undefined;
  /** The parsed configuration file, and how it is called. */
  readonly config?: { readonly path: string; readonly value: unknown };
}

/**
 * The values of the flags in `names`.
 *
 * @throws {UsageError} naming the flag, variable or key that is wrong
 */
export function readFlags(names: readonly FlagName[], sources: FlagSources): FlagValues {
  const values: Record<string, unknown> = {};
  const fromFile = configTexts(sources.config);
  for (const name of names) {
    const given = fromFile.get(name);
    if (given !== undefined) values[name] = readValue(name, given, `"${name}" in --config`);
    const variable = variableOf(name);
    const text = sources.env?.(variable);
    if (text !== undefined && text !== "") {
      const many = kindOf(name) === "list" || kindOf(name) === "addresses";
      values[name] = readValue(name, many ? text.split(/\s+/) : [text], variable);
    }
  }
  const typed = new Map<FlagName, string[]>();
  for (const { name, value } of sources.given) {
    if (!isFlag(name) || !names.includes(name)) {
      const near = didYouMean(name, names).replace('"', '"--');
      throw new UsageError(`Unknown flag --${name}.${near}`);
    }
    if (value === undefined && kindOf(name) !== "switch") {
      throw new UsageError(`--${name} needs a value: --${name} <${flagRow(name).value}>`);
    }
    const texts = typed.get(name);
    if (texts === undefined) typed.set(name, [value ?? "true"]);
    else texts.push(value ?? "true");
  }
  for (const [name, texts] of typed) values[name] = readValue(name, texts, `--${name}`);
  return values as FlagValues;
}

function kindOf(name: FlagName): Kind {
  return FLAGS[name].kind;
}

/** One flag's value; `source` says in an error where it was found. The last one given counts. */
function readValue(name: FlagName, texts: readonly string[], source: string): unknown {
  const last = texts.at(-1) ?? "";
  switch (kindOf(name)) {
    case "switch":
      return readSwitch(last, source);
    case "text":
      return last;
    case "list":
      return texts;
    case "addresses":
      return texts.map((text) => parseAddress(text, source));
    case "count":
      return parseCount(last, source);
    case "port":
      return parsePort(last, source);
    case "size":
      return parseSize(last, source);
    case "piece-length":
      return parsePieceLength(last, source);
    case "seconds":
      return parseSeconds(last, source);
    case "ratio":
      return parseRatio(last, source);
  }
}

function readSwitch(text: string, source: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new UsageError(`${source} is "${text}": give true or false`);
}

/** The configuration file's values as texts, so that one reader serves all sources. */
function configTexts(config: FlagSources["config"]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  if (config === undefined) return texts;
  const { path, value } = config;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`${path} is not a JSON object: write {"port": 6881, …}`);
  }
  for (const [key, entry] of Object.entries(value)) {
    if (!isFlag(key)) {
      throw new UsageError(
        `${path} has an unknown key "${key}".${didYouMean(key, Object.keys(FLAGS))}`,
      );
    }
    const entries: unknown[] = Array.isArray(entry) ? entry : [entry];
    texts.set(
      key,
      entries.map((item) => {
        if (["string", "number", "boolean"].includes(typeof item)) return String(item);
        throw new UsageError(`"${key}" in ${path} is neither text, number, true nor false`);
      }),
    );
  }
  return texts;
}
