import { assertEquals } from "../../support/assert.ts";
import {
  BencodeError,
  MagnetError,
  MetainfoError,
  TrackerError,
} from "../../../protocol/errors.ts";
import { StorageError } from "../../../peer/ports.ts";
import { CommandError, UsageError } from "../../../shell/base/errors.ts";
import { TrackerOptionError } from "../../../tracker/contract/start_error.ts";
import { exitStatusOf, sentenceOf } from "../../../shell/base/exit_status.ts";

Deno.test("exitStatusOf() gives every kind of error its documented status", () => {
  const cases: [unknown, number][] = [
    [new Error("bug"), 1],
    [new TrackerError("no answer"), 1],
    [new CommandError("timed-out", ""), 2],
    [new CommandError("unfinished", ""), 7],
    [new StorageError("full", "/x", ""), 9],
    [new StorageError("permission", "/x", ""), 1],
    [new CommandError("file-exists", ""), 13],
    [new Deno.errors.AlreadyExists(""), 13],
    [new BencodeError("", 0), 25],
    [new MetainfoError(""), 26],
    [new MagnetError(""), 27],
    [new UsageError(""), 28],
    [new TrackerOptionError(""), 28],
    [new CommandError("unverified", ""), 32],
  ];
  for (const [error, status] of cases) assertEquals(exitStatusOf(error), status, String(error));
});

Deno.test("sentenceOf() is one line for people", async () => {
  assertEquals(sentenceOf(new UsageError("Unknown verb")), "Unknown verb");
  assertEquals(sentenceOf(new TrackerError("two\nlines")), "two lines");
  const missing = await Deno.readFile("/nowhere/x.torrent").catch((error) => error);
  assertEquals(sentenceOf(missing), "No such file or folder: /nowhere/x.torrent");
  const bug = sentenceOf(new TypeError("x is undefined"));
  assertEquals(bug.startsWith("Internal error: x is undefined ("), true);
});
