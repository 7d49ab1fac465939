import { slices } from "../../../peer/mod.ts";
import { TorrentDetails } from "../../../shell/dashboard/peer_events.ts";
import { assertEquals } from "../../support/assert.ts";
import { addressOf, someBytes, TestEngine } from "../../support/swarm.ts";

const PIECE = 16384;

/** Looks as a round of the page does, and counts who is looked at whole. */
class Looker {
  readonly #engine: TestEngine;
  readonly #details = new TorrentDetails();
  walks = 0;

  constructor(engine: TestEngine) {
    this.#engine = engine;
  }

  async look(): Promise<Record<string, unknown>> {
    const torrent = this.#engine.engine.snapshot().torrents[0]!;
    const counted = <T>(walk: () => T) => () => {
      this.walks++;
      return walk();
    };
    this.#details.newRound();
    const counting = {
      ...torrent,
      fileSteps: counted(torrent.fileSteps),
      distributedSteps: counted(torrent.distributedSteps),
      statusOf: (piece: number) => {
        if (piece === 0) this.walks++;
        return torrent.statusOf(piece);
      },
    };
    const parts = await slices.run(this.#details.partSteps(counting, "magnet:"));
    const { facts: files } = await slices.run(this.#details.fileSteps(counting));
    return {
      ...Object.fromEntries([...parts].map(([key, json]) => [key, JSON.parse(json)])),
      files,
    };
  }
}

Deno.test("a torrent that does not change is not looked through again for its page", async () => {
  await using seed = await TestEngine.start();
  await seed.put("course/a.bin", someBytes(4 * PIECE, 1));
  await seed.put("course/b.bin", someBytes(4 * PIECE, 2));
  const { infoHash, torrent } = await seed.engine.share(`${seed.dir}/course`, {
    pieceLength: PIECE,
  });
  await using leech = await TestEngine.start();
  await leech.engine.add(torrent, { paused: true });
  await leech.until("torrent-state", ({ state }) => state === "paused");
  const looker = new Looker(leech);
  const first = await looker.look();
  assertEquals(looker.walks, 3);
  for (let round = 0; round < 5; round++) assertEquals(await looker.look(), first);
  assertEquals(looker.walks, 3, "nothing is new");

  // Whatever changes is seen in the next round.
  await leech.engine.select(infoHash, "1");
  const chosen = await looker.look();
  assertEquals((chosen.files as { priority: string }[]).map(({ priority }) => priority), [
    "normal",
    "skip",
  ]);
  leech.engine.resume(infoHash);
  leech.engine.addPeer(infoHash, addressOf(seed));
  await leech.until("torrent-completed");
  const complete = await looker.look();
  assertEquals((complete.files as { have: number }[]).map(({ have }) => have), [4 * PIECE, 0]);
  assertEquals((complete.piece_map as { status: string }).status.slice(0, 4), "hhhh");
  await leech.engine.select(infoHash, "all");
  await leech.when(
    () => leech.engine.snapshot().torrents[0]!.left === 0,
    "the other file",
  );
  const whole = await looker.look();
  assertEquals((whole.piece_map as { status: string }).status, "hhhhhhhh");
});
