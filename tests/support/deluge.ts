/**
 * Deluge's daemon (Debian's `deluged`), with everything that reaches further turned off.
 *
 * @module
 */
import { join } from "@std/path";
import { LOOPBACK, type Place } from "./hosts.ts";
import { TestProcess } from "./process.ts";

const CONTROL = join(import.meta.dirname!, "deluge_control.py");

/** Deluge with one torrent or magnet link, until it is killed. */
export class Deluge extends TestProcess {
  readonly #control: TestProcess;

  private constructor(home: string, what: string, dir: string, port: number, host: Place) {
    const { through } = host;
    super("deluged", [
      ...["--do-not-daemonize", "--config", home, "--loglevel", "warning"],
      ...["--port", String(port), "--ui-interface", "127.0.0.1"],
    ], { through, env: { HOME: home } });
    const control = [CONTROL, String(port), what, dir];
    this.#control = new TestProcess("/usr/bin/python3", control, { through, env: { HOME: home } });
  }

  /** Starts it on `what`, whose files are or will be in `dir`. */
  static async start(
    what: string,
    dir: string,
    port: number,
    { host = LOOPBACK, encrypted = false }: { host?: Place; encrypted?: boolean } = {},
  ): Promise<Deluge> {
    const home = `${dir}.deluge`;
    await Deno.mkdir(dir, { recursive: true });
    await Deno.mkdir(home);
    const config = {
      "allow_remote": false,
      "dht": false,
      "download_location": dir,
      "enc_in_policy": encrypted ? 0 : 1,
      "enc_out_policy": encrypted ? 0 : 1,
      "enc_level": encrypted ? 1 : 2,
      "listen_interface": host.ip4,
      "listen_ports": [port, port],
      "lsd": false,
      "natpmp": false,
      "new_release_check": false,
      "outgoing_interface": host.ip4,
      "random_port": false,
      "send_info": false,
      "upnp": false,
      "utpex": true,
    };
    // Its file is two JSON texts in a row: the first names the format of the second.
    const text = JSON.stringify({ file: 1, format: 1 }) + JSON.stringify(config);
    await Deno.writeTextFile(join(home, "core.conf"), text);
    await Deno.writeTextFile(join(home, "auth"), "localclient:test:10\n");
    // Any port will do in a namespace; on loopback others may use the one above.
    return new Deluge(home, what, dir, port + 1, host);
  }

  /** Resolves when it has everything, verified, and seeds. */
  async complete(patience?: number): Promise<void> {
    await this.#control.line(/^complete$/, patience);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#control[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
  }
}
