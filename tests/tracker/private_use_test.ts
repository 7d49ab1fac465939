/**
 * A tracker that serves some torrents only, and one that tells peers that they cannot be reached.
 *
 * @module
 */
import { createHash } from "node:crypto";
import {
  type AnnounceReply,
  type AnnounceRequest,
  formatAnnounceQuery,
  parseAnnounceReply,
} from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { TrackerClient } from "../../peer/mod.ts";
import {
  startTracker,
  type Tracker,
  type TrackerEvent,
  TrackerStartError,
} from "../../tracker/mod.ts";
import { announceRequest } from "../support/announce_request.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { freePort } from "../support/free_port.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { tinyTorrent } from "../support/tiny_torrent.ts";

const LOCAL = { host: "127.0.0.1", port: 0 };
const LECTURE = tinyTorrent("lecture.pdf");
const FILM = tinyTorrent("film.mp4");
const hashOf = ({ infoBytes }: { infoBytes: Uint8Array }) =>
  new Uint8Array(createHash("sha1").update(infoBytes).digest());

const request = (infoHash: Uint8Array, port = 6881): AnnounceRequest =>
  announceRequest(port, { infoHash, event: "none" });

/** Announces over one protocol. */
async function announce(
  tracker: Tracker,
  protocol: "http" | "udp",
  asked: AnnounceRequest,
): Promise<AnnounceReply> {
  const url = `${protocol}://127.0.0.1:${tracker.port}/announce`;
  return await new TrackerClient().announce(url, asked, AbortSignal.timeout(5000));
}

async function publish(tracker: Tracker, bytes: Uint8Array): Promise<[number, unknown]> {
  const response = await fetch(`http://127.0.0.1:${tracker.port}/api/torrents`, {
    method: "POST",
    body: Uint8Array.from(bytes),
  });
  return [response.status, (await response.json()).error];
}

for (const list of ["allow", "deny"] as const) {
  Deno.test(`--${list}: refused over HTTP and UDP and in the catalogue, until it is read anew`, async () => {
    await using folder = await TempFolder.make();
    const [served, refused] = [LECTURE, FILM];
    const listed = list === "allow" ? served : refused;
    const path = await folder.write("list.txt", `# a list\n${hashOf(listed).toHex()}\n`);
    await using tracker = await startTracker({ ...LOCAL, [list]: path });
    const events: TrackerEvent[] = [];
    using _events = tracker.subscribe((event) => events.push(event));
    const reason = list === "allow"
      ? "this torrent is not on this tracker's list"
      : "this tracker refuses this torrent";
    for (const protocol of ["http", "udp"] as const) {
      await announce(tracker, protocol, request(hashOf(served)));
      const error = await assertRejects(
        () => announce(tracker, protocol, request(hashOf(refused))),
        TrackerError,
      );
      assert(error.message.includes(reason), error.message);
    }
    assertEquals((await tracker.snapshot()).swarms.length, 1);
    assertEquals((await publish(tracker, served.bytes))[0], 201);
    assertEquals(await publish(tracker, refused.bytes), [403, reason]);

    // A bad file changes nothing, and is said.
    events.length = 0;
    await Deno.writeTextFile(path, "no info hash");
    tracker.reloadLists();
    assertEquals(events, [{
      event: "warning",
      text: `Cannot use the list ${path}: line 1 is not an info hash of 40 hex digits: ` +
        "no info hash. The lists stay as they were",
    }]);
    await announce(tracker, "http", request(hashOf(served)));
    await assertRejects(() => announce(tracker, "http", request(hashOf(refused))), TrackerError);

    events.length = 0;
    const other = list === "allow" ? refused : served;
    await Deno.writeTextFile(path, hashOf(other).toHex());
    tracker.reloadLists();
    const sizes = { allowed: undefined, denied: undefined };
    assertEquals(events, [
      { event: "lists-read", ...sizes, [list === "allow" ? "allowed" : "denied"]: 1 },
    ]);
    await announce(tracker, "http", request(hashOf(refused)));
    await assertRejects(() => announce(tracker, "http", request(hashOf(served))), TrackerError);
  });
}

Deno.test("a list that is not there or cannot be read is said before anything is served", async () => {
  await using folder = await TempFolder.make();
  const bad = await folder.write("bad.txt", "abc");
  for (const [path, says] of [[folder.at("none.txt"), "no such file"], [bad, "line 1"]]) {
    const { message } = await assertRejects(
      () => startTracker({ ...LOCAL, allow: path! }),
      TrackerStartError,
    );
    assert(message.startsWith(`Cannot use the list ${path}: ${says}`), message);
  }
});

Deno.test("a peer that nobody can connect to is told so when it announces again", async () => {
  await using tracker = await startTracker({ ...LOCAL, checkPorts: true });
  const closed = freePort();
  const tried = Promise.withResolvers<TrackerEvent>();
  using _events = tracker.subscribe((event) => {
    if (event.event === "unreachable") tried.resolve(event);
  });
  const infoHash = hashOf(LECTURE);
  assertEquals((await announce(tracker, "http", request(infoHash, closed))).warning, undefined);
  assertEquals(await tried.promise, { event: "unreachable", ip: "127.0.0.1", port: closed });
  assertEquals(
    (await announce(tracker, "http", request(infoHash, closed))).warning,
    `port ${closed} is not reachable from the tracker`,
  );
  // The list that is no compact one says it, too.
  const query = formatAnnounceQuery({ ...request(infoHash, closed), compact: false });
  const response = await fetch(`http://127.0.0.1:${tracker.port}/announce?${query}`);
  assertEquals(
    parseAnnounceReply(await response.bytes()).warning,
    `port ${closed} is not reachable from the tracker`,
  );
});

Deno.test("a peer that can be reached is connected to once, and hears nothing of it", async () => {
  await using tracker = await startTracker({ ...LOCAL, checkPorts: true });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const infoHash = hashOf(LECTURE);
  // It claims another address: the try goes to where the announce came from, all the same.
  await announce(tracker, "http", { ...request(infoHash, port), ip: "127.0.0.9" });
  using visitor = await listener.accept();
  assertEquals(await visitor.read(new Uint8Array(1)), null);
  for (let i = 0; i < 3; i++) {
    assertEquals((await announce(tracker, "http", request(infoHash, port))).warning, undefined);
  }
  const second = listener.accept();
  (await Deno.connect({ port })).close();
  (await second).close();
});

Deno.test("a summary tells what happened since the last one, and nothing where nothing did", async () => {
  await using tracker = await startTracker({ ...LOCAL, summaryMs: 50 });
  const summary = Promise.withResolvers<TrackerEvent>();
  using _events = tracker.subscribe((event) => {
    if (event.event === "summary") summary.resolve(event);
  });
  await announce(tracker, "udp", request(hashOf(FILM)));
  assertEquals(await summary.promise, {
    event: "summary",
    seconds: 0,
    announces: 1,
    scrapes: 0,
    failures: 0,
    swarms: 1,
    seeders: 0,
    leechers: 1,
  });
});
