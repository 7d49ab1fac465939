/**
 * Calls from an address of one's choice: `Deno.connect` has no say in that.
 *
 * @module
 */
import { connect } from "node:net";

/** What a wire needs of a connection. */
export type WireSocket = Pick<
  Deno.TcpConn,
  "read" | "write" | "close" | "closeWrite" | "setNoDelay" | "localAddr"
>;

/**
 * Connects to a place on this machine.
 *
 * @param from the caller's address, such as 127.0.1.3
 * @throws {Error} where nobody listens there
 */
export async function callFrom(
  from: string,
  { hostname, port }: { readonly hostname: string; readonly port: number },
): Promise<WireSocket> {
  // What hangs up may still be told what was said before.
  const socket = connect({ host: hostname, port, localAddress: from, allowHalfOpen: true });
  const connected = Promise.withResolvers<void>();
  socket.once("connect", connected.resolve);
  let fault: Error | undefined;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
    waiting.clear();
  };
  socket.on("error", (error) => {
    fault = error;
    connected.reject(error);
    wake();
  });
  for (const event of ["readable", "end", "drain", "finish", "close"]) socket.on(event, wake);
  await connected.promise;
  const changed = () => new Promise<void>((resolve) => waiting.add(resolve));
  const isOver = () => fault !== undefined || socket.destroyed;
  return {
    localAddr: { transport: "tcp", hostname: from, port: socket.localPort! },
    async read(into) {
      while (!isOver() && socket.readableLength === 0 && !socket.readableEnded) {
        // Node tells of the end to whoever asks for more.
        socket.read(0);
        await changed();
      }
      if (fault !== undefined) throw fault;
      const bytes: Uint8Array | null = socket.read(Math.min(into.length, socket.readableLength));
      if (bytes === null) return null;
      into.set(bytes);
      return bytes.length;
    },
    async write(bytes) {
      if (!isOver() && !socket.write(bytes)) {
        while (!isOver() && socket.writableNeedDrain) await changed();
      }
      if (isOver()) throw fault ?? new Deno.errors.BrokenPipe("The connection has ended");
      return bytes.length;
    },
    async closeWrite() {
      socket.end();
      while (!isOver() && !socket.writableFinished) await changed();
    },
    setNoDelay: (isOn = true) => void socket.setNoDelay(isOn),
    close: () => void socket.destroy(),
  };
}
