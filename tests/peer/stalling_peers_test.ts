/**
 * Peers that stall, over real sockets: those that lose requests, choke without a word, speak one
 * transport alone, say what they have bit by bit, hang up and come back. Nothing stands still while they
 * answer anything at all, alone and beside a good seed, and none is called more often than
 * `call_schedule.ts` says. Another kind is a row of `KINDS`.
 *
 * @module
 */
import { createTorrent } from "../../peer/mod.ts";
import { MIN_INTERVAL_MS } from "../../peer/logic/call_schedule.ts";
import type { UtpUse } from "../../peer/logic/ways.ts";
import { BLOCK_LENGTH } from "../../protocol/layout.ts";
import { assert, assertEquals } from "../support/assert.ts";
import type { FakePeer } from "../support/fake_peer.ts";
import { ListeningPeer, type Takes } from "../support/listening_peer.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 65536;
const PIECES = 8;
const CONTENT = someBytes(PIECE * PIECES - 5);
const BLOCKS = CONTENT.length / BLOCK_LENGTH;

/** Answers requests until the connection ends. */
type Act = (
  peer: FakePeer,
  give: (piece: number, begin: number, length: number) => void,
) => Promise<void>;

/** Hears requests; `lose` says which (by their number) are forgotten. */
function losing(lose: (request: number) => boolean): Act {
  return async (peer, give) => {
    peer.say.unchoke();
    await peer.flush();
    for (let asked = 0;;) {
      const message = await peer.hear();
      if (message === undefined) return;
      if (message.type !== "request") continue;
      if (!lose(asked++)) give(message.piece, message.begin, message.length);
      await peer.flush();
    }
  };
}

/** Reads one request, and forgets what comes until it has answered that one. */
const oneAtATime: Act = async (peer, give) => {
  peer.say.unchoke();
  await peer.flush();
  let isBusy = false;
  for (;;) {
    const message = await peer.hear();
    if (message === undefined) return;
    if (message.type !== "request" || isBusy) continue;
    isBusy = true;
    const { piece, begin, length } = message;
    setTimeout(() => {
      isBusy = false;
      give(piece, begin, length);
      peer.flush().catch(() => {});
    }, 5);
  }
};

/** Chokes after the first four requests, which it forgets, and unchokes a second later. */
const choking: Act = async (peer, give) => {
  peer.say.unchoke();
  await peer.flush();
  for (let asked = 0;;) {
    const message = await peer.hear();
    if (message === undefined) return;
    if (message.type !== "request") continue;
    if (++asked > 4) give(message.piece, message.begin, message.length);
    else if (asked === 4) {
      peer.say.choke();
      setTimeout(() => {
        peer.say.unchoke();
        peer.flush().catch(() => {});
      }, 1000);
    }
    await peer.flush();
  }
};

/** Answers so many requests and hangs up. */
function leaving(after: number): Act {
  return async (peer, give) => {
    peer.say.unchoke();
    await peer.flush();
    for (let given = 0; given < after;) {
      const message = await peer.hear();
      if (message === undefined) return;
      if (message.type !== "request") continue;
      give(message.piece, message.begin, message.length);
      given++;
      await peer.flush();
    }
  };
}

/** Tells of its next piece each time that it was asked for all of the one before. */
const tellingOneByOne: Act = async (peer, give) => {
  peer.say.unchoke();
  peer.say.have(0);
  await peer.flush();
  const blocksPerPiece = PIECE / BLOCK_LENGTH;
  for (let asked = 0;;) {
    const message = await peer.hear();
    if (message === undefined) return;
    if (message.type !== "request") continue;
    give(message.piece, message.begin, message.length);
    if (++asked % blocksPerPiece === 0 && asked < BLOCKS) peer.say.have(asked / blocksPerPiece);
    await peer.flush();
  }
};

interface Kind {
  readonly what: string;
  readonly act: Act;
  /** It speaks BEP 6. */
  readonly fast?: boolean;
  /** It says at once what it has. Default: yes. */
  readonly tells?: boolean;
  /** How it treats calls. Default: takes those over TCP, and nobody is at its UDP port. */
  readonly tcp?: Takes;
  readonly utp?: Takes;
  /** Our own use of uTP. */
  readonly use?: UtpUse;
  /** Seconds within which a download from it alone is complete. */
  readonly seconds: number;
  /** Calls over each transport in that time, at most. */
  readonly calls?: number;
}

const good = losing(() => false);

const KINDS: readonly Kind[] = [
  { what: "loses the first request", act: losing((request) => request < 1), seconds: 15 },
  {
    what: "loses the first four requests",
    fast: true,
    act: losing((request) => request < 4),
    seconds: 15,
  },
  // A newcomer is asked for one piece, and for another each time that nothing came for a while.
  {
    what: "loses the first four pieces that it is asked for",
    act: losing((request) => request < 16),
    seconds: 25,
  },
  {
    what: "loses every tenth request",
    fast: true,
    act: losing((request) => request % 10 === 9),
    seconds: 25,
  },
  { what: "answers one request at a time", act: oneAtATime, seconds: 25 },
  { what: "chokes without refusing (BEP 6)", fast: true, act: choking, seconds: 15 },
  { what: "chokes, and knows no BEP 6", act: choking, seconds: 15 },
  { what: "speaks TCP alone", act: good, use: "prefer", seconds: 15 },
  { what: "speaks uTP alone", act: good, utp: "takes", seconds: 15 },
  {
    what: "speaks uTP alone, and takes TCP and hangs up",
    act: good,
    ...{ tcp: "hangs up", utp: "takes", seconds: 15 },
  },
  { what: "tells of changes only", tells: false, act: tellingOneByOne, seconds: 15 },
  {
    what: "tells of changes only (BEP 6)",
    ...{ fast: true, tells: false },
    act: tellingOneByOne,
    seconds: 15,
  },
  // The second call comes 3 s after the first, the third as much later: the first gave something.
  {
    what: "hangs up after each twelve blocks",
    fast: true,
    act: leaving(12),
    ...{ seconds: 20, calls: 4 },
  },
];

/** A peer of that kind, and how many blocks it gave. */
function peerOf(
  { fast = false, tells = true, act, ...kind }: Kind,
  infoHash: string,
): { listening: ListeningPeer; given: () => number } {
  let given = 0;
  const peerId = crypto.getRandomValues(new Uint8Array(20));
  const tcp = kind.tcp ?? (kind.utp === undefined ? "takes" : undefined);
  const listening = new ListeningPeer({ tcp, utp: kind.utp }, async (peer) => {
    await peer.handshake(Uint8Array.fromHex(infoHash), { fast, peerId });
    if (tells) peer.say.bitfield(new Uint8Array([0xff]));
    else if (fast) peer.say.haveNone();
    await act(peer, (piece, begin, length) => {
      given++;
      const from = piece * PIECE + begin;
      peer.say.piece(piece, begin, CONTENT.subarray(from, from + length));
    });
  });
  return { listening, given: () => given };
}

/** Downloads from the given kinds of peers at once, and from a good seed where wanted. */
async function download(kinds: readonly Kind[], withSeed: boolean): Promise<number> {
  const what = kinds.map(({ what }) => what).join("; ");
  // So fast that it alone would take 2.6 s: the others have their time. It hears of nobody to call.
  await using seed = await TestEngine.start({ uploadLimit: 200_000, sources: { pex: false } });
  const use = kinds.find(({ use }) => use !== undefined)?.use ?? "allow";
  await using leech = await TestEngine.start({ utp: use, encryption: "off" });
  const source = await seed.put("file", CONTENT);
  const { bytes } = await createTorrent({ path: source, pieceLength: PIECE });
  const infoHash = await leech.engine.add(bytes);
  await using opened = new AsyncDisposableStack();
  const peers = kinds.map((kind) => {
    const peer = peerOf(kind, infoHash);
    opened.use(peer.listening);
    return { ...peer, most: kind.calls ?? 1 };
  });
  const began = performance.now();
  for (const { listening: { port } } of peers) {
    leech.engine.addPeer(infoHash, { host: "127.0.0.1", port });
  }
  if (withSeed) {
    await seed.engine.share(source, { pieceLength: PIECE });
    leech.engine.addPeer(infoHash, addressOf(seed));
  }
  const seconds = withSeed ? 15 : Math.max(...kinds.map(({ seconds }) => seconds));
  await complete(leech, seconds, what);
  assertEquals(await leech.read("file"), CONTENT);
  for (const { listening: { calls }, most } of peers) {
    // A good seed may be done before a way to it is found.
    assert(withSeed || calls.tcp.length + calls.utp.length > 0, `${what}: never called`);
    for (const times of [calls.tcp, calls.utp].filter((times) => times.length > 0)) {
      // The first came after `began`, and each call may be noticed late but never early.
      const due = 1 + Math.floor((times.at(-1)! - began) / MIN_INTERVAL_MS);
      assert(times.length <= Math.min(most, due), `${what}: ${times.length} calls`);
    }
  }
  await leech.engine.remove(infoHash);
  return peers.reduce((sum, { given }) => sum + given(), 0);
}

async function complete(leech: TestEngine, seconds: number, what: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const limit = setTimeout(() => {
    const last = leech.events.slice(-8).map((event) => JSON.stringify(event)).join("\n");
    reject(new Error(`${what}: not complete after ${seconds} s; last events:\n${last}`));
  }, 1000 * seconds);
  const stop = leech.engine.subscribe(({ event }) => {
    if (event === "torrent-completed") resolve();
  });
  if (leech.events.some(({ event }) => event === "torrent-completed")) resolve();
  try {
    await promise;
  } finally {
    clearTimeout(limit);
    stop[Symbol.dispose]();
  }
}

Deno.test("whatever way the only seed stalls: hardly anything comes twice, and it is not called too often", async () => {
  // Side by side, since each of them waits for seconds.
  const given = await Promise.all(KINDS.map((kind) => download([kind], false)));
  for (const [i, { what }] of KINDS.entries()) {
    assert(given[i]! <= BLOCKS + 3, `${what}: ${given[i]} blocks for ${BLOCKS}`);
  }
});

Deno.test("each of them beside a good seed", async () => {
  await Promise.all(KINDS.map((kind) => download([kind], true)));
});

Deno.test("all of them beside a good seed", async () => {
  await download(KINDS, true);
});
