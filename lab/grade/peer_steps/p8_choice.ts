/**
 * P8: whom to ask for what, and whom to give: rarest first, places, the optimistic turn.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../../protocol/mod.ts";
import { fetchFile } from "../fetch_file.ts";
import type { PeerConnection } from "../peer_connection.ts";
import type { ScriptedPeer } from "../scripted_peer.ts";
import { expectMessage, newcomer, type Seeding, startSeed } from "../seeding.ts";
import type { Probe, Step } from "../step.ts";
import type { Trial } from "../trial.ts";

const PIECE = 2 * BLOCK_LENGTH;

/** Peers that want pieces at the same time. */
const CALLERS = 14;
/** Places that a program may have: BEP 3's four, and what common clients have. */
const MOST_PLACES = 10;
/** ms in which a program may unchoke whom it wants to. */
const UNCHOKE_TIME = 2500;
/** ms in which the optimistic turn has to go round: three turns of 10 s, and one more round. */
const TURN_TIME = 45_000;

/** Many callers that are interested, and who of them is unchoked. */
async function crowd(trial: Trial): Promise<{
  seeding: Seeding;
  connections: PeerConnection[];
  unchoked: () => PeerConnection[];
}> {
  const seeding = await startSeed(trial, { length: 16 * PIECE });
  const connections: PeerConnection[] = [];
  for (let i = 0; i < CALLERS; i++) {
    const connection = await newcomer(trial, seeding.torrent).call(seeding.port);
    await expectMessage(
      trial,
      seeding,
      connection,
      "handshake",
      "BEP 3: who is called answers the handshake with its own",
    );
    connection.say("interested", (writer) => writer.interested());
    connections.push(connection);
  }
  const isOpen = ({ heard }: PeerConnection) =>
    heard.findLast(({ said }) => said.type === "unchoke" || said.type === "choke")?.said.type ===
      "unchoke";
  return { seeding, connections, unchoked: () => connections.filter(isOpen) };
}

const PROBES: readonly Probe[] = [
  {
    id: "P8.1",
    title: "The rarest piece is among the first that are asked for",
    points: 4,
    plain: true,
    timed: true,
    uses: ["download"],
    run: async (trial: Trial) => {
      const tracker = trial.tracker();
      const pieces = 24;
      const torrent = await trial.torrent({ announce: tracker.url, length: pieces * PIECE });
      // Not where a program in order comes early.
      const rare = 14 + trial.random.below(pieces - 14);
      const seen: number[] = [];
      const make = (has: (piece: number) => boolean): ScriptedPeer => {
        const peer: ScriptedPeer = trial.peer(torrent, {
          has,
          // Nobody is unchoked before all bitfields are there: who has what is known by then.
          interested: (connection) => trial.later(1500, () => peer.unchoke(connection)),
          request: (connection, block) => {
            if (!seen.includes(block.piece)) seen.push(block.piece);
            trial.later(30, () => peer.give(connection, block));
          },
        });
        return peer;
      };
      make(() => true);
      for (let i = 0; i < 3; i++) make((piece) => piece !== rare);
      const why = "BEP 3: pieces are downloaded rarest first: who has the only copy may leave";
      await fetchFile(trial, {
        word: "download",
        torrent,
        values: { torrent: torrent.path },
        content: torrent.content,
        what: "the file",
        why,
      });
      const place = seen.indexOf(rare) + 1;
      // A few are asked for at random first, and several peers are asked at a time.
      const most = 10;
      if (place > most) {
        trial.fail({
          expected: `piece ${rare}, which one of four peers has, among the first ${most}`,
          seen: `it was number ${place}; the order was ${seen.slice(0, 16).join(", ")}, …`,
          why,
        });
      }
    },
  },
  {
    id: "P8.2",
    title: `Of ${CALLERS} peers that want pieces, some are unchoked and not all`,
    points: 3,
    uses: ["seed"],
    run: async (trial: Trial) => {
      const { seeding, unchoked } = await crowd(trial);
      const why =
        "BEP 3: few peers at a time are unchoked, since many connections on one line are " +
        "slower than few, and who gives is to be preferred";
      await trial.until(() => unchoked().length > 0 || undefined, seeding.run);
      // All those that it wants to.
      const until = performance.now() + UNCHOKE_TIME;
      while (performance.now() < until) await seeding.run.until(() => undefined, 100);
      trial.judgeFaults();
      const { length } = unchoked();
      if (length === 0 || length > MOST_PLACES) {
        trial.fail({
          expected: `1 to ${MOST_PLACES} peers are unchoked`,
          seen: `${length} of ${CALLERS}`,
          why,
        });
      }
    },
  },
  {
    id: "P8.3",
    title: "Somebody who waits gets a turn within 45 seconds",
    points: 3,
    slow: true,
    uses: ["seed"],
    run: async (trial: Trial) => {
      const { seeding, connections, unchoked } = await crowd(trial);
      const until = performance.now() + UNCHOKE_TIME;
      while (performance.now() < until) await seeding.run.until(() => undefined, 100);
      const first = new Set(unchoked());
      if (first.size === connections.length) {
        trial.remark("everybody is unchoked at once, so that nobody waits for a turn");
        return;
      }
      const limit = performance.now() + TURN_TIME;
      while (performance.now() < limit && unchoked().every((one) => first.has(one))) {
        trial.check();
        await seeding.run.until(() => undefined, 200);
      }
      if (unchoked().every((one) => first.has(one))) {
        trial.fail({
          expected: "one more of those that wait is unchoked",
          seen: `the same ${first.size} of ${connections.length} for ${TURN_TIME / 1000} s`,
          why:
            "BEP 3: every 30 s the optimistic unchoke goes to somebody else: newcomers have nothing " +
            "to give before they got something",
        });
      }
    },
  },
];

export const P8: Step = {
  id: "P8",
  of: "peer",
  title: "Whom to ask, whom to give",
  needs: ["P6"],
  probes: PROBES,
};
