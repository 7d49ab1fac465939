/**
 * What TypeScript source says apart from its comments, strings and regular expressions; enough of a
 * scanner for tests that ask what a file imports or mentions.
 *
 * @module
 */

/** A file's code with each string literal as `"<index>"` and comments and patterns blank. */
export interface ScannedSource {
  code: string;
  /** The literals' contents, as written. */
  strings: string[];
}

/** Where a `/` begins a pattern and does not divide: after these, or at the start. */
const BEFORE_PATTERN =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|of|in|throw|await))\s*$/;

/** Takes source apart. Line breaks stay where they are. */
export function scanSource(source: string): ScannedSource {
  const strings: string[] = [];
  let code = "";
  let at = 0;
  /** Brace depth at which each open template goes on after its `${…}`. */
  const templates: number[] = [];
  let depth = 0;

  const until = (end: RegExp): string => {
    end.lastIndex = at;
    const match = end.exec(source);
    const text = source.slice(at, match ? match.index + match[0].length : source.length);
    at += text.length;
    return text;
  };
  const blank = (text: string): string => text.replace(/[^\n]/g, " ");
  /** The rest of a template up to its end or to its next `${`. */
  const template = (): void => {
    const text = until(/(?<!\\)(?:\\\\)*(?:`|\$\{)/g);
    code += blank(text);
    if (text.endsWith("${")) {
      templates.push(depth++);
      code += "{";
    }
  };

  while (at < source.length) {
    const character = source[at]!;
    const two = source.slice(at, at + 2);
    if (two === "//") {
      code += blank(until(/(?=\n)/g));
    } else if (two === "/*") {
      at += 2;
      code += "  " + blank(until(/\*\//g));
    } else if (character === '"' || character === "'") {
      at++;
      const text = until(character === '"' ? /(?<!\\)(?:\\\\)*"/g : /(?<!\\)(?:\\\\)*'/g);
      code += `"${strings.push(text.slice(0, -1)) - 1}"`;
    } else if (character === "`") {
      at++;
      template();
    } else if (character === "/" && BEFORE_PATTERN.test(code.slice(-40))) {
      at++;
      // A `/` inside a character class does not end the pattern.
      const text = until(/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])*\//y);
      code += " " + blank(text);
    } else {
      at++;
      code += character;
      if (character === "{") depth++;
      if (character === "}") {
        depth--;
        if (templates.at(-1) === depth) {
          templates.pop();
          template();
        }
      }
    }
  }
  return { code, strings };
}

/** The specifiers that a file imports or re-exports, statically or not, types included. */
export function importsOf({ code, strings }: ScannedSource): string[] {
  const found = code.matchAll(/\b(?:from\s*|import\s*\(?\s*)"(\d+)"/g);
  return [...found].map((match) => strings[Number(match[1])]!);
}

/** Of the imports those that take a value along: `import type` and `{ type A }` alone do not. */
export function valueImportsOf({ code, strings }: ScannedSource): string[] {
  const found = code.matchAll(
    /\b(?:import|export)(\s+type)?\s*(\{[^}]*\}|\*(?:\s+as\s+\w+)?)?\s*(?:from\s*|\(\s*)?"(\d+)"/g,
  );
  return [...found].filter(([, type, names]) =>
    type === undefined &&
    (!names?.startsWith("{") ||
      names.slice(1, -1).split(",").some((name) => name.trim() !== "" && !/^\s*type\s/.test(name)))
  ).map((match) => strings[Number(match[3])]!);
}
