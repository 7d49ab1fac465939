/**
 * The keys of a template: THE table that reading, the JSON schema and the documentation follow.
 *
 * @module
 */

/** What a key's value has to be. */
export type Form =
  | { readonly is: "text"; readonly words?: readonly string[] }
  | { readonly is: "pattern" }
  | { readonly is: "number"; readonly least: number; readonly most: number }
  | { readonly is: "switch" }
  | { readonly is: "seconds" }
  | { readonly is: "texts" }
  | { readonly is: "script" }
  | { readonly is: "object"; readonly keys: Keys }
  | { readonly is: "map"; readonly of: Form };

/** One key. */
export interface Key {
  readonly form: Form;
  readonly says: string;
  readonly required?: boolean;
}

/** Name → key. */
export type Keys = Readonly<Record<string, Key>>;

const TEXT: Form = { is: "text" };
const PATTERN: Form = { is: "pattern" };

/** The keys of a step of a script that is not just a line to type. */
export const STEP_KEYS: Keys = {
  wait: {
    form: PATTERN,
    says: "wait until this pattern is on the screen, behind what was met before",
  },
  capture: { form: PATTERN, says: "as wait; its named groups become placeholders" },
  pause: { form: { is: "seconds" }, says: "do nothing for so long" },
};

/** The keys of a verb: what is done on a host. */
export const VERB_KEYS: Keys = {
  run: { form: TEXT, says: "start this command as a process of its own, in the host's folder" },
  type: { form: { is: "script" }, says: "type these lines into the host's running peer" },
  script: { form: { is: "script" }, says: "what is typed and awaited once `run` has started" },
  ready: { form: PATTERN, says: "on the screen once it is done starting" },
  put: { form: TEXT, says: "where the file that is shared lies in the folder (default: {file})" },
  write: {
    form: { is: "map", of: TEXT },
    says: "files to write first: path → contents, placeholders in both",
  },
  hand: { form: { is: "texts" }, says: "files to carry over from the host that shared" },
  file: { form: TEXT, says: "where the downloaded file appears (default: {file})" },
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
  gap: { form: { is: "seconds" }, says: "time between two starts" },
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
    says: "help: TCP calls to a hard-coded port reach another one (costs points)",
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
  ["from_ip", "address of the host that shared the file"],
  ["from_port", "{port} of the host that shared the file"],
  ["a", "in `downloads`: the first file"],
  ["b", "in `downloads`: the second"],
  ["a_ip", "in `downloads`: who shared the first"],
  ["b_ip", "in `downloads`: who shared the second"],
]);

/** What a person reads of a form. */
export function formName(form: Form): string {
  switch (form.is) {
    case "text":
      return form.words === undefined ? "a text" : form.words.map((w) => `"${w}"`).join(" or ");
    case "pattern":
      return "a regular expression in a text";
    case "number":
      return form.least === form.most
        ? `the number ${form.least}`
        : `a whole number from ${form.least} to ${form.most}`;
    case "switch":
      return "true or false";
    case "seconds":
      return 'a time like "2s", "500ms" or "1m"';
    case "texts":
      return "a list of texts";
    case "script":
      return "a list of lines and of {wait}, {capture}, {pause}";
    case "object":
      return "an object";
    case "map":
      return "an object of names and values";
  }
}

/** The table as a JSON schema (2020-12), for editors. */
export function templateSchema(): Record<string, unknown> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "vtorrent grade swarm: template",
    ...objectSchema(TEMPLATE_KEYS),
  };
}

function objectSchema(keys: Keys): Record<string, unknown> {
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(keys).map(([name, { form, says }]) => [
        name,
        { description: says, ...formSchema(form) },
      ]),
    ),
    required: Object.keys(keys).filter((name) => keys[name]!.required),
  };
}

function formSchema(form: Form): Record<string, unknown> {
  switch (form.is) {
    case "text":
      return form.words === undefined ? { type: "string" } : { enum: form.words };
    case "pattern":
      return { type: "string", format: "regex" };
    case "number":
      return { type: "integer", minimum: form.least, maximum: form.most };
    case "switch":
      return { type: "boolean" };
    case "seconds":
      return { type: "string", pattern: "^\\d+(\\.\\d+)?(ms|s|m)$" };
    case "texts":
      return { type: "array", items: { type: "string" } };
    case "script":
      return {
        type: "array",
        items: {
          anyOf: [{ type: "string" }, {
            ...objectSchema(STEP_KEYS),
            maxProperties: 1,
            minProperties: 1,
          }],
        },
      };
    case "object":
      return objectSchema(form.keys);
    case "map":
      return { type: "object", additionalProperties: formSchema(form.of) };
  }
}
