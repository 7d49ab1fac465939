/**
 * libtorrent 2 (Debian's `python3-libtorrent`, what qBittorrent is made of), on 127.0.0.1 unless told
 * otherwise, with everything that reaches further turned off.
 *
 * @module
 */
import { join } from "@std/path";
import { leaveOut } from "./left_out.ts";
import { type ProcessOptions, runToEnd, TestProcess } from "./process.ts";

const PYTHON = "/usr/bin/python3";
const SCRIPT = join(import.meta.dirname!, "libtorrent_client.py");

/** A .torrent as libtorrent makes it; its info hashes in hex. */
export async function libtorrentCreate(
  source: string,
  torrent: string,
  kind: "v1" | "hybrid" | "v2",
  pieceLength: number,
): Promise<{ v1: string | null; v2: string | null }> {
  const args = ["create", source, torrent, kind, String(pieceLength)];
  const { code, stdout, stderr } = await runToEnd(PYTHON, [SCRIPT, ...args]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/**
 * The info hashes (hex) of what libtorrent makes of one source, by `kind pieceLength`; v1 with the
 * files sorted by path, where its own order is the folder's.
 */
export async function libtorrentHashes(
  source: string,
  pieceLengths: readonly number[],
): Promise<Record<string, { v1: string | null; v2: string | null }>> {
  const { code, stdout, stderr } = await runToEnd(PYTHON, [
    SCRIPT,
    "hashes",
    source,
    ...pieceLengths.map(String),
  ]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** libtorrent with one torrent: downloads what it lacks and seeds what it has, until it is killed. */
export class Libtorrent extends TestProcess {
  private constructor(args: readonly string[], options: ProcessOptions) {
    super(PYTHON, [SCRIPT, "share", ...args], options);
  }

  /** Whether it is installed; see {@linkcode leaveOut}. */
  static async isInstalled(): Promise<boolean> {
    try {
      const { code } = await runToEnd(PYTHON, ["-c", "import libtorrent"]);
      if (code === 0) return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return leaveOut("needs libtorrent; install it with apt-get install python3-libtorrent");
  }

  /**
   * @param what path of a .torrent, or a magnet link
   * @param flags `--peer HOST:PORT` to dial, `--port`, `--utp`, `--dht` …: see the script
   */
  static async start(
    what: string,
    dir: string,
    flags: readonly string[] = [],
    options: ProcessOptions = {},
  ): Promise<Libtorrent> {
    await Deno.mkdir(dir, { recursive: true });
    return new Libtorrent([what, dir, ...flags], options);
  }

  /** Where it listens. */
  async port(): Promise<number> {
    return Number((await this.line(/^port /)).slice(5));
  }

  /** Resolves when it has everything, verified, and seeds. */
  async complete(patience?: number): Promise<void> {
    await this.line(/^complete$/, patience);
  }

  /** Whom it banned. */
  bans(): string[] {
    return this.stdout.filter((line) => line.startsWith("banned "));
  }
}
