import { assertEquals } from "../../support/assert.ts";
import { patternBytes } from "../../support/temp_folder.ts";
import { readPackets } from "../../support/packets.ts";
import { type Endpoint, PcapConnection, pcapHeader } from "../../../shell/explain/pcap.ts";

function captured(ours: Endpoint, theirs: Endpoint): Uint8Array {
  const connection = new PcapConnection(ours, theirs);
  return new Uint8Array(
    [
      pcapHeader(),
      ...connection.open("theirs", 1_700_000_000_123.456),
      ...connection.say("theirs", patternBytes(68), 1_700_000_000_124),
      ...connection.say("ours", patternBytes(70_001), 1_700_000_000_125),
      ...connection.say("theirs", patternBytes(5), 1_700_000_001_000),
      ...connection.close("ours", 1_700_000_002_000),
    ].flatMap((record) => [...record]),
  );
}

for (const [ours, theirs] of [["127.0.0.1", "10.1.2.3"], ["::1", "2001:db8::7"]] as const) {
  Deno.test(`a capture between ${ours} and ${theirs} holds both streams, well formed`, () => {
    const streams = readPackets(
      captured({ host: ours, port: 6881 }, { host: theirs, port: 50000 }),
    );
    assertEquals(streams.map(({ syn, fin, bytes }) => [syn, fin, bytes.length]), [
      [true, true, 73],
      [true, true, 70_001],
    ]);
    assertEquals(new Uint8Array(streams[1]!.bytes), patternBytes(70_001));
    assertEquals(streams.map(({ from }) => from.split(":").at(-1)), ["50000", "6881"]);
  });
}
