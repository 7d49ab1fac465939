import { TrackerClient } from "../../peer/trackers/tracker_client.ts";
import type { AnnounceRequest } from "../../protocol/announce.ts";
import { TrackerError } from "../../protocol/errors.ts";
import { startServers } from "../../tracker/servers.ts";
import { Catalogue } from "../../tracker/contract/catalogue.ts";
import type { AnnounceAnswer, TrackerService } from "../../tracker/contract/ports.ts";
import { assertEquals, assertRejects } from "../support/assert.ts";

const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20),
  peerId: new Uint8Array(20),
  port: 1,
  uploaded: 0,
  downloaded: 0,
  left: 0,
  event: "none",
  numwant: -1,
  key: 1,
  compact: true,
  noPeerId: true,
};

/** A tracker that answers announces as it is told; `failures` is what it heard of. */
class ScriptedService implements TrackerService {
  readonly catalogue = new Catalogue();
  readonly failures: string[] = [];
  announce: () => AnnounceAnswer;

  constructor(announce: () => AnnounceAnswer) {
    this.announce = announce;
  }

  failed(_remote: string, reason: string, kind: string): void {
    this.failures.push(`${kind}: ${reason}`);
  }

  took(): void {}

  refreshCatalogue(): undefined {}

  scrape(): never {
    throw new Error("not asked");
  }

  counts(): never {
    throw new Error("not asked");
  }

  publish(): never {
    throw new Error("not asked");
  }

  withdraw(): never {
    throw new Error("not asked");
  }

  isPublishToken(): boolean {
    return false;
  }

  stats(): never {
    throw new Error("not asked");
  }

  largestSwarms(): never {
    throw new Error("not asked");
  }
}

/** Announces over HTTP and UDP to a tracker of that answer. */
async function ask(
  announce: () => AnnounceAnswer,
  check: (url: string, protocol: "http" | "udp") => Promise<void>,
): Promise<string[]> {
  const service = new ScriptedService(announce);
  await using servers = startServers({ host: "127.0.0.1", port: 0 }, service);
  for (const protocol of ["http", "udp"] as const) {
    await check(`${protocol}://127.0.0.1:${servers.port}/announce`, protocol);
  }
  return service.failures;
}

const announce = (url: string) =>
  new TrackerClient().announce(url, REQUEST, AbortSignal.timeout(5000));

Deno.test("a refusal reaches the peer, over HTTP with when to come back", async () => {
  const failures = await ask(
    () => {
      throw new TrackerError("the store is away", { retryIn: 2 });
    },
    async (url, protocol) => {
      const error = await assertRejects(() => announce(url), TrackerError, "the store is away");
      assertEquals(error.retryIn, protocol === "http" ? 2 : undefined);
    },
  );
  assertEquals(failures, ["refused: the store is away", "refused: the store is away"]);
});

Deno.test("of a fault of ours the peer hears that much, the log more", async () => {
  const failures = await ask(
    () => {
      throw new RangeError("index 7 of 3");
    },
    async (url, protocol) => {
      const error = await assertRejects(() => announce(url), TrackerError);
      assertEquals(error.message, `Tracker ${url}: internal error`);
      assertEquals(error.retryIn, protocol === "http" ? 1 : undefined);
    },
  );
  const said =
    /^internal: internal error: index 7 of 3 \(servers_test\.ts:\d+:\d+\); please report/;
  assertEquals(failures.filter((failure) => said.test(failure)).length, 2);
});

Deno.test("a warning reaches the peer beside what it asked for", async () => {
  const none = new Uint8Array();
  const failures = await ask(
    () => ({
      interval: 9,
      seeders: 1,
      leechers: 2,
      completed: 3,
      peers4: none,
      peers6: none,
      warning: "nobody can reach your port 1",
    }),
    async (url, protocol) => {
      const reply = await announce(url);
      assertEquals([reply.interval, reply.seeders, reply.leechers], [9, 1, 2]);
      // BEP 15 has no room for it.
      assertEquals(reply.warning, protocol === "http" ? "nobody can reach your port 1" : undefined);
    },
  );
  assertEquals(failures, []);
});
