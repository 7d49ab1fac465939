/**
 * rtorrent without a screen, with everything that reaches further turned off.
 *
 * @module
 */
import { join } from "@std/path";
import { LOOPBACK, type Place } from "./hosts.ts";
import { TestProcess } from "./process.ts";

/** How long (ms) it is waited for at most, and between two questions. */
const PATIENCE = 60_000;
const PAUSE = 200;

/** rtorrent with one torrent or magnet link, until it is killed. */
export class Rtorrent extends TestProcess {
  readonly #socket: string;

  private constructor(home: string, host: Place) {
    super("rtorrent", ["-n", "-o", `import=${join(home, "rc")}`], {
      through: host.through,
      env: { HOME: home, TERM: "dumb" },
    });
    this.#socket = join(home, "rpc");
  }

  /** Starts it on `what`, whose files are or will be in `dir`. */
  static async start(
    what: string,
    dir: string,
    port: number,
    { host = LOOPBACK, encrypted = false }: { host?: Place; encrypted?: boolean } = {},
  ): Promise<Rtorrent> {
    const home = `${dir}.rtorrent`;
    await Deno.mkdir(dir, { recursive: true });
    await Deno.mkdir(join(home, "session"), { recursive: true });
    const encryption = encrypted
      ? "allow_incoming,try_outgoing,require,require_RC4"
      : "allow_incoming,try_outgoing";
    const config = `directory.default.set = ${dir}
session.path.set = ${home}/session
network.port_range.set = ${port}-${port}
network.port_random.set = no
network.bind_address.set = ${host.ip4}
dht.mode.set = disable
protocol.pex.set = yes
protocol.encryption.set = ${encryption}
trackers.use_udp.set = yes
network.scgi.open_local = ${home}/rpc
system.daemon.set = true
schedule2 = add, 0, 0, ((load.start, "${what}"))
`;
    await Deno.writeTextFile(join(home, "rc"), config);
    return new Rtorrent(home, host);
  }

  /** Resolves when it has everything, verified, and seeds. */
  async complete(patience = PATIENCE): Promise<void> {
    const end = performance.now() + patience;
    let said = "";
    while (performance.now() < end) {
      said = await this.#torrents().catch(String);
      // Metadata that is being fetched is a torrent of its own for it.
      if (/<i8>0<\/i8>.*<i8>1<\/i8>.*<i8>0<\/i8>.*<i8>1<\/i8>/.test(said)) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    throw new Error(`Waited in vain for rtorrent: ${said}\n${this.stdout.slice(-5).join("\n")}`);
  }

  /** Whether each is metadata only, complete, being hashed, and open: XML, in a line. */
  async #torrents(): Promise<string> {
    const wanted = ["", "main", "d.is_meta=", "d.complete=", "d.hashing=", "d.is_open="];
    const params = wanted.map((value) => `<param><value><string>${value}</string></value></param>`)
      .join("");
    const body = `<?xml version="1.0"?><methodCall><methodName>d.multicall2</methodName>` +
      `<params>${params}</params></methodCall>`;
    const head = `CONTENT_LENGTH\0${body.length}\0SCGI\0${1}\0`;
    using connection = await Deno.connect({ transport: "unix", path: this.#socket });
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode(`${head.length}:${head},${body}`));
    writer.releaseLock();
    const reply = await new Response(connection.readable).text();
    return reply.replaceAll(/\s+/g, "");
  }
}
