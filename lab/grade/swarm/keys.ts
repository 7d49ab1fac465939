/**
 * The keys of a template: THE table that reading, the JSON schema and the documentation follow.
 *
 * @module
 */
import type { Node } from "jsonc-parser";
import type { Form, FormReader, Keys } from "../../jsonc/form.ts";
import { fileSchema, objectSchema } from "../../jsonc/schema.ts";
import { leavesFolder } from "./host_path.ts";
import { compilePattern, PatternError } from "./pattern.ts";

/** Longest pattern, in characters. */
const MAX_PATTERN = 300;

const TEXT: Form = { is: "text" };
const PATTERN: Form = {
  is: "own",
  called: "a regular expression in a text",
  schema: { type: "string", format: "regex" },
  read: (node, reader, what) => ({
    pattern: readPattern(node, reader, what),
    line: reader.lineOf(node.offset),
  }),
};

function readPattern(node: Node, reader: FormReader, what: string): string {
  const { value } = node;
  if (typeof value !== "string" || value === "") {
    reader.fail(node.offset, `${what} is a regular expression in a text`);
  }
  if (value.length > MAX_PATTERN) {
    reader.fail(node.offset, `${what} is longer than ${MAX_PATTERN} characters`);
  }
  try {
    compilePattern(value, (name) => name);
  } catch (error) {
    const { message } = error as Error;
    reader.fail(
      node.offset,
      error instanceof PatternError
        ? `${what} ${message}`
        : `${what} is no regular expression: ${message}`,
    );
  }
  return value;
}

/** A path in a host's folder: one that leaves it is refused before anything is started. */
const PATH: Form = {
  is: "own",
  called: "a path in the host's folder",
  schema: { type: "string" },
  read: readPath,
};
const PATHS: Form = {
  is: "own",
  called: "a list of paths in the host's folder",
  schema: { type: "array", items: { type: "string" } },
  read: (node, reader, what) => {
    if (node.type !== "array") reader.fail(node.offset, `${what} is a list of paths`);
    return reader.items(node, what).map((item) => readPath(item, reader, what));
  },
};
/** Path → contents. */
const FILES: Form = {
  is: "own",
  called: "an object of paths and contents",
  schema: { type: "object", additionalProperties: { type: "string" } },
  read: (node, reader, what) => {
    for (const property of node.type === "object" ? node.children ?? [] : []) {
      readPath(property.children![0]!, reader, what);
    }
    return reader.value(node, { is: "map", of: TEXT }, what);
  },
};

function readPath(node: Node, reader: FormReader, what: string): string {
  const { value } = node;
  if (typeof value !== "string") reader.fail(node.offset, `${what} is a path in the host's folder`);
  const why = leavesFolder(value);
  if (why === undefined) return value;
  reader.fail(node.offset, `${what} is a path in the host's folder, and "${value}" ${why}`);
}

/** The keys of a step of a script that is not just a line to type. */
export const STEP_KEYS: Keys = {
  wait: {
    form: PATTERN,
    says: "wait until this pattern is on the screen, behind what was met before",
  },
  capture: { form: PATTERN, says: "as wait; its named groups become placeholders" },
  pause: { form: { is: "seconds" }, says: "do nothing for so long" },
};

const SCRIPT: Form = {
  is: "own",
  called: "a list of lines and of {wait}, {capture}, {pause}",
  schema: {
    type: "array",
    items: {
      anyOf: [{ type: "string" }, {
        ...objectSchema(STEP_KEYS),
        maxProperties: 1,
        minProperties: 1,
      }],
    },
  },
  read: (node, reader, what) => {
    if (node.type !== "array") {
      reader.fail(node.offset, `${what} is a list of lines and of {wait}, {capture}, {pause}`);
    }
    return reader.items(node, what).map((item) => readStep(item, reader));
  },
};

/** One step of a script, as `Step` in template.ts has it. */
function readStep(node: Node, reader: FormReader): unknown {
  const line = reader.lineOf(node.offset);
  if (typeof node.value === "string") {
    if (/[\r\n]/.test(node.value)) reader.fail(node.offset, "a typed line has no line ends in it");
    return { do: "type", text: node.value, line };
  }
  const step = reader.object(node, STEP_KEYS, "a step of a script");
  const kinds = Object.keys(step).filter((key) => key !== "line");
  if (kinds.length !== 1) reader.fail(node.offset, "a step has one of wait, capture, pause");
  if (step.pause !== undefined) return { do: "pause", ms: step.pause, line };
  const kind = step.wait === undefined ? "capture" : "wait";
  return { do: kind, pattern: step[kind].pattern, line };
}

/** The keys of a verb: what is done on a host. */
export const VERB_KEYS: Keys = {
  run: { form: TEXT, says: "start this command as a process of its own, in the host's folder" },
  type: { form: SCRIPT, says: "type these lines into the host's running peer" },
  script: { form: SCRIPT, says: "what is typed and awaited once `run` has started" },
  ready: { form: PATTERN, says: "on the screen once it is done starting" },
  put: { form: PATH, says: "where the file that is shared lies in the folder (default: {file})" },
  write: {
    form: FILES,
    says: "files to write first: path → contents, placeholders in both",
  },
  hand: { form: PATHS, says: "files to carry over from the host that shared" },
  file: { form: PATH, says: "where the downloaded file appears (default: {file})" },
  done: { form: PATTERN, says: "what it says when a download is complete; shown, never believed" },
  failed: { form: PATTERN, says: "what it says when it gives up" },
  as: {
    form: { is: "text", words: ["share", "download"] },
    says: "do what that verb says, with the keys given here in place of its own",
  },
  t: { form: { is: "seconds" }, says: "longest wait for each awaited line (default: 10 s)" },
};

const VERB: Form = { is: "object", keys: VERB_KEYS };

/** The keys of a template. */
export const TEMPLATE_KEYS: Keys = {
  $schema: { form: TEXT, says: "where an editor finds the schema; not read" },
  grade: {
    form: { is: "number", least: 1, most: 1 },
    says: "version of this format: 1",
    required: true,
  },
  program: { form: TEXT, says: "name in the report (default: the folder's)" },
  folder: {
    form: TEXT,
    says: "the program's folder, beside the template; every host gets a copy",
    required: true,
  },
  build: { form: TEXT, says: "command that builds it, run once" },
  needs: { form: { is: "texts" }, says: "programs that have to be installed, e.g. java" },
  env: { form: { is: "map", of: TEXT }, says: "environment variables of every process" },
  pty: { form: { is: "switch" }, says: "give every process a terminal" },
  tracker: { form: VERB, says: "start the tracker, on h1" },
  peer: { form: VERB, says: "start a peer that commands are typed into" },
  share: { form: VERB, says: "offer a file", required: true },
  download: { form: VERB, says: "fetch a file", required: true },
  downloads: { form: VERB, says: "fetch {a} and {b} at once, with one command" },
  reshare: { form: VERB, says: "offer what was downloaded, where that does not happen by itself" },
  leave: { form: VERB, says: "leave in good order; the program ends" },
  list: { form: VERB, says: "show what can be fetched; typed before a download" },
  prepare: { form: VERB, says: "run on the first host that shares, before the tracker starts" },
  members: {
    form: { is: "text", words: ["free", "fixed"] },
    says:
      "fixed: all hosts of a file are known from the beginning, and {members:…} writes their list",
  },
  gap: { form: { is: "seconds" }, says: "time between two starts" },
  empty: {
    form: PATTERN,
    says: "what it says when it refuses to share an empty file, where the protocol has none",
  },
  localhost: {
    form: { is: "text", words: ["tracker"] },
    says: "help: the name localhost means the tracker's host on all hosts (costs points)",
  },
  addresses: {
    form: { is: "map", of: { is: "texts" } },
    says: "help: hard-coded addresses of hosts, e.g. tracker → 203.0.113.7 (costs points)",
  },
  redirect: {
    form: { is: "map", of: { is: "number", least: 1, most: 65535 } },
    says: "help: TCP connections to a hard-coded port are redirected (costs points)",
  },
  limits: {
    form: {
      is: "object",
      keys: {
        download: {
          form: { is: "seconds" },
          says: "longest download, where 5 × the first one is less",
        },
        settle: {
          form: { is: "seconds" },
          says: "a download without a byte for so long has ended (15 s)",
        },
        memory: {
          form: { is: "number", least: 16, most: 1 << 20 },
          says: "MiB of address space a process may have (default: no limit)",
        },
        overall: { form: { is: "seconds" }, says: "longest run of all checks (default: 20 min)" },
      },
    },
    says: "bounds other than the default",
  },
};

/** Placeholders that exist without a capture, and what they stand for. */
export const PLACEHOLDERS: ReadonlyMap<string, string> = new Map([
  ["k", "number of the host, from 1"],
  ["ip", "the host's address"],
  ["port", "a port of the host's own (the same number on all checks of a run on hosts: 7000 + k)"],
  ["tracker", "the tracker's address"],
  ["tracker_port", "the tracker's {port}"],
  ["file", "name of the file"],
  ["size", "its length in bytes"],
  ["name", "name of the host, e.g. h2"],
  ["dir", "the host's folder"],
  ["seed", "1 on a host that has the file at first, else 0"],
  [
    "members",
    "a list: {members:{k} {ip} {port} {seed}\\n} writes a line for each host of the file",
  ],
  ["from_ip", "address of the host that shared the file"],
  ["from_port", "{port} of the host that shared the file"],
  ["a", "in `downloads`: the first file"],
  ["b", "in `downloads`: the second"],
  ["a_ip", "in `downloads`: who shared the first"],
  ["b_ip", "in `downloads`: who shared the second"],
]);

/** The table as a JSON schema (2020-12), for editors. */
export function templateSchema(): Record<string, unknown> {
  return fileSchema("vtorrent grade swarm: template", TEMPLATE_KEYS);
}
