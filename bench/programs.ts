/**
 * The programs that are measured: how each is told what to do, found, and got.
 *
 * @module
 */
import { join } from "@std/path";
import { qbittorrentSettings } from "../tests/support/qbittorrent_settings.ts";

/** What a command line is made of. Paths are absolute. */
export interface Place {
  torrent: string;
  /** Holds or receives the data. */
  dir: string;
  /** For the program's own files; empty. */
  state: string;
  /** The one to listen on. */
  port: number;
}

/** What `create` is given. */
export interface CreatePlace {
  path: string;
  output: string;
  /** Bytes, a power of two. */
  pieceLength: number;
  announce: string;
}

/** Command lines by job; a job that is missing here is one the program cannot do. */
export interface Program {
  readonly name: string;
  /** Prints the version and succeeds where the program is installed. */
  readonly probe: readonly string[];
  /** How to get it. */
  readonly install: string;
  /** Runs until it is stopped, or until it is complete. */
  leech?(place: Place): string[];
  seed?(place: Place): string[];
  /** Runs to its end. */
  verify?(place: Place): string[];
  create?(place: CreatePlace): string[];
  /** Files it needs in `place.state`. */
  settings?(place: Place): Record<string, string>;
  /** What it prints once it has all data, where its announces come late. */
  readonly completeLine?: RegExp;
  /** Its first announce, made before it has checked its files, is the only one. */
  readonly announcesTooEarly?: true;
  /** It can't do a torrent of several files. */
  readonly takesOneFile?: true;
  /** Takes no loopback address from a tracker: the other side has to dial it. */
  readonly mustBeDialled?: true;
}

const BENCH = import.meta.dirname!;
const PYTHON = Deno.env.get("PYTHON") ?? "/usr/bin/python3";
const NPM_PREFIX = join(BENCH, "runs");
/** The command that is measured. */
export const VTORRENT = Deno.env.get("VTORRENT")?.split(" ") ?? [join(BENCH, "..", "vtorrent")];

function libtorrentCommand(...args: (string | number)[]): string[] {
  return [PYTHON, join(BENCH, "libtorrent_peer.py"), ...args.map(String)];
}

function libtorrentPeer(options: { name: string; flags: string[] }): Program {
  return {
    name: options.name,
    probe: [PYTHON, "-c", "import libtorrent; print('libtorrent', libtorrent.version)"],
    install: "apt install python3-libtorrent (another interpreter: PYTHON=/path/to/python3)",
    leech: ({ torrent, dir, port }) =>
      libtorrentCommand("leech", torrent, dir, port, ...options.flags),
    seed: ({ torrent, dir, port }) =>
      libtorrentCommand("seed", torrent, dir, port, ...options.flags),
    verify: ({ torrent, dir }) => libtorrentCommand("verify", torrent, dir),
    create: ({ path, output, pieceLength, announce }) =>
      libtorrentCommand("create", path, output, pieceLength, announce),
  };
}

/** libtorrent on its own settings: what the others are held against. */
export const LIBTORRENT: Program = libtorrentPeer({ name: "libtorrent", flags: [] });

/** libtorrent without limits: the other side of every program that is measured alone. */
export const COMMON_PEER: Program = libtorrentPeer({ name: "common peer", flags: ["--open"] });

/** Ours. */
export const vtorrent: Program = {
  name: "vtorrent",
  probe: [...VTORRENT, "--version"],
  install: "deno task build (another command: VTORRENT='deno run -A main.ts')",
  leech: ({ torrent, dir, port }) => vtorrentPeer("download", torrent, dir, port),
  seed: ({ torrent, dir, port }) => vtorrentPeer("seed", torrent, dir, port),
  verify: ({ torrent, dir }) => [...VTORRENT, "verify", torrent, "--dir", dir, "--quiet"],
  create: ({ path, output, pieceLength, announce }) => [
    ...[...VTORRENT, "create", path, "--output", output, "--quiet"],
    ...["--piece-length", String(pieceLength), "--tracker", announce],
  ],
};

function vtorrentPeer(verb: string, torrent: string, dir: string, port: number): string[] {
  const network = ["--host", "127.0.0.1", "--port", String(port)];
  return [...VTORRENT, verb, torrent, "--dir", dir, ...network, "--quiet"];
}

const aria2: Program = {
  name: "aria2",
  probe: ["aria2c", "--version"],
  install: "apt install aria2",
  // It announces in its next round only, up to a second later.
  completeLine: /Download complete:/,
  leech: (place) => aria2Command(place, "--seed-ratio=0"),
  seed: (place) => aria2Command(place, "--seed-ratio=0", "--check-integrity=true"),
  verify: (place) => aria2Command(place, "--check-integrity=true", "--hash-check-only=true"),
};

function aria2Command({ torrent, dir, port }: Place, ...more: string[]): string[] {
  return [
    ...["aria2c", "--no-conf=true", `--dir=${dir}`],
    ...["--console-log-level=notice", "--show-console-readout=false", "--summary-interval=0"],
    ...[`--listen-port=${port}`, "--interface=127.0.0.1", "--disable-ipv6=true"],
    ...["--enable-dht=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false"],
    // Others do not preallocate either; and every peer at once.
    ...["--file-allocation=none", "--bt-max-peers=0", "--bt-max-open-files=1000"],
    ...more,
    torrent,
  ];
}

const transmission: Program = {
  name: "transmission",
  probe: ["transmission-cli", "--version"],
  install: "apt install transmission-cli",
  leech: (place) => transmissionCommand(place),
  seed: (place) => transmissionCommand(place),
  create: ({ path, output, pieceLength, announce }) => [
    ...["transmission-create", "-s", String(pieceLength / 1024), "-t", announce],
    ...["-o", output, path],
  ],
  settings: ({ state }) => ({
    [join(state, "settings.json")]: JSON.stringify({
      "bind-address-ipv4": "127.0.0.1",
      "bind-address-ipv6": "::1",
      "dht-enabled": false,
      "lpd-enabled": false,
      "pex-enabled": false,
      "utp-enabled": false,
      "port-forwarding-enabled": false,
      "preallocation": 0,
      "ratio-limit-enabled": false,
    }),
  }),
  completeLine: /Seeding, uploading/,
  announcesTooEarly: true,
  mustBeDialled: true,
};

function transmissionCommand({ torrent, dir, state, port }: Place): string[] {
  return [
    // Unbuffered: its progress line is how we know that it is ready.
    ...["stdbuf", "-o0", "transmission-cli", "--config-dir", state, "--download-dir", dir],
    ...["--port", String(port), "--no-portmap", "--no-downlimit", "--no-uplimit"],
    ...["--encryption-tolerated", torrent],
  ];
}

const qbittorrent: Program = {
  name: "qBittorrent",
  probe: ["qbittorrent-nox", "--version"],
  install: "apt install qbittorrent-nox",
  leech: qbittorrentCommand,
  seed: qbittorrentCommand,
  settings: ({ state, port }) => ({
    [join(state, "qBittorrent", "config", "qBittorrent.conf")]: qbittorrentSettings({
      ...{ address: "127.0.0.1", port, protocol: "TCP", encryption: "allowed", pex: false },
    }),
  }),
};

/** It does not run without its web interface. No peer of a run listens below 12,000. */
function webPort(port: number): number {
  return 2000 + port % 9000;
}

function qbittorrentCommand({ torrent, dir, state, port }: Place): string[] {
  return [
    ...["qbittorrent-nox", `--profile=${state}`, `--webui-port=${webPort(port)}`],
    ...[`--save-path=${dir}`, "--add-paused=false", torrent],
  ];
}

const webtorrent: Program = {
  name: "webtorrent",
  probe: [
    "node",
    "-p",
    `require(${
      JSON.stringify(join(NPM_PREFIX, "node_modules", "webtorrent", "package.json"))
    }).version`,
  ],
  install: "npm install --ignore-scripts --prefix bench/runs webtorrent@3 (needs node 20 or later)",
  leech: ({ torrent, dir, port }) => webtorrentCommand("leech", torrent, dir, port),
  seed: ({ torrent, dir, port }) => webtorrentCommand("seed", torrent, dir, port),
  verify: ({ torrent, dir }) => webtorrentCommand("verify", torrent, dir),
};

function webtorrentCommand(...args: (string | number)[]): string[] {
  return ["node", join(BENCH, "webtorrent_peer.mjs"), NPM_PREFIX, ...args.map(String)];
}

const mktorrent: Program = {
  name: "mktorrent -t 2",
  probe: ["mktorrent", "-h"],
  install: "apt install mktorrent",
  create: ({ path, output, pieceLength, announce }) => [
    ...["mktorrent", "-t", "2", "-l", String(Math.log2(pieceLength)), "-a", announce],
    ...["-o", output, path],
  ],
};

/** What a leech costs in Deno at least: `floor_leech.ts`. */
const floor: Program = {
  name: "floor",
  probe: [Deno.execPath(), "--version"],
  install: "nothing to install",
  leech: ({ torrent, dir, port }) => [
    ...[Deno.execPath(), "run", "--quiet", "--allow-all", "--no-check"],
    ...[join(BENCH, "floor_leech.ts"), torrent, dir, String(port)],
  ],
  takesOneFile: true,
};

/** All that can be measured, in the order of the tables. */
export const PROGRAMS: readonly Program[] = [
  LIBTORRENT,
  vtorrent,
  floor,
  aria2,
  transmission,
  qbittorrent,
  webtorrent,
  mktorrent,
];

/** The first line of what a program says about its version; undefined where it is not installed. */
export async function installedVersion(program: Program): Promise<string | undefined> {
  const [command, ...args] = program.probe;
  try {
    const { success, stdout, stderr } = await new Deno.Command(command!, { args }).output();
    if (!success) return undefined;
    const text = new TextDecoder();
    return (text.decode(stdout) + text.decode(stderr)).trim().split("\n")[0] ?? "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
