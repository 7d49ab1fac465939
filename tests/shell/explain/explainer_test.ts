import { assertEquals } from "../../support/assert.ts";
import { assertGolden } from "../../support/golden.ts";
import {
  Bitfield,
  encodeExtensionHandshake,
  encodeHandshake,
  encodeMetadataMessage,
  encodePex,
  MessageWriter,
} from "../../../protocol/mod.ts";
import { BlockRuns } from "../../../shell/explain/block_runs.ts";
import { explainedFacts, explainedLine } from "../../../shell/explain/explain_lines.ts";
import { type Explained, Explainer } from "../../../shell/explain/explainer.ts";

const INFO_HASH = new Uint8Array(20).fill(0xab);
const LINK = { remote: { host: "127.0.0.1", port: 6882 } };
const PEER = { label: "peer 1", address: "127.0.0.1:6882" };

/** What an explainer says of a whole conversation, in which every kind of message occurs. */
function conversation(emit: (line: Explained) => void): void {
  let time = 0;
  const explainer = new Explainer({ emit, now: () => time += 10, look: { unicode: true } });
  const say = (direction: "sent" | "received", write: (writer: MessageWriter) => void) => {
    const writer = new MessageWriter(() => {});
    write(writer);
    explainer.wire(LINK, direction, writer.take());
  };
  const id = (text: string) => new TextEncoder().encode(text.padEnd(20, "x"));
  const handshake = (text: string, fast: boolean) =>
    encodeHandshake({ infoHash: INFO_HASH, peerId: id(text), fast, extended: true, dht: !fast });
  const field = new Bitfield(40);
  for (let piece = 0; piece < 20; piece++) field.add(piece);
  say("sent", (writer) => {
    writer.raw(handshake("-VT0100-", true));
    writer.haveNone();
    writer.extended(
      0,
      encodeExtensionHandshake({
        messages: { "ut_pex": 1, "ut_metadata": 2 },
        client: "vtorrent 0.1.0",
        port: 6881,
        reqq: 500,
        name: "2",
      }),
    );
  });
  explainer.wire(LINK, "received", handshake("-TR3000-", false));
  explainer.link(LINK, { infoHash: INFO_HASH, pieceCount: 40, peer: PEER });
  say("received", (writer) => {
    writer.extended(
      0,
      encodeExtensionHandshake({
        messages: { "ut_pex": 7 },
        client: "evil\x1b[2J",
        yourIp: new Uint8Array([127, 0, 0, 1]),
        uploadOnly: true,
      }),
    );
    writer.bitfield(field.bytes);
    writer.unchoke();
    writer.port(6881);
    writer.allowedFast(3);
  });
  say("sent", (writer) => writer.interested());
  explainer.chose({
    infoHash: INFO_HASH,
    peer: PEER,
    piece: 7,
    why: "rarest",
    copies: 1,
    peers: 4,
  });
  say("sent", (writer) => {
    for (let block = 0; block < 4; block++) writer.request(7, block * 16384, 16384);
    writer.extended(
      7,
      encodePex({ added: [{ host: "10.0.0.9", port: 51413, flags: 2 }], dropped: [] }),
    );
    writer.cancel(7, 0, 16384);
  });
  say("received", (writer) => {
    for (let block = 0; block < 4; block++) {
      writer.piece(7, block * 16384, new Uint8Array(16384));
    }
    writer.extended(2, encodeMetadataMessage({ type: "request", piece: 0 }));
    writer.extended(9, new Uint8Array(3));
    writer.have(21);
    writer.have(22);
    writer.reject(9, 0, 16384);
    writer.choke();
    writer.haveAll();
    writer.notInterested();
    writer.keepAlive();
  });
  const about = {
    infoHash: INFO_HASH.toHex(),
    name: "film",
    peer: "peer 1",
    address: PEER.address,
  };
  explainer.event({ event: "piece-verified", piece: 7, hash: "SHA-256", ...about });
  explainer.event({
    event: "unchoked",
    reason: "rank 1 of 6 interested by its upload rate to us",
    ...about,
  });
  explainer.event({
    event: "piece-failed",
    piece: 8,
    hash: "SHA-1",
    suspects: ["peer 1 (…)"],
    ...about,
  });
  explainer.event({ event: "peer-connected", source: "tracker", client: "x", ...about });
  for (const why of ["in-order", "allowed-fast", "retry"] as const) {
    explainer.chose({ infoHash: INFO_HASH, peer: PEER, piece: 8, why, copies: 2, peers: 4 });
  }
  const request = {
    infoHash: INFO_HASH,
    peerId: id("-VT0100-"),
    port: 6881,
    uploaded: 0,
    downloaded: 0,
    left: 5_000_000,
    event: "started",
    numwant: 50,
    key: 1,
    compact: true,
    noPeerId: true,
  } as const;
  const url = "http://127.0.0.1:8000/announce";
  explainer.tracker({
    url,
    request,
    reply: { interval: 5, seeders: 1, leechers: 2, peers: [LINK.remote], externalIp: "127.0.0.1" },
  });
  explainer.tracker({ url, request: { ...request, event: "none" }, reply: `No tracker at ${url}` });
  explainer.link(LINK, { ended: "it closed the connection" });
}

/** Golden texts must not depend on where on Earth they are made. */
const timeless = (text: string) => text.replaceAll(/^\d\d:\d\d:\d\d/gm, "HH:MM:SS");

Deno.test("every message and decision has its sentence", async () => {
  const lines: string[] = [];
  conversation((line) => lines.push(explainedLine(line, { unicode: true }).text));
  await assertGolden("explain_every_message", timeless(lines.join("\n")) + "\n");
});

Deno.test("a screen gets runs of blocks as one line", async () => {
  const lines: string[] = [];
  const runs = new BlockRuns((line) => lines.push(explainedLine(line, { unicode: false }).text));
  conversation((line) => runs.add(line));
  runs.flush();
  await assertGolden("explain_screen", timeless(lines.join("\n")) + "\n");
});

Deno.test("JSON Lines have the protocol's own numbers", () => {
  const all: Record<string, unknown>[] = [];
  conversation((line) => all.push(explainedFacts(line)));
  const found = all.find(({ message }) => message === "request");
  assertEquals(found, {
    time: "1970-01-01T00:00:00.120Z",
    kind: "message",
    direction: "sent",
    who: "peer 1",
    address: "127.0.0.1:6882",
    message: "request",
    piece: 7,
    begin: 0,
    length: 16384,
    text: "request: piece 7, 16.0 KiB from byte 0",
  });
  const kinds = new Set(all.map(({ kind }) => kind));
  assertEquals([...kinds].sort(), ["connection", "decision", "message", "tracker"]);
});

Deno.test("a call without a word is told as a try of the port, not as a peer that ends a talk", () => {
  const texts: string[] = [];
  const emit = ({ text }: Explained) => void texts.push(text);
  const explainer = new Explainer({ emit, now: () => 0, look: { unicode: true } });
  explainer.link({ ...LINK }, { ended: "the peer closed the connection" });
  assertEquals(texts, [
    "a call without a word: trackers try like this whether this port can be reached",
  ]);
});
