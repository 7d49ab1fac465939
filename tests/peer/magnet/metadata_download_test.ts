import fc from "fast-check";
import { MetadataDownload } from "../../../peer/magnet/metadata_download.ts";
import { METADATA_PIECE_LENGTH } from "../../../protocol/extension_message.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { someBytes } from "../../support/swarm.ts";

const INFO = someBytes(5 * METADATA_PIECE_LENGTH + 100);

/** A peer by name: how long (ms) it takes for a request, or that it never answers. */
interface Behaviour {
  readonly takes: number | "for ever";
  readonly size?: number;
  /** It sends wrong bytes. */
  readonly lies?: boolean;
  /** When it joins, ms. */
  readonly from?: number;
}

/**
 * Fetches from such peers; seconds until the right whole is there (undefined: not within `limit`
 * seconds), and how often each was asked. Fails where a peer has two requests at once.
 */
function fetchFrom(peers: Readonly<Record<string, Behaviour>>, limit = 300) {
  const fetch = new MetadataDownload<string>();
  const asked: Record<string, number> = {};
  const due: { peer: string; piece: number; at: number }[] = [];
  const gone = new Set<string>();
  for (let now = 0; now <= limit * 1000; now += 100) {
    for (const answer of due.splice(0)) {
      if (answer.at > now) {
        due.push(answer);
        continue;
      }
      const { lies, size = INFO.length } = peers[answer.peer]!;
      const from = answer.piece * METADATA_PIECE_LENGTH;
      const data = INFO.slice(from, from + METADATA_PIECE_LENGTH);
      if (lies) data[0]! ^= 1;
      const message = { piece: answer.piece, totalSize: size, data };
      if (fetch.accept(answer.peer, message, now) !== "complete") continue;
      if (fetch.whole!.every((byte, i) => byte === INFO[i])) {
        return { seconds: now / 1000, asked, liars: fetch.verified() };
      }
      for (const liar of fetch.failed()) {
        gone.add(liar);
        fetch.leave(liar);
      }
    }
    if (now % 1000 === 0) fetch.tick(now);
    for (const [peer, { takes, size = INFO.length, from = 0 }] of Object.entries(peers)) {
      if (gone.has(peer)) continue;
      if (now === from) fetch.offer(peer, size);
      const piece = fetch.next(peer, now);
      if (piece === undefined) continue;
      assertEquals(due.filter((other) => other.peer === peer), [], `${peer}: two at once`);
      asked[peer] = (asked[peer] ?? 0) + 1;
      if (takes !== "for ever") due.push({ peer, piece, at: now + takes });
    }
  }
  return undefined;
}

/** So many peers that are all alike. */
function many(name: string, count: number, behaviour: Behaviour): Record<string, Behaviour> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, behaviour]));
}

Deno.test("one peer is asked for one piece after the other", () => {
  assertEquals(fetchFrom({ a: { takes: 200 } })?.asked, { a: 6 });
});

Deno.test("several peers give it side by side, and nothing is asked for twice", () => {
  const { seconds, asked } = fetchFrom(many("a", 6, { takes: 900 }))!;
  assertEquals(Object.values(asked), [1, 1, 1, 1, 1, 1]);
  assertEquals(seconds, 0.9);
});

Deno.test("fifteen that offer it and are silent cost one honest peer a few seconds", () => {
  const silent = many("silent", 15, { takes: "for ever" });
  const { seconds } = fetchFrom({ ...silent, honest: { takes: 200 } })!;
  assert(seconds < 10, `${seconds} s`);
  const late = fetchFrom({ ...silent, honest: { takes: 200, from: 5000 } })!.seconds;
  assert(late < 15, `${late} s`);
});

Deno.test("a hundred silent ones: who gives something comes before all of them", () => {
  const { seconds, asked } = fetchFrom({
    ...many("silent", 100, { takes: "for ever" }),
    honest: { takes: 200 },
  })!;
  assert(seconds < 25, `${seconds} s`);
  assert(asked["honest"]! >= 6);
});

Deno.test("fifteen that name another size and are silent do not keep the right one from its turn", () => {
  for (const staggered of [0, 1000]) {
    const liars = Object.fromEntries(
      Array.from({ length: 15 }, (_, i): [string, Behaviour] => [
        `liar${i}`,
        { takes: "for ever", size: 1000, from: i * staggered },
      ]),
    );
    const { seconds } = fetchFrom({ ...liars, honest: { takes: 200 } })!;
    assert(seconds < 30, `${seconds} s`);
  }
});

Deno.test("a slow peer is waited for: what it sends late counts", () => {
  const { asked } = fetchFrom({ slow: { takes: 14_000 } })!;
  assertEquals(asked, { slow: 6 });
});

Deno.test("liars among silent and honest peers are found out", () => {
  const { seconds, liars } = fetchFrom({
    ...many("silent", 5, { takes: "for ever" }),
    liar: { takes: 100, lies: true },
    honest: { takes: 200 },
  })!;
  assert(seconds < 60, `${seconds} s`);
  assert(liars.every((peer) => peer === "liar"));
});

Deno.test("one honest peer is enough, whatever the others do", () => {
  const behaviour = fc.record({
    takes: fc.constantFrom<"for ever" | number>("for ever", 100, 2000, 12_000),
    size: fc.constantFrom(INFO.length, INFO.length, 1000),
    lies: fc.constant(false),
    from: fc.integer({ min: 0, max: 20 }).map((seconds) => seconds * 1000),
  }).map((one) => one.size === INFO.length ? one : { ...one, takes: "for ever" as const });
  fc.assert(
    fc.property(fc.array(behaviour, { maxLength: 20 }), (others) => {
      const peers = Object.fromEntries(others.map((one, i) => [`peer${i}`, one]));
      const result = fetchFrom({ ...peers, honest: { takes: 300, from: 3000 } });
      assert(result !== undefined && result.seconds < 60, `${result?.seconds} s`);
    }),
    { seed: 7, numRuns: 60 },
  );
});
