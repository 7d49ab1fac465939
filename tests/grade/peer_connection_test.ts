import { encodeHandshake, MessageWriter } from "../../protocol/mod.ts";
import { NO_CAPTURE } from "../../lab/grade/capture.ts";
import { Random } from "../../lab/grade/random.ts";
import { ScriptedPeer } from "../../lab/grade/scripted_peer.ts";
import { makeTorrent } from "../../lab/grade/torrents.ts";
import { assert } from "../support/assert.ts";

Deno.test("a program that asks and asks and never reads is not heard any further", async () => {
  const torrent = makeTorrent(new Random(1), {});
  const peerId = new Uint8Array(20);
  let stirs = 0;
  await using peer = new ScriptedPeer(torrent, peerId, {}, {
    ...{ now: () => 0, fairTime: 0, capture: NO_CAPTURE, nextConnection: () => 1 },
    stir: () => void stirs++,
    broke: (error) => {
      throw error;
    },
  });
  const program = await Deno.connect({ hostname: "127.0.0.1", port: peer.port });
  const { infoHash } = torrent;
  await program.write(
    encodeHandshake({ infoHash, peerId, fast: false, extended: false, dht: false }),
  );
  const writer = new MessageWriter(() => {});
  for (let count = 0; count < 1000; count++) writer.request(0, 0, 16384);
  const thousand = writer.take().slice();
  // What it asks for would be 640 MiB.
  let asked = 0;
  const asking = (async () => {
    for (; asked < 40 * thousand.length;) {
      const rest = asked % thousand.length;
      asked += await program.write(thousand.subarray(rest));
    }
  })().catch(() => {});
  const asks = () => asked / thousand.length * 1000;
  let before = 0;
  for (let quiet = 0; quiet < 10 && peer.requests < 20_000; quiet++) {
    if (stirs + asked > before) quiet = 0;
    before = stirs + asked;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  assert(peer.requests > 0);
  assert(peer.requests < 15_000, `${peer.requests} of ${asks()} requests were heard`);
  program.close();
  await asking;
});
