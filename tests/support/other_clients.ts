/**
 * Clients and trackers of other makes, on 127.0.0.1, with everything that reaches further turned off.
 *
 * @module
 */
import { join } from "@std/path";
import { aria2Command } from "../../lab/programs/aria2.ts";
import { leaveOut } from "./left_out.ts";
import { LOOPBACK, type Place } from "./hosts.ts";
import { runToEnd, TestProcess } from "./process.ts";
import { unusedUdpPort } from "./udp.ts";

/**
 * Whether `command` is installed; see {@linkcode leaveOut}.
 */
export async function isInstalled(
  command: string,
  debianPackage: string,
  args: readonly string[] = ["--version"],
): Promise<boolean> {
  try {
    await runToEnd(command, args);
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return leaveOut(`needs ${command}; install it with apt-get install ${debianPackage}`);
}

/**
 * What lets aria2 ask a UDP tracker: it does so by the socket of its DHT, which knows nobody here and
 * has no entry point.
 */
export function aria2Udp(dir: string): string[] {
  const port = unusedUdpPort();
  return ["--enable-dht=true", `--dht-listen-port=${port}`, `--dht-file-path=${dir}.dht`];
}

/** aria2 with one torrent: seeds what it finds until it is killed, or downloads and ends. */
export class Aria2 extends TestProcess {
  constructor(
    torrent: string,
    dir: string,
    port: number,
    task: "seed" | "download",
    more: readonly string[] = [],
    { dht = false, pex = false, host = LOOPBACK }: {
      dht?: boolean;
      pex?: boolean;
      host?: Place;
    } = {},
  ) {
    const [command, ...flags] = aria2Command({ dir, port, host: host.ip4, dht, pex });
    super(command!, [
      ...flags,
      "--check-integrity=true",
      ...(task === "seed" ? ["--seed-ratio=0"] : ["--seed-time=0"]),
      // In seconds, however long the tracker wants it to wait.
      "--bt-tracker-interval=2",
      ...more,
      torrent,
    ], { through: host.through });
  }

  /** Resolves when it has everything, verified. */
  async complete(patience?: number): Promise<void> {
    await this.line(
      /(Verification finished successfully|Download complete)(?!.*\[METADATA\])/,
      patience,
    );
  }
}

/**
 * Transmission with one torrent, until it is killed. It refuses loopback peers that a tracker names,
 * so the other side has to dial it.
 */
export class Transmission extends TestProcess {
  private constructor(
    home: string,
    torrent: string,
    dir: string,
    port: number,
    encryption: "tolerated" | "required",
    { through }: Place,
  ) {
    const quiet = ["--no-portmap", `--encryption-${encryption}`, "--no-downlimit", "--no-uplimit"];
    const where = ["--config-dir", home, "--download-dir", dir, "--port", String(port)];
    // Unbuffered, or what it says arrives much later than it is so.
    super("stdbuf", ["-o0", "transmission-cli", ...quiet, ...where, torrent], { through });
  }

  /** Starts it on `torrent`, whose files are or will be in `dir`. */
  static async start(
    torrent: string,
    dir: string,
    port: number,
    { encryption = "tolerated", utp = false, pex = false, host = LOOPBACK }: {
      encryption?: "tolerated" | "required";
      utp?: boolean;
      pex?: boolean;
      host?: Place;
    } = {},
  ): Promise<Transmission> {
    await Deno.mkdir(dir, { recursive: true });
    const home = `${dir}.transmission`;
    await Deno.mkdir(home);
    const settings = {
      "bind-address-ipv4": host.ip4,
      "bind-address-ipv6": "::1",
      "dht-enabled": false,
      "encryption": encryption === "required" ? 2 : 0,
      "lpd-enabled": false,
      "pex-enabled": pex,
      "port-forwarding-enabled": false,
      "preallocation": 0,
      "ratio-limit-enabled": false,
      "rename-partial-files": false,
      "utp-enabled": utp,
    };
    await Deno.writeTextFile(join(home, "settings.json"), JSON.stringify(settings));
    return new Transmission(home, torrent, dir, port, encryption, host);
  }

  /** Resolves when it has everything, verified, and seeds. */
  async complete(patience?: number): Promise<void> {
    await this.line(/Seeding, uploading/, patience);
  }
}

/** The program that is npm's webtorrent; `--version` makes it tell its version. */
export const WEBTORRENT_PEER = join(import.meta.dirname!, "webtorrent_peer.ts");

/** npm's webtorrent with one torrent or magnet link, until it is killed. */
export class WebTorrent extends TestProcess {
  /** @param flags `encrypted`, `tracker`, `pex`, `web-seeds`: see the program */
  constructor(
    what: string,
    dir: string,
    port: number,
    flags: readonly string[] = [],
    { through }: Place = LOOPBACK,
  ) {
    super(Deno.execPath(), [
      ...["run", "--quiet", "--allow-all", WEBTORRENT_PEER, what, dir, String(port), ...flags],
    ], { through });
  }

  /** Resolves when it has everything, verified. */
  async complete(patience?: number): Promise<void> {
    await this.line(/^complete$/, patience);
  }
}

/** npm's bittorrent-tracker in a process of its own; its announce URL. */
export async function startNpmTracker(): Promise<{ tracker: TestProcess; url: string }> {
  const program = join(import.meta.dirname!, "npm_tracker.ts");
  const tracker = new TestProcess(Deno.execPath(), ["run", "--quiet", "--allow-all", program]);
  return { tracker, url: await tracker.line(/^http:/) };
}
