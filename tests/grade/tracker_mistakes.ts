/**
 * The classic mistakes of trackers: each can be planted into the small right trackers beside this file,
 * and one probe tells of it. `docs/grading.md` shows this table.
 *
 * @module
 */

/** One planted mistake. */
export interface TrackerMistake {
  readonly name: string;
  /** What is wrong, in a sentence without its end. */
  readonly wrong: string;
  /** The probe that fails first. */
  readonly probe: string;
  /** The bytes that the report marks: printable ASCII as it is, `<0a>` for others. */
  readonly marked?: RegExp;
  /** What the report says was seen. */
  readonly seen?: RegExp;
  /** What fails for it in other steps, too. */
  readonly also?: readonly string[];
  /** It can be seen with `--slow` only. */
  readonly slow?: boolean;
  /** The Python tracker has it, too. */
  readonly inPython?: boolean;
}

const ONE_PEER = /^<7f><00><00><01>..$/;
const PEERS = /^(<7f><00><00><01>..)+$/;

export const TRACKER_MISTAKES: readonly TrackerMistake[] = [
  {
    name: "json",
    wrong: "JSON in place of bencode",
    probe: "T1.1",
    marked: /^{$/,
    seen: /JSON in place of bencode/,
    inPython: true,
  },
  {
    name: "no-head",
    wrong: "the dictionary is sent without the head of HTTP",
    probe: "T1.1",
    marked: /^d8:complete/,
    inPython: true,
  },
  {
    name: "interval-as-string",
    wrong: "`interval` is a string",
    probe: "T1.1",
    marked: /^4:1800$/,
    inPython: true,
  },
  {
    name: "unsorted",
    wrong: "the keys of the dictionary are not sorted",
    probe: "T1.2",
    marked: /^8:interval$/,
    inPython: true,
  },
  {
    name: "newline",
    wrong: "a line end behind the dictionary",
    probe: "T1.2",
    marked: /^<0a>$/,
    inPython: true,
  },
  {
    name: "line-feeds",
    wrong: "the lines of the head end with a line feed alone",
    probe: "T1.3",
    marked: /^<0a>$/,
  },
  {
    name: "length-in-characters",
    wrong: "`Content-Length` counts characters of a text, not bytes",
    probe: "T1.3",
    marked: /^Content-Length: \d+$/,
  },
  {
    name: "min-interval-above",
    wrong: "`min interval` is above `interval`",
    probe: "T1.4",
    marked: /^i3600e$/,
  },
  {
    name: "one-read",
    wrong: "one read is taken for the whole request",
    probe: "T1.5",
    seen: /failure reason/,
    inPython: true,
  },
  {
    name: "small-read",
    wrong: "no more than 1024 bytes of a request are read",
    probe: "T1.6",
    seen: /failure reason: info_hash is missing/,
    inPython: true,
  },
  {
    name: "dies-of-garbage",
    wrong: "a request that cannot be decoded ends the program",
    probe: "T1.7",
    // Where it has ended before the next call, nobody takes that.
    seen: /^(none, after it was told .*|nobody answers), and it ended with status/,
    inPython: true,
  },
  {
    name: "one-at-a-time",
    wrong: "connections are served one after the other",
    probe: "T1.8",
    seen: /no reply/,
    inPython: true,
  },
  {
    name: "second-request",
    wrong: "a connection is kept open, and only its first request is answered",
    probe: "T1.9",
    seen: /no reply/,
    // aria2 asks again on the same connection.
    also: ["T7.3"],
  },
  {
    name: "lists-nobody",
    wrong: "no reply names a peer",
    probe: "T2.1",
    marked: /^0:$/,
    seen: /no peers/,
    inPython: true,
  },
  {
    name: "one-swarm",
    wrong: "the info hash is not looked at: all torrents are one",
    probe: "T2.1",
    marked: ONE_PEER,
    seen: /it is there/,
  },
  {
    name: "little-endian-port",
    wrong: "the low byte of the port comes first",
    probe: "T2.1",
    marked: /^[a-z][A-Z]$/,
    seen: /two bytes stand in reverse order/,
    inPython: true,
  },
  {
    name: "port-as-string",
    wrong: "in the list of dictionaries, `port` is a string",
    probe: "T2.3",
    marked: /^d2:ip.*4:port5:\d{5}e$/,
    inPython: true,
  },
  {
    name: "no-peer-id",
    wrong: "the list of dictionaries has no `peer id`",
    probe: "T2.3",
    marked: /^d2:ip9:127\.0\.0\.14:porti\d+ee$/,
  },
  {
    name: "text-info-hash",
    wrong: "the info hash goes through UTF-8: what is none becomes U+FFFD",
    probe: "T2.5",
    marked: ONE_PEER,
    inPython: true,
  },
  {
    name: "small-letters",
    wrong: "the info hash is made small letters",
    probe: "T2.5",
    marked: ONE_PEER,
  },
  {
    name: "plus-is-space",
    wrong: "a plus sign becomes a space after the escapes were decoded",
    probe: "T2.5",
    marked: ONE_PEER,
  },
  {
    name: "zero-ends",
    wrong: "a zero byte ends the info hash",
    probe: "T2.5",
    marked: ONE_PEER,
  },
  {
    name: "not-unescaped",
    wrong: "the info hash is compared as it was written, escapes and all",
    probe: "T2.6",
    seen: /no peers/,
  },
  {
    name: "peers-as-text",
    wrong: "the compact string goes out as UTF-8 text",
    probe: "T2.7",
    marked: /^7:/,
    seen: /went out as two/,
    inPython: true,
  },
  {
    name: "text-peer-id",
    wrong: "peer IDs go through UTF-8",
    probe: "T2.8",
    marked: /<ef><bf><bd>/,
  },
  {
    name: "only-last",
    wrong: "only the peer that announced last is remembered",
    probe: "T3.1",
    seen: /only 127/,
  },
  {
    name: "keeps-stopped",
    wrong: "`stopped` is not looked at",
    probe: "T3.2",
    marked: ONE_PEER,
    inPython: true,
  },
  {
    name: "unknown-goodbye",
    wrong: "`stopped` of a peer that is not there is an exception",
    probe: "T3.3",
    seen: /no bencode with HTTP\/1\.1 500/,
    inPython: true,
  },
  {
    name: "needs-started",
    wrong: "only `started` takes a peer in",
    probe: "T3.4",
    seen: /only 127/,
  },
  {
    name: "seeds-by-event",
    wrong: "seeds are those that said `completed`, whatever is left",
    probe: "T3.5",
    marked: /^i0e$/,
  },
  {
    name: "counts-completed-again",
    wrong: "each `completed` counts, also of a peer that said it before",
    probe: "T3.6",
    marked: /^i2e$/,
    inPython: true,
  },
  {
    name: "lists-announces",
    wrong: "each announce adds a peer to the list, also of one that is there",
    probe: "T4.1",
    marked: PEERS,
    seen: /it is there 3 times/,
  },
  {
    name: "counts-announces",
    wrong: "`incomplete` grows with each announce",
    probe: "T4.2",
    marked: /^i3e$/,
  },
  {
    name: "ignores-numwant",
    wrong: "`numwant` is not looked at",
    probe: "T4.3",
    marked: PEERS,
    inPython: true,
  },
  {
    name: "numwant-or",
    wrong: "`numwant=0` is taken for no `numwant`",
    probe: "T4.3",
    seen: /8 peers/,
  },
  {
    name: "dies-of-missing",
    wrong: "a word that is missing is an exception, told as HTTP 500",
    probe: "T4.4",
    seen: /HTTP\/1\.1 500 Internal Server Error, without a dictionary/,
    inPython: true,
  },
  {
    name: "any-length",
    wrong: "an info hash of any length is taken",
    probe: "T4.5",
    seen: /a dictionary without it/,
  },
  {
    name: "hex-scrape-keys",
    wrong: "the keys of a scrape are hexadecimal digits",
    probe: "T4.7",
    marked: /^d40:[0-9a-f]{40}/,
    seen: /its digits as text/,
  },
  {
    name: "text-scrape-keys",
    wrong: "the keys of a scrape go out as UTF-8 text",
    probe: "T4.8",
    seen: /each byte from 0x80 on takes two/,
    inPython: true,
  },
  {
    name: "scrapes-one",
    wrong: "only the first info hash of a scrape is looked at",
    probe: "T4.8",
    seen: /a key of 20 bytes/,
  },
  {
    name: "dies-of-unknown",
    wrong: "a scrape of a torrent that nobody announced is an exception",
    probe: "T4.9",
    seen: /HTTP\/1\.1 500/,
    inPython: true,
  },
  {
    name: "never-expires",
    wrong: "a peer that fell silent is named for ever",
    probe: "T5.1",
    marked: ONE_PEER,
    slow: true,
  },
  {
    name: "six-among-four",
    wrong: "the 18 bytes of a peer with IPv6 are put into `peers`",
    probe: "T5.2",
    seen: /no peers6/,
  },
  {
    name: "udp-transaction",
    wrong: "UDP: the transaction ID is not that of the request",
    probe: "T6.1",
    marked: /^<00><00><00><01>$/,
  },
  {
    name: "udp-port-first",
    wrong: "UDP: the port comes before the address",
    probe: "T6.2",
    marked: /^..<7f><00><00><01>$/,
  },
  {
    name: "udp-own-swarms",
    wrong: "UDP and HTTP have swarms of their own",
    probe: "T6.3",
    seen: /no peers/,
  },
  {
    name: "udp-any-id",
    wrong: "UDP: a connection ID is not looked at",
    probe: "T6.4",
    marked: /^<00><00><00><01>$/,
  },
  {
    name: "udp-scrape-order",
    wrong: "UDP: a scrape tells leechers before completed",
    probe: "T6.5",
    marked: /^<00><00><00><00>$/,
  },
  {
    name: "udp-dies-of-short",
    wrong: "UDP: a packet that is too short ends the program",
    probe: "T6.6",
    seen: /ended with status/,
  },
  {
    name: "overwrites",
    wrong: "a swarm is read, changed and written while others do the same",
    probe: "T7.2",
    seen: /of them, after/,
  },
];
