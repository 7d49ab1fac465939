/**
 * The programs: THE table from which command line, help and shell completions are made.
 *
 * @module
 */
import { COMMON_FLAGS, EXPLAIN_FLAGS } from "../flags.ts";
import type { Argument, Program } from "../program_table.ts";

const TORRENT_FILE: Argument = { name: "FILE", completes: "torrent-file" };
const SWARM_FLAGS = [
  "tracker",
  "peer",
  "no-trackers",
  "no-pex",
  "host",
  "port",
  "id",
  "download-limit",
  "upload-limit",
  "encryption",
  "no-web-seeds",
] as const;
const DISCOVERY_FLAGS = ["discovery-port", "no-discovery"] as const;

export const PROGRAMS: readonly Program[] = [
  {
    name: "tracker",
    arguments: [],
    summary: "run a tracker",
    details: "With a terminal it has a shell: type help. Peers find each other here, and names " +
      "of torrents in its catalogue.",
    flags: [
      "host",
      "port",
      ...DISCOVERY_FLAGS,
      "db",
      "no-db",
      "allow",
      "deny",
      "no-port-check",
      "publish-token",
      "execute",
      "daemon",
      ...COMMON_FLAGS,
    ],
    examples: ["vtorrent tracker", "vtorrent tracker --port 0 --daemon"],
    load: () => import("./tracker.ts"),
  },
  {
    name: "peer",
    arguments: [{ name: "ID" }],
    summary: "run a peer with the store peer_files/peer_<ID>",
    details: "With a terminal it has a shell; otherwise commands are read from standard input, " +
      "one a line. ID: 1 to 32 letters, digits, - and _.",
    flags: [
      "tracker",
      "peer",
      "no-trackers",
      "no-pex",
      "dir",
      "host",
      "port",
      "download-limit",
      "upload-limit",
      "encryption",
      "no-web-seeds",
      ...DISCOVERY_FLAGS,
      "publish-token",
      "execute",
      "daemon",
      "timeout",
      ...EXPLAIN_FLAGS,
      ...COMMON_FLAGS,
    ],
    examples: [
      "vtorrent peer 1",
      'vtorrent peer 1 -e "send lecture.pdf"',
      'echo "download lecture.pdf" | vtorrent peer 2 --tracker 192.168.1.5:8000',
    ],
    load: () => import("./peer.ts"),
  },
  {
    name: "create",
    arguments: [{ name: "PATH", many: true, completes: "file" }],
    summary: "make a .torrent of files and folders",
    flags: [
      "output",
      "name",
      "tracker",
      "private",
      "piece-length",
      "comment",
      "source",
      "web-seed",
      "include-hidden",
      "include-junk",
      "force",
      ...COMMON_FLAGS,
    ],
    examples: [
      "vtorrent create lecture.pdf --tracker 127.0.0.1:8000",
      "vtorrent create slides/ -o - | vtorrent show -",
    ],
    load: () => import("./create.ts"),
  },
  {
    name: "show",
    arguments: [{ name: "FILE|MAGNET", completes: "torrent-file" }],
    summary: "print what a .torrent or magnet link says",
    flags: COMMON_FLAGS,
    examples: ["vtorrent show lecture.pdf.torrent", "vtorrent show --json lecture.pdf.torrent"],
    load: () => import("./show.ts"),
  },
  {
    name: "verify",
    arguments: [TORRENT_FILE],
    summary: "check data on disk against a .torrent",
    flags: ["dir", ...COMMON_FLAGS],
    examples: ["vtorrent verify lecture.pdf.torrent --dir Downloads"],
    load: () => import("./verify.ts"),
  },
  {
    name: "download",
    arguments: [{ name: "FILE|MAGNET|URL", completes: "torrent-file" }],
    summary: "download, exit when complete",
    details: "Takes a .torrent, its address, a magnet link, and a name or info hash in the " +
      "tracker's catalogue. Stopped in between it goes on where it was when called again.",
    flags: [
      "dir",
      "select",
      "sequential",
      ...SWARM_FLAGS,
      ...DISCOVERY_FLAGS,
      "timeout",
      ...EXPLAIN_FLAGS,
      ...COMMON_FLAGS,
    ],
    examples: [
      "vtorrent download lecture.pdf.torrent --dir Downloads",
      "vtorrent download course.torrent --select '1,3-5,*.pdf'",
      "vtorrent download lecture.pdf --tracker 127.0.0.1:8000",
    ],
    load: () => import("./download.ts"),
  },
  {
    name: "seed",
    arguments: [{ name: "FILE", completes: "file" }],
    summary: "seed until stopped",
    details: "FILE is a .torrent whose data lies in --dir, or the data itself.",
    flags: ["dir", ...SWARM_FLAGS, "publish-token", ...EXPLAIN_FLAGS, ...COMMON_FLAGS],
    examples: [
      "vtorrent seed lecture.pdf.torrent --dir Downloads",
      "vtorrent seed lecture.pdf --tracker 127.0.0.1:8000",
    ],
    load: () => import("./seed.ts"),
  },
  {
    name: "scrape",
    arguments: [{ name: "FILE|MAGNET", completes: "torrent-file" }],
    summary: "ask the trackers for counts",
    flags: ["tracker", ...COMMON_FLAGS],
    examples: ["vtorrent scrape lecture.pdf.torrent"],
    load: () => import("./scrape.ts"),
  },
  {
    name: "demo",
    arguments: [],
    summary: "a whole swarm on this machine, narrated",
    flags: ["peers", "file", "keep", ...COMMON_FLAGS],
    examples: ["vtorrent demo", "vtorrent demo --peers 4 --file lecture.mp4"],
    load: () => import("./demo.ts"),
  },
  {
    name: "completions",
    arguments: [{ name: "SHELL", completes: ["bash", "zsh", "fish"] }],
    summary: "print completions for bash, zsh or fish",
    flags: COMMON_FLAGS,
    examples: ["source <(vtorrent completions bash)"],
    load: () => import("./completions.ts"),
  },
];
