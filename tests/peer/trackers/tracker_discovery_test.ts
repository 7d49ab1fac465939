import { discoverTrackers } from "../../../peer/mod.ts";
import { startTracker, type TrackerOptions } from "../../../tracker/mod.ts";
import { assertEquals } from "../../support/assert.ts";
import { udpSocket, unusedUdpPort } from "../../support/udp.ts";

const start = (options: TrackerOptions) => startTracker({ host: "127.0.0.1", port: 0, ...options });
/** On loopback only: a peer on 127.0.0.1 asks nobody else. */
const LOCAL = { host: "127.0.0.1" };
const places = (found: readonly { host: string; port: number }[]) =>
  found.map(({ host, port }) => `${host}:${port}`);

Deno.test("a tracker on this machine is found at its discovery port", async () => {
  await using tracker = await start({ discoveryPort: 0 });
  const found = await discoverTrackers({
    ...LOCAL,
    discoveryPort: tracker.discoveryPort,
    trackerPort: unusedUdpPort(),
  });
  assertEquals(places(found), [`127.0.0.1:${tracker.port}`]);
});

Deno.test("a tracker at the usual port is found without discovery", async () => {
  await using tracker = await start({});
  assertEquals(tracker.discoveryPort, undefined);
  const found = await discoverTrackers({
    ...LOCAL,
    discoveryPort: unusedUdpPort(),
    trackerPort: tracker.port,
  });
  assertEquals(places(found), [`127.0.0.1:${tracker.port}`]);
});

Deno.test("two trackers that share the discovery port are both found, each once", async () => {
  // Only who listens on all addresses hears the broadcast that both are to hear.
  await using one = await start({ host: "0.0.0.0", discoveryPort: 0 });
  const discoveryPort = one.discoveryPort!;
  await using other = await start({ host: "0.0.0.0", discoveryPort });
  assertEquals(other.discoveryPort, discoveryPort);
  const found = await discoverTrackers({ ...LOCAL, discoveryPort, trackerPort: one.port });
  assertEquals(
    places(found).sort(),
    [one.port, other.port].map((port) => `127.0.0.1:${port}`).sort(),
  );
});

Deno.test("without a tracker, or with only other services, nothing is found", async () => {
  using noise = udpSocket();
  const { port } = noise.addr as Deno.NetAddr;
  const answered = (async () => {
    const [, from] = await noise.receive();
    await noise.send(new Uint8Array(40).fill(7), from);
    await noise.send(new Uint8Array(0), from);
  })();
  const found = await discoverTrackers({
    ...LOCAL,
    discoveryPort: port,
    trackerPort: unusedUdpPort(),
  });
  await answered;
  assertEquals(found, []);
});

Deno.test("a search can be stopped before it begins", async () => {
  await using tracker = await start({});
  const found = await discoverTrackers({
    ...LOCAL,
    trackerPort: tracker.port,
    signal: AbortSignal.abort(),
  });
  assertEquals(found, []);
});
