/**
 * P7: giving to others, by way of `seed`.
 *
 * @module
 */
import { BLOCK_LENGTH, encodeHandshake } from "../../../protocol/mod.ts";
import { tryFetch } from "../fetch_file.ts";
import { hex, messageWords } from "../message_words.ts";
import type { Heard, PeerConnection } from "../peer_connection.ts";
import type { Block, ScriptedPeer } from "../scripted_peer.ts";
import { callSeed, expectMessage, newcomer, type Seeding, startSeed } from "../seeding.ts";
import type { Probe, Step } from "../step.ts";
import { bitfieldOf, blocksOf } from "../torrents.ts";
import type { TorrentOnDisk, Trial } from "../trial.ts";

/** Wrong blocks that a program gets before it is believed that it tells nobody of them. */
const MOST_WRONG = 60;

const WHY_GIVE = "BEP 3: an unchoked peer that requests a block gets it";

/** Calls, is interested, and waits for the unchoke. */
async function unchoked(
  trial: Trial,
  seeding: Seeding,
  peer: ScriptedPeer,
): Promise<PeerConnection> {
  const connection = await callSeed(trial, seeding, peer);
  await expectMessage(
    trial,
    seeding,
    connection,
    "handshake",
    "BEP 3: the dialled peer answers the handshake with its own",
  );
  connection.say("interested", (writer) => writer.interested());
  await expectMessage(
    trial,
    seeding,
    connection,
    "unchoke",
    "BEP 3: an interested peer is unchoked while a slot is free; there is no other peer",
  );
  return connection;
}

function ask(connection: PeerConnection, { piece, begin, length }: Block): void {
  connection.say(
    `request: piece ${piece}, begin ${begin}, length ${length}`,
    (writer) => writer.request(piece, begin, length),
  );
}

/** Waits for one block and compares it. */
async function expectBlock(
  trial: Trial,
  seeding: Seeding,
  connection: PeerConnection,
  block: Block,
): Promise<void> {
  const isIt = ({ said }: Heard) =>
    said.type === "piece" && said.piece === block.piece && said.begin === block.begin;
  const heard = await trial.until(
    () => connection.heard.find(isIt) ?? (connection.closed ? null : undefined),
    seeding.run,
  );
  trial.judgeFaults();
  if (!heard) {
    const wrong = connection.heard.find(({ said }) => said.type === "piece");
    trial.fail({
      expected: messageWords({ type: "piece", ...block, block: new Uint8Array(block.length) }),
      seen: wrong?.said.type === "piece" && wrong.said.piece !== block.piece
        ? messageWords(wrong.said)
        : connection.closed
        ? `it closed the connection, after it was told: ${connection.lastSaid}`
        : `nothing for ${Math.round(trial.patience / 1000)} s, after it was told: ` +
          connection.lastSaid,
      why: WHY_GIVE,
      filter: "bittorrent.msg.type == 7",
      ...(wrong === undefined
        ? { connection: connection.number, at: trial.now() }
        : connection.placeOf(wrong, [5, 13])),
    });
  }
  const got = heard.said.type === "piece" ? heard.said.block : new Uint8Array();
  const start = block.piece * seeding.torrent.pieceLength + block.begin;
  const wanted = seeding.torrent.content.subarray(start, start + block.length);
  let at = 0;
  while (at < wanted.length && got[at] === wanted[at]) at++;
  if (at === wanted.length && got.length === wanted.length) return;
  trial.fail({
    expected: `${block.length} bytes of piece ${block.piece} from byte ${block.begin} on: ` +
      `${hex(wanted.subarray(0, 8))} …`,
    seen: got.length === wanted.length
      ? `a block that differs from its byte ${at} on`
      : `a block of ${got.length} bytes`,
    why: WHY_GIVE,
    filter: "bittorrent.msg.type == 7",
    ...connection.placeOf(heard, at < 200 ? [13 + at, 14 + at] : undefined),
  });
}

/** Says something that a peer may not do, and sees that others are served after it. */
async function stillServes(trial: Trial, seeding: Seeding, why: string): Promise<void> {
  const other = newcomer(trial, seeding.torrent);
  const block = { piece: 0, begin: 0, length: BLOCK_LENGTH };
  try {
    const connection = await unchoked(trial, seeding, other);
    ask(connection, block);
    await expectBlock(trial, seeding, connection, block);
  } catch (error) {
    if (seeding.run.end === undefined) throw error;
    await seeding.run.ended(200);
    trial.fail({
      expected: "it goes on serving others",
      seen: `it ended: ${seeding.run.lastLines(1)[0] ?? "without a word"}`,
      why,
    });
  }
}

const uses = ["seed"];

const PROBES: readonly Probe[] = [
  {
    id: "P7.1",
    title: "Takes a call, unchokes, and gives a block",
    points: 6,
    plain: true,
    uses,
    run: async (trial) => {
      const seeding = await startSeed(trial);
      const connection = await unchoked(trial, seeding, newcomer(trial, seeding.torrent));
      const block = { piece: 1, begin: BLOCK_LENGTH, length: BLOCK_LENGTH };
      ask(connection, block);
      await expectBlock(trial, seeding, connection, block);
    },
  },
  {
    id: "P7.2",
    title: "Announces its port, and that nothing is left",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const seeding = await startSeed(trial);
      const asked = await trial.until(() => seeding.tracker.announces()[0], seeding.run);
      const told = (key: string) => asked?.query.get(key);
      const why =
        "BEP 3: others find a seed through its tracker, which counts peers with left=0 as seeders";
      if (asked === undefined) {
        trial.fail({ expected: "an announce", seen: "none", why });
      }
      for (const [key, value] of [["port", String(seeding.port)], ["left", "0"]] as const) {
        if (told(key) !== value) {
          trial.fail({ expected: `${key}=${value}`, seen: `${key}=${told(key) ?? ""}`, why });
        }
      }
      if (told("event") !== "started") trial.remark("its first announce has no event=started");
    },
  },
  {
    id: "P7.3",
    title: "A bitfield of nine pieces",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const seeding = await startSeed(trial, { length: 9 * 2 * BLOCK_LENGTH });
      const peer = newcomer(trial, seeding.torrent);
      const connection = await callSeed(trial, seeding, peer);
      const why =
        "BEP 3: a bit a piece, the first one the highest bit of the first byte; spare bits at " +
        "the end are 0";
      const wanted = bitfieldOf(seeding.torrent);
      const heard = await expectMessage(trial, seeding, connection, "bitfield", why);
      const bytes = heard.said.type === "bitfield" ? heard.said.bytes : new Uint8Array();
      if (hex(bytes) !== hex(wanted)) {
        let at = 0;
        while (bytes[at] === wanted[at]) at++;
        trial.fail({
          expected: `the bitfield ${hex(wanted)}`,
          seen: `the bitfield ${hex(bytes)}`,
          why,
          filter: "bittorrent.msg.type == 5",
          ...connection.placeOf(heard, bytes.length === wanted.length ? [5 + at, 6 + at] : [0, 4]),
        });
      }
    },
  },
  {
    id: "P7.4",
    title: "Gives nothing to a choked peer",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const seeding = await startSeed(trial);
      const peer = newcomer(trial, seeding.torrent);
      const connection = await callSeed(trial, seeding, peer);
      const why = "BEP 3: connections begin choked; requests of a choked peer are dropped";
      await expectMessage(trial, seeding, connection, "handshake", why);
      // Not interested, so there is no reason to unchoke.
      ask(connection, { piece: 0, begin: 0, length: BLOCK_LENGTH });
      const given = () => connection.heard.find(({ said }) => said.type === "piece");
      const isOpen = () => connection.heard.some(({ said }) => said.type === "unchoke");
      await trial.untilRest(
        () => given() ?? (connection.closed || isOpen() ? null : undefined),
        seeding.run,
        500,
      );
      if (isOpen()) {
        trial.remark(
          "unchokes a peer that is not interested: the slot is wasted on it",
        );
        return;
      }
      const heard = given();
      if (heard !== undefined) {
        trial.fail({
          expected: "no block before it has said unchoke",
          seen: messageWords(heard.said),
          why,
          filter: "bittorrent.msg.type == 7",
          ...connection.placeOf(heard, [4, 5]),
        });
      }
    },
  },
  {
    id: "P7.5",
    title: "Hangs up on an info hash that it does not have",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const seeding = await startSeed(trial);
      const peer = newcomer(trial, seeding.torrent, {
        handshake: { infoHash: trial.random.bytes(20) },
      });
      const connection = await peer.call(seeding.port);
      const why = "BEP 3: a peer that does not have the torrent closes the connection";
      const saysMore = () => connection.heard.some(({ said }) => said.type !== "handshake");
      await trial.until(
        () => connection.closed || (saysMore() && trial.isSilent(1000)) || undefined,
        seeding.run,
      );
      if (!connection.closed) {
        const last = connection.heard.at(-1);
        trial.fail({
          expected: "it closes the connection",
          seen: last === undefined ? "the connection stays open" : connection.lastHeardWords(),
          why,
          ...(last === undefined ? {} : connection.placeOf(last)),
        });
      }
      await stillServes(trial, seeding, why);
    },
  },
  {
    id: "P7.6",
    title: "Requests beyond the end are not answered, and end nothing else",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const seeding = await startSeed(trial);
      const { torrent } = seeding;
      const why = "Numbers of others are checked before they are used: a request beyond the end " +
        "is dropped, or the connection closed";
      for (
        const block of [
          { piece: torrent.pieceCount, begin: 0, length: BLOCK_LENGTH },
          { piece: 0, begin: torrent.pieceLength - 100, length: BLOCK_LENGTH },
          { piece: 0, begin: 0, length: 1 << 30 },
        ]
      ) {
        const connection = await unchoked(trial, seeding, newcomer(trial, torrent));
        ask(connection, block);
        const given = () => connection.heard.find(({ said }) => said.type === "piece");
        await trial.untilRest(
          () => given() ?? (connection.closed ? null : undefined),
          seeding.run,
          300,
        );
        if (seeding.run.end !== undefined) break;
        const heard = given();
        if (heard !== undefined) {
          trial.fail({
            expected: `no answer to ${messageWords({ type: "request", ...block })}`,
            seen: messageWords(heard.said),
            why,
            filter: "bittorrent.msg.type == 7",
            ...connection.placeOf(heard),
          });
        }
        await connection.close();
      }
      await stillServes(trial, seeding, why);
    },
  },
  {
    id: "P7.7",
    title: "The last, shorter block",
    points: 1,
    uses,
    run: async (trial) => {
      const length = 3 * 2 * BLOCK_LENGTH + BLOCK_LENGTH + 777;
      const seeding = await startSeed(trial, { length });
      const connection = await unchoked(trial, seeding, newcomer(trial, seeding.torrent));
      for (const block of blocksOf(seeding.torrent, 3)) {
        ask(connection, block);
        await expectBlock(trial, seeding, connection, block);
      }
    },
  },
  {
    id: "P7.8",
    title: "Five requests in one packet, and one in seventeen",
    points: 2,
    uses,
    run: async (trial) => {
      const seeding = await startSeed(trial, { length: 8 * 2 * BLOCK_LENGTH });
      const connection = await unchoked(trial, seeding, newcomer(trial, seeding.torrent));
      const blocks = [0, 1, 2, 3, 4].map((piece) => ({ piece, begin: 0, length: BLOCK_LENGTH }));
      connection.cutting = "joined";
      for (const block of blocks) ask(connection, block);
      for (const block of blocks) await expectBlock(trial, seeding, connection, block);
      connection.cutting = 1;
      const last = { piece: 5, begin: BLOCK_LENGTH, length: BLOCK_LENGTH };
      ask(connection, last);
      await expectBlock(trial, seeding, connection, last);
    },
  },
  {
    id: "P7.9",
    title: "A caller's handshake byte by byte, keep-alives, messages that it does not know",
    points: 1,
    uses,
    run: async (trial) => {
      const seeding = await startSeed(trial);
      const peer = newcomer(trial, seeding.torrent, { cutting: 1 });
      const connection = await callSeed(trial, seeding, peer);
      await expectMessage(
        trial,
        seeding,
        connection,
        "handshake",
        "TCP is a stream: one read may give " +
          "one byte of the 68",
      );
      connection.cutting = "plain";
      connection.say("a keep-alive", (writer) => writer.keepAlive());
      connection.say("have: piece 0", (writer) => writer.have(0));
      connection.say("interested", (writer) => writer.interested());
      await expectMessage(
        trial,
        seeding,
        connection,
        "unchoke",
        "BEP 3: a message of length 0 is a keep-alive",
      );
      const block = { piece: 2, begin: 0, length: BLOCK_LENGTH };
      ask(connection, block);
      await expectBlock(trial, seeding, connection, block);
      connection.say("a message with ID 99", Uint8Array.of(0, 0, 0, 3, 99, 1, 2));
      const last = { piece: 1, begin: 0, length: BLOCK_LENGTH };
      ask(connection, last);
      const why = "BEP 4: an ID that is not known is passed over by its length";
      try {
        await expectBlock(trial, seeding, connection, last);
      } catch (failure) {
        if (!connection.closed) throw failure;
        // As common clients do.
        trial.remark("hangs up on a message ID that it does not know");
        await stillServes(trial, seeding, why);
      }
    },
  },
  {
    id: "P7.10",
    title: "Two peers at the same time",
    points: 2,
    uses,
    run: async (trial) => {
      const seeding = await startSeed(trial);
      const [one, two] = [newcomer(trial, seeding.torrent), newcomer(trial, seeding.torrent)];
      const first = await unchoked(trial, seeding, one);
      const second = await unchoked(trial, seeding, two);
      for (const piece of [0, 1]) {
        for (const connection of [second, first]) {
          const block = { piece, begin: 0, length: BLOCK_LENGTH };
          ask(connection, block);
          await expectBlock(trial, seeding, connection, block);
        }
      }
    },
  },
  {
    id: "P7.11",
    title: "A peer that connects and stays silent keeps no other from being served",
    points: 1,
    uses,
    run: async (trial) => {
      const seeding = await startSeed(trial);
      const peer = newcomer(trial, seeding.torrent);
      using _silent = await Deno.connect({ hostname: "127.0.0.1", port: seeding.port });
      using half = await Deno.connect({ hostname: "127.0.0.1", port: seeding.port });
      const { infoHash } = seeding.torrent;
      const handshake = encodeHandshake({
        ...{ infoHash, peerId: peer.peerId, fast: false, extended: false, dht: false },
      });
      await half.write(handshake.subarray(0, 30));
      await stillServes(
        trial,
        seeding,
        "Every connection is served by itself: a thread, a task, or a " +
          "select over all of them",
      );
    },
  },
  {
    id: "P7.12",
    title: "HAVE only for pieces whose hash is right",
    points: 2,
    uses: ["download"],
    run: async (trial: Trial) => {
      const tracker = trial.tracker();
      const torrent = await trial.torrent({ announce: tracker.url });
      const peer: ScriptedPeer = trial.peer(torrent, {
        request: (connection, block) => peer.give(connection, block, wrongBlock(torrent, block)),
      });
      const haves = () =>
        peer.connections.flatMap((connection) =>
          connection.heard.filter(({ said }) => said.type === "have")
            .map((heard) => ({ heard, connection }))
        );
      const why = "BEP 3: HAVE announces a piece that was downloaded and whose hash was checked";
      const { run } = await tryFetch(
        trial,
        {
          word: "download",
          torrent,
          values: { torrent: torrent.path },
          content: torrent.content,
          what: "the file",
          why,
        },
        // Three pieces' worth of blocks, and a while to say what is to be said. Some never stop asking.
        () =>
          haves().length > 0 || (peer.requests >= 6 && trial.isSilent(500)) ||
          peer.requests >= MOST_WRONG,
      );
      await run.stop();
      const [first] = haves();
      if (first === undefined) return;
      const { said } = first.heard;
      trial.fail({
        expected: "no HAVE: every piece that it was given is wrong",
        seen: messageWords(said),
        why,
        filter: "bittorrent.msg.type == 4",
        ...first.connection.placeOf(first.heard, [4, 9]),
      });
    },
  },
];

function wrongBlock(torrent: TorrentOnDisk, { piece, begin, length }: Block): Uint8Array {
  const start = piece * torrent.pieceLength + begin;
  return torrent.content.slice(start, start + length).map((byte) => byte ^ 0xff);
}

export const P7: Step = {
  id: "P7",
  of: "peer",
  title: "Giving",
  needs: ["P4"],
  probes: PROBES,
};
