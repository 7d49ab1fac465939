/**
 * The programs: THE table from which command line, help and shell completions are made.
 *
 * @module
 */
import { COMMON_FLAGS, EXPLAIN_FLAGS, LOG_FLAGS, WEB_FLAGS } from "../flags/flags.ts";
import type { Argument, Program } from "../help/program_table.ts";

const TORRENT_FILE: Argument = { name: "FILE", completes: "torrent-file" };
const SWARM_FLAGS = [
  "tracker",
  "peer",
  "no-trackers",
  "no-pex",
  "lsd",
  "dht",
  "no-dht",
  "dht-bootstrap",
  "host",
  "port",
  "id",
  "download-limit",
  "upload-limit",
  "upload-slots",
  "encryption",
  "utp",
  "no-web-seeds",
] as const;
const DISCOVERY_FLAGS = ["discovery-port", "no-discovery"] as const;

const SEED_FLAGS = ["seed-ratio", "seed-time", "super-seed"] as const;

/** Of the programs that ask a peer that runs already. */
const RUNNING =
  "Asks the peer of this machine that was started with --web-port, or whose page was " +
  "opened, through its API, with the secret in its store. Without --dir it is the only one that " +
  "runs in peer_files/.";

export const PROGRAMS: readonly Program[] = [
  {
    name: "tracker",
    arguments: [],
    summary: "run a tracker",
    details: "In a terminal it has a shell: type help. Peers find each other through it, and its " +
      "catalogue lists torrents by name.",
    flags: [
      "host",
      "port",
      ...DISCOVERY_FLAGS,
      "db",
      "no-db",
      "store",
      "allow",
      "deny",
      "no-port-check",
      "publish-token",
      "trust-proxy",
      "connections-per-address",
      "execute",
      "daemon",
      "explain",
      "playful",
      ...LOG_FLAGS,
      ...COMMON_FLAGS,
    ],
    examples: ["vtorrent tracker", "vtorrent tracker --port 0 --daemon"],
    shell: true,
    load: () => import("./tracker.ts"),
  },
  {
    name: "peer",
    arguments: [{ name: "ID" }],
    summary: "run a peer with the store peer_files/peer_<ID>",
    details: "In a terminal it has a shell; otherwise it reads commands from standard input, " +
      "one per line. ID: 1 to 32 letters, digits, - and _.",
    flags: [
      "tracker",
      "peer",
      "no-trackers",
      "no-pex",
      "lsd",
      "dht",
      "no-dht",
      "dht-bootstrap",
      "dir",
      "host",
      "port",
      "download-limit",
      "upload-limit",
      "upload-slots",
      "max-active",
      ...SEED_FLAGS,
      "encryption",
      "utp",
      "no-web-seeds",
      ...DISCOVERY_FLAGS,
      "publish-token",
      "execute",
      "daemon",
      "timeout",
      ...WEB_FLAGS,
      ...EXPLAIN_FLAGS,
      "playful",
      ...LOG_FLAGS,
      ...COMMON_FLAGS,
    ],
    examples: [
      "vtorrent peer 1",
      'vtorrent peer 1 -e "send lecture.pdf"',
      'echo "download lecture.pdf" | vtorrent peer 2 --tracker 192.168.1.5:8000',
    ],
    shell: true,
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
      "v1",
      "hybrid",
      "v2",
      "private",
      "piece-length",
      "comment",
      "source",
      "web-seed",
      "include-hidden",
      "include-junk",
      "yes",
      "force",
      "allow",
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
    summary: "print the contents of a .torrent or magnet link",
    flags: COMMON_FLAGS,
    examples: ["vtorrent show lecture.pdf.torrent", "vtorrent show --json lecture.pdf.torrent"],
    load: () => import("./show.ts"),
  },
  {
    name: "link",
    arguments: [TORRENT_FILE],
    summary: "print the magnet link of a .torrent",
    flags: ["peer", ...COMMON_FLAGS],
    examples: ["vtorrent link lecture.pdf.torrent"],
    load: () => import("./link.ts"),
  },
  {
    name: "edit",
    arguments: [TORRENT_FILE],
    summary: "change trackers, web seeds or comment; the info hash stays",
    details: "--tracker replaces all trackers. Changes the file itself unless --output names " +
      "another.",
    flags: [
      "add-tracker",
      "remove-tracker",
      "tracker",
      "web-seed",
      "comment",
      "output",
      "force",
      "allow",
      ...COMMON_FLAGS,
    ],
    examples: [
      "vtorrent edit lecture.pdf.torrent --add-tracker 127.0.0.1:8000",
      "vtorrent edit lecture.pdf.torrent --remove-tracker all -o -",
    ],
    load: () => import("./edit.ts"),
  },
  {
    name: "verify",
    arguments: [{ ...TORRENT_FILE, many: true }],
    summary: "check data on disk against .torrent files",
    details: "Reports each file as good, bad (with its bad pieces, counted from 0), or " +
      "unknown, if it shares its bad pieces with another file or cannot be read. Exit status 0: " +
      "all files are good; 32: some are not.",
    flags: ["dir", ...COMMON_FLAGS],
    examples: [
      "vtorrent verify lecture.pdf.torrent --dir Downloads",
      "vtorrent verify *.torrent --json",
    ],
    load: () => import("./verify.ts"),
  },
  {
    name: "download",
    arguments: [{ name: "FILE|MAGNET|URL", many: true, completes: "torrent-file" }],
    summary: "download, exit when complete",
    details: "Takes .torrents, their URLs, magnet links, and names or info hashes in the " +
      "tracker's catalogue. If interrupted, run it again to continue. Several end with a table of " +
      "all; one that fails keeps no other from it, and decides the exit status.",
    flags: [
      "dir",
      "select",
      "sequential",
      "over",
      "exit-when",
      ...SEED_FLAGS,
      ...SWARM_FLAGS,
      ...DISCOVERY_FLAGS,
      "timeout",
      ...WEB_FLAGS,
      ...EXPLAIN_FLAGS,
      ...COMMON_FLAGS,
    ],
    examples: [
      "vtorrent download lecture.pdf.torrent --dir Downloads",
      "vtorrent download course.torrent --select '1,3-5,*.pdf'",
      "vtorrent download lecture.pdf --tracker 127.0.0.1:8000",
      "vtorrent download *.torrent --dir Downloads",
    ],
    load: () => import("./download.ts"),
  },
  {
    name: "seed",
    arguments: [{ name: "FILE", completes: "file" }],
    summary: "seed until stopped",
    details: "FILE is a .torrent whose data is in --dir, or the data itself.",
    flags: [
      "dir",
      ...SWARM_FLAGS,
      ...SEED_FLAGS,
      "exit-when",
      "yes",
      "publish-token",
      ...WEB_FLAGS,
      ...EXPLAIN_FLAGS,
      ...COMMON_FLAGS,
    ],
    examples: [
      "vtorrent seed lecture.pdf.torrent --dir Downloads",
      "vtorrent seed lecture.pdf --tracker 127.0.0.1:8000",
    ],
    load: () => import("./seed.ts"),
  },
  {
    name: "scrape",
    arguments: [{ name: "FILE|MAGNET|URL|NAME", completes: "torrent-file" }],
    summary: "ask the trackers for counts",
    details: "NAME is one of the tracker's catalogue.",
    flags: ["tracker", ...DISCOVERY_FLAGS, "host", ...COMMON_FLAGS],
    examples: [
      "vtorrent scrape lecture.pdf.torrent",
      "vtorrent scrape lecture.pdf --tracker 192.168.1.5:8000",
    ],
    load: () => import("./scrape.ts"),
  },
  {
    name: "room",
    arguments: [{ name: "NAME", optional: true }],
    summary: "who has the file by now, and who lags",
    details: "Asks a vtorrent tracker which peers of a swarm have the whole torrent, which " +
      "download it, and which lag: have less than half of what the peer in the middle has. NAME is a " +
      "name or an info hash; without it, it is the only swarm, or the list of all. --watch goes " +
      "on until everybody has it: with --peers N until so many beside one seed have it. Peers announce " +
      "every 5 to 15 seconds, so that what it shows is as old as that. Exit status 2: --timeout is over.",
    flags: ["tracker", ...DISCOVERY_FLAGS, "host", "watch", "peers", "timeout", ...COMMON_FLAGS],
    examples: [
      "vtorrent room",
      "vtorrent room lecture.iso --watch --peers 30 --timeout 2h",
      "vtorrent room lecture.iso --tracker 192.168.1.5:8000 --json",
    ],
    load: () => import("./room.ts"),
  },
  {
    name: "demo",
    arguments: [],
    summary: "a whole swarm on this machine, narrated",
    flags: ["peers", "seconds", "file", "keep", ...COMMON_FLAGS],
    examples: [
      "vtorrent demo",
      "vtorrent demo --peers 8 --seconds 60 --keep",
      "vtorrent demo --file holiday.mp4",
    ],
    load: () => import("./demo.ts"),
  },
  {
    name: "grade",
    arguments: [
      { name: "WHAT", completes: ["peer", "tracker", "swarm", "list"] },
      { name: "CMD", many: true, optional: true },
    ],
    summary: "mark a student's own peer or tracker, or a swarm with any protocol",
    details: "grade peer -- CMD tests the program CMD, in any language, " +
      "step by step against scripted peers and trackers, on 127.0.0.1 only. " +
      "grade tracker -- CMD starts a tracker with a port behind it and does the same; it takes the " +
      "URL of one that runs here, too. " +
      "grade swarm FILE.jsonc marks a tracker and peers with a protocol of their own on the hosts of a " +
      "small network, by the files that appear and the bytes that flow; FILE describes how to drive " +
      "them, and rehearse after it shows the typed lines and the awaited output. grade list prints " +
      "the steps. Exit status 0: all passed; 1: something failed; 5: something could not be " +
      "decided.",
    flags: [
      "rubric",
      "only",
      "from",
      "seed",
      "dir",
      "slow",
      "all",
      "out",
      "keep",
      "each",
      "one-host",
      "packets",
      "rate",
      "hosts",
      "junit",
      "gradescope",
      "watch-file",
      "markdown",
      "gradescope-zip",
      ...COMMON_FLAGS,
    ],
    examples: [
      "vtorrent grade peer -- python3 peer.py",
      "vtorrent grade peer --only P5 --seed 41 --out grade -- ./peer",
      "vtorrent grade tracker -- python3 tracker.py",
      "vtorrent grade swarm mine.jsonc rehearse",
      "vtorrent grade swarm mine.jsonc --out report",
      "vtorrent grade list peer --markdown > handout.md",
    ],
    load: () => import("./grade.ts"),
  },
  {
    name: "lab",
    arguments: [
      { name: "WHAT", completes: ["list", "show", "run", "compare"], optional: true },
      {
        name: "SCENARIO|DIR",
        many: true,
        optional: true,
        after: {
          list: { words: ["measures", "figures"] },
          show: { scenarios: true },
          run: { scenarios: true, words: ["all"], paths: "file" },
          compare: { paths: "folder" },
        },
      },
    ],
    summary: "try a hypothesis about swarms, and see what comes out",
    details:
      "lab list names the scenarios (lab list measures, and figures, what one may measure and " +
      "draw); lab run NAME runs one with every variant and seed, " +
      "in virtual time, and checks what must come out. The same seed gives the same events on every " +
      "machine. lab show NAME > mine.jsonc prints it as a file to change, and lab run mine.jsonc " +
      "runs that. --out DIR writes a report with figures; lab compare DIR DIR puts two side by " +
      "side. Exit status 0: all checks passed; 1: one failed; 5: something could not be decided.",
    flags: [
      "seed",
      "seeds",
      "peers",
      "set",
      "only",
      "virtual",
      "real",
      "processes",
      "netns",
      "with",
      "predict",
      "watch-board",
      "pace",
      "out",
      "open",
      ...COMMON_FLAGS,
    ],
    examples: [
      "vtorrent lab list",
      "vtorrent lab run rarest-first --out report --open",
      "vtorrent lab run scaling --set peers.leech.up=2Mbit",
      "vtorrent lab run all --seeds 1-3",
      "vtorrent lab compare report other",
    ],
    load: () => import("./lab.ts"),
  },
  {
    name: "status",
    arguments: [],
    summary: "progress of the torrents of a running peer",
    details: RUNNING,
    flags: ["dir", ...COMMON_FLAGS],
    examples: ["vtorrent status"],
    load: async () => ({ run: (await import("./running_peer.ts")).status }),
  },
  {
    name: "list",
    arguments: [],
    summary: "the catalogue, as a running peer sees it",
    details: RUNNING,
    flags: ["dir", ...COMMON_FLAGS],
    examples: ["vtorrent list --json"],
    load: async () => ({ run: (await import("./running_peer.ts")).list }),
  },
  {
    name: "add",
    arguments: [{ name: "FILE|MAGNET|NAME", many: true, completes: "torrent-file" }],
    summary: "let a running peer download",
    details: RUNNING,
    flags: ["dir", ...COMMON_FLAGS],
    examples: ["vtorrent add lecture.pdf.torrent"],
    load: async () => ({ run: (await import("./running_peer.ts")).add }),
  },
  {
    name: "pause",
    arguments: [{ name: "NAME", many: true, completes: "running" }],
    summary: "pause torrents of a running peer",
    details: RUNNING,
    flags: ["dir", ...COMMON_FLAGS],
    examples: ["vtorrent pause lecture.pdf"],
    load: async () => ({ run: (await import("./running_peer.ts")).pause }),
  },
  {
    name: "resume",
    arguments: [{ name: "NAME", many: true, completes: "running" }],
    summary: "let torrents of a running peer continue",
    details: RUNNING,
    flags: ["dir", ...COMMON_FLAGS],
    examples: ["vtorrent resume lecture.pdf"],
    load: async () => ({ run: (await import("./running_peer.ts")).resume }),
  },
  {
    name: "remove",
    arguments: [{ name: "NAME", many: true, completes: "running" }],
    summary: "remove torrents of a running peer",
    details: RUNNING,
    flags: ["dir", "data", ...COMMON_FLAGS],
    examples: ["vtorrent remove lecture.pdf --dir peer_files/peer_1"],
    load: async () => ({ run: (await import("./running_peer.ts")).remove }),
  },
  {
    name: "completions",
    arguments: [{ name: "SHELL", completes: ["bash", "zsh", "fish"] }],
    summary: "print completions for bash, zsh or fish",
    flags: COMMON_FLAGS,
    examples: ["source <(vtorrent completions bash)"],
    load: () => import("./completions.ts"),
  },
  {
    name: "man",
    arguments: [],
    summary: "print the manual page",
    flags: COMMON_FLAGS,
    examples: ["vtorrent man | man -l -"],
    load: () => import("./man.ts"),
  },
];
