import { isLoopbackHost, isOwnName } from "../../../shell/dashboard/guard.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("isOwnName(): addresses and names that no public zone has", () => {
  const own = [
    "127.0.0.1:8080",
    "127.0.0.1",
    "[::1]:80",
    "192.168.1.5:1",
    "localhost:3000",
    "page.localhost",
    "lab-7:8080",
    "lab-7.local",
    "tracker.lan.",
    "given.example.org",
  ];
  const foreign = [
    "",
    "evil.example",
    "evil.example:8080",
    "127.0.0.1.evil.example",
    "127.0.0.1:80@evil.example",
    "127.0.0.1 evil.example",
    "[::1",
    "local.evil.com",
    "1.2.3",
    "localhost.evil.com",
  ];
  assertEquals(own.filter((host) => !isOwnName(host, ["given.example.org"])), []);
  assertEquals(foreign.filter((host) => isOwnName(host, ["given.example.org"])), []);
});

Deno.test("isLoopbackHost(): only what nobody else reaches", () => {
  assertEquals(["127.0.0.1", "127.1.2.3", "::1", "localhost"].map(isLoopbackHost), [
    true,
    true,
    true,
    true,
  ]);
  assertEquals(["0.0.0.0", "::", "192.168.1.5", "lab-7"].map(isLoopbackHost), [
    false,
    false,
    false,
    false,
  ]);
});
