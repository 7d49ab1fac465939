import type { AnnounceRequest } from "../protocol/announce.ts";
import { MemoryStore } from "../tracker/swarms/memory_store.ts";

const peerId = new TextEncoder().encode("-VT0100-............");
const ids = new DataView(peerId.buffer);

/** `peers` peers in `swarms` swarms, and a function that lets any of them announce again. */
function filled(peers: number, swarms: number): () => void {
  const store = new MemoryStore(Math.random);
  const announce = (number: number): void => {
    const address = Uint8Array.of(11, number >> 16 & 255, number >> 8 & 255, number & 255);
    const infoHash = new Uint8Array(20);
    new DataView(infoHash.buffer).setUint32(0, number % swarms);
    ids.setUint32(12, number);
    const request: AnnounceRequest = {
      infoHash,
      peerId,
      port: 1025 + number % 60_000,
      uploaded: 1,
      downloaded: 1,
      left: number % 4,
      event: "none",
      numwant: 50,
      key: 1 + number,
      compact: true,
      noPeerId: true,
    };
    store.announce(request, { address, own: [] }, 0);
  };
  for (let i = 0; i < peers; i++) announce(i);
  let step = 0;
  return () => announce((Math.imul(step++, 2654435761) >>> 0) % peers);
}

for (const [peers, swarms] of [[1_000, 10], [100_000, 1_000], [1_000_000, 1_000]] as const) {
  const again = filled(peers, swarms);
  Deno.bench(`${peers.toLocaleString("en")} peers`, { group: "tracker store: announce" }, again);
}
