/**
 * UDP, with turns for everybody else while datagrams come faster than they are read.
 *
 * @module
 */
import { loopTurns } from "../../loop/process_loop.ts";
import type { DatagramSocket, UdpAddress } from "../ports.ts";

/**
 * Opens a port; 0 takes any free one.
 *
 * @throws {Deno.errors.AddrInUse}
 */
export function listenDatagram(hostname: string, port: number): DatagramSocket {
  return new UdpSocket(Deno.listenDatagram({ transport: "udp", hostname, port }));
}

class UdpSocket implements DatagramSocket {
  readonly #socket: Deno.DatagramConn;

  constructor(socket: Deno.DatagramConn) {
    this.#socket = socket;
  }

  get addr(): UdpAddress {
    return this.#socket.addr as Deno.NetAddr;
  }

  /** Without a promise of its own where no turn is due. */
  receive(into: Uint8Array): Promise<[Uint8Array, UdpAddress]> {
    const turn = loopTurns.due();
    return turn === undefined ? this.#receive(into) : this.#receiveAfter(turn, into);
  }

  send(bytes: Uint8Array, to: UdpAddress): Promise<number> {
    return this.#socket.send(bytes, to);
  }

  close(): void {
    this.#socket.close();
  }

  #receive(into: Uint8Array): Promise<[Uint8Array, UdpAddress]> {
    return this.#socket.receive(into) as Promise<[Uint8Array, Deno.NetAddr]>;
  }

  async #receiveAfter(
    turn: Promise<void>,
    into: Uint8Array,
  ): Promise<[Uint8Array, UdpAddress]> {
    for (let due: Promise<void> | undefined = turn; due !== undefined; due = loopTurns.due()) {
      await due;
    }
    return await this.#receive(into);
  }
}
