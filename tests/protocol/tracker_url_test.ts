import { announceUrl, catalogueUrl, scrapeUrl } from "../../protocol/tracker_url.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

Deno.test("typed input becomes an announce URL", () => {
  const table: [typed: string, url: string][] = [
    ["127.0.0.1:8000", "http://127.0.0.1:8000/announce"],
    ["127.0.0.1", "http://127.0.0.1:8000/announce"],
    ["localhost", "http://localhost:8000/announce"],
    [" lab-pc:9000 ", "http://lab-pc:9000/announce"],
    ["lab-pc:80", "http://lab-pc/announce"],
    ["::1", "http://[::1]:8000/announce"],
    ["[::1]:9000", "http://[::1]:9000/announce"],
    ["http://h:8000", "http://h:8000/announce"],
    ["http://h:8000/", "http://h:8000/announce"],
    ["http://h/announce.php?pass=x", "http://h/announce.php?pass=x"],
    ["https://h", "https://h/announce"],
    ["udp://h:8000", "udp://h:8000"],
    ["udp://h:80", "udp://h:80"],
    ["udp://h:8000/announce?a=b", "udp://h:8000/announce?a=b"],
  ];
  for (const [typed, url] of table) assertEquals(announceUrl(typed), url, typed);
});

Deno.test("an invalid tracker is refused in a sentence that shows how to write one", () => {
  for (const text of ["", "http://", "http:///announce", "h:99999", "a b", "udp://h"]) {
    assertThrows(() => announceUrl(text), TypeError, "write it like 192.168.1.5:8000");
  }
  assertThrows(() => announceUrl("wss://h/announce"), TypeError, "only http, https and udp");
});

Deno.test("BEP 48: the scrape URL is the announce URL with the last part's first word changed", () => {
  const table: [announce: string, scrape: string | undefined][] = [
    ["http://example.com/announce", "http://example.com/scrape"],
    ["http://example.com/x/announce", "http://example.com/x/scrape"],
    ["http://example.com/announce.php", "http://example.com/scrape.php"],
    ["http://example.com/a", undefined],
    ["http://example.com/announce?x2%0644", "http://example.com/scrape?x2%0644"],
    ["http://example.com/announce?x=2/4", "http://example.com/scrape?x=2/4"],
    ["http://example.com/x%064announce", undefined],
    ["udp://h:8000", "udp://h:8000"],
  ];
  for (const [announce, scrape] of table) assertEquals(scrapeUrl(announce), scrape, announce);
});

Deno.test("the catalogue is at the same host and port, over HTTP", () => {
  assertEquals(catalogueUrl("http://h:8000/announce?x=1"), "http://h:8000/api/torrents");
  assertEquals(catalogueUrl("udp://[::1]:8000"), "http://[::1]:8000/api/torrents");
});
