import { encodeHandshake } from "../../../protocol/handshake.ts";
import { MessageWriter } from "../../../protocol/message_writer.ts";
import { Witness } from "../../../lab/real/witness.ts";
import type { RunEvent } from "../../../lab/run/run_record.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("of a talk without end the first 20,000 messages are kept, the others counted", () => {
  const kept: RunEvent[] = [];
  const infoHash = new Uint8Array(20).fill(1);
  const witness = new Witness({
    ...{ infoHash, content: new Uint8Array(16384), pieceLength: 16384, isPrivate: true },
    ...{ listenedTo: ["one", "two"], now: () => 0, tellsChokes: () => false },
    emit: (event) => event.what === "heard" && kept.push(event),
    corrupts: () => false,
  });
  for (const who of ["one", "two", "three"]) witness.join(who, [], 0);
  const talk = (to: string, messages: number) => {
    const connection = witness.connection("one", to);
    const writer = new MessageWriter(() => {});
    writer.raw(encodeHandshake({
      ...{ infoHash, peerId: new Uint8Array(20), fast: false, extended: false, dht: false },
    }));
    for (let count = 1; count < messages; count++) writer.keepAlive();
    const bytes = writer.take();
    connection.said("caller", bytes);
    connection.heard("caller", bytes.length);
  };
  talk("two", 20_000);
  assertEquals([kept.length, witness.unkept], [20_000, 0]);
  talk("two", 5);
  talk("three", 7);
  assertEquals([kept.length, witness.unkept], [20_000, 5]);
});
