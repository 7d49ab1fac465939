/**
 * What is shown of a connection agrees with the rate beside it.
 *
 * @module
 */
import { createTorrent } from "../../peer/mod.ts";
import { BLOCK_LENGTH } from "../../protocol/layout.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { someBytes, TestEngine } from "../support/swarm.ts";

Deno.test("a peer that gets one piece after the other is shown as wanted as long as it gives", async () => {
  const pieces = 25;
  const content = someBytes(pieces * BLOCK_LENGTH);
  await using leech = await TestEngine.start();
  await using maker = await TestEngine.start();
  const path = await maker.put("f", content);
  const { bytes } = await createTorrent({ path, pieceLength: BLOCK_LENGTH });
  const infoHash = await leech.engine.add(bytes);
  using peer = await FakePeer.connect(leech.engine.port);
  await peer.handshake(Uint8Array.fromHex(infoHash));
  peer.say.unchoke();
  peer.say.have(0);
  await peer.flush();
  // It gets all but the last piece, each a little after we were done with the one before.
  const serving = (async () => {
    for (let last = 0, message; (message = await peer.hear()) !== undefined;) {
      if (message.type === "request") {
        const from = message.piece * BLOCK_LENGTH;
        peer.say.piece(message.piece, 0, content.subarray(from, from + BLOCK_LENGTH));
        await peer.flush();
      } else if (message.type === "not-interested" && ++last < pieces - 1) {
        setTimeout(() => {
          peer.say.have(last);
          peer.flush().catch(() => {});
        }, 100);
      }
    }
  })();
  const seen = new Set<string>();
  const isOver = () => {
    const torrent = leech.engine.snapshot().torrents[0]!;
    const [shown] = torrent.peers;
    if (shown === undefined) return false;
    const flows = shown.amInterested && !shown.peerChoking;
    seen.add(`${flows ? "wanted" : "not wanted"}, ${shown.downloadRate > 0 ? "gives" : "idle"}`);
    return torrent.piecesHave === pieces - 1 && !flows;
  };
  await leech.when(isOver, "the end of interest");
  assert(seen.has("wanted, gives") && seen.has("not wanted, idle"), [...seen].join("; "));
  assert(!seen.has("not wanted, gives"));
  peer[Symbol.dispose]();
  await serving;
  assertEquals(leech.engine.snapshot().torrents[0]!.piecesHave, pieces - 1);
});
