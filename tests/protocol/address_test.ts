import {
  COMPACT4_LENGTH,
  COMPACT6_LENGTH,
  decodePeers,
  encodePeers,
} from "../../protocol/compact_peers.ts";
import fc from "fast-check";
import { classifyIp, formatIp, isDialable, parseIp, unmapIp } from "../../protocol/address.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("an address survives the way to text and back", () => {
  const address = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    // Runs of zeros are where the short form can go wrong.
    fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 })
      .map((bytes) => Uint8Array.from(bytes)),
  );
  fc.assert(
    fc.property(address, (bytes) => {
      // An IPv4-mapped address comes back as the IPv4 address that it is.
      assertEquals(parseIp(formatIp(bytes)), unmapIp(bytes));
    }),
    { seed: 7, numRuns: 2000 },
  );
});

Deno.test("addresses are written in the short form and read in every form", () => {
  const table: [written: string, shortest: string][] = [
    ["127.0.0.1", "127.0.0.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ];
  for (const [written, shortest] of table) assertEquals(formatIp(parseIp(written)!), shortest);
});

Deno.test("an invalid address is rejected", () => {
  const wrong = [
    "",
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4.5",
    "host",
    "1::2::3",
    ":::",
    "12345::",
  ];
  wrong.push("1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "::1.2.3", "g::");
  for (const text of wrong) assertEquals(parseIp(text), undefined, text);
});

Deno.test("addresses are told apart by what they are for", () => {
  const table: Record<string, string> = {
    "127.9.9.9": "loopback",
    "::1": "loopback",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "172.32.0.1": "public",
    "192.168.1.1": "private",
    "100.64.0.1": "private",
    "fd00::1": "private",
    "169.254.1.1": "link-local",
    "fe80::1": "link-local",
    "224.0.0.1": "multicast",
    "ff02::1": "multicast",
    "255.255.255.255": "broadcast",
    "0.0.0.0": "unspecified",
    "::": "unspecified",
    "8.8.8.8": "public",
    "2001:db8::1": "public",
  };
  for (const [text, kind] of Object.entries(table)) {
    assertEquals(classifyIp(parseIp(text)!), kind, text);
  }
});

Deno.test("port 0, the unspecified address and multicast cannot be dialled", () => {
  for (const text of ["0.0.0.0", "::", "239.1.1.1", "ff02::1", "255.255.255.255"]) {
    assertEquals(isDialable(parseIp(text)!, 6881), false, text);
  }
  assertEquals(isDialable(parseIp("127.0.0.1")!, 0), false);
  assertEquals(isDialable(parseIp("127.0.0.1")!, 65535), true);
});

Deno.test("compact lists come back as they went, without those that nobody can dial", () => {
  const peers = [
    { host: "127.0.0.1", port: 6881 },
    { host: "2001:db8::5", port: 65535 },
    { host: "10.1.2.3", port: 1 },
  ];
  const useless = [{ host: "10.1.2.3", port: 0 }, { host: "224.0.0.1", port: 80 }];
  const bytes = encodePeers([...peers, ...useless]);
  assertEquals(bytes.peers.length, 4 * COMPACT4_LENGTH);
  assertEquals(decodePeers(bytes.peers, COMPACT4_LENGTH), [peers[0]!, peers[2]!]);
  assertEquals(decodePeers(bytes.peers6, COMPACT6_LENGTH), [peers[1]!]);
  assertEquals(decodePeers(bytes.peers.subarray(0, 9), COMPACT4_LENGTH), [peers[0]!]); // cut off
});
