/**
 * What strangers say to a running peer or tracker, much of it at once: messages, datagrams, requests.
 *
 * @module
 */
import { Bitfield } from "../../protocol/bitfield.ts";
import { MAX_PIECES } from "../../protocol/bounds.ts";
import { connectFrom } from "../support/connect_from.ts";
import { FakePeer } from "../support/fake_peer.ts";
import { seededRandom } from "../support/random.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { addressOf } from "./attack.ts";
import type { Look, StallRow } from "./stall_rows.ts";
import { Victim } from "./victim.ts";
import { PIECES } from "./wide_torrents.ts";

/** ms that something is said for. */
const SPELL = 2000;

/** Peers that say the same at the same time, each from an address of its own. */
const CROWD = 12;

/** Half of all pieces, which is the most that there is to count. */
function halfOf(pieceCount: number): Uint8Array {
  const half = new Bitfield(pieceCount);
  const random = seededRandom(7);
  for (let piece = 0; piece < pieceCount; piece++) if (random() < 0.5) half.add(piece);
  return half.bytes;
}

async function ofTwoMillionPieces(look: Look): Promise<void> {
  await using folder = await TempFolder.make();
  await using victim = new Victim(folder);
  const port = await victim.isUp();
  await victim.add(PIECES[1]());
  const { info_hash: infoHash } = await victim.event("torrent-checked");
  const call = async (index: number) => {
    const peer = new FakePeer(await connectFrom(addressOf(index), port));
    await peer.handshake(Uint8Array.fromHex(String(infoHash)), { fast: true });
    return peer;
  };
  const bits = halfOf(MAX_PIECES);
  victim.forgetStalls();
  const crowd = await Promise.all(Array.from({ length: CROWD }, (_, index) => call(index)));
  await Promise.all(crowd.map(async (peer) => {
    peer.say.bitfield(bits);
    await peer.flush();
    await peer.hearUntil("interested");
  }));
  await look(victim, "bitfields of half of the pieces");
  victim.forgetStalls();
  for (const peer of crowd) peer[Symbol.dispose]();
  await victim.until(
    () =>
      victim.stdout.filter((line) => line.includes('"peer-disconnected"')).length >= CROWD
        ? true
        : undefined,
    "the end of all connections",
  );
  await look(victim, "their ends");

  using poor = await call(CROWD);
  victim.forgetStalls();
  const one = new Bitfield(MAX_PIECES);
  one.add(7);
  poor.say.bitfield(one.bytes);
  await poor.flush();
  await poor.hearUntil("interested");
  poor.say.unchoke();
  await poor.flush();
  await poor.hearUntil("request");
  // Each is a batch of its own, after which more would be asked for, were there anything.
  const end = Date.now() + SPELL;
  while (Date.now() < end) {
    poor.say.keepAlive();
    await poor.flush();
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  await look(victim, "small messages of who has one piece");

  // Who had one piece tells of all in a second bitfield, as aria2 does of some.
  using second = await call(CROWD + 1);
  victim.forgetStalls();
  second.say.bitfield(one.bytes);
  second.say.bitfield(Bitfield.full(MAX_PIECES).bytes);
  second.say.unchoke();
  await second.flush();
  await second.hearUntil("request");
  await look(victim, "a second bitfield");
}

export const MESSAGES: readonly StallRow[] = [
  {
    name: "a peer's loop goes on while peers tell of two million pieces",
    run: ofTwoMillionPieces,
  },
];
