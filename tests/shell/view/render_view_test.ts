import { assert, assertEquals } from "../../support/assert.ts";
import type { PieceStatus } from "../../../peer/mod.ts";
import { verbsOf } from "../../../shell/commands/mod.ts";
import { displayWidth } from "../../../shell/base/format.ts";
import type { Column, Row, View } from "../../../shell/view/view.ts";
import { problemsOf, renderView, type TerminalStyle } from "../../../shell/view/render_view.ts";

const SCREEN: TerminalStyle = { form: "screen", columns: 80, unicode: true, colour: false };
const RECORDS: TerminalStyle = { ...SCREEN, form: "records" };
const PAIRS: TerminalStyle = { ...SCREEN, form: "pairs" };
const JSON_LINES: TerminalStyle = { ...SCREEN, form: "json" };

const PIECES: PieceStatus[] = ["have", "have", "active", "available", "missing"];
const COLUMNS: Column[] = [
  { key: "name", flexible: true },
  { key: "state" },
  { key: "pieces", unit: "pieces", drop: 1 },
  { key: "progress", title: "done", unit: "share" },
  { key: "down", unit: "rate" },
  { key: "eta", title: "left", unit: "seconds", drop: 2 },
  { key: "info_hash", hidden: true },
];
const ROWS: Row[] = [
  {
    name: "lecture.pdf",
    state: "downloading",
    pieces: PIECES,
    progress: 0.4,
    down: 1_572_864,
    eta: 200,
    "info_hash": "ab",
  },
  {
    name: "slides, part 2.zip",
    state: "seeding",
    pieces: ["have"],
    progress: 1,
    down: 0,
    eta: undefined,
    "info_hash": "cd",
  },
];
const TABLE: View & { view: "table" } = {
  view: "table",
  event: "status",
  items: "torrents",
  columns: COLUMNS,
  rows: ROWS,
  empty: "None.",
};

const lines = (view: View, look: TerminalStyle) => renderView(view, look).split("\n").slice(0, -1);

Deno.test("renderView() lays a table out for 80 columns", () => {
  assertEquals(lines(TABLE, SCREEN), [
    "name                state        pieces                done       down    left",
    "lecture.pdf         downloading  ████████▒▒▒▒░░░░····   40%  1.5 MiB/s  3m 20s",
    "slides, part 2.zip  seeding      ████████████████████  100%      0 B/s       -",
  ]);
});

Deno.test("renderView() drops the dullest columns and shortens names on a narrow screen", () => {
  assertEquals(lines(TABLE, { ...SCREEN, columns: 60, unicode: false }), [
    "name                state        done       down",
    "lecture.pdf         downloading   40%  1.5 MiB/s",
    "slides, part 2.zip  seeding      100%      0 B/s",
  ]);
  assertEquals(lines(TABLE, { ...SCREEN, columns: 42, unicode: false }), [
    "name          state        done       down",
    "lecture.pdf   downloading   40%  1.5 MiB/s",
    "slides~2.zip  seeding      100%      0 B/s",
  ]);
});

Deno.test("renderView() shortens one very long name rather than taking columns from all rows", () => {
  const long = { ...ROWS[0], name: `${"season 1 ".repeat(30)}episode 7.mkv` };
  const [heading, first] = lines({ ...TABLE, rows: [long, ROWS[1]!] }, { ...SCREEN, columns: 84 });
  assertEquals(heading?.split(/ +/), ["name", "state", "pieces", "done", "down", "left"]);
  assertEquals(first?.slice(0, 39), "season 1 sea…isode 7.mkv  downloading  ");
});

Deno.test("renderView() never writes a line wider than the screen", () => {
  for (let columns = 36; columns <= 130; columns++) {
    for (const line of lines(TABLE, { ...SCREEN, columns })) {
      assert(displayWidth(line) <= columns, `${columns}: ${line}`);
    }
  }
});

Deno.test("renderView() writes one record a line where nobody looks", () => {
  assertEquals(lines(TABLE, RECORDS), [
    "name: lecture.pdf, state: downloading, pieces: ##*-., progress: 40%, down: 1.5 MiB/s, " +
    "eta: 3m 20s, info_hash: ab",
    'name: "slides, part 2.zip", state: seeding, pieces: #, progress: 100%, down: 0 B/s, ' +
    "info_hash: cd",
  ]);
});

Deno.test("renderView() writes headings and values between tabs for programs of one answer", () => {
  const rows = [{ ...ROWS[0], name: "two\twords" }];
  assertEquals(lines({ ...TABLE, rows }, PAIRS), [
    "name\ttwo\\x09words\tstate\tdownloading\tpieces\t##*-.\tdone\t40%\tdown\t1.5 MiB/s\t" +
    "left\t3m 20s\tinfo hash\tab",
  ]);
});

Deno.test("renderView() writes one JSON object for a table, with raw numbers", () => {
  const [line, ...others] = lines(TABLE, JSON_LINES);
  assertEquals(others, []);
  assertEquals(JSON.parse(line!), {
    event: "status",
    torrents: ROWS.map((row) => JSON.parse(JSON.stringify(row))),
  });
});

Deno.test("renderView() says what to do where a table is empty", () => {
  const empty: View = { ...TABLE, rows: [] };
  assertEquals(renderView(empty, SCREEN), "None.\n");
  assertEquals(renderView(empty, RECORDS), "None.\n");
  assertEquals(renderView(empty, JSON_LINES), '{"event":"status","torrents":[]}\n');
});

Deno.test("renderView() lists facts with their names at the left", () => {
  const facts: View = {
    view: "facts",
    event: "scrape",
    columns: [
      { key: "name" },
      { key: "seeders", unit: "count" },
      { key: "leechers", unit: "count" },
      { key: "tracker" },
    ],
    row: { name: "a\x1b[2Jb", seeders: 2, leechers: 0 },
  };
  assertEquals(lines(facts, SCREEN), [
    "name      a\\x1b[2Jb",
    "seeders   2",
    "leechers  0",
  ]);
  assertEquals(renderView(facts, RECORDS), "name: a\\x1b[2Jb, seeders: 2, leechers: 0\n");
  assertEquals(renderView(facts, PAIRS), "name\ta\\x1b[2Jb\nseeders\t2\nleechers\t0\n");
});

Deno.test("renderView() leaves problems to standard error", () => {
  const view: View = {
    view: "several",
    views: [
      { view: "sentence", event: "x", text: "Done." },
      { view: "problem", text: "No tracker" },
    ],
  };
  assertEquals(renderView(view, SCREEN), "Done.\n");
  assertEquals(problemsOf(view), ["No tracker"]);
});

Deno.test("renderView() colours only where it is asked to", () => {
  assertEquals(renderView(TABLE, SCREEN).includes("\x1b"), false);
  assertEquals(renderView(TABLE, { ...SCREEN, colour: true }).includes("\x1b[2m"), true);
});

Deno.test("renderView() never cuts words that are there to be read", () => {
  const rows = verbsOf("peer").map(({ name, summary }): Row => ({ verb: name, summary }));
  const view: View = {
    view: "table",
    event: "verbs",
    prose: true,
    items: "verbs",
    columns: [{ key: "verb" }, { key: "summary" }],
    rows,
    empty: "",
  };
  for (const columns of [30, 40, 60, 80]) {
    const look = { form: "screen", columns, unicode: true, colour: false } as const;
    const text = renderView(view, look);
    assert(text.split("\n").every((line) => line.length <= columns), text);
    const words = text.replace(/\s+/g, " ");
    for (const { summary } of rows) assert(words.includes(String(summary)), `${columns}: ${text}`);
  }
});
