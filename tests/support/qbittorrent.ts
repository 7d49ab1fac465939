/**
 * qBittorrent without a window (Debian's `qbittorrent-nox`).
 *
 * @module
 */
import { join } from "@std/path";
import { LOOPBACK, type Place } from "./hosts.ts";
import { qbittorrentSettings } from "./qbittorrent_settings.ts";
import { TestProcess } from "./process.ts";

const CONTROL = join(import.meta.dirname!, "qbittorrent_control.py");

/** How it takes part. */
export interface QbittorrentOptions {
  readonly host?: Place;
  readonly encrypted?: boolean;
  /** uTP alone; else both. */
  readonly utp?: boolean;
}

/** qBittorrent with one torrent or magnet link, until it is killed. */
export class Qbittorrent extends TestProcess {
  readonly #control: TestProcess;

  private constructor(home: string, what: string, dir: string, webPort: number, host: Place) {
    const { through } = host;
    super("qbittorrent-nox", [`--profile=${home}`, `--webui-port=${webPort}`], {
      through,
      env: { HOME: home },
    });
    const control = [CONTROL, String(webPort), what, dir];
    this.#control = new TestProcess("/usr/bin/python3", control, { through });
  }

  /** Starts it on `what`, whose files are or will be in `dir`. */
  static async start(
    what: string,
    dir: string,
    port: number,
    { host = LOOPBACK, encrypted = false, utp = false }: QbittorrentOptions = {},
  ): Promise<Qbittorrent> {
    const home = `${dir}.qbittorrent`;
    await Deno.mkdir(dir, { recursive: true });
    await Deno.mkdir(join(home, "qBittorrent", "config"), { recursive: true });
    const config = qbittorrentSettings({
      ...{ port, address: host.ip4, pex: true },
      ...{ protocol: utp ? "UTP" : "Both", encryption: encrypted ? "required" : "allowed" },
    });
    await Deno.writeTextFile(join(home, "qBittorrent", "config", "qBittorrent.conf"), config);
    // Any port will do in a namespace; on loopback others may use the one above.
    return new Qbittorrent(home, what, dir, port + 1, host);
  }

  /** Resolves when it has everything, verified, and seeds. */
  async complete(patience?: number): Promise<void> {
    await this.#control.line(/^complete$/, patience);
  }

  /** Whom it banned, and why. */
  bans(): string[] {
    return this.#control.stdout.filter((line) => line.startsWith("banned "));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#control[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
  }
}
