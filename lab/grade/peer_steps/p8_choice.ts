/**
 * P8: whom to ask for what, and whom to give: rarest first, places, the optimistic turn.
 *
 * @module
 */
import { BLOCK_LENGTH } from "../../../protocol/mod.ts";
import { fetchFile } from "../fetch_file.ts";
import { messageWords } from "../message_words.ts";
import type { Heard, PeerConnection } from "../peer_connection.ts";
import type { ScriptedPeer } from "../scripted_peer.ts";
import { callSeed, expectMessage, newcomer, type Seeding, startSeed } from "../seeding.ts";
import type { Probe, Step } from "../step.ts";
import { blocksOf } from "../torrents.ts";
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

/** Blocks that are asked for at once, 12 MiB: systems keep some six of what nobody reads. */
const FLOOD = 768;
/** Of those, how many are taken back: the last ones. */
const CANCELLED = 256;
/** ms that a program has at least to read what was said to it. */
const CANCEL_TIME = 500;

/** Many callers that are interested, and who of them is unchoked. */
async function crowd(trial: Trial): Promise<{
  seeding: Seeding;
  connections: PeerConnection[];
  unchoked: () => PeerConnection[];
}> {
  const seeding = await startSeed(trial, { length: 16 * PIECE });
  const connections: PeerConnection[] = [];
  for (let i = 0; i < CALLERS; i++) {
    const connection = await callSeed(trial, seeding, newcomer(trial, seeding.torrent));
    await expectMessage(
      trial,
      seeding,
      connection,
      "handshake",
      "BEP 3: the dialled peer answers the handshake with its own",
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
      const peers: ScriptedPeer[] = [];
      const waiting: (() => void)[] = [];
      const unchokeAll = () => waiting.splice(0).forEach((unchoke) => unchoke());
      // Nobody is unchoked before all bitfields are there: who has what is known by then.
      const areKnown = () =>
        peers.every(({ connections }) => connections.some((one) => one.handshake));
      const make = (has: (piece: number) => boolean): ScriptedPeer => {
        const peer: ScriptedPeer = trial.peer(torrent, {
          has,
          interested: (connection) => {
            waiting.push(() => peer.unchoke(connection));
            if (areKnown()) trial.whenRested(300, unchokeAll);
            // Some call fewer.
            else trial.later(5000, unchokeAll);
          },
          request: (connection, block) => {
            if (!seen.includes(block.piece)) seen.push(block.piece);
            trial.later(30, () => peer.give(connection, block));
          },
        });
        peers.push(peer);
        return peer;
      };
      make(() => true);
      for (let i = 0; i < 3; i++) make((piece) => piece !== rare);
      const why =
        "BEP 3: pieces are downloaded rarest first: the peer with the only copy may leave";
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
        "slower than few, and peers that give are preferred";
      await trial.until(() => unchoked().length > 0 || undefined, seeding.run);
      // All those that it wants to.
      await trial.untilRest(() => undefined, seeding.run, UNCHOKE_TIME);
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
    title: "A waiting peer gets a turn within 45 seconds",
    points: 3,
    slow: true,
    uses: ["seed"],
    run: async (trial: Trial) => {
      const { seeding, connections, unchoked } = await crowd(trial);
      await trial.untilRest(() => undefined, seeding.run, UNCHOKE_TIME);
      const first = new Set(unchoked());
      if (first.size === connections.length) {
        trial.remark("every peer is unchoked at once, so that none waits for a turn");
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
            "BEP 3: every 30 s the optimistic unchoke goes to another peer: newcomers have nothing " +
            "to give before they got something",
        });
      }
    },
  },
  {
    id: "P8.4",
    title: "CANCEL: a block that still waits to be sent is not sent",
    points: 1,
    uses: ["seed"],
    run: async (trial: Trial) => {
      const seeding = await startSeed(trial, {
        pieceLength: 64 * PIECE,
        length: FLOOD * BLOCK_LENGTH,
      });
      const why =
        "BEP 3: CANCEL takes a request back. A program that reads while it writes meets " +
        "it before it has sent what waits";
      const connection = await callSeed(trial, seeding, newcomer(trial, seeding.torrent));
      await expectMessage(trial, seeding, connection, "handshake", why);
      connection.say("interested", (writer) => writer.interested());
      await expectMessage(trial, seeding, connection, "unchoke", why);
      const blocks = Array.from(
        { length: seeding.torrent.pieceCount },
        (_, piece) => blocksOf(seeding.torrent, piece),
      ).flat();
      const cancelled = blocks.slice(-CANCELLED);
      connection.cutting = "joined";
      // More than systems keep of what nobody reads: the rest waits within the program.
      connection.hold();
      connection.say(`${blocks.length} requests`, (writer) => {
        for (const { piece, begin, length } of blocks) writer.request(piece, begin, length);
      });
      connection.say(`CANCEL of the last ${cancelled.length}`, (writer) => {
        for (const { piece, begin, length } of cancelled) writer.cancel(piece, begin, length);
      });
      await trial.untilRest(() => undefined, seeding.run, CANCEL_TIME);
      connection.readOn();
      const given = () => connection.heard.filter(({ said }) => said.type === "piece");
      const isCancelled = ({ said }: Heard) =>
        said.type === "piece" &&
        cancelled.some(({ piece, begin }) => piece === said.piece && begin === said.begin);
      const enough = blocks.length - cancelled.length;
      await trial.until(
        () => connection.closed || given().length >= enough || undefined,
        seeding.run,
        1500,
      );
      await trial.untilRest(() => given().find(isCancelled), seeding.run, 300);
      trial.judgeFaults();
      if (given().length === 0) {
        trial.fail({
          expected: "the blocks that were asked for and not taken back",
          seen: connection.closed ? "it closed the connection" : "none of them",
          why,
        });
      }
      const wrong = given().find(isCancelled);
      if (wrong === undefined) return;
      trial.fail({
        expected: `none of the ${cancelled.length} blocks that were taken back before it could ` +
          "send them",
        seen: messageWords(wrong.said),
        why,
        filter: "bittorrent.msg.type == 7 || bittorrent.msg.type == 8",
        ...connection.placeOf(wrong, [5, 13]),
      });
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
