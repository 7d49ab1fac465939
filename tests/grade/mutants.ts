/**
 * Classic mistakes: planted in a right peer one by one, with the probe that has to find each and
 * what the report says. The page docs/classic-mistakes.md is made from this table.
 *
 * @module
 */

/** The right peers, and the languages that they are written in. */
export type Language = "python" | "typescript";

/** One planted mistake. */
export interface Mutant {
  /** What `--bug` of the right peer takes. */
  readonly bug: string;
  /** What the program does, for the page. */
  readonly mistake: string;
  /** The probe made for it. */
  readonly probe: string;
  /** Others that cannot pass with it. */
  readonly also?: readonly string[];
  /** What the report says was seen; `…` stands for what differs from run to run. */
  readonly says: string;
  /** The bytes that it marks, in hexadecimal; `…` as above. */
  readonly wrong?: string;
  /** The right peer in which the gate plants it, too: those that fail without a wait. */
  readonly gate?: Language;
  /** The right peers that know it. Default: the one in Python. */
  readonly languages?: readonly Language[];
}

const NO_FILE =
  "no file, and it ended with status 1; it says: … pieces are missing, and no peer is left";
const SILENT = "nothing on standard output, and it ended with status 1";
const BOTH: readonly Language[] = ["python", "typescript"];

/** The mistakes of peers, in the order of the steps. */
export const PEER_MUTANTS: readonly Mutant[] = [
  {
    bug: "one-digit",
    mistake: "Reads one digit of a string's length",
    probe: "P1.2",
    says: SILENT,
  },
  {
    bug: "digits-only",
    mistake: "Takes only digits for an integer: no `-`",
    probe: "P1.3",
    says: SILENT,
  },
  {
    bug: "first-e-ends-all",
    mistake: "Takes the `e` of an inner list for that of the outer one",
    probe: "P1.4",
    says: SILENT,
  },
  {
    bug: "empty-list",
    mistake: "Takes an empty list for an error",
    probe: "P1.5",
    says: SILENT,
  },
  {
    bug: "leading-zeros",
    mistake: "Accepts `i03e`",
    probe: "P1.6",
    says: "printed: 3, and it ended with status 0",
    gate: "python",
  },
  {
    bug: "junk-behind",
    mistake: "Does not look at what stands behind the value",
    probe: "P1.6",
    says: 'printed: "…", and it ended with status 0',
  },
  {
    bug: "unsorted",
    mistake: "Hashes an info dictionary that it built again, keys in an order of its own",
    probe: "P2.1",
    says: "Info Hash: …, and it ended with status 0",
    languages: BOTH,
    gate: "typescript",
  },
  {
    bug: "pieces-floor",
    mistake: "Counts pieces as length divided by piece length, rounded down",
    probe: "P2.2",
    says: "printed 10 lines, the last: …, and it ended with status 0",
  },
  {
    bug: "known-keys",
    mistake: "Hashes an info dictionary of the keys that it knows",
    probe: "P2.3",
    also: ["P2.4"],
    says: "Info Hash: …, and it ended with status 0",
    gate: "python",
  },
  {
    bug: "sorted-again",
    mistake: "Hashes an info dictionary that it sorted",
    probe: "P2.4",
    says: "Info Hash: …, and it ended with status 0",
  },
  {
    bug: "length-of-one-file",
    mistake: "Looks for `length` only, with several files, too",
    probe: "P2.5",
    says: "Length: None, and it ended with status 0",
  },
  {
    bug: "search-info",
    mistake: "Searches the file for the letters `4:info`",
    probe: "P2.6",
    says: "Info Hash: …, and it ended with status 0",
  },
  {
    bug: "length-32",
    mistake: "Keeps lengths in 32 bits",
    probe: "P2.7",
    says: "Length: …, and it ended with status 0",
  },
  {
    bug: "hash-as-digits",
    mistake: "Sends the info hash as 40 hexadecimal digits",
    probe: "P3.1",
    says: "info_hash=… (its 40 hexadecimal digits as text)",
    wrong: "3…",
    languages: BOTH,
    gate: "typescript",
  },
  {
    bug: "hash-as-text",
    mistake: "Escapes the info hash as text: every byte from 80 on becomes two",
    probe: "P3.1",
    says: "info_hash=…%C3…",
    wrong: "2530422543332542322f4e2f2543332539…",
    languages: BOTH,
  },
  {
    bug: "port-little-endian",
    mistake: "Reads ports of a compact reply little endian",
    probe: "P3.1",
    says: "a peer: 127.…, and it ended with status 0",
    languages: BOTH,
  },
  {
    bug: "reply-as-text",
    mistake: "Reads a tracker's reply as UTF-8",
    probe: "P3.1",
    says: SILENT,
  },
  {
    bug: "plus-for-space",
    mistake: "Escapes a space in the info hash as `+`",
    probe: "P3.2",
    says: "info_hash=…+… (a + is a plus sign there, not a space)",
    wrong: "2b",
    gate: "python",
  },
  {
    bug: "nul-ends",
    mistake: "Lets a NUL byte end the info hash",
    probe: "P3.3",
    says: "info_hash=… (… bytes)",
  },
  {
    bug: "left-zero",
    mistake: "Announces `left=0` before it has anything",
    probe: "P3.4",
    says: "left=0",
    wrong: "30",
    languages: BOTH,
    gate: "typescript",
  },
  {
    bug: "no-port",
    mistake: "Announces no port",
    probe: "P3.4",
    says: "port=",
  },
  {
    bug: "no-list",
    mistake: "Does not know peers as a list of dictionaries",
    probe: "P3.5",
    says: SILENT,
  },
  {
    bug: "needs-peer-id",
    mistake: "Leaves out peers of a list that have no `peer id`",
    probe: "P3.5",
    says: "nothing on standard output, and it ended with status 0",
  },
  {
    bug: "nul-ends-reply",
    mistake: "Lets a NUL byte end a tracker's reply",
    probe: "P3.6",
    says: SILENT,
  },
  {
    bug: "failure-ignored",
    mistake: "Does not look at `failure reason`",
    probe: "P3.7",
    says: "nothing printed, and it ended with status 0",
    languages: BOTH,
  },
  {
    bug: "one-read-of-http",
    mistake: "Takes one read for a whole HTTP reply, and everything behind the head for its body",
    probe: "P3.8",
    also: ["P3.9"],
    says: SILENT,
  },
  {
    bug: "no-redirect",
    mistake: "Does not follow a redirect",
    probe: "P3.9",
    says: SILENT,
  },
  {
    bug: "second-question-mark",
    mistake: "Puts a second `?` into an announce URL that has a query",
    probe: "P3.10",
    says: "passkey=…?info_hash=…",
  },
  {
    bug: "status-0",
    mistake: "Ends with status 0 though no tracker answered",
    probe: "P3.11",
    also: ["P3.7"],
    says: "status 0",
  },
  {
    bug: "first-tracker",
    mistake: "Asks the first tracker only",
    probe: "P3.12",
    says: SILENT,
  },
  {
    bug: "no-ipv6",
    mistake: "Does not look at `peers6`",
    probe: "P3.13",
    says: "printed 2 lines, the last: …, and it ended with status 0",
  },
  {
    bug: "name-length",
    mistake: "Says another length of `BitTorrent protocol` than 19",
    probe: "P4.1",
    says: "its first bytes are no BitTorrent handshake",
    wrong: "14",
    languages: BOTH,
  },
  {
    bug: "one-read-of-handshake",
    mistake: "Takes one read for the whole handshake",
    probe: "P4.2",
    says: SILENT,
    gate: "python",
  },
  {
    bug: "id-to-the-end",
    mistake: "Takes everything behind the info hash for the peer ID",
    probe: "P4.3",
    says: "Peer ID: …0000000205f0, and it ended with status 0",
  },
  {
    bug: "reserved-zero",
    mistake: "Accepts only reserved bytes that it knows",
    probe: "P4.4",
    says: SILENT,
  },
  {
    bug: "hash-unchecked",
    mistake: "Does not look at the info hash in the answer",
    probe: "P4.5",
    says: "interested",
    languages: BOTH,
  },
  {
    bug: "two-peer-ids",
    mistake: "Tells the tracker one peer ID and its peers another one",
    probe: "P4.6",
    says: "-R…",
    wrong: "2d52…",
  },
  {
    bug: "talks-to-itself",
    mistake: "Does not see that it has called itself",
    probe: "P4.7",
    says: "the connection stays open; it said last: interested",
    wrong: "2d52…",
  },
  {
    bug: "whole-piece",
    mistake: "Requests a whole piece at once",
    probe: "P5.1",
    says: "request: piece 1, begin 0, length 32768",
    wrong: "00008000",
  },
  {
    bug: "little-endian",
    mistake: "Writes the numbers of a request little endian",
    probe: "P5.1",
    says: "request: piece 16777216, begin …, length …",
    wrong: "01000000",
    languages: BOTH,
    gate: "typescript",
  },
  {
    bug: "last-block-long",
    mistake: "Requests 16 KiB for the last block, too",
    probe: "P5.2",
    also: ["P5.3"],
    says: "request: piece 3, begin 32768, length 16384",
    wrong: "00004000",
    languages: BOTH,
    gate: "python",
  },
  {
    bug: "last-piece-long",
    mistake: "Takes the last piece to be as long as the others",
    probe: "P5.3",
    also: ["P5.2"],
    says: "request: piece 3, begin 16384, length 16384",
  },
  {
    bug: "one-read",
    mistake: "Takes one read for one message",
    probe: "P5.4",
    also: ["P5.5", "P5.6", "P5.7", "P5.8"],
    says: "nothing for … s, after it was told: have: piece 0. It had said last: interested",
    wrong: "0000000205f00000000101000000050400000000",
    languages: BOTH,
  },
  {
    bug: "rest-thrown-away",
    mistake: "Throws away what stands behind the handshake's 68 bytes",
    probe: "P5.4",
    says: "nothing for … s, after it was told: have: piece 0. It had said last: …",
    wrong: "0000000205f00000000101000000050400000000",
    languages: BOTH,
  },
  {
    bug: "keep-alive",
    mistake: "Reads a keep-alive as a message",
    probe: "P5.8",
    says: NO_FILE,
    languages: BOTH,
    gate: "python",
  },
  {
    bug: "unknown-ends",
    mistake: "Ends at a message that it does not know",
    probe: "P5.9",
    says: NO_FILE,
    languages: BOTH,
  },
  {
    bug: "needs-bitfield",
    mistake: "Expects a bitfield as the first message",
    probe: "P5.10",
    also: ["P5.11"],
    says: NO_FILE,
  },
];
