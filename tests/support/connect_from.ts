/**
 * Connections that come from a loopback address of one's choice: `Deno.connect` has no say in that.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

/** What a test needs of a TCP connection. */
export type ByteStream = Pick<Deno.TcpConn, "read" | "write" | "close">;

/**
 * Connects to a port of 127.0.0.1.
 *
 * @param from the caller's address, such as 127.0.0.66
 */
export async function connectFrom(from: string, port: number): Promise<ByteStream> {
  const socket = connect({ host: "127.0.0.1", port, localAddress: from });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("connect", resolve).once("error", reject);
  await promise;
  return byteStreamOf(socket);
}

/** An open connection that was made or taken by the means of Node. */
export function byteStreamOf(socket: Socket): ByteStream {
  // Whoever waits for something asks again after each of these.
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
    waiting.clear();
  };
  let fault: Error | undefined;
  socket.on("readable", wake).on("end", wake).on("drain", wake);
  socket.on("error", (error) => {
    fault = error;
    wake();
  }).on("close", wake);
  const changed = () => new Promise<void>((resolve) => waiting.add(resolve));
  const isOver = () => fault !== undefined || socket.destroyed;
  return {
    async read(into) {
      while (!isOver() && socket.readableLength === 0 && !socket.readableEnded) await changed();
      const bytes: Uint8Array | null = isOver()
        ? null
        : socket.read(Math.min(into.length, socket.readableLength));
      if (bytes === null) return null;
      into.set(bytes);
      return bytes.length;
    },
    async write(bytes) {
      if (isOver()) throw fault ?? new Deno.errors.BrokenPipe("closed");
      if (!socket.write(bytes.slice())) {
        while (!isOver() && socket.writableNeedDrain) await changed();
      }
      if (isOver()) throw fault ?? new Deno.errors.BrokenPipe("closed");
      return bytes.length;
    },
    close: () => void socket.destroy(),
  };
}
