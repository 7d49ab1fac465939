import fc from "fast-check";
import { TEMPLATE_KEYS, templateSchema } from "../../lab/grade/swarm/keys.ts";
import { fillMembers } from "../../lab/grade/swarm/members.ts";
import { newTemplate } from "../../lab/grade/swarm/new_template.ts";
import { fill } from "../../lab/grade/swarm/placeholders.ts";
import { readTemplate } from "../../lab/grade/swarm/template.ts";
import { didYouMean } from "../../shell/base/did_you_mean.ts";
import { assertEquals, assertMatch, assertThrows } from "../support/assert.ts";

const LEAST = `{
  "grade": 1, "folder": ".",
  "peer": { "run": "./peer" },
  "share": { "type": ["share {file}"] },
  "download": { "type": ["get {file}"] }
}`;

function problem(text: string): string {
  return assertThrows(() => readTemplate(text, "mine.jsonc", didYouMean), Error).message;
}

Deno.test("the least template is read, with comments and a comma too many", () => {
  const { verbs, folder } = readTemplate(
    LEAST.replace("{", "{ // mine\n").replace(/}$/, ",}"),
    "t",
    didYouMean,
  );
  assertEquals(folder, ".");
  assertEquals(verbs.share.type, [{ do: "type", text: "share {file}", line: 5 }]);
});

Deno.test("a fault is told with line, column and what may be meant", () => {
  const cases: [string, string, string][] = [
    [
      `"folder": "."`,
      `"folder": ".", "trakcer": {}`,
      `2:30: a template has no key "trakcer". Did you mean "tracker"?`,
    ],
    [
      `"type": ["get {file}"]`,
      `"type": ["get {flie}"]`,
      `5:31: nothing fills {flie}. Did you mean "file"? (Write {{ for a brace)`,
    ],
    [
      `"type": ["get {file}"]`,
      `"type": [{"wiat": "x"}]`,
      `5:27: a step of a script has no key "wiat". Did you mean "wait"?`,
    ],
    [
      `"type": ["get {file}"]`,
      `"type": [{"wait": "(?!x)y"}]`,
      `5:35: "wait" has (?!…): looking ahead or behind takes time without bound. Leave it out`,
    ],
    [`"type": ["get {file}"]`, `"type": [{"wait": "("}]`, `5:35: "wait" is no regular expression`],
    [
      `"type": ["get {file}"]`,
      `"file": "x"`,
      `5:15: "download" needs "run" (a process) or "type" (lines for the peer)`,
    ],
    [`"peer": { "run": "./peer" },`, "", `"type" needs a running peer: say how in "peer"`],
    [`"grade": 1`, `"grade": 2`, `2:12: "grade" is the number 1`],
    [`"grade": 1, `, "", `1:1: a template needs "grade"`],
    [`"folder": "."`, `"folder": ".", "pty": "yes"`, `2:37: "pty" is true or false`],
    [
      `"folder": "."`,
      `"folder": ".", "gap": "2 hours"`,
      `"gap" is a time like "2s", "500ms" or "1m"`,
    ],
    [
      `"type": ["get {file}"]`,
      `"type": ["get {file}"], "file": "../../x"`,
      `5:49: "file" is a path in the host's folder, and "../../x" leads out of it`,
    ],
    [
      `"type": ["share {file}"]`,
      `"type": ["share {file}"], "put": "/etc/{file}"`,
      `4:47: "put" is a path in the host's folder, and "/etc/{file}" is absolute`,
    ],
    [
      `"type": ["get {file}"]`,
      `"type": ["get {file}"], "hand": ["ok", "C:\\\\x"]`,
      `5:56: "hand" is a path in the host's folder, and "C:\\x" is absolute`,
    ],
    [
      `"type": ["get {file}"]`,
      `"type": ["get {file}"], "write": {"a/..\\\\..\\\\b": ""}`,
      `5:51: "write" is a path in the host's folder, and "a/..\\..\\b" leads out of it`,
    ],
    [
      `"type": ["get {file}"]`,
      `"type": ["get {file}"], "file": "{dir}/x"`,
      `5:49: "file" is a path in the host's folder, and "{dir}/x" is absolute`,
    ],
    [
      `"type": ["get {file}"]`,
      `"type": ["get {members:{k}}"]`,
      `5:31: {members:…} needs "members": "fixed"`,
    ],
    [
      `"grade": 1`,
      `"grade": 1, "needs": ${"[".repeat(60_000)}`,
      `2:73: more than 50 levels within each other`,
    ],
    [`"download":`, `"download"`, `this is no JSON: colon expected`],
  ];
  for (const [from, to, says] of cases) {
    const text = LEAST.replace(from, to);
    assertEquals(problem(text).includes(says), true, `${problem(text)}\nhas not\n${says}`);
  }
});

Deno.test("a captured name is a placeholder, also in patterns; times are ms", () => {
  const { verbs } = readTemplate(
    LEAST.replace(
      `["share {file}"]`,
      `["share {file}", {"capture": "id (?<id>\\\\w+)"}, {"pause": "1.5s"}]`,
    ).replace(`"get {file}"`, `"get {id}", {"wait": "has {id}"}`),
    "t",
    didYouMean,
  );
  assertEquals(verbs.share.type![2], { do: "pause", ms: 1500, line: 4 });
  assertEquals(verbs.download.type!.length, 2);
});

Deno.test("members: the list has a line for each host of the file, in the order of their numbers", () => {
  const values = (host: number) => ({ k: host, ip: `10.77.0.${host}`, file: "f.bin" });
  assertEquals(
    fill(
      fillMembers(
        "FileName {file}\n{members:100{k} {ip} 6008 {seed}\n}end",
        { share: [3, 2], fetch: [4] },
        values,
      ),
      values(4),
    ),
    "FileName f.bin\n1002 10.77.0.2 6008 1\n1003 10.77.0.3 6008 1\n1004 10.77.0.4 6008 0\nend",
  );
  const fixed = LEAST.replace(`"grade": 1`, `"grade": 1, "members": "fixed"`);
  assertEquals(readTemplate(fixed, "t", didYouMean).isFixed, true);
  assertMatch(
    problem(fixed.replace("get {file}", "get {members}")),
    /^mine.jsonc:5:31: \{members:…\} has what is written/,
  );
});

Deno.test("`as` takes over what another verb says", () => {
  const { verbs } = readTemplate(
    `{"grade": 1, "folder": ".", "share": {"run": "./p {k}", "ready": "up", "put": "in/{file}"},
      "download": {"as": "share", "file": "out/{file}"}}`,
    "t",
    didYouMean,
  );
  assertEquals(verbs.download.run, "./p {k}");
  assertEquals([verbs.download.put, verbs.download.file], ["in/{file}", "out/{file}"]);
});

Deno.test("property: whatever stands in a file, it is read or refused with a place", () => {
  const words = fc.constantFrom(
    ...Object.keys(TEMPLATE_KEYS),
    "run",
    "type",
    "wait",
    "{file}",
    "{x}",
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      words,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("any"), { maxLength: 4 }),
      fc.dictionary(words, tie("any"), { maxKeys: 5 }),
    ),
  })).any;
  fc.assert(fc.property(value, fc.nat(200), (value, cut) => {
    const text = JSON.stringify(value, undefined, 1);
    for (const one of [text, text.slice(0, cut)]) {
      try {
        readTemplate(one, "f", didYouMean);
      } catch (error) {
        assertEquals((error as Error).name, "JsoncError");
        assertMatch((error as Error).message, /^f:\d+:\d+: /);
      }
    }
  }));
});

Deno.test("the schema knows every key of the table, and no other", () => {
  const schema = templateSchema() as { properties: object; additionalProperties: boolean };
  assertEquals(Object.keys(schema.properties), Object.keys(TEMPLATE_KEYS));
  assertEquals(schema.additionalProperties, false);
});

Deno.test("property: what init writes of any answers is a template that says the same", () => {
  const answer = fc.string({ minLength: 1, maxLength: 40 }).filter((text) =>
    !/[\r\n{}]/.test(text)
  );
  fc.assert(fc.property(answer, answer, answer, answer, (tracker, peer, share, leave) => {
    const text = newTemplate({ folder: ".", tracker, peer, share, download: "get {file}", leave });
    const { verbs } = readTemplate(text, "new", didYouMean);
    assertEquals(verbs.tracker!.run, tracker);
    assertEquals(verbs.peer!.run, peer);
    assertEquals(verbs.share.type![0], { do: "type", text: share, line: verbs.share.line + 2 });
  }));
});
