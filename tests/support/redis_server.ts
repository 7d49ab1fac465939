/**
 * A real Redis on 127.0.0.1, in memory only, that goes away with the test.
 *
 * @module
 */
import { freePort } from "./free_port.ts";
import { runToEnd, TestProcess } from "./process.ts";
import { TempFolder } from "./temp_folder.ts";
import { until } from "./until.ts";

/** `await using` kills it. It can be killed and started again on the same port. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #folder: TempFolder;
  #process: TestProcess | undefined;

  private constructor(folder: TempFolder, port: number) {
    this.#folder = folder;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** A port for one that is started later. */
  static async prepare(port = freePort()): Promise<RedisServer> {
    return new RedisServer(await TempFolder.make(), port);
  }

  static async start(args: readonly string[] = []): Promise<RedisServer> {
    const server = await RedisServer.prepare();
    await server.start(args);
    return server;
  }

  /** Resolves when it takes connections. */
  async start(args: readonly string[] = []): Promise<void> {
    const where = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#folder.path];
    const memory = ["--save", "", "--appendonly", "no", "--daemonize", "no"];
    this.#process = new TestProcess("redis-server", [...where, ...memory, ...args]);
    await this.#process.line(/Ready to accept connections/);
  }

  /** Says something to it, as its operator would. The lines that it answers. */
  async command(...words: readonly string[]): Promise<string[]> {
    const { code, stdout, stderr } = await runToEnd("redis-cli", [
      "-p",
      String(this.port),
      ...words,
    ]);
    if (code !== 0) throw new Error(stderr);
    return stdout.split("\n").filter((line) => line !== "");
  }

  /** Resolves when its replica has what was written until now. */
  async replicated(): Promise<void> {
    const offset = async (pattern: RegExp) => {
      const info = (await this.command("INFO", "replication")).join("\n");
      return Number(pattern.exec(info)?.[1] ?? -1);
    };
    const written = await offset(/^master_repl_offset:(\d+)/m);
    await until(async () => await offset(/^slave0:.*,offset=(\d+)/m) >= written);
  }

  /** A file of its folder. */
  at(name: string): string {
    return this.#folder.at(name);
  }

  /** Stops or goes on (`SIGSTOP`, `SIGCONT`). */
  signal(signal: Deno.Signal): void {
    this.#process!.kill(signal);
  }

  /** As by a power cut: what it held is lost. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    await process?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#folder[Symbol.asyncDispose]();
  }
}
