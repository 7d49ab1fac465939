/**
 * vtorrent: a BitTorrent tracker, a BitTorrent peer and a shell to watch them with.
 *
 * @module
 */
import { VERSION } from "./protocol/version.ts";
import type { DatagramBatch } from "./tracker/mod.ts";

/** Runs the program in the real world; its exit status. */
export async function main(): Promise<number> {
  const { catchFaults } = await import("./shell/uncaught_errors.ts");
  const { runProgram } = await import("./shell/program.ts");
  const { standardStreams } = await import("./shell/terminal/terminal.ts");
  const self = selfCommand();
  // The demo starts this program again; grading and the lab start those of others.
  const startsOthers = ["grade", "lab"].includes(Deno.args[0]!) || Deno.args.includes("demo");
  if (!startsOthers) giveUpStarting(self[0]!);
  const datagramBatch = await giveUpForeignCode();
  const stop = new AbortController();
  const interrupted = () => {
    // The second one: whoever asks twice does not want to wait for trackers.
    if (stop.signal.aborted) Deno.exit(130);
    stop.abort();
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, interrupted);
  let hungUp = interrupted;
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGHUP", () => hungUp());
  return await runProgram({
    args: Deno.args,
    env: (name) => Deno.env.get(name),
    ...standardStreams(),
    stop: stop.signal,
    onHangup: (listener) => {
      hungUp = listener;
      return { [Symbol.dispose]: () => void (hungUp = interrupted) };
    },
    onFault: catchFaults,
    cwd: Deno.cwd(),
    browse: async (target) => {
      const { openInBrowser } = await import("./shell/terminal/open_browser.ts");
      await openInBrowser(target, (name) => Deno.env.get(name));
    },
    self,
    datagramBatch,
  });
}

/**
 * Gives up the right to start itself. What is left is what opens a browser, by name; a right to start
 * anything cannot be made narrower, so it goes as a whole.
 */
function giveUpStarting(self: string): void {
  Deno.permissions.revokeSync({ name: "run", command: self });
  const { state } = Deno.permissions.querySync({ name: "run", command: self });
  if (state === "granted") Deno.permissions.revokeSync({ name: "run" });
}

/** Gives up the right to call foreign code. A tracker takes a few functions on sockets with it before. */
async function giveUpForeignCode(): Promise<DatagramBatch | undefined> {
  let batch: DatagramBatch | undefined = undefined;
  if (Deno.args[0] === "tracker") {
    batch = (await import("./tracker/mod.ts")).DatagramBatch.prepare();
  }
  Deno.permissions.revokeSync({ name: "ffi" });
  return batch;
}

/** How to start this same program: as one file, or from source as it was started. */
function selfCommand(): string[] {
  const stub = Deno.env.get("VTORRENT_EXE");
  if (stub !== undefined && stub !== "") return [stub];
  if (Deno.build.standalone) return [Deno.execPath()];
  const permissions = ["net", "read", "write", "env", "sys"].map((name) => `--allow-${name}`);
  return [Deno.execPath(), "run", "--quiet", ...permissions, Deno.mainModule];
}

if (import.meta.main) {
  if (Deno.args.length === 1 && (Deno.args[0] === "--version" || Deno.args[0] === "-V")) {
    // The one answer that needs nothing else loaded.
    Deno.stdout.writeSync(new TextEncoder().encode(`vtorrent ${VERSION}\n`));
  } else {
    Deno.exit(await main());
  }
}
