/**
 * Real hosts: a tracker on one, with a peer beside it; two peers on a second, one on a third. Every
 * peer gets something from every other that only that one has.
 *
 * @module
 */
import { join } from "@std/path";
import { type AnnounceReply, formatAnnounceQuery } from "../../protocol/announce.ts";
import { announceRequest } from "../support/announce_request.ts";
import { assertEquals } from "../support/assert.ts";
import { digestOf } from "../support/digests.ts";
import { canMakeHosts, type Host, HostNetwork } from "../support/hosts.ts";
import { runToEnd } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent } from "../support/vtorrent.ts";

const ignore = !await canMakeHosts();
/** Broadcasting is what is shown here, in a network that exists nowhere else. */
const env = { VTORRENT_NO_DISCOVERY: "" };

/** Three hosts, and a folder that they share. */
class Lab implements AsyncDisposable {
  readonly #network: HostNetwork<"home" | "first" | "second">;
  readonly #folder: TempFolder;
  readonly home: Host;
  readonly first: Host;
  readonly second: Host;

  private constructor(network: HostNetwork<"home" | "first" | "second">, folder: TempFolder) {
    this.#network = network;
    this.#folder = folder;
    this.home = network.host("home");
    this.first = network.host("first");
    this.second = network.host("second");
  }

  static async start(): Promise<Lab> {
    const network = await HostNetwork.start(["home", "first", "second"]);
    return new Lab(network, await TempFolder.make());
  }

  /** A tracker where the usual port is. */
  async tracker(host: Host, ...args: readonly string[]): Promise<Vtorrent> {
    const tracker = this.#run(host, ["tracker", "--daemon", ...args]);
    await tracker.event("started");
    return tracker;
  }

  /** A peer that reads commands. */
  peer(host: Host, id: string, ...args: readonly string[]): Vtorrent {
    return this.#run(host, ["peer", id, ...args], true);
  }

  /** Each peer sends each other one a file that nobody else has; all arrive whole. */
  async exchange(peers: Readonly<Record<string, Vtorrent>>): Promise<void> {
    const ids = Object.keys(peers);
    const pairs = ids.flatMap((from) =>
      ids.filter((to) => to !== from).map((to) => ({ from, to, name: `${from}-to-${to}.bin` }))
    );
    const path = (id: string, name: string) => this.#folder.at(`peer_files/peer_${id}/${name}`);
    for (const id of ids) await peers[id]!.event("started");
    for (const [index, { from, name }] of pairs.entries()) {
      await Deno.writeFile(path(from, name), patternBytes(70_000, index + 1));
      await peers[from]!.type(`send ${name}`);
    }
    for (const id of ids) await peers[id]!.eventCount("sent", ids.length - 1);
    for (const { to, name } of pairs) await peers[to]!.type(`download ${name}`);
    for (const id of ids) await peers[id]!.eventCount("downloaded", ids.length - 1);
    for (const { from, to, name } of pairs) {
      assertEquals(await digestOf(path(to, name)), await digestOf(path(from, name)), name);
    }
  }

  /** Hosts go last: their programs have ended by then. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  #run(host: Host, args: readonly string[], typing = false): Vtorrent {
    return new Vtorrent(args, { through: host.through, cwd: this.#folder.path, env, typing });
  }
}

async function trackerFound(peer: Vtorrent): Promise<unknown> {
  return (await peer.event("tracker-found")).tracker;
}

Deno.test(
  { name: "IPv4: the tracker is found by itself, every pair completes", ignore },
  async () => {
    await using lab = await Lab.start();
    const { home, first, second } = lab;
    await using tracker = await lab.tracker(home);
    await using beside = lab.peer(home, "beside");
    await using one = lab.peer(first, "one");
    await using two = lab.peer(first, "two");
    await using three = lab.peer(second, "three");
    assertEquals(await trackerFound(beside), "http://127.0.0.1:8000/announce");
    for (const peer of [one, two, three]) {
      assertEquals(await trackerFound(peer), `http://${home.ip4}:8000/announce`);
    }
    await lab.exchange({ beside, one, two, three });
    assertEquals(tracker.count("unreachable"), 0);
    assertEquals(tracker.count("failure"), 0);
  },
);

Deno.test({ name: "IPv6, over HTTP and UDP: every pair completes", ignore }, async () => {
  await using lab = await Lab.start();
  const { home, first, second } = lab;
  await using tracker = await lab.tracker(home, "--host", "::");
  const to = (tracker: string) => ["--host", "::", "--tracker", tracker];
  await using beside = lab.peer(home, "beside", ...to("http://[::1]:8000/announce"));
  await using one = lab.peer(first, "one", ...to(`http://[${home.ip6}]:8000/announce`));
  await using two = lab.peer(first, "two", ...to(`udp://[${home.ip6}]:8000/announce`));
  await using three = lab.peer(second, "three", ...to(`udp://[${home.ip6}]:8000/announce`));
  await lab.exchange({ beside, one, two, three });
  const seen = new Set(
    tracker.events.filter(({ event }) => event === "announce").map(({ ip }) => ip),
  );
  assertEquals([...seen].sort(), ["::1", first.ip6, second.ip6]);
});

Deno.test(
  { name: "peers of both families in one swarm: every pair completes", ignore },
  async () => {
    await using lab = await Lab.start();
    const { home, first, second } = lab;
    await using _tracker = await lab.tracker(home, "--host", "::");
    const to = (tracker: string) => ["--host", "::", "--tracker", tracker];
    await using beside = lab.peer(home, "beside", ...to("http://127.0.0.1:8000/announce"));
    await using one = lab.peer(first, "one", ...to(`http://[${home.ip6}]:8000/announce`));
    await using three = lab.peer(second, "three", ...to(`http://${home.ip4}:8000/announce`));
    await lab.exchange({ beside, one, three });
  },
);

Deno.test({
  name: "the nearest of several trackers is taken; those turned off are not found",
  ignore,
}, async () => {
  await using lab = await Lab.start();
  const { home, first, second } = lab;
  await using _far = await lab.tracker(home, "--no-db");
  await using _near = await lab.tracker(first, "--port", "9000", "--no-db");
  await using _silent = await lab.tracker(second, "--port", "9001", "--no-discovery", "--no-db");
  await using local = lab.peer(first, "local");
  assertEquals(await trackerFound(local), "http://127.0.0.1:9000/announce");
  // The one that was turned off is beside it, at a port that nobody would guess.
  await using other = lab.peer(second, "other");
  const found = String(await trackerFound(other));
  const choices = [`http://${home.ip4}:8000/announce`, `http://${first.ip4}:9000/announce`];
  assertEquals(choices.includes(found), true, found);
  // Nobody is found at another discovery port.
  await using lost = lab.peer(second, "lost", "--discovery-port", "9999");
  await lost.event("started");
  assertEquals(lost.count("tracker-found"), 0);
});

Deno.test(
  { name: "a claimed address is not believed: others get the one it was seen at", ignore },
  async () => {
    await using lab = await Lab.start();
    const { home, first, second } = lab;
    await using _tracker = await lab.tracker(home, "--no-port-check");
    const announce = async (host: Host, port: number, ip?: string): Promise<AnnounceReply> => {
      const query = formatAnnounceQuery(announceRequest(port, ip === undefined ? {} : { ip }));
      const program = join(import.meta.dirname!, "..", "support", "announce_once.ts");
      const url = `http://${host === home ? "127.0.0.1" : home.ip4}:8000/announce?${query}`;
      const args = ["run", "--quiet", "--allow-all", program, url];
      const { stdout, stderr } = await runToEnd(Deno.execPath(), args, { through: host.through });
      assertEquals(stderr, "");
      return JSON.parse(stdout);
    };
    // A stranger's address, and that of another host here: neither may be made a target.
    await announce(first, 7001, "198.51.100.7");
    await announce(first, 7002, second.ip4);
    await announce(home, 7003);
    const { peers, externalIp } = await announce(second, 7004);
    assertEquals(externalIp, second.ip4);
    assertEquals(peers.map(({ host, port }) => `${host}:${port}`).sort(), [
      `${home.ip4}:7003`,
      `${first.ip4}:7001`,
      `${first.ip4}:7002`,
    ]);
  },
);

Deno.test({
  name: "a tracker on one address only is found there, also from its own host",
  ignore,
}, async () => {
  await using lab = await Lab.start();
  const { home, first } = lab;
  await using _tracker = await lab.tracker(home, "--host", home.ip4);
  await using beside = lab.peer(home, "beside");
  await using one = lab.peer(first, "one");
  for (const peer of [beside, one]) {
    assertEquals(await trackerFound(peer), `http://${home.ip4}:8000/announce`);
  }
  await lab.exchange({ beside, one });
});
