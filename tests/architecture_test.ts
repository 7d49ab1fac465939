/**
 * The rules of the tree, executed: which room may import which, which files touch the world, how large
 * a file may grow. DESIGN.md says why. A new arrow among rooms is a new word in this file.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { assert, assertEquals } from "./support/assert.ts";
import { arrowsOf, circlesOf, readSourceTree, roomOf, ROOT } from "./support/source_tree.ts";

/** A fence against files that grow for ever; no code is written to fit it. */
const MAX_LINES = 600;

const files = readSourceTree();
const byPath = new Map(files.map((file) => [file.path, file]));

/** Fails with all sentences at once: a moved file breaks several rules. */
function assertNone(complaints: string[]): void {
  assert(complaints.length === 0, "\n" + complaints.join("\n") + "\n");
}

/** The code that runs in a browser. */
const BROWSER = "shell/dashboard/page/";

/**
 * What each room may import, beside itself. Every room may import `protocol`, every room of
 * `peer/` and `tracker/` the `loop`, and every room of `peer/` the vocabulary at its root: options,
 * ports, clock, events, snapshot, errors, discoverable, background_tasks. The rooms of `shell/` see the rest through `peer/mod.ts`,
 * `peer/torrent_files.ts` and `tracker/mod.ts` alone. The rooms of each part stand in the order of their floors: none imports one
 * that stands below it here.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],

  store: [],

  loop: [],

  peer: [],
  "peer/rate": [],
  "peer/admission": ["peer/destination", "peer/rate"],
  "peer/destination": [],
  "peer/pieces": [],
  "peer/peers": ["peer/admission", "peer/destination", "peer/pieces", "peer/rate"],
  "peer/connections": ["peer/admission", "peer/destination", "peer/peers"],
  "peer/uploading": ["peer/connections", "peer/peers", "peer/pieces", "peer/rate"],
  "peer/choking": ["peer/connections", "peer/peers", "peer/uploading"],
  "peer/storage": ["peer/pieces"],
  "peer/dht": ["peer/admission", "peer/destination", "peer/peers", "peer/storage"],
  "peer/discovery": ["peer/admission", "peer/destination", "peer/dht"],
  "peer/hashing": ["peer/pieces", "peer/storage"],
  "peer/v2": ["peer/connections", "peer/hashing", "peer/peers", "peer/rate"],
  "peer/downloading": ["peer/connections", "peer/peers", "peer/pieces", "peer/rate", "peer/v2"],
  "peer/extensions": [
    "peer/connections",
    "peer/destination",
    "peer/peers",
    "peer/rate",
  ],
  "peer/metainfo": ["peer/hashing", "peer/storage", "peer/v2"],
  "peer/trackers": ["peer/destination", "peer/metainfo", "peer/rate"],
  "peer/web_seed": [
    "peer/destination",
    "peer/downloading",
    "peer/peers",
    "peer/pieces",
    "peer/rate",
  ],
  "peer/torrent": [
    "peer/choking",
    "peer/connections",
    "peer/downloading",
    "peer/extensions",
    "peer/peers",
    "peer/pieces",
    "peer/rate",
    "peer/storage",
    "peer/trackers",
    "peer/uploading",
    "peer/v2",
    "peer/web_seed",
  ],
  "peer/resume": [
    "peer/hashing",
    "peer/peers",
    "peer/pieces",
    "peer/storage",
    "peer/torrent",
    "peer/v2",
    "store",
  ],
  "peer/magnet": [
    "peer/connections",
    "peer/extensions",
    "peer/metainfo",
    "peer/peers",
    "peer/pieces",
    "peer/resume",
    "peer/storage",
    "peer/trackers",
  ],
  "peer/utp": ["peer/admission"],
  "peer/engine": [
    "peer/connections",
    "peer/destination",
    "peer/dht",
    "peer/discovery",
    "peer/hashing",
    "peer/magnet",
    "peer/metainfo",
    "peer/peers",
    "peer/pieces",
    "peer/rate",
    "peer/resume",
    "peer/storage",
    "peer/torrent",
    "peer/trackers",
    "peer/uploading",
    "peer/utp",
    "peer/v2",
    "peer/web_seed",
  ],
  "peer/mod.ts": [
    "peer/connections",
    "peer/destination",
    "peer/engine",
    "peer/hashing",
    "peer/peers",
    "peer/pieces",
    "peer/resume",
    "peer/storage",
    "peer/torrent",
    "peer/torrent_files.ts",
    "peer/trackers",
  ],
  "peer/torrent_files.ts": ["peer/metainfo", "peer/pieces", "peer/resume"],
  "peer/lab.ts": [
    "peer/choking",
    "peer/connections",
    "peer/dht",
    "peer/discovery",
    "peer/downloading",
    "peer/engine",
    "peer/hashing",
    "peer/magnet",
    "peer/peers",
    "peer/pieces",
    "peer/resume",
    "peer/trackers",
    "peer/uploading",
  ],

  "tracker/swarms": [],
  "tracker/contract": ["tracker/swarms"],
  "tracker/http": ["tracker/contract", "tracker/swarms"],
  "tracker/redis": ["tracker/contract", "tracker/swarms"],
  "tracker/udp": ["tracker/contract"],
  tracker: [
    "store",
    "tracker/contract",
    "tracker/http",
    "tracker/redis",
    "tracker/swarms",
    "tracker/udp",
  ],
  "tracker/mod.ts": [
    "tracker",
    "tracker/contract",
    "tracker/http",
    "tracker/swarms",
    "tracker/udp",
  ],

  "shell/base": ["shell/dashboard/page"],
  "shell/flags": ["shell/base"],
  "shell/trackers": ["shell/base"],
  "shell/arguments": ["shell/base", "shell/flags", "shell/trackers"],
  "shell/view": ["shell/base", "shell/dashboard/page"],
  "shell/terminal": ["shell/arguments", "shell/base", "shell/flags", "shell/view"],
  "shell/explain": ["shell/base", "shell/flags", "shell/terminal", "shell/view"],
  "shell/commands": [
    "shell/arguments",
    "shell/base",
    "shell/explain",
    "shell/flags",
    "shell/terminal",
    "shell/trackers",
    "shell/view",
  ],
  "shell/help": ["shell/base", "shell/commands", "shell/flags", "shell/terminal"],
  "shell/dashboard/page": [],
  "shell/dashboard/page/board": ["shell/dashboard/page"],
  "shell/dashboard/page/peer": ["shell/dashboard/page"],
  "shell/dashboard/page/tracker": ["shell/dashboard/page", "shell/dashboard/page/board"],
  "shell/dashboard": [
    "shell/arguments",
    "shell/base",
    "shell/commands",
    "shell/dashboard/page",
    "shell/dashboard/page/board",
    "shell/dashboard/page/peer",
    "shell/dashboard/page/tracker",
    "shell/explain",
    "shell/flags",
    "shell/terminal",
    "shell/trackers",
  ],
  "shell/demo": [
    "lab/scenario",
    "shell/arguments",
    "shell/base",
    "shell/flags",
    "shell/terminal",
    "shell/view",
  ],
  "shell/repl": [
    "shell/arguments",
    "shell/base",
    "shell/commands",
    "shell/explain",
    "shell/flags",
    "shell/terminal",
    "shell/trackers",
  ],
  "lab/programs": [],
  "lab/jsonc": [],
  "lab/scenario": ["lab/jsonc", "peer"],
  "lab/run": ["lab/scenario", "peer"],
  "lab/real": ["lab/programs", "lab/run", "lab/scenario", "peer/lab.ts", "peer/mod.ts"],
  "lab/measures": ["lab/run", "lab/scenario"],
  "lab/strategies": ["peer/lab.ts"],
  "lab/virtual": ["lab/run", "lab/scenario", "lab/strategies", "peer/lab.ts", "tracker/mod.ts"],
  "lab/engines": ["lab/run", "lab/scenario", "lab/virtual", "peer/lab.ts", "tracker/mod.ts"],
  "lab/checks": ["lab/measures", "lab/run", "lab/scenario"],
  "lab/experiment": ["lab/checks", "lab/run", "lab/scenario"],
  "lab/report": ["lab/checks", "lab/experiment", "lab/measures", "lab/run", "lab/scenario"],
  "lab/grade": ["lab/jsonc", "lab/programs", "peer/mod.ts", "tracker/mod.ts"],
  "shell/grade": ["lab/grade", "shell/base", "shell/explain", "shell/flags", "shell/terminal"],
  "shell/lab": [
    "lab/checks",
    "lab/engines",
    "lab/experiment",
    "lab/jsonc",
    "lab/measures",
    "lab/real",
    "lab/report",
    "lab/run",
    "lab/scenario",
    "lab/virtual",
    "shell/base",
    "shell/dashboard",
    "shell/dashboard/page",
    "shell/explain",
    "shell/flags",
    "shell/terminal",
  ],
  "shell/programs": [
    "shell/arguments",
    "shell/base",
    "shell/commands",
    "shell/dashboard",
    "shell/dashboard/page",
    "shell/demo",
    "shell/explain",
    "shell/flags",
    "shell/help",
    "shell/repl",
    "shell/terminal",
    "shell/trackers",
    "shell/view",
    "shell/grade",
    "shell/lab",
  ],
  shell: ["shell/base", "shell/flags", "shell/help", "shell/programs", "shell/terminal"],

  "main.ts": ["shell", "shell/terminal", "tracker/mod.ts"],
};

function mayImport(from: string, to: string): boolean {
  const [part] = from.split("/");
  return to === "protocol" || MAY_IMPORT[from]!.includes(to) ||
    (["peer", "tracker"].includes(part!) && to === "loop") || (part === "peer" && to === "peer") ||
    (part === "shell" && !`${from}/`.startsWith(BROWSER) &&
      ["peer/mod.ts", "peer/torrent_files.ts", "tracker/mod.ts"].includes(to));
}

Deno.test("each room imports the rooms that the table grants it, types included", () => {
  const complaints: string[] = [];
  for (const { from, to, because } of arrowsOf(files)) {
    assert(MAY_IMPORT[from], `No line says what the room ${from} may import: add one`);
    if (!mayImport(from, to)) {
      complaints.push(`${from} may not import ${to}: ${because.join(", ")}`);
    }
  }
  assertNone(complaints);
});

Deno.test("the table grants nothing that no room uses", () => {
  const arrows = new Set(arrowsOf(files).map(({ from, to }) => `${from} -> ${to}`));
  assertNone(
    Object.entries(MAY_IMPORT).flatMap(([from, rooms]) =>
      rooms.filter((to) => !arrows.has(`${from} -> ${to}`))
        .map((to) => `${from} does not import ${to}: take it out of the table`)
    ),
  );
  const rooms = new Set(files.map((file) => roomOf(file.path)));
  assertEquals(Object.keys(MAY_IMPORT).filter((room) => !rooms.has(room)), []);
});

/** Files that are read with a file at once: what it imports for more than its types, and not later. */
function readWith(path: string, seen = new Set<string>()): Set<string> {
  const file = byPath.get(path);
  if (file === undefined || seen.has(path)) return seen;
  seen.add(path);
  const later = [...file.text.matchAll(/\bimport\(\s*"(\.[^"]+)",?\s*\)/g)]
    .map(([, to]) => join(dirname(path), to!));
  for (const to of file.valueImports) if (!later.includes(to)) readWith(to, seen);
  return seen;
}

Deno.test("no program's start reads the lab, but for those that are about it", () => {
  const about = /^shell\/(lab|grade|demo|programs\/(lab|grade|grade_swarm|demo|completions)\.ts)/;
  const others = files.filter(({ path }) =>
    (path === "main.ts" || path.startsWith("shell/")) && !about.test(path)
  );
  assertNone(
    others.flatMap(({ path }) =>
      [...readWith(path)].filter((read) => read.startsWith("lab/"))
        .map((read) => `${path} reads ${read}: import it where it is needed, with import()`)
    ),
  );
});

Deno.test("no rooms import each other in a circle, types included", () => {
  assertNone(
    circlesOf(arrowsOf(files)).map((circle) => `These rooms form a circle: ${circle.join(", ")}`),
  );
});

Deno.test("shell/ reads protocol/ through its face", () => {
  assertNone(
    files.filter((file) => file.path.startsWith("shell/")).flatMap((file) =>
      file.imports.filter((to) => to.startsWith("protocol/") && to !== "protocol/mod.ts")
        .map((to) => `${file.path} imports ${to}: take it from protocol/mod.ts`)
    ),
  );
});

Deno.test("EngineContext stays in peer/engine/: every other room states what it needs", () => {
  assertNone(
    files.filter((file) =>
      !file.path.startsWith("peer/engine/") && file.imports.includes("peer/engine/context.ts")
    ).map((file) => `${file.path} imports peer/engine/context.ts`),
  );
});

Deno.test("every import leads to a file", () => {
  assertNone(
    files.flatMap((file) =>
      file.imports.filter((target) => !byPath.has(target) && !isAsset(target))
        .map((target) => `${file.path} imports ${target}, which is no source file`)
    ),
  );
});

/** What a page is made of beside its modules, and the scenarios that come with the lab. */
function isAsset(path: string): boolean {
  const isKind = path.startsWith(BROWSER)
    ? /\.(css|html|svg|json)$/.test(path)
    : /^lab\/scenario\/built_in\/\w+\.jsonc$/.test(path);
  return isKind && Deno.statSync(join(ROOT, path)).isFile;
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

/** Words of the real world: time, chance, machine, network, screen. */
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

/** Packages that compute and nothing else. */
const PURE_PACKAGES = ["@std/path", "@std/encoding/base32", "node:buffer"];

/**
 * The files of `store/`, `peer/` and `tracker/` that touch the world: sockets, disks, clocks, timers, chance,
 * threads. Every other file there, and all of `protocol/`, is pure: it takes such things as arguments.
 */
const TOUCHES_THE_WORLD: readonly string[] = [
  "loop/process_loop.ts",
  "store/sound_database.ts",
  "peer/connections/connection.ts",
  "peer/connections/mse_socket.ts",
  "peer/connections/tcp.ts",
  "peer/connections/udp.ts",
  "peer/destination/checked_fetch.ts",
  "peer/destination/first_reachable.ts",
  "peer/destination/pinned_https.ts",
  "peer/destination/reply_reach.ts",
  "peer/destination/resolve_host.ts",
  "peer/destination/tls_connection.ts",
  "peer/dht/datagram_port.ts",
  "peer/dht/state_file.ts",
  "peer/discovery/lsd_sockets.ts",
  "peer/engine/engine.ts",
  "peer/engine/new_context.ts",
  "peer/engine/real_world.ts",
  "peer/engine/torrent_disk.ts",
  "peer/hashing/digest_workers.ts",
  "peer/hashing/hasher.ts",
  "peer/hashing/node_hash.ts",
  "peer/hashing/piece_digester.ts",
  "peer/hashing/piece_digests.ts",
  "peer/magnet/magnet_files.ts",
  "peer/metainfo/info_hashes.ts",
  "peer/metainfo/source_files.ts",
  "peer/rate/retry_after.ts",
  "peer/resume/check_on_start.ts",
  "peer/resume/resume_db.ts",
  "peer/resume/store_lock.ts",
  "peer/resume/verify_files.ts",
  "peer/storage/copy_ranges.ts",
  "peer/storage/data_folder.ts",
  "peer/storage/delete_files.ts",
  "peer/storage/disk_space.ts",
  "peer/storage/download_lock.ts",
  "peer/storage/file_paths.ts",
  "peer/storage/file_pool.ts",
  "peer/storage/file_stamps.ts",
  "peer/storage/file_store.ts",
  "peer/storage/move_files.ts",
  "peer/storage/name_encoding.ts",
  "peer/storage/no_link.ts",
  "peer/storage/part_file.ts",
  "peer/storage/process_lock.ts",
  "peer/storage/replace_file.ts",
  "peer/storage/storage_error.ts",
  "peer/storage/write_all.ts",
  "peer/trackers/catalogue_client.ts",
  "peer/trackers/http_request.ts",
  "peer/trackers/tracker_discovery.ts",
  "peer/trackers/tracker_tap.ts",
  "peer/trackers/udp_tracker_client.ts",
  "peer/utp/utp_socket.ts",
  "peer/web_seed/web_client.ts",
  "tracker/access_lists.ts",
  "tracker/contract/sampled_timer.ts",
  "tracker/contract/start_error.ts",
  "tracker/discovery_server.ts",
  "tracker/host_addresses.ts",
  "tracker/http/announce_routes.ts",
  "tracker/http/http_body.ts",
  "tracker/http/http_connection.ts",
  "tracker/http/http_server.ts",
  "tracker/port_check.ts",
  "tracker/published_piece_layers.ts",
  "tracker/redis/redis_catalogue.ts",
  "tracker/redis/redis_cluster.ts",
  "tracker/redis/redis_connection.ts",
  "tracker/redis/redis_library.ts",
  "tracker/redis/redis_sentinel.ts",
  "tracker/redis/redis_store.ts",
  "tracker/servers.ts",
  "tracker/shared_catalogue.ts",
  "tracker/summary_log.ts",
  "tracker/tracker.ts",
  "tracker/tracker_db.ts",
  "tracker/udp/datagram_batch.ts",
  "tracker/udp/udp_server.ts",
];

/**
 * Pure files that bring files of the list above together. Every other pure file may import one of
 * them for its types alone, so that a decision never reaches for an effect.
 */
const WIRES: readonly string[] = [
  "peer/lab.ts",
  "peer/torrent_files.ts",
  "peer/connections/incoming_handshake.ts",
  "peer/connections/outgoing_handshake.ts",
  "peer/dht/dht.ts",
  "peer/engine/move_torrent.ts",
  "peer/engine/open_torrent.ts",
  "peer/engine/paths_in_use.ts",
  "peer/engine/relocate.ts",
  "peer/engine/restore.ts",
  "peer/magnet/magnet_list.ts",
  "peer/magnet/magnet_torrent.ts",
  "peer/metainfo/create_torrent.ts",
  "peer/metainfo/hash_source.ts",
  "peer/resume/torrent_record.ts",
  "peer/resume/verifier.ts",
  "peer/storage/file_claims.ts",
  "peer/storage/file_finisher.ts",
  "peer/storage/file_names.ts",
  "peer/storage/files_on_disk.ts",
  "peer/storage/look_beside.ts",
  "peer/torrent/exchange.ts",
  "peer/torrent/exchange_parts.ts",
  "peer/torrent/torrent.ts",
  "peer/trackers/tracker_client.ts",
  "peer/v2/hash_exchange.ts",
  "peer/v2/hash_replies.ts",
  "peer/web_seed/web_seeds.ts",
  "tracker/redis/redis_address.ts",
  "tracker/redis/redis_link.ts",
  "tracker/redis/redis_single.ts",
  "tracker/restore_records.ts",
];

/** What a file mentions of the real world, as sentences. */
function worldIn(file: (typeof files)[number]): string[] {
  const found = file.packages.filter((name) => !PURE_PACKAGES.includes(name))
    .map((name) => `${file.path} imports ${name}`);
  for (const word of WORLD) {
    const match = new RegExp(`(?<![\\w$.#])${word.replace(".", "\\s*\\.\\s*")}(?![\\w$])`)
      .exec(file.code);
    if (match === null) continue;
    const line = file.code.slice(0, match.index).split("\n").length;
    found.push(`${file.path}:${line} mentions ${word}`);
  }
  return found;
}

const isJudged = (path: string): boolean => /^(protocol|loop|store|peer|tracker)\//.test(path);

Deno.test("only the files of the list touch the world", () => {
  assertNone(
    files.filter(({ path }) => isJudged(path) && !TOUCHES_THE_WORLD.includes(path))
      .flatMap((file) =>
        worldIn(file).map((found) => `${found}, but a pure file takes such things as arguments`)
      ),
  );
});

Deno.test("every file of the list touches the world", () => {
  assertNone(
    TOUCHES_THE_WORLD.filter((path) => {
      const file = byPath.get(path);
      return file === undefined || worldIn(file).length === 0;
    }).map((path) => `${path} is pure, or gone: take it out of the list`),
  );
});

Deno.test("decisions reach for no effect: pure files import types alone, but for the wiring", () => {
  const wiring = files.filter(({ path, valueImports }) =>
    isJudged(path) && !path.endsWith("/mod.ts") && !TOUCHES_THE_WORLD.includes(path) &&
    valueImports.some((to) => TOUCHES_THE_WORLD.includes(to))
  ).map(({ path }) => path);
  assertNone([
    ...wiring.filter((path) => !WIRES.includes(path))
      .map((path) => `${path} is pure and imports a file that touches the world`),
    ...WIRES.filter((path) => !wiring.includes(path))
      .map((path) => `${path} wires nothing: take it out of the list`),
  ]);
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
