import { PiecePicker } from "../peer/logic/piece_picker.ts";
import { Bitfield } from "../protocol/bitfield.ts";
import { seededRandom } from "../tests/support/random.ts";

const PEERS = 50;

/** Peers that have about half of the pieces each. */
function halfPeers(pieces: number): Bitfield[] {
  const random = seededRandom(1);
  return Array.from({ length: PEERS }, () => {
    const field = new Bitfield(pieces);
    for (let piece = 0; piece < pieces; piece++) if (random() < 0.5) field.add(piece);
    return field;
  });
}

function pickerWith(peers: readonly Bitfield[], pieces: number): PiecePicker {
  const picker = PiecePicker.of(pieces, seededRandom(2));
  for (const peer of peers) picker.addPeer(peer);
  return picker;
}

/** What a picker without buckets does: it looks at every piece. */
function scan(copies: Uint16Array, begun: Uint8Array, peer: Bitfield): number {
  let best = -1;
  for (let piece = 0; piece < copies.length; piece++) {
    if (begun[piece] || !peer.has(piece)) continue;
    if (best < 0 || copies[piece]! < copies[best]!) best = piece;
  }
  return best;
}

for (const pieces of [1000, 10_000]) {
  const peers = halfPeers(pieces);
  const group = `piece picker: ${pieces} pieces, ${PEERS} peers`;
  const picker = pickerWith(peers, pieces);
  const copies = Uint16Array.from({ length: pieces }, (_, piece) => picker.availability(piece));
  const begun = new Uint8Array(pieces);
  let turn = 0;

  Deno.bench("pick by a scan, begin and give back", { group, baseline: true }, () => {
    const piece = scan(copies, begun, peers[turn++ % PEERS]!);
    begun[piece] = 1;
    begun[piece] = 0;
  });
  Deno.bench("pick, begin and give back", { group }, () => {
    const piece = picker.pick(peers[turn++ % PEERS]!)!;
    picker.take(piece);
    picker.giveBack(piece);
  });
  Deno.bench("a peer comes and goes", { group }, () => {
    const peer = peers[turn++ % PEERS]!;
    picker.addPeer(peer);
    picker.removePeer(peer);
  });
}

// A whole download: all pieces picked, with a have from another peer after each.
const pieces = 10_000;
const full = Bitfield.full(pieces);
Deno.bench("piece picker: all of 10,000 pieces, a have after each", (timer) => {
  const picker = pickerWith([], pieces);
  picker.addSeed();
  timer.start();
  for (let i = 0; i < pieces; i++) {
    picker.take(picker.pick(full)!);
    picker.onHave((i * 7919) % pieces);
  }
  timer.end();
});
