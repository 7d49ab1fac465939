import { whoCrowds } from "../../../peer/logic/crowding.ts";
import { Peer } from "../../../peer/logic/peer.ts";
import { assertEquals } from "../../support/assert.ts";

let port = 1;

function peer(host: string, connectedAt: number, facts: Partial<Peer> = {}): Peer {
  const made = new Peer({
    host,
    port: port++,
    peerId: new Uint8Array(20),
    source: "incoming",
    incoming: true,
    fast: true,
    extended: true,
    client: "test",
    pieceCount: 4,
    now: connectedAt,
  });
  return Object.assign(made, facts);
}

Deno.test("the newest idle one of the address with the most gives way to another address", () => {
  const crowd = [peer("10.0.0.1", 1000), peer("10.0.0.1", 3000), peer("10.0.0.1", 9500)];
  const others = [peer("10.0.0.2", 0), peer("10.0.0.3", 0)];
  const all = [...others, ...crowd];
  assertEquals(whoCrowds(all, "10.0.0.4", 10_000)?.port, crowd[1]!.port);
  assertEquals(whoCrowds(all, "10.0.0.4", 12_000)?.port, crowd[2]!.port);
  // In the first moments nobody could say yet what it wants.
  assertEquals(whoCrowds(all, "10.0.0.4", 1500), undefined);
});

Deno.test("who wants or gives anything, or did, never gives way", () => {
  const used = peer("10.0.0.1", 0);
  used.up.add(1);
  const crowd = [
    peer("10.0.0.1", 0, { peerInterested: true }),
    peer("10.0.0.1", 0, { amInterested: true }),
    used,
  ];
  assertEquals(whoCrowds(crowd, "10.0.0.2", 60_000), undefined);
});

Deno.test("neighbours of one address make room for each other only after a while", () => {
  const room = [peer("127.0.0.1", 0), peer("127.0.0.1", 5000, { peerInterested: true })];
  assertEquals(whoCrowds(room, "127.0.0.1", 20_000), undefined);
  assertEquals(whoCrowds(room, "127.0.0.1", 30_000), room[0]);
  // Nobody goes for an address that has more already.
  assertEquals(whoCrowds([peer("10.0.0.1", 0), ...room], "127.0.0.1", 29_000), undefined);
});

Deno.test("a /64 of IPv6 is one address", () => {
  const crowd = [1, 2, 3].map((n) => peer(`2001:db8::${n}`, 0));
  assertEquals(whoCrowds(crowd, "2001:db8:0:1::1", 10_000), crowd[2]);
  assertEquals(whoCrowds(crowd, "2001:db8::9", 10_000), undefined);
});
