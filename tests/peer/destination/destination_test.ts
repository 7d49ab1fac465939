import fc from "fast-check";
import { isInScope, SCOPE, scopeOf } from "../../../peer/destination/address_scope.ts";
import {
  type Errand,
  forbidden,
  isServicePort,
  NO_HOST,
  portWarnings,
  type RedirectOrigin,
} from "../../../peer/destination/destination.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const PUBLIC = "93.184.216.34";
const QUESTION = "it asks a local server a question";
const ANNOUNCE_ONLY = "a local tracker is asked at /announce only";
const LED = "it leads from outside to a local server";
const NOBODY = "its address cannot be answered";
const HASH = `info_hash=${"%aa".repeat(20)}`;

function from(url: string, scope: number): RedirectOrigin {
  return { url: new URL(url), scope };
}

const OUTSIDE = from(`http://t/announce?${HASH}`, SCOPE.world);
const NEAR = from(`http://t/announce?${HASH}`, SCOPE.network);
const HERE = from(`http://t/announce?${HASH}`, SCOPE.machine);

const TABLE: [Errand, string, string[], RedirectOrigin | undefined, string | undefined][] = [
  // Trackers of the world may have any path and query of their own.
  ["tracker", "http://t/x.php?passkey=1&a=b", [PUBLIC], undefined, undefined],
  ["tracker", "https://t/", ["2606:4700::1"], undefined, undefined],
  [
    "tracker",
    `http://t/announce?${HASH}`,
    [PUBLIC],
    undefined,
    "its query has fields of an announce",
  ],
  // Those on this machine announce, and nothing else.
  ["tracker", "http://127.0.0.1:8000/announce", ["127.0.0.1"], undefined, undefined],
  ["tracker", "http://[::1]:8000/announce", ["::1"], undefined, undefined],
  ["tracker", "http://localhost:8000/announce/c0ffee", ["127.0.0.1"], undefined, undefined],
  ["tracker", "http://localhost:8000/scrape", ["127.0.0.1"], undefined, undefined],
  ["tracker", "http://localhost/announce?passkey=c0ffee", ["127.0.0.1"], undefined, undefined],
  ["tracker", "http://127.0.0.1/admin/delete", ["127.0.0.1"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://127.0.0.1/announcements", ["127.0.0.1"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://127.0.0.1/x/announce", ["127.0.0.1"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://127.0.0.1/announce/../x", ["127.0.0.1"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://127.0.0.1/announce/..%2fx", ["127.0.0.1"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://127.0.0.1/announce?cmd=x", ["127.0.0.1"], undefined, QUESTION],
  ["tracker", "http://127.0.0.1/announce?passkey=a/b", ["127.0.0.1"], undefined, QUESTION],
  ["tracker", "http://2130706433/x", ["127.0.0.1"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://evil/x", [PUBLIC, "127.0.0.1"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://evil/x", ["::ffff:127.0.0.1"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://evil/x", ["64:ff9b::7f00:1"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://evil/x", ["2002:7f00:1::"], undefined, ANNOUNCE_ONLY],
  // In our networks they may have a folder.
  ["tracker", "http://nas/torrents/announce.php", ["192.168.1.2"], undefined, undefined],
  ["tracker", "http://nas/c0ffee/announce", ["fd00::1"], undefined, undefined],
  ["tracker", "http://router/reboot.cgi", ["192.168.1.1"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://x/latest/meta-data", ["169.254.169.254"], undefined, ANNOUNCE_ONLY],
  ["tracker", "http://router/announce?reboot=1", ["10.0.0.1"], undefined, QUESTION],
  // Redirects lead outwards, or stay at a tracker.
  ["tracker", "http://127.0.0.1/announce", ["127.0.0.1"], OUTSIDE, LED],
  ["tracker", "http://nas/announce", ["10.0.0.1"], OUTSIDE, LED],
  ["tracker", "http://127.0.0.1/announce", ["127.0.0.1"], NEAR, LED],
  ["tracker", `http://127.0.0.1:9/announce?${HASH}`, ["127.0.0.1"], HERE, "port"],
  ["tracker", `http://127.0.0.1:99/announce?${HASH}&left=1`, ["127.0.0.1"], HERE, undefined],
  ["tracker", `http://127.0.0.1:99/admin?${HASH}`, ["127.0.0.1"], HERE, ANNOUNCE_ONLY],
  ["tracker", `http://127.0.0.1:99/announce?x=1`, ["127.0.0.1"], HERE, QUESTION],
  ["tracker", `http://u/any?${HASH}`, [PUBLIC], OUTSIDE, undefined],
  // A datagram's content is ours.
  ["udp tracker", "http://127.0.0.1:8000/x?a=b", ["127.0.0.1"], undefined, undefined],
  ["udp tracker", "http://t:53/", [PUBLIC], undefined, "port"],
  ["udp tracker", "http://t:1900/", ["192.168.1.1"], undefined, "port"],
  ["udp tracker", "http://t:8000/", ["255.255.255.255"], undefined, NOBODY],
  ["udp tracker", "http://t:8000/", ["239.1.1.1"], undefined, NOBODY],
  // Files of web seeds.
  ["file", "http://example.org/a?b", [PUBLIC], undefined, undefined],
  ["file", "http://127.0.0.1:80/a", ["127.0.0.1"], undefined, undefined],
  ["file", "http://nas/a", ["192.168.1.2"], NEAR, undefined],
  ["file", "http://nas/a", ["8.8.8.8"], NEAR, undefined],
  ["file", "http://router/set?dns=evil", ["192.168.1.1"], undefined, QUESTION],
  ["file", "http://x/a?b", [PUBLIC, "::1"], undefined, QUESTION],
  ["file", "http://x/a", ["127.0.0.1"], OUTSIDE, LED],
  ["file", "http://x/a", ["10.0.0.1"], OUTSIDE, LED],
  ["file", "http://x/a", ["169.254.169.254"], OUTSIDE, LED],
  ["file", "http://x/a", ["fe80::1"], OUTSIDE, LED],
  ["file", "http://x/a", ["fec0::1"], OUTSIDE, LED],
  ["file", "ftp://x/a", [PUBLIC], undefined, "it is not a web address"],
  ["file", "http://u:p@x/a", [PUBLIC], undefined, "it has a password in it"],
  ["file", "http://xn--e1aybc/a", [PUBLIC], undefined, "its host name is not in plain letters"],
  ["file", "http://x/a", [], undefined, NO_HOST],
  ["file", "http://x/a", ["0.0.0.0"], undefined, NOBODY],
  ["file", "http://x/a", [PUBLIC, "::"], undefined, NOBODY],
  ["file", "http://127.0.0.1:6379/a", ["127.0.0.1"], undefined, "port"],
  // A catalogue's path is ours, and stays the same when it sends us on.
  ["catalogue", "http://h/api/torrents/x", ["127.0.0.1"], undefined, undefined],
  ["catalogue", "http://h/b", ["10.0.0.1"], from("http://g/b", SCOPE.network), undefined],
  ["catalogue", "http://h/b?x", ["10.0.0.1"], from("http://g/b", SCOPE.network), "it asks"],
  ["catalogue", "http://h/c", ["10.0.0.1"], from("http://g/b", SCOPE.network), "it asks"],
];

Deno.test("no torrent, link or redirect makes us ask where it may not", () => {
  for (const [errand, url, addresses, origin, expected] of TABLE) {
    const reason = forbidden(new URL(url), addresses, errand, origin);
    const matches = expected === undefined ? reason === undefined : reason?.startsWith(expected);
    assert(matches, `${errand} ${url} at ${addresses}: ${reason}, not ${expected}`);
  }
});

const octet = fc.integer({ min: 0, max: 255 });
const address = fc.oneof(
  fc.tuple(octet, octet, octet, octet).map((bytes) => bytes.join(".")),
  fc.constantFrom("127.0.0.1", "127.9.9.9", "10.1.2.3", "192.168.0.9", "::1", "fe80::1", PUBLIC),
  fc.tuple(octet, octet).map(([a, b]) => `64:ff9b::${a.toString(16)}:${b.toString(16)}`),
);
const path = fc.oneof(
  fc.constantFrom("/announce", "/scrape", "/announce.php", "/announce/k", "/x/announce", "/"),
  fc.webPath(),
);
const query = fc.oneof(
  fc.constantFrom("", "", "?passkey=1", `?${HASH}`, "?x=y", "?passkey=1&x=y"),
  fc.webQueryParameters().map((text) => `?${text}`),
);
const url = fc.tuple(path, query, fc.integer({ min: 1, max: 65535 }))
  .map(([path, query, port]) => new URL(`http://host.test:${port}${path}${query}`));
const errand = fc.constantFrom<Errand>("tracker", "udp tracker", "catalogue", "file");
const origin = fc.option(
  fc.tuple(url, fc.constantFrom(SCOPE.machine, SCOPE.network, SCOPE.world))
    .map(([url, scope]) => ({ url, scope })),
  { nil: undefined },
);

Deno.test("whatever URL is named, a local server gets only an announce, a plain path or our own", () => {
  fc.assert(
    fc.property(url, fc.array(address), errand, origin, (url, addresses, errand, from) => {
      if (forbidden(url, addresses, errand, from) !== undefined) return;
      const scopes = addresses.map(scopeOf);
      assert(scopes.length > 0 && !scopes.includes(SCOPE.nowhere));
      assert(!isServicePort(Number(url.port)));
      if (Math.min(...scopes) === SCOPE.world) return;
      if (from !== undefined) assert(Math.min(...scopes) >= from.scope);
      if (errand === "file") assertEquals(url.search, "");
      if (errand === "tracker") {
        assert(/\/(announce|scrape)(\.php)?(\/[\w-]+)?$/.test(url.pathname));
      }
      if (errand === "catalogue" && from !== undefined) {
        assertEquals(url.pathname + url.search, from.url.pathname + from.url.search);
      }
    }),
    { numRuns: 5000, seed: 7 },
  );
});

Deno.test("one more address never makes a forbidden URL allowed", () => {
  fc.assert(
    fc.property(
      url,
      fc.array(address, { minLength: 1 }),
      address,
      errand,
      origin,
      (url, addresses, one, errand, from) => {
        if (forbidden(url, addresses, errand, from) === undefined) return;
        assert(forbidden(url, [...addresses, one], errand, from) !== undefined);
      },
    ),
    { numRuns: 5000, seed: 8 },
  );
});

Deno.test("an address counts as what a gateway would make of it", () => {
  const scopes: [string, number][] = [
    ["127.1.2.3", SCOPE.machine],
    ["::1", SCOPE.machine],
    ["::ffff:127.0.0.1", SCOPE.machine],
    ["::127.0.0.1", SCOPE.machine],
    ["64:ff9b::127.0.0.1", SCOPE.machine],
    ["64:ff9b::10.0.0.1", SCOPE.network],
    ["64:ff9b:1::192.168.1.1", SCOPE.network],
    ["::ffff:0:10.0.0.1", SCOPE.network],
    ["2002:c0a8:101::1", SCOPE.network],
    ["fec0::1", SCOPE.network],
    ["64:ff9b::8.8.8.8", SCOPE.world],
    ["2002:808:808::1", SCOPE.world],
    ["2606:4700::1", SCOPE.world],
    ["64:ff9b::", SCOPE.nowhere],
    ["0.0.0.0", SCOPE.nowhere],
    ["::", SCOPE.nowhere],
    ["ff02::1", SCOPE.nowhere],
    ["no address", SCOPE.nowhere],
  ];
  for (const [text, scope] of scopes) assertEquals([text, scopeOf(text)], [text, scope]);
  assert(!isInScope({ host: "64:ff9b::7f00:1", port: 6881 }, PUBLIC));
  assert(isInScope({ host: PUBLIC, port: 6881 }, "127.0.0.1"));
});

Deno.test("only a host that listens where no peer can dial is warned", () => {
  assertEquals(portWarnings(6881), []);
  assertEquals(portWarnings(6000).length, 1);
});
