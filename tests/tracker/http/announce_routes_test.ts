import { formatAnnounceQuery } from "../../../protocol/announce.ts";
import { type BencodeValue, decodeBencode } from "../../../protocol/bencode.ts";
import { startTracker, type Tracker } from "../../../tracker/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";

type Dict = Map<string, BencodeValue>;

const INFO_HASH = new Uint8Array(20).fill(0x41);
const idOf = (port: number): string => `-VB0001-${String(port).padStart(12, "0")}`;
const text = (value: BencodeValue | undefined): string =>
  new TextDecoder().decode(value as Uint8Array);

/** What the tracker answers to an announce from that port, with more in its query. */
async function announce(
  tracker: Tracker,
  port: number,
  more = "",
  headers: HeadersInit = {},
): Promise<Dict> {
  const query = formatAnnounceQuery({
    infoHash: INFO_HASH,
    peerId: new TextEncoder().encode(idOf(port)),
    port,
    uploaded: 0,
    downloaded: 0,
    left: 5,
    event: "none",
    numwant: -1,
    key: undefined,
    compact: true,
    noPeerId: false,
  }).replace("&compact=1", "");
  const response = await fetch(
    `http://127.0.0.1:${tracker.port}/announce?${query}${more}`,
    { headers },
  );
  assertEquals(response.status, 200);
  return decodeBencode(new Uint8Array(await response.arrayBuffer())) as Dict;
}

Deno.test("peers come compact or as dictionaries, with their IDs unless these are not wanted", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  await announce(tracker, 1001);
  const compact = Uint8Array.of(127, 0, 0, 1, 1001 >> 8, 1001 & 255);
  for (const more of ["", "&compact=1", "&compact=1&no_peer_id=0"]) {
    assertEquals((await announce(tracker, 1002, more)).get("peers"), compact);
  }
  const [named] = (await announce(tracker, 1002, "&compact=0")).get("peers") as Dict[];
  assertEquals([...named!.keys()], ["ip", "peer id", "port"]);
  assertEquals([text(named!.get("ip")), named!.get("port")], ["127.0.0.1", 1001]);
  assertEquals(text(named!.get("peer id")), idOf(1001));
  const [bare] = (await announce(tracker, 1002, "&compact=0&no_peer_id=1")).get("peers") as Dict[];
  assertEquals([...bare!.keys()], ["ip", "port"]);
});

Deno.test("numwant is a wish: none, some, at most 200, 50 where nothing is said", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  await Promise.all(
    Array.from({ length: 220 }, (_, i) => announce(tracker, 2000 + i, "&numwant=0")),
  );
  for (
    const [more, count] of [
      ["&numwant=0", 0],
      ["&numwant=7", 7],
      ["&numwant=100000", 200],
      ["&numwant=-1", 50],
      ["&numwant=many", 50],
      ["", 50],
    ] as const
  ) {
    const peers = (await announce(tracker, 1999, more)).get("peers") as Uint8Array;
    assertEquals(peers.length / 6, count, more);
  }
});

Deno.test("every reply says the address seen and the least interval", async () => {
  await using tracker = await startTracker({ host: "::1", port: 0 });
  const query = `info_hash=${"A".repeat(20)}&peer_id=${"B".repeat(20)}&port=1`;
  const response = await fetch(`http://[::1]:${tracker.port}/announce?${query}`);
  const reply = decodeBencode(new Uint8Array(await response.arrayBuffer())) as Dict;
  assertEquals(reply.get("external ip"), new Uint8Array(16).with(15, 1));
  const [interval, least] = ["interval", "min interval"].map((key) => reply.get(key) as number);
  assert(least! >= 3 && least! <= interval!);
});

Deno.test("the first announce is told a tracker id, which later ones may say", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const id = text((await announce(tracker, 1001, "&event=started")).get("tracker id"));
  assert(/^[0-9a-f]{8}$/.test(id), id);
  const long = await announce(tracker, 1002, "&event=started&compact=0");
  assertEquals(text(long.get("tracker id")), id);
  const later = await announce(tracker, 1001, `&trackerid=${id}`);
  assertEquals(later.has("tracker id"), false);
});

Deno.test("events: paused is a leecher to others, stopped is gone, completed is counted", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const counts = async (port: number, more: string) => {
    const reply = await announce(tracker, port, `&numwant=0${more}`);
    return ["complete", "incomplete", "downloaded"].map((key) => reply.get(key));
  };
  assertEquals(await counts(1, "&event=started"), [0, 1, 0]);
  assertEquals(await counts(2, "&event=paused"), [0, 2, 0]);
  assertEquals(await counts(1, "&event=completed&left=0"), [1, 1, 1]);
  assertEquals(await counts(2, "&event=unheard-of"), [1, 1, 1]);
  assertEquals(await counts(2, "&event=stopped"), [1, 0, 1]);
});

Deno.test("a peer that announces from another port with the same key replaces its entry", async () => {
  await using tracker = await startTracker({ host: "127.0.0.1", port: 0 });
  const peer = `&peer_id=${"P".repeat(20)}`;
  await announce(tracker, 1001, `${peer}&key=0badcafe`);
  const moved = await announce(tracker, 1002, `${peer}&key=0badcafe`);
  assertEquals(moved.get("incomplete"), 1);
  const other = await announce(tracker, 1003, `${peer}&key=1`);
  assertEquals(other.get("incomplete"), 2);
});

Deno.test("a claimed X-Forwarded-For counts only with --trust-proxy", async () => {
  const headers = { "x-forwarded-for": "6.6.6.6, 192.0.2.7" };
  for (const [trustProxy, seen] of [[0, [127, 0, 0, 1]], [1, [192, 0, 2, 7]]] as const) {
    await using tracker = await startTracker({ host: "127.0.0.1", port: 0, trustProxy });
    const reply = await announce(tracker, 1001, "", headers);
    assertEquals(reply.get("external ip"), Uint8Array.from(seen));
    const [swarm] = await Promise.all((await tracker.snapshot()).swarms);
    assertEquals(swarm!.peers.map(({ ip }) => ip), [seen.join(".")]);
  }
});
