import { broadcastAddresses, nearestFirst } from "../../../peer/trackers/tracker_discovery_plan.ts";
import { assertEquals } from "../../support/assert.ts";

const OWN = [
  { address: "192.168.1.5", prefix: 24 },
  { address: "10.20.3.4", prefix: 14 },
  { address: "172.16.0.9", prefix: 31 },
  { address: "10.8.0.1", prefix: 32 },
  { address: "fe80::1", prefix: 64 },
];

Deno.test("a question goes to the networks from which the peer can be reached", () => {
  const all = ["192.168.1.255", "10.23.255.255"];
  const cases: [host: string | undefined, asked: string[]][] = [
    [undefined, all],
    ["0.0.0.0", all],
    ["::", all],
    ["192.168.1.5", ["192.168.1.255"]],
    ["127.0.0.1", []],
    ["::1", []],
    ["192.168.9.9", []],
  ];
  for (const [host, asked] of cases) assertEquals(broadcastAddresses(OWN, host), asked, host);
});

Deno.test("each tracker counts once, loopback before this host's others before the quickest", () => {
  const found = [
    { host: "192.168.1.20", port: 8000, instance: 1, ms: 9 },
    { host: "192.168.1.30", port: 8000, instance: 2, ms: 3 },
    { host: "192.168.1.5", port: 9000, instance: 3, ms: 50 },
    { host: "10.21.0.1", port: 8000, instance: 2, ms: 1 },
    { host: "127.0.0.1", port: 8000, instance: undefined, ms: 70 },
    { host: "127.0.0.1", port: 8000, instance: 4, ms: 80 },
  ];
  assertEquals(nearestFirst(found, OWN).map(({ host, port }) => `${host}:${port}`), [
    "127.0.0.1:8000",
    "192.168.1.5:9000",
    "10.21.0.1:8000",
    "192.168.1.20:8000",
  ]);
});
