/**
 * One swarm of all makes at once, each on a host of its own: all get the same, and nobody is banned.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { digestsOf } from "../support/digests.ts";
import { canMakeHosts, HostNetwork } from "../support/hosts.ts";
import { OpenTracker } from "../support/opentracker.ts";
import { isInstalled } from "../support/other_clients.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";
import { MAKES } from "./makes.ts";
import { PROGRAMS } from "./programs.ts";

const PORT = 8000;
/** Longest (ms) for anybody to be complete. */
const PATIENCE = 120_000;
/** Bytes a second: they have to get most of it from each other. */
const UPLOAD_LIMIT = "1M";

const TRACKERS = {
  "our tracker": "http",
  "opentracker": "http",
  "opentracker over UDP": "udp",
} as const;

const ignore = !await canMakeHosts();

for (const [name, protocol] of Object.entries(TRACKERS)) {
  Deno.test({ name: `all makes in one swarm by ${name}`, ignore }, async () => {
    await using stack = new AsyncDisposableStack();
    const isOurs = name === "our tracker";
    if (!isOurs && !await isInstalled("opentracker", "opentracker", ["-h"])) return;
    const makes: typeof MAKES[number][] = [];
    for (const make of MAKES) if (await PROGRAMS[make.name].isInstalled()) makes.push(make);
    const names = ["home", "seed", "leech", ...makes.map((make) => make.name)] as const;
    const folder = stack.use(await TempFolder.make());
    const network = stack.use(await HostNetwork.start(names));
    const run = (host: typeof names[number], args: readonly string[]) =>
      stack.use(new Vtorrent(args, { through: network.host(host).through }));

    await folder.write("source/folder/a b.bin", patternBytes(4_000_001, 1));
    await folder.write("source/folder/nested/Übung 日本.txt", patternBytes(777, 2));
    const torrent = folder.at("it.torrent");
    const home = network.host("home");
    const made = await vtorrent([
      ...["create", folder.at("source/folder"), "--piece-length", "32k", "--json"],
      ...["--tracker", `${protocol}://${home.ip4}:${PORT}/announce`, "--output", torrent],
    ]);
    assertEquals(made.code, 0, made.stderr);
    if (isOurs) await run("home", ["tracker", "--daemon", "--no-db"]).event("started");
    else {
      const { info_hash: infoHash } = JSON.parse(made.stdout);
      stack.use(await OpenTracker.start(folder.at("tracker"), PORT, [infoHash], home));
    }

    const source = ["--dir", folder.at("source"), "--upload-limit", UPLOAD_LIMIT];
    const seed = run("seed", ["seed", torrent, ...source]);
    await seed.event("announced");
    const column = protocol === "udp" ? "UDP" : "v1";
    const others = await Promise.all(makes.map(async ({ name }) => {
      const how = { task: "downloads", column, host: network.host(name) } as const;
      return stack.use(await PROGRAMS[name].start(torrent, folder.at(name), how));
    }));
    const leech = run("leech", ["download", torrent, "--dir", folder.at("leech")]);
    await Promise.all([
      leech.event("downloaded", undefined, PATIENCE),
      ...others.map((other) => other.complete(PATIENCE)),
    ]);

    const sent = await digestsOf(folder.at("source"));
    for (const name of ["leech", ...makes.map((make) => make.name)]) {
      const found = await digestsOf(folder.at(name));
      for (const [path, digest] of Object.entries(sent)) {
        assertEquals(found[path], digest, `${name}: ${path}`);
      }
    }
    for (const ours of [seed, leech]) {
      for (const bad of ["peer-banned", "piece-failed"]) {
        assertEquals(ours.events.filter(({ event }) => event === bad), []);
      }
    }
    assertEquals(others.flatMap((other) => other.bans?.() ?? []), []);
    const met = new Set(
      [seed, leech].flatMap(({ events }) =>
        events.filter(({ event }) => event === "peer-connected")
          .map(({ address }) => String(address).split(":")[0])
      ),
    );
    for (const { name } of makes) {
      assert(met.has(network.host(name).ip4), `nobody of ours met ${name}`);
    }
  });
}
