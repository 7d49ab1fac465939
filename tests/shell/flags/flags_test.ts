import { assertEquals, assertThrows } from "../../support/assert.ts";
import { UsageError } from "../../../shell/base/errors.ts";
import { type FlagName, readFlags } from "../../../shell/flags/flags.ts";

const NAMES: FlagName[] = ["tracker", "port", "json", "download-limit", "timeout", "peer", "dir"];
const env = (values: Record<string, string>) => (name: string) => values[name];
const given = (...pairs: [string, string | undefined][]) =>
  pairs.map(([name, value]) => ({ name, value }));

Deno.test("readFlags() lets flag beat environment beat file", () => {
  const config = { path: "v.json", value: { port: 1, dir: "file", "download-limit": "1k" } };
  const variables = env({ VTORRENT_PORT: "2", VTORRENT_DIR: "variable" });
  assertEquals(readFlags(NAMES, { given: given(["port", "3"]), env: variables, config }), {
    "download-limit": 1024,
    dir: "variable",
    port: 3,
  });
});

Deno.test("readFlags() reads every kind of value", () => {
  const flags = readFlags(NAMES, {
    given: given(
      ["tracker", "a:1"],
      ["tracker", "b:2"],
      ["json", undefined],
      ["download-limit", "1.5M"],
      ["timeout", "2m"],
      ["peer", "127.0.0.1:6881"],
      ["peer", "[::1]:7"],
    ),
  });
  assertEquals(flags, {
    tracker: ["a:1", "b:2"],
    json: true,
    "download-limit": 1_572_864,
    timeout: 120,
    peer: [{ host: "127.0.0.1", port: 6881 }, { host: "::1", port: 7 }],
  });
  assertEquals(readFlags(NAMES, { given: [], env: env({ VTORRENT_TRACKER: "a:1 b:2" }) }), {
    tracker: ["a:1", "b:2"],
  });
  assertEquals(readFlags(NAMES, { given: [], env: env({ VTORRENT_JSON: "no" }) }), { json: false });
  const config = { path: "v.json", value: { tracker: ["a:1"], json: true, port: 0 } };
  assertEquals(readFlags(NAMES, { given: [], config }), { tracker: ["a:1"], json: true, port: 0 });
});

Deno.test("readFlags() names what is wrong, and where it stands", () => {
  const wrong: [Parameters<typeof readFlags>[1], string][] = [
    [{ given: given(["prot", "1"]) }, 'Unknown flag --prot. Did you mean "--port"?'],
    [{ given: given(["port", "70000"]) }, '--port is "70000"'],
    [{ given: given(["port", undefined]) }, "--port needs a value"],
    [{ given: given(["download-limit", "fast"]) }, '--download-limit is "fast"'],
    [{ given: given(["peer", "localhost"]) }, '--peer is "localhost"'],
    [{ given: [], env: env({ VTORRENT_PORT: "x" }) }, 'VTORRENT_PORT is "x"'],
    [{ given: [], env: env({ VTORRENT_JSON: "maybe" }) }, 'VTORRENT_JSON is "maybe"'],
    [
      { given: [], config: { path: "v.json", value: { prot: 1 } } },
      'v.json has an unknown key "prot"',
    ],
    [{ given: [], config: { path: "v.json", value: [1] } }, "v.json is not a JSON object"],
    [{ given: [], config: { path: "v.json", value: { port: {} } } }, '"port" in v.json'],
  ];
  for (const [sources, message] of wrong) {
    assertThrows(() => readFlags(NAMES, sources), UsageError, message);
  }
});
