/**
 * T1: replies to announces, whatever form the requests come in.
 *
 * @module
 */
import { BencodeError, decodeBencode } from "../../../protocol/mod.ts";
import type { Probe, Step } from "../step.ts";
import { StudentTracker } from "../student_tracker.ts";
import { asked, latin1Bytes } from "../tracker_request.ts";
import {
  countIn,
  kindOf,
  listedPeers,
  placeInBody,
  placeInReply,
  placeOfKey,
} from "../tracker_reply.ts";
import type { Trial } from "../trial.ts";

/** ms between two bytes of a slow request, and between its two halves. */
const BYTE_PAUSE = 1;
const HALF_PAUSE = 400;
/** Bytes of a query's other words, more than one read of many programs. */
const LONG_QUERY = 3000;

const uses = ["tracker"];

/** What no tracker can make anything of. */
function garbage(trial: Trial): { readonly what: string; readonly bytes: Uint8Array }[] {
  const text = (what: string, bytes: string) => ({ what, bytes: latin1Bytes(bytes) });
  return [
    { what: "no byte at all", bytes: new Uint8Array() },
    { what: "200 random bytes", bytes: trial.random.bytes(200) },
    text("a request line of one word", "GET\r\n\r\n"),
    text("a line end and nothing else", "\r\n\r\n"),
    text("an announce without a query", "GET /announce HTTP/1.1\r\nHost: x\r\n\r\n"),
    text(
      "an announce whose escapes are none",
      "GET /announce?info_hash=%zz%&peer_id=%4&port=x&&=&left HTTP/1.1\r\nHost: x\r\n\r\n",
    ),
    text("a POST", "POST /announce HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"),
    text("the handshake of a peer", `\x13BitTorrent protocol${"\0".repeat(48)}`),
  ];
}

/** Announces, with a reply that says what is expected of it. */
async function stillAnswers(tracker: StudentTracker, why: string): Promise<void> {
  await tracker.announceNew(why);
}

const PROBES: readonly Probe[] = [
  {
    id: "T1.1",
    title: "An announce is answered: a bencoded dictionary with interval and peers",
    points: 4,
    plain: true,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const reply = await tracker.announceNew();
      const interval = countIn(reply.dict, "interval");
      if (interval === undefined || interval <= 0) {
        trial.fail({
          expected: "interval: an integer, the seconds to the next announce",
          seen: interval === undefined
            ? `interval: ${kindOf(reply.dict.get("interval"))}`
            : `interval: ${interval}`,
          why: "BEP 3: interval is the number of seconds that a peer waits between two announces",
          ...placeInBody(reply.http, placeOfKey(reply, "interval")),
        });
      }
      listedPeers(reply);
      if (interval > 7200) {
        trial.remark(`an interval of ${interval} s: peers that left are named for hours`);
      }
    },
  },
  {
    id: "T1.2",
    title: "The dictionary is canonical: keys sorted, nothing behind it",
    points: 1,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const reply = await tracker.announceNew();
      const { body, fields } = reply.http;
      // What comes behind Content-Length is no part of the body: T1.3 tells of it.
      const length = Number(fields.get("content-length") ?? body.length);
      try {
        decodeBencode(body.subarray(0, Number.isNaN(length) ? undefined : length));
      } catch (error) {
        if (!(error instanceof BencodeError)) throw error;
        const { offset } = error;
        trial.fail({
          expected: "one dictionary, its keys sorted as bytes, and nothing behind it",
          seen: error.message,
          why: "BEP 3: keys are strings and appear in sorted order; peers that are strict refuse " +
            "the whole reply",
          ...placeInBody(reply.http, [offset, wordEnd(body, offset)]),
        });
      }
    },
  },
  {
    id: "T1.3",
    title: "HTTP: a head of lines that end with CR LF, and a Content-Length in bytes",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const torrent = tracker.newTorrent();
      // Ports with bytes that are no ASCII: text of them has other lengths.
      for (const port of [0xc3a9, 0xfffe, 0x80ff]) {
        await tracker.announce({ torrent, peer: tracker.newPeer({ port }) });
      }
      const { http } = await tracker.announce({ torrent, peer: tracker.newPeer() });
      const why = "RFC 9112: lines of the head end with CR LF; Content-Length is the number of " +
        "bytes of the body, not of characters";
      const head = http.bytes.subarray(0, http.bodyAt ?? 0);
      const bare = head.findIndex((byte, at) => byte === 0x0a && head[at - 1] !== 0x0d);
      if (bare >= 0) {
        trial.fail({
          expected: "each line of the head ends with 0d 0a",
          seen: "a line that ends with 0a alone",
          why,
          ...placeInReply(http, [bare, bare + 1]),
        });
      }
      const length = http.fields.get("content-length");
      if (length !== undefined && length !== String(http.body.length)) {
        const line = new TextDecoder("latin1").decode(head).search(/^content-length:.*/im);
        trial.fail({
          expected: `Content-Length: ${http.body.length}`,
          seen: `Content-Length: ${length}, and ${http.body.length} bytes of body`,
          why,
          ...placeInReply(http, [line, line + "Content-Length: ".length + length.length]),
        });
      }
      if (http.end === "cut off") {
        trial.fail({
          expected: "a whole body",
          seen: "the connection was closed in the middle of it",
          why,
          ...placeInReply(http),
        });
      }
    },
  },
  {
    id: "T1.4",
    title: "min interval is not above interval",
    points: 1,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const reply = await tracker.announceNew();
      const least = reply.dict.get("min interval");
      const interval = countIn(reply.dict, "interval") ?? 0;
      if (least === undefined) return;
      if (typeof least !== "number" || least > interval) {
        trial.fail({
          expected: `min interval: at most ${interval}, which is the interval`,
          seen: `min interval: ${typeof least === "number" ? least : kindOf(least)}`,
          why: "A peer announces each interval, and earlier only if min interval has gone by",
          ...placeInBody(reply.http, placeOfKey(reply, "min interval")),
        });
      }
    },
  },
  {
    id: "T1.5",
    title: "A request that comes byte by byte, and one in two halves",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const why = "TCP is a stream: one read may give one byte of a request. A head ends with an " +
        "empty line, not with a read";
      const request = () =>
        tracker.announceRequest({ torrent: tracker.newTorrent(), peer: tracker.newPeer() });
      const whole = request();
      // In the middle of the info hash.
      const middle = whole.indexOf("info_hash=") + 18;
      const halves = [whole.slice(0, middle), whole.slice(middle)];
      const half = await tracker.ask(halves, why, { pause: HALF_PAUSE });
      tracker.accept(half, halves, why);
      const bytes = [...request()];
      tracker.accept(await tracker.ask(bytes, why, { pause: BYTE_PAUSE }), bytes, why);
    },
  },
  {
    id: "T1.6",
    title: "A long request: words that it does not know, headers that it does not need",
    points: 2,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const why =
        "BEP 3: words of the query that are not known are passed over; a request may be " +
        "longer than one read";
      const before = `supportcrypto=1&corrupt=0&x=${"y".repeat(LONG_QUERY)}&`;
      const words = { torrent: tracker.newTorrent(), peer: tracker.newPeer(), before };
      const query = tracker.announceRequest(words);
      tracker.accept(await tracker.ask(query, why), query, why);
      const other = tracker.newPeer();
      const target = tracker.announceRequest({ torrent: tracker.newTorrent(), peer: other })
        .split(" ")[1]!;
      const request = tracker.request(target, [
        "Accept: */*",
        `Cookie: ${"z".repeat(LONG_QUERY)}`,
        "connection: close",
      ]);
      tracker.accept(await tracker.ask(request, why), request, why);
    },
  },
  {
    id: "T1.7",
    title: "Garbage ends nothing: it goes on answering others",
    points: 3,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      for (const { what, bytes } of garbage(trial)) {
        const why = `Anybody can call a tracker: after ${what} it serves the next one`;
        const connection = await tracker.connect(why);
        await connection.say([bytes]);
        // It may answer, hang up, or wait for more.
        if (bytes.length > 0) await connection.closed(150);
        await connection[Symbol.asyncDispose]();
        const request = tracker.announceRequest({
          torrent: tracker.newTorrent(),
          peer: tracker.newPeer(),
        });
        const reply = await tracker.ask(request, why);
        if (reply.bytes.length === 0) {
          await tracker.run?.ended(500);
          const says = tracker.run?.lastLines(1)[0];
          trial.fail({
            expected: `a reply to ${asked(request)}`,
            seen: `none, after it was told ${what}${tracker.howItEnded()}${
              says === undefined ? "" : `; it says: ${says}`
            }`,
            why,
            at: reply.at,
            connection: reply.connection,
          });
        }
        tracker.accept(reply, request, why);
      }
    },
  },
  {
    id: "T1.8",
    title: "Connections that stay silent or stop in mid-request keep no other waiting",
    points: 3,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const why = "Every connection is served by itself: a thread, a task, or a select over all " +
        "of them";
      const request = tracker.announceRequest({
        torrent: tracker.newTorrent(),
        peer: tracker.newPeer(),
      });
      await tracker.connect(why);
      const half = await tracker.connect(why);
      await half.say([latin1Bytes(request.slice(0, 40))]);
      await stillAnswers(tracker, why);
    },
  },
  {
    id: "T1.9",
    title: "A second request on a connection that it keeps open",
    points: 1,
    uses,
    run: async (trial: Trial) => {
      const tracker = await StudentTracker.start(trial);
      const why = "RFC 9112: a connection of HTTP/1.1 stays open unless one side says " +
        "Connection: close; the next request comes on it";
      const torrent = tracker.newTorrent();
      const target = () =>
        tracker.announceRequest({ torrent, peer: tracker.newPeer() }).split(" ")[1]!;
      const connection = await tracker.connect(why);
      const first = tracker.request(target(), []);
      await connection.say([latin1Bytes(first)]);
      const reply = await connection.reply(trial.patience);
      tracker.accept(reply, first, why);
      const closes = /close/i.test(reply.fields.get("connection") ?? "") ||
        reply.statusLine.startsWith("HTTP/1.0");
      if (closes || await connection.closed(300)) return;
      const second = tracker.request(target());
      const isSaid = await connection.say([latin1Bytes(second)]);
      // It may have hung up at this very moment, which it may at any time.
      const next = await connection.reply(trial.patience);
      if (!isSaid || (next.bytes.length === 0 && next.end !== "silence")) return;
      tracker.accept(next, second, why);
    },
  },
];

/** Behind the string or number that begins at an offset. */
function wordEnd(body: Uint8Array, at: number): number {
  const digits = /^\d+/.exec(new TextDecoder("latin1").decode(body.subarray(at, at + 6)))?.[0];
  if (digits === undefined) return Math.min(at + 1, body.length);
  return Math.min(at + digits.length + 1 + Number(digits), body.length);
}

export const T1: Step = {
  id: "T1",
  of: "tracker",
  title: "Replies",
  needs: [],
  probes: PROBES,
};
