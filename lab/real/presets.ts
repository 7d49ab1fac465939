/**
 * How known programs take part: everything that reaches further than this machine turned off, and
 * nothing encrypted, so that the wires can read along.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import { ARIA2_PROBE, aria2Command } from "../programs/aria2.ts";
import type { KNOWN_PROGRAMS } from "../scenario/keys.ts";
import { toldLimits } from "../run/told_limits.ts";
import type { PlannedMember } from "../scenario/run_plan.ts";
import type { MemberStart } from "./running_member.ts";

/** How a program is started. */
export interface Command {
  readonly argv: readonly string[];
  /** Lines typed into it; none: nothing to read. */
  readonly lines?: readonly string[];
  /** Files to write before: path → text. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A program that the lab knows. */
export interface Preset {
  readonly command: (start: MemberStart) => Command;
  /** What tells whether it is installed. */
  readonly probe: readonly string[];
  /** How to get it. */
  readonly install: string;
  /** What is to be known about it in a report. */
  readonly remark?: string;
  /** It hangs up on a second peer of one address. */
  readonly takesOneOfAnAddress?: true;
}

/** The programs by their names in a scenario. */
const KNOWN: Readonly<Record<typeof KNOWN_PROGRAMS[number], Preset>> = {
  aria2: {
    probe: ARIA2_PROBE,
    install: "apt-get install aria2",
    command: ({ dir, host, port, torrentPath }) => ({
      argv: [
        ...aria2Command({ dir, host, port }),
        ...["--check-integrity=true", "--seed-ratio=0", torrentPath],
      ],
    }),
  },
  transmission: {
    probe: ["transmission-cli", "--version"],
    install: "apt-get install transmission-cli",
    remark: "Transmission does not call peers of this machine: others have to call it",
    takesOneOfAnAddress: true,
    command: ({ dir, host, port, torrentPath }) => {
      const home = join(dirname(torrentPath), "transmission");
      return {
        argv: [
          ...["transmission-cli", "--no-portmap", "--encryption-tolerated", "--no-downlimit"],
          ...["--no-uplimit", "--config-dir", home, "--download-dir", dir],
          ...["--port", String(port), torrentPath],
        ],
        files: {
          [join(home, "settings.json")]: JSON.stringify({
            "bind-address-ipv4": host,
            "bind-address-ipv6": "::1",
            "dht-enabled": false,
            encryption: 0,
            "lpd-enabled": false,
            "pex-enabled": false,
            "port-forwarding-enabled": false,
            preallocation: 0,
            "ratio-limit-enabled": false,
            "rename-partial-files": false,
            "utp-enabled": false,
          }),
        },
      };
    },
  },
  libtorrent: {
    probe: ["/usr/bin/python3", "-c", "import libtorrent"],
    install: "apt-get install python3-libtorrent",
    command: ({ dir, host, port, torrentPath }) => ({
      argv: ["/usr/bin/python3", "-u", "-c", LIBTORRENT, torrentPath, dir, host, String(port)],
    }),
  },
};

/** A preset by a name that may be none. */
export const PRESETS: Readonly<Record<string, Preset | undefined>> = KNOWN;

/** Several peers of one address are allowed: all of them are here. */
const LIBTORRENT = `
import sys, time
import libtorrent as lt
torrent, folder, host, port = sys.argv[1:5]
session = lt.session({
    "listen_interfaces": host + ":" + port,
    "outgoing_interfaces": host,
    "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
    "enable_outgoing_utp": False, "enable_incoming_utp": False,
    "in_enc_policy": 2, "out_enc_policy": 2,
    "allow_multiple_connections_per_ip": True,
})
params = lt.add_torrent_params()
params.ti = lt.torrent_info(torrent)
params.save_path = folder
params.flags &= ~lt.torrent_flags.auto_managed
params.flags &= ~lt.torrent_flags.paused
handle = session.add_torrent(params)
while True:
    time.sleep(1)
    status = handle.status()
    print(status.state, round(status.progress, 3), status.num_peers, flush=True)
`;

/** The vtorrent of this machine as a process of its own. @param self the words that start it */
export function vtorrentCommand(
  self: readonly string[],
  start: MemberStart,
  member: PlannedMember,
): Command {
  const { slots, isSuperSeed, order } = member.policies;
  const { uploadLimit, downloadLimit } = toldLimits(member);
  const said = (flag: string, value: number | undefined) =>
    value === undefined ? [] : [flag, String(value)];
  return {
    argv: [
      ...self,
      ...["peer", start.id.replaceAll(/[^A-Za-z0-9]+/g, "-"), "--dir", start.dir],
      ...["--host", start.host, "--port", String(start.port), "--tracker", start.tracker],
      ...["--utp", "off", "--encryption", "off", "--no-pex", "--no-dht", "--no-report", "--json"],
      ...said("--upload-limit", uploadLimit),
      ...said("--download-limit", downloadLimit),
      // The optimistic slot comes on top of these.
      ...said("--upload-slots", slots === undefined ? undefined : Math.max(1, slots - 1)),
      ...(isSuperSeed ? ["--super-seed"] : []),
    ],
    lines: [
      `download "${start.torrentPath}"${order === "sequential" ? " --sequential" : ""} --over`,
    ],
  };
}

/** The placeholders of a command of one's own, and what they stand for. */
export function placeholders(start: MemberStart, magnet: string): Record<string, string> {
  return {
    torrent: start.torrentPath,
    magnet,
    tracker: start.tracker,
    dir: start.dir,
    name: "content.bin",
    port: String(start.port),
    host: start.host,
    id: start.id,
    seed: String(start.seed),
  };
}

/** Puts values into `{placeholders}`; what is none stays as it is. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** A program that the scenario describes. */
export function ownCommand(
  start: MemberStart,
  argv: readonly string[],
  lines: readonly string[],
  magnet: string,
): Command {
  const values = placeholders(start, magnet);
  return {
    argv: argv.map((word) => filled(word, values)),
    ...(lines.length === 0 ? {} : { lines: lines.map((line) => filled(line, values)) }),
  };
}
