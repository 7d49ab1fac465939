import { DownlinkQueue } from "../../../peer/downloading/downlink_queue.ts";
import { Download } from "../../../peer/downloading/download.ts";
import { BufferPool } from "../../../peer/pieces/buffer_pool.ts";
import { PiecePicker } from "../../../peer/pieces/piece_picker.ts";
import { BLOCK_LENGTH, Layout } from "../../../protocol/piece_layout.ts";
import { assertEquals } from "../../support/assert.ts";
import { unchokingPeer } from "../../support/peers.ts";
import { seededRandom } from "../../support/random.ts";

const PIECES = 400;

/** A download from so many peers, each of which may be asked for all that its window takes. */
function setUp(count: number) {
  const layout = new Layout(PIECES * 4 * BLOCK_LENGTH, 4 * BLOCK_LENGTH);
  const picker = PiecePicker.of(PIECES, seededRandom(1));
  const download = new Download(layout, picker, new BufferPool(1 << 28));
  const peers = Array.from({ length: count }, (_, i) => unchokingPeer(i + 1, PIECES));
  const downlink = download.downlink = new DownlinkQueue({ keys: () => peers });
  const ask = (now: number) => {
    for (const peer of peers) download.assign(peer, download.roomFor(peer), now, () => {});
  };
  /** The oldest block of some comes, and a second is over. */
  const deliver = (now: number, from = peers) => {
    for (const peer of from) {
      const [first] = peer.requests.values();
      if (first === undefined) continue;
      const begin = first.block * BLOCK_LENGTH;
      download.accept(peer, first.active.piece, begin, new Uint8Array(BLOCK_LENGTH), now);
    }
    for (const peer of peers) peer.tick();
    downlink.tick();
  };
  const out = () => peers.reduce((sum, { requests }) => sum + requests.size, 0);
  return { download, downlink, peers, ask, deliver, out };
}

Deno.test("before anything came a megabyte is asked for, and of each peer one block at least", () => {
  const { ask, out, peers } = setUp(20);
  ask(0);
  assertEquals(peers.map(({ requests }) => requests.size), [16, 16, 16, 16, ...Array(16).fill(1)]);
  assertEquals(out(), 80);
});

Deno.test("blocks that wait before our line are asked for ten seconds ahead", () => {
  const { downlink, peers, ask, deliver, out } = setUp(5);
  const told: unknown[] = [];
  downlink.onFull = (isFull, rate) => told.push([isFull, rate]);
  ask(0);
  assertEquals(out(), 65);
  // The line takes one block a second.
  for (let second = 1; second <= 90; second++) {
    deliver(1000 * second, [peers[second % 5]!]);
    ask(1000 * second);
  }
  assertEquals(downlink.rate, BLOCK_LENGTH);
  assertEquals(out(), 10);
  // Once, however often it is asked.
  assertEquals(told, [[true, BLOCK_LENGTH]]);
});

Deno.test("where blocks come within two seconds nothing but its own window holds a peer back", () => {
  const { downlink, peers: [peer, ...others], ask, deliver } = setUp(12);
  ask(0);
  deliver(100);
  assertEquals(downlink.roomFor(peer!), Infinity);
  for (const other of others) assertEquals(downlink.roomFor(other), Infinity);
});

Deno.test("what others were asked for takes its time over our line", () => {
  const { downlink, peers, ask, deliver } = setUp(4);
  ask(0);
  assertEquals(downlink.waitFor(peers[0]!), 0);
  deliver(1000);
  const rate = 4 * BLOCK_LENGTH;
  assertEquals(downlink.rate, rate);
  assertEquals(downlink.waitFor(peers[0]!), 1000 * 3 * 15 * BLOCK_LENGTH / rate);
});

Deno.test("the room that is left is what nobody was asked for, whatever became of the requests", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(seed);
    const some = <T>(items: readonly T[]): T | undefined =>
      items[Math.floor(random() * items.length)];
    const { download, downlink, peers } = setUp(8);
    const server = unchokingPeer(9, PIECES, "web seed");
    const everybody = [...peers, server];
    for (const peer of everybody) peer.amInterested = true;
    const nothing = () => {};
    let now = 0;
    for (let step = 0; step < 400; step++) {
      // Blocks come later than two seconds, so that no peer is let ask whatever the others do.
      now += 3000 * random();
      const peer = some(peers)!;
      const asked = some([...peer.requests.values()]);
      const at = asked && [asked.active.piece, asked.block * BLOCK_LENGTH] as const;
      const what = Math.floor(10 * random());
      if (what < 3) download.assign(peer, download.roomFor(peer), now, nothing);
      else if (what < 5 && asked !== undefined && now - asked.at >= 2000) {
        const outcome = download.accept(peer, ...at!, new Uint8Array(BLOCK_LENGTH), now);
        for (const _ of download.alsoAsked(everybody, ...at!)) { /* told to cancel */ }
        if (outcome.kind === "complete") {
          if (random() < 0.5) download.failed(outcome.active);
          else download.verified(outcome.active);
        }
      } else if (what === 5 && at !== undefined) {
        const heir = download.rejected(peer, ...at);
        if (heir !== undefined) download.askFor(heir, ...at, now, nothing);
      } else if (what === 6) download.relieve(peer, everybody, 4, now, nothing, nothing);
      else if (what === 7) {
        download.giveUpOverdue(peer, now);
        download.probe(peer, now, nothing);
        peer.tick();
        downlink.tick();
      } else if (what === 8 && random() < 0.2) download.releaseAll(peer, random() < 0.5);
      else if (what === 9) {
        download.assignRun(server, Math.floor(PIECES * random()), 1, now, nothing);
        if (random() < 0.1) download.releaseAll(server);
      }
      const out = peers.reduce((sum, { requests }) => sum + requests.size, 0);
      const { rate } = downlink;
      const most = rate === 0 ? 64 : Math.max(4, Math.ceil(10 * rate / BLOCK_LENGTH));
      assertEquals(
        peers.map((peer) => downlink.roomFor(peer)),
        peers.map(({ requests }) => Math.max(most - out, 1 - requests.size)),
        `seed ${seed}, step ${step}`,
      );
    }
  }
});
