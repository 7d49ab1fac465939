import type { Encryption } from "../../peer/options.ts";
import type { PieceChoice, Tap, TapLink } from "../../peer/mod.ts";
import { MessageReader } from "../../protocol/message_reader.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../support/swarm.ts";

const PIECE = 65536;

/** Keeps the bytes of every connection. */
class Recorder implements Tap {
  readonly sent = new Map<TapLink, number[]>();
  readonly received = new Map<TapLink, number[]>();
  readonly known: string[] = [];
  readonly ended: string[] = [];
  readonly choices: PieceChoice[] = [];

  wire(link: TapLink, direction: "sent" | "received", bytes: Uint8Array): void {
    const all = this[direction].get(link) ?? [];
    for (const byte of bytes) all.push(byte);
    this[direction].set(link, all);
  }

  link(_link: TapLink, state: Parameters<Tap["link"]>[1]): void {
    if ("ended" in state) this.ended.push(state.ended);
    else this.known.push(state.peer.address);
  }

  chose(choice: PieceChoice): void {
    this.choices.push(choice);
  }

  tracker(): void {}
}

/** The kinds of messages in a stream that begins with a handshake. */
function kindsOf(stream: readonly number[]): string[] {
  assertEquals(String.fromCharCode(...stream.slice(1, 20)), "BitTorrent protocol");
  const reader = new MessageReader({ initial: stream.length });
  reader.space().set(stream.slice(68));
  reader.commit(stream.length - 68);
  const kinds: string[] = [];
  for (let message; (message = reader.next()) !== undefined;) kinds.push(message.type);
  assertEquals(reader.peek().length, 0, "nothing but whole messages");
  return kinds;
}

for (const encryption of ["off", "require"] satisfies Encryption[]) {
  Deno.test(`a tap sees whole messages and every choice, encryption ${encryption}`, async () => {
    await using seed = await TestEngine.start({ encryption });
    await using leech = await TestEngine.start({ encryption });
    const [there, here] = [new Recorder(), new Recorder()];
    seed.engine.tap = there;
    leech.engine.tap = here;
    const bytes = someBytes(8 * PIECE);
    const { torrent } = await seed.engine.share(await seed.put("file", bytes), {
      pieceLength: PIECE,
    });
    await leech.engine.add(torrent, { peers: [addressOf(seed)] });
    await leech.until("torrent-completed");
    const [sent] = here.sent.values();
    const [received] = here.received.values();
    const kinds = kindsOf(sent!);
    assert(kinds.includes("interested") && kinds.includes("request"), kinds.join(" "));
    assertEquals(kindsOf(received!).filter((kind) => kind === "piece").length, 32);
    assertEquals([...there.received.values()][0]!.slice(0, 500), sent!.slice(0, 500));
    assertEquals(new Set(here.choices.map(({ piece }) => piece)).size, 8);
    assert(
      here.choices.every(({ why, copies, peers }) =>
        why === "rarest" && copies === 1 && peers === 1
      ),
    );
    assertEquals(here.known, [`127.0.0.1:${seed.engine.port}`]);
  });
}

Deno.test("a tap that is put in late is told whose connections there are, and out it sees nothing", async () => {
  await using seed = await TestEngine.start({ uploadLimit: 200_000 });
  await using leech = await TestEngine.start();
  const bytes = someBytes(8 * PIECE);
  const { torrent } = await seed.engine.share(await seed.put("file", bytes), {
    pieceLength: PIECE,
  });
  await leech.engine.add(torrent, { peers: [addressOf(seed)] });
  await leech.until("piece-verified");
  const tap = new Recorder();
  leech.engine.tap = tap;
  assertEquals(tap.known, [`127.0.0.1:${seed.engine.port}`]);
  leech.engine.tap = undefined;
  await leech.until("torrent-completed");
  assertEquals(tap.received.size + tap.sent.size, 0);
});
