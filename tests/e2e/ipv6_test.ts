/**
 * IPv6 alone: every way to find and to call a peer, between hosts of their own. Each program listens on
 * its IPv6 address only.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { digestOf } from "../support/digests.ts";
import { canMakeHosts, HostNetwork } from "../support/hosts.ts";
import { runToEnd } from "../support/process.ts";
import { patternBytes, TempFolder } from "../support/temp_folder.ts";
import { Vtorrent, vtorrent } from "../support/vtorrent.ts";

const ignore = !await canMakeHosts();

interface Way {
  readonly name: string;
  /** Flags of both, and of the one that downloads. */
  readonly both: readonly string[];
  readonly leech: (seed: string) => readonly string[];
  /** What the link says beside its hash. */
  readonly link?: (seed: string) => string;
  /** What `peer-connected` has to say. */
  readonly source: string;
  readonly isUdp?: boolean;
}

const NOTHING = ["--no-dht", "--no-pex"];

const WAYS: readonly Way[] = [
  {
    name: "a magnet link names the peer (x.pe)",
    both: NOTHING,
    leech: () => [],
    link: (seed) => `&x.pe=${seed}`,
    source: "magnet",
  },
  {
    name: "uTP, over a line that carries no more than 1280 bytes",
    both: NOTHING,
    leech: (seed) => ["--utp", "prefer", "--peer", seed],
    source: "manual",
    isUdp: true,
  },
  { name: "multicast (LSD)", both: [...NOTHING, "--lsd"], leech: () => [], source: "lsd" },
  {
    name: "the DHT",
    both: ["--dht", "--no-pex"],
    leech: () => [],
    source: "dht",
  },
];

for (const { name, both, leech, link, source, isUdp } of WAYS) {
  Deno.test({ name: `IPv6: ${name}`, ignore }, async () => {
    await using folder = await TempFolder.make();
    await folder.write("source/file.bin", patternBytes(2_000_001, 6));
    await Deno.mkdir(folder.at("target"));
    const torrent = folder.at("it.torrent");
    const made = await vtorrent(["create", folder.at("source/file.bin"), "--output", torrent]);
    assertEquals(made.code, 0, made.stderr);
    const { stdout } = await vtorrent(["show", torrent, "--json"]);
    const infoHash = /"info_hash":"([0-9a-f]{40})"/.exec(stdout)![1]!;

    await using network = await HostNetwork.start(["first", "second"]);
    const [first, second] = [network.host("first"), network.host("second")];
    for (const { through } of [first, second]) {
      await runToEnd("ip", ["link", "set", "eth0", "mtu", "1280"], { through });
    }
    const env = { VTORRENT_NO_DHT: "" };
    const on = ({ ip6, through }: typeof first, dir: string) => ({
      flags: ["--host", ip6, "--port", "0", "--dir", folder.at(dir), ...both],
      options: { through, env, cwd: folder.path },
    });
    const source1 = on(first, "source");
    const entrance = ["peer", "entrance", "--daemon", "--host", first.ip6, "--port", "0", "--dht"];
    await using node = new Vtorrent(entrance, source1.options);
    const enter = ["--dht-bootstrap", `[${first.ip6}]:${(await node.event("started")).port}`];
    await using seed = new Vtorrent(["seed", torrent, ...source1.flags, ...enter], source1.options);
    const { port } = await seed.event("started");
    await seed.event("seeding");
    const address = `[${first.ip6}]:${port}`;
    const target = on(second, "target");
    await using peer = new Vtorrent([
      ...["download", `magnet:?xt=urn:btih:${infoHash}${link?.(address) ?? ""}`],
      ...[...target.flags, ...enter, ...leech(address)],
    ], target.options);
    await peer.event("downloaded");
    assertEquals(
      await digestOf(folder.at("target/file.bin")),
      await digestOf(folder.at("source/file.bin")),
    );
    const counted = await runToEnd("cat", ["/proc/net/snmp6"], { through: second.through });
    const packets = Number(/^Udp6InDatagrams\s+(\d+)/m.exec(counted.stdout)![1]);
    assertEquals(packets > 1000, isUdp === true, `${packets} datagrams`);
    const connected = [...peer.events, ...seed.events].filter(({ event }) =>
      event === "peer-connected"
    );
    assert(connected.some((event) => event.source === source), JSON.stringify(connected));
    for (const event of connected) assert(String(event.address).startsWith("[fd77::"), `${event}`);
  });
}
