/**
 * Settings: one value at a path like `net.latency` or `peers.leech.up`, as variants and `--set`
 * have it.
 *
 * @module
 */
import { type Node, parseTree } from "jsonc-parser";
import type { Form, Keys } from "../jsonc/form.ts";
import { type DidYouMean, JsoncError, JsoncReader, type Loose } from "../jsonc/reader.ts";
import { GROUP_KEYS, SCENARIO_KEYS } from "./keys.ts";

/** A value for one key of a group, of a section, or of the scenario itself. */
export interface Setting {
  readonly group?: string;
  readonly section?: string;
  readonly key: string;
  readonly value: unknown;
}

/** Keys of the file itself, and sections, that a setting may change. */
const OWN_KEYS = ["limit", "world", "depth", "without"];
const SECTIONS = ["content", "net", "tracker"];

/**
 * Reads one setting.
 *
 * @param fail refuses it, at its path or at its value
 */
export function readSetting(
  path: string,
  node: Node,
  groups: readonly string[],
  reader: JsoncReader,
  fail: (says: string) => never,
): Setting {
  const { keys, ...place } = placeOf(path, groups, reader, fail);
  const key = path.split(".").at(-1)!;
  if (!Object.hasOwn(keys, key) || key === "as") {
    const known = Object.keys(keys).filter((one) => one !== "as");
    fail(`${path}: there is no "${key}".${reader.didYouMean(key, known)}`);
  }
  return { ...place, key, value: reader.value(node, keys[key]!, `"${path}"`) };
}

function placeOf(
  path: string,
  groups: readonly string[],
  reader: JsoncReader,
  fail: (says: string) => never,
): { keys: Readonly<Record<string, Form>>; group?: string; section?: string } {
  const [head, second, ...rest] = path.split(".");
  const formsOf = (keys: typeof SCENARIO_KEYS) =>
    Object.fromEntries(Object.entries(keys).map(([name, { form }]) => [name, form]));
  if (second === undefined && OWN_KEYS.includes(head!)) {
    const forms = formsOf(SCENARIO_KEYS);
    return { keys: Object.fromEntries(OWN_KEYS.map((name) => [name, forms[name]!])) };
  }
  if (second !== undefined && SECTIONS.includes(head!) && rest.length === 0) {
    const { form } = SCENARIO_KEYS[head!]!;
    return { keys: formsOf((form as Form & { is: "object" }).keys), section: head! };
  }
  if (second !== undefined && head === "peers" && rest.length === 1) {
    if (!groups.includes(second)) {
      fail(`${path}: no group is called "${second}".${reader.didYouMean(second, groups)}`);
    }
    return { keys: formsOf(GROUP_KEYS), group: second };
  }
  const known = [...OWN_KEYS, ...SECTIONS, "peers"];
  fail(
    `"${path}" is no setting: write peers.GROUP.KEY, ${SECTIONS.join(".KEY, ")}.KEY or ` +
      `${OWN_KEYS.join(", ")}.${reader.didYouMean(head!, known)}`,
  );
}

/**
 * Reads `peers.leech.up=200k`, as it is typed behind `--set`.
 *
 * @throws {JsoncError}
 */
export function readTypedSetting(
  typed: string,
  groups: readonly string[],
  didYouMean: DidYouMean,
): Setting {
  const fail = (says: string): never => {
    throw new JsoncError(`--set ${typed}: ${says}`);
  };
  const equals = typed.indexOf("=");
  if (equals < 1) fail("write PATH=VALUE, e.g. peers.leech.up=200k");
  const [path, value] = [typed.slice(0, equals).trim(), typed.slice(equals + 1).trim()];
  const errors: unknown[] = [];
  const parsed = parseTree(value, errors as never[]);
  // What is no JSON is a text without its quotes.
  const text = errors.length === 0 && parsed !== undefined ? value : JSON.stringify(value);
  const node = parseTree(text)!;
  try {
    return readSetting(path, node, groups, new JsoncReader(text, "", didYouMean), fail);
  } catch (error) {
    if (!(error instanceof JsoncError) || error.message.startsWith("--set")) throw error;
    return fail(error.message.replace(/^:\d+:\d+: /, ""));
  }
}

/** A path that may be set, and what it may be set to; no values: they are none of a few words. */
export interface Settable {
  readonly path: string;
  readonly values: readonly string[];
}

/** All that may be set: of the file itself and its sections, and of each group behind its name. */
export function settables(): { own: Settable[]; ofGroup: Settable[] } {
  const sections = SECTIONS.flatMap((section) => {
    const { form } = SCENARIO_KEYS[section]!;
    return settablesOf((form as Form & { is: "object" }).keys, `${section}.`);
  });
  return {
    own: [
      ...OWN_KEYS.map((path) => ({ path, values: valuesOf(SCENARIO_KEYS[path]!.form) })),
      ...sections,
    ],
    ofGroup: settablesOf(GROUP_KEYS, "").filter(({ path }) => path !== "as"),
  };
}

function settablesOf(keys: Keys, before: string): Settable[] {
  return Object.entries(keys).map(([key, { form }]) => ({
    path: before + key,
    values: valuesOf(form),
  }));
}

function valuesOf(form: Form): readonly string[] {
  switch (form.is) {
    case "text":
    case "own":
      return form.words ?? [];
    case "switch":
      return ["true", "false"];
    default:
      return [];
  }
}

/** What a file says, with settings in place of what it says there. */
export function withSettings(read: Loose, settings: readonly Setting[]): Loose {
  const changed: Loose = { ...read, peers: read.peers.map((group: Loose) => ({ ...group })) };
  for (const { group, section, key, value } of settings) {
    if (group !== undefined) {
      changed.peers.find((one: Loose) => one.as === group)[key] = value;
    } else if (section !== undefined) changed[section] = { ...changed[section], [key]: value };
    else changed[key] = value;
  }
  return changed;
}
