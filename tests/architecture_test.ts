/**
 * The rules of the tree, executed: who may import whom, what pure files may mention, how large a
 * file may grow. DESIGN.md says why.
 *
 * @module
 */
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "./support/assert.ts";
import { importsOf, scanSource } from "./support/source_scan.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCE_FOLDERS = ["protocol", "peer", "tracker", "lab", "shell"];
const MAX_LINES = 500;

interface SourceFile {
  /** Relative to the project, with `/`. */
  path: string;
  text: string;
  code: string;
  /** Files of the project, as paths like `path`. */
  imports: string[];
  /** Specifiers of anything else. */
  packages: string[];
}

function listFolder(folder: string): string[] {
  const paths: string[] = [];
  for (const entry of Deno.readDirSync(join(ROOT, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) paths.push(...listFolder(path));
    else if (/\.tsx?$/.test(entry.name)) paths.push(path);
  }
  return paths.sort();
}

function readSource(path: string): SourceFile {
  const text = Deno.readTextFileSync(join(ROOT, path));
  const scanned = scanSource(text);
  const specifiers = importsOf(scanned);
  return {
    path,
    text,
    code: scanned.code,
    imports: specifiers.filter((s) => s.startsWith("."))
      .map((s) => relative(".", normalize(join(dirname(path), s))).replaceAll("\\", "/")),
    packages: specifiers.filter((s) => !s.startsWith(".")),
  };
}

const files = ["main.ts", ...SOURCE_FOLDERS.flatMap(listFolder)].map(readSource);
const byPath = new Map(files.map((file) => [file.path, file]));

/** Fails with all sentences at once: a moved file breaks several rules. */
function assertNone(complaints: string[]): void {
  assert(complaints.length === 0, "\n" + complaints.join("\n") + "\n");
}

/** What runs in a browser. */
const BROWSER = "shell/dashboard/page/";
const MODS = ["peer/mod.ts", "tracker/mod.ts"];

interface Rule {
  /** Which files it is about. */
  from: (path: string) => boolean;
  /** What they may import. */
  to: (path: string) => boolean;
  /** The rule in words. */
  says: string;
}

/** The first rule that fits a file is the one it has to keep. */
const DIRECTION: Rule[] = [
  {
    from: (path) => path === "main.ts",
    to: (path) => path.startsWith("shell/") || MODS.includes(path),
    says: "main.ts only wires shell/, peer/mod.ts and tracker/mod.ts",
  },
  {
    from: (path) => path.startsWith("protocol/"),
    to: (path) => path.startsWith("protocol/"),
    says: "protocol/ knows nothing but itself",
  },
  ...["peer", "tracker"].flatMap((part): Rule[] => [
    {
      from: (path) => path.startsWith(`${part}/logic/`),
      to: (path) => path.startsWith("protocol/") || path.startsWith(`${part}/logic/`),
      says: `a decision in ${part}/logic/ knows only protocol/ and other decisions`,
    },
    {
      from: (path) => path.startsWith(`${part}/io/`),
      to: (path) =>
        path.startsWith("protocol/") || path === `${part}/ports.ts` ||
        path.startsWith(`${part}/logic/`) || path.startsWith(`${part}/io/`),
      says: `an effect in ${part}/io/ knows only protocol/, ${part}/logic/, ${part}/ports.ts and ` +
        "other effects",
    },
    {
      from: (path) => path.startsWith(`${part}/`),
      to: (path) => path.startsWith("protocol/") || path.startsWith(`${part}/`),
      says: `${part}/ knows only itself and protocol/`,
    },
  ]),
  {
    from: (path) => path.startsWith("lab/"),
    to: (path) => path.startsWith("lab/") || path === "protocol/mod.ts" || MODS.includes(path),
    says:
      "lab/ sees the rest through peer/mod.ts, tracker/mod.ts and protocol/mod.ts, and no shell",
  },
  {
    from: (path) => path.startsWith(BROWSER),
    to: (path) => path.startsWith(BROWSER) || path === "shell/dashboard/api_types.ts",
    says: "a page knows nothing of the program but the JSON of its API",
  },
  {
    from: (path) => path.startsWith("shell/"),
    to: (path) =>
      path.startsWith("shell/") || path === "protocol/mod.ts" || path === "lab/grade/mod.ts" ||
      path === "lab/grade/swarm/mod.ts" ||
      MODS.includes(path),
    says: "shell/ sees the rest through peer/mod.ts, tracker/mod.ts and protocol/mod.ts",
  },
];

Deno.test("imports flow one way: main, shell, mod, io, logic, protocol", () => {
  const complaints: string[] = [];
  for (const file of files) {
    const rule = DIRECTION.find((rule) => rule.from(file.path));
    assert(rule, `No rule says what ${file.path} may import: add one`);
    for (const target of file.imports) {
      if (!rule.to(target)) {
        complaints.push(`${file.path} imports ${target}, but ${rule.says}`);
      }
    }
  }
  assertNone(complaints);
});

Deno.test("every import leads to a file", () => {
  assertNone(
    files.flatMap((file) =>
      file.imports.filter((target) => !byPath.has(target) && !isAsset(target))
        .map((target) => `${file.path} imports ${target}, which is no source file`)
    ),
  );
});

/** What a page is made of beside its modules. */
function isAsset(path: string): boolean {
  return path.startsWith(BROWSER) && /\.(css|html|svg|json)$/.test(path) &&
    Deno.statSync(join(ROOT, path)).isFile;
}

Deno.test("no files import each other in a circle", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(" imports "));
      return;
    }
    if (done.has(path)) return;
    for (const target of byPath.get(path)?.imports ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  assertNone(circles);
});

function isPure(path: string): boolean {
  return path.startsWith("protocol/") || /^(peer|tracker)\/logic\//.test(path);
}

/** The real world: time, chance, machine, network, screen. */
const WORLD = [
  "Deno",
  "process",
  "fetch",
  "crypto",
  "Date",
  "performance",
  "Temporal.Now",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "Math.random",
  "console",
  "navigator",
  "Worker",
];

Deno.test("pure files mention nothing of the real world", () => {
  const complaints: string[] = [];
  for (const file of files.filter((file) => isPure(file.path))) {
    for (const word of WORLD) {
      const match = new RegExp(`(?<![\\w$])${word.replace(".", "\\s*\\.\\s*")}(?![\\w$])`)
        .exec(file.code);
      if (match === null) continue;
      const line = file.code.slice(0, match.index).split("\n").length;
      complaints.push(
        `${file.path}:${line} mentions ${word}, but a pure file takes such things as arguments`,
      );
    }
    for (const name of file.packages) {
      complaints.push(`${file.path} imports ${name}, but a pure file needs no package`);
    }
  }
  assertNone(complaints);
});

Deno.test(`no source file is longer than ${MAX_LINES} lines`, () => {
  assertNone(
    files.map((file) => ({ path: file.path, lines: file.text.trimEnd().split("\n").length }))
      .filter(({ lines }) => lines > MAX_LINES)
      .map(({ path, lines }) =>
        `${path} has ${lines} lines: move a decision out of it (not a slice of its methods)`
      ),
  );
});

Deno.test("every source file begins by saying what it is for", () => {
  assertNone(
    files.filter((file) => !/^(#!.*\n)?\/\*\*\n(?: \*.*\n)+? \* @module\n/.test(file.text))
      .map((file) => `${file.path} does not begin with a /** sentence … @module */`),
  );
});

Deno.test("protocol/mod.ts offers every file of protocol/", () => {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    byPath.get(path)?.imports.forEach(visit);
  };
  visit("protocol/mod.ts");
  assertEquals(
    files.map((file) => file.path)
      .filter((path) => path.startsWith("protocol/") && !reached.has(path)),
    [],
  );
});

Deno.test("packages are named in deno.json, not in the code", () => {
  const { imports } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json"))) as {
    imports: Record<string, string>;
  };
  assertNone(
    files.flatMap((file) =>
      file.packages.filter((name) => {
        const isSubpath = Object.keys(imports).some((key) =>
          key === name || (key.endsWith("/") && name.startsWith(key)) || name.startsWith(key + "/")
        );
        return !name.startsWith("node:") && !isSubpath;
      }).map((name) => `${file.path} imports ${name}, which deno.json does not name`)
    ),
  );
});
