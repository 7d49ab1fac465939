import { openersOf } from "../../../shell/terminal/open_browser.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("the command that opens a browser, on each system", () => {
  const names = (os: typeof Deno.build.os, env: Record<string, string> = {}) =>
    openersOf(os, (name) => env[name]).map(([name]) => name);
  assertEquals(names("darwin"), ["open"]);
  assertEquals(names("windows"), ["rundll32"]);
  assertEquals(names("linux", { DISPLAY: ":0" }), ["xdg-open", "wslview"]);
  assertEquals(names("linux", { WAYLAND_DISPLAY: "wayland-0" }), ["xdg-open", "wslview"]);
  assertEquals(names("freebsd", { DISPLAY: ":0" }), ["xdg-open", "wslview"]);
  // No screen: a browser of text would take over the terminal.
  assertEquals(names("linux", { DISPLAY: "" }), ["wslview"]);
});
