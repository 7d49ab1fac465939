/**
 * Many datagrams in one system call. The runtime hands over and takes datagrams one at a time, and
 * each costs it more than it costs the system and the tracker together; under load, many are waiting
 * already. Linux has `recvmmsg(2)` and `sendmmsg(2)` for them, which are called here through the C
 * library. Where that cannot be had, datagrams go one by one.
 *
 * @module
 */
import { formatIp, parseIp, unmapIp } from "../../protocol/address.ts";

/** Datagrams in a batch at most. */
const BATCH = 32;
/** Descriptors that are looked at to find a socket that was opened just now. */
const DESCRIPTORS = 4096;
/** Room for a datagram, either way. Replies are shorter (`udp_server.ts`), longer requests are cut. */
const ROOM = 2048;

// Linux on 64 bits, lowest byte first: `struct mmsghdr`, `struct iovec`, `struct sockaddr_in6`.
const HEADER = 64;
const HEADER_NAME = 0;
const HEADER_NAME_LENGTH = 8;
const HEADER_VECTOR = 16;
const HEADER_VECTORS = 24;
const HEADER_RECEIVED = 56;
const VECTOR = 16;
const VECTOR_LENGTH = 8;
const NAME = 28;
const AF_INET = 2;
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

const SYMBOLS = {
  recvmmsg: { parameters: ["i32", "buffer", "u32", "i32", "pointer"], result: "i32" },
  sendmmsg: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  dup: { parameters: ["i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

type Libc = Deno.DynamicLibrary<typeof SYMBOLS>;

/** What has come in at a UDP socket, and the replies to it. */
export class DatagramBatch implements Disposable {
  readonly #libc: Libc;
  readonly #in = new Messages();
  readonly #out = new Messages();
  /** A number of the socket of our own: nobody else closes it, so it is never another's. */
  #fd = -1;
  #queued = 0;

  private constructor(libc: Libc) {
    this.#libc = libc;
  }

  /**
   * Gets all that needs the right to call foreign code, which the program can give up after this:
   * four functions on sockets, `dup` and `close`. Undefined where the system has none of the first
   * two, or that right is not given; nobody is asked for it.
   */
  static prepare(): DatagramBatch | undefined {
    const { os, arch } = Deno.build;
    if (os !== "linux" || (arch !== "x86_64" && arch !== "aarch64")) return undefined;
    if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
    try {
      return new DatagramBatch(Deno.dlopen("libc.so.6", SYMBOLS));
    } catch {
      return undefined; // another C library
    }
  }

  /** Goes to work for a socket of the runtime; false where it works for one or the socket is not found. */
  attach(socket: Deno.DatagramConn): boolean {
    if (this.#fd >= 0) return false;
    this.#fd = this.#libc.symbols.dup(descriptorOf(socket.addr as Deno.NetAddr, this.#libc));
    return this.#fd >= 0;
  }

  /** Ends that work. */
  detach(): void {
    this.#libc.symbols.close(this.#fd);
    this.#fd = -1;
  }

  /** Takes what has come in; how many datagrams, at most {@linkcode isFull a full batch}. */
  receive(): number {
    this.#in.reset();
    const { headers } = this.#in;
    return Math.max(0, this.#libc.symbols.recvmmsg(this.#fd, headers, BATCH, MSG_DONTWAIT, null));
  }

  /** Whether more may be waiting behind so many. */
  isFull(count: number): boolean {
    return count === BATCH;
  }

  /** The bytes of a datagram, until the next are received. */
  packet(index: number): Uint8Array {
    return this.#in.packet(index);
  }

  /** Where it came from: 4 or 16 bytes. */
  address(index: number): Uint8Array {
    return addressIn(this.#in.name(index));
  }

  /** The same for a reply that comes later. */
  sender(index: number): Deno.NetAddr {
    return addrOf(this.#in.name(index));
  }

  /** Adds a reply to a datagram, to be sent with {@linkcode send}. */
  reply(index: number, bytes: Uint8Array): void {
    this.#out.put(this.#queued++, bytes, this.#in.name(index));
  }

  /**
   * Sends all replies; those that the system did not take, if any: there is no room for them yet, or
   * the first of them can go nowhere.
   */
  send(): { reply: Uint8Array; to: Deno.NetAddr }[] {
    let sent = 0;
    while (sent < this.#queued) {
      const headers = this.#out.headers.subarray(HEADER * sent);
      const more = this.#libc.symbols.sendmmsg(
        ...[this.#fd, headers, this.#queued - sent, MSG_DONTWAIT] as const,
      );
      if (more <= 0) break;
      sent += more;
    }
    const left = [];
    for (; sent < this.#queued; sent++) {
      const reply = this.#out.sent(sent).slice();
      left.push({ reply, to: addrOf(this.#out.name(sent)) });
    }
    this.#queued = 0;
    return left;
  }

  [Symbol.dispose](): void {
    if (this.#fd >= 0) this.detach();
    this.#libc.close();
  }
}

/** An array of `struct mmsghdr` and all that it points to. */
class Messages {
  readonly headers = new Uint8Array(HEADER * BATCH);
  readonly #view = new DataView(this.headers.buffer);
  readonly #vectors = new DataView(new ArrayBuffer(VECTOR * BATCH));
  readonly #names = new Uint8Array(NAME * BATCH);
  readonly #bytes = new Uint8Array(ROOM * BATCH);

  constructor() {
    const [names, vectors, bytes] = [this.#names, this.#vectors, this.#bytes].map((part) =>
      Deno.UnsafePointer.value(Deno.UnsafePointer.of(part))
    );
    for (let i = 0; i < BATCH; i++) {
      const at = HEADER * i;
      this.#view.setBigUint64(at + HEADER_NAME, names! + BigInt(NAME * i), true);
      this.#view.setBigUint64(at + HEADER_VECTOR, vectors! + BigInt(VECTOR * i), true);
      this.#view.setBigUint64(at + HEADER_VECTORS, 1n, true);
      this.#vectors.setBigUint64(VECTOR * i, bytes! + BigInt(ROOM * i), true);
      this.#vectors.setUint32(VECTOR * i + VECTOR_LENGTH, ROOM, true);
    }
    this.reset();
  }

  /** Gives each sender's address all its room again, of which the system took what it needed. */
  reset(): void {
    for (let at = HEADER_NAME_LENGTH; at < this.headers.length; at += HEADER) {
      this.#view.setUint32(at, NAME, true);
    }
  }

  packet(index: number): Uint8Array {
    const length = this.#view.getUint32(HEADER * index + HEADER_RECEIVED, true);
    return this.#bytes.subarray(ROOM * index, ROOM * index + length);
  }

  name(index: number): Uint8Array {
    const length = this.#view.getUint32(HEADER * index + HEADER_NAME_LENGTH, true);
    return this.#names.subarray(NAME * index, NAME * index + length);
  }

  put(index: number, bytes: Uint8Array, name: Uint8Array): void {
    this.#bytes.set(bytes, ROOM * index);
    this.#vectors.setUint32(VECTOR * index + VECTOR_LENGTH, bytes.length, true);
    this.#names.set(name, NAME * index);
    this.#view.setUint32(HEADER * index + HEADER_NAME_LENGTH, name.length, true);
  }

  sent(index: number): Uint8Array {
    const length = this.#vectors.getUint32(VECTOR * index + VECTOR_LENGTH, true);
    return this.#bytes.subarray(ROOM * index, ROOM * index + length);
  }
}

/** The number that the system has for a UDP socket of this process; negative where it is not found. */
function descriptorOf(local: Deno.NetAddr, libc: Libc): number {
  const wanted = formatIp(parseIp(local.hostname) ?? new Uint8Array(4));
  const name = new Uint8Array(NAME);
  const word = new Uint32Array(1);
  const length = new Uint32Array(1);
  for (let fd = 0; fd < DESCRIPTORS; fd++) {
    length[0] = 4;
    if (libc.symbols.getsockopt(fd, SOL_SOCKET, SO_TYPE, word, length) !== 0) continue;
    if (word[0] !== SOCK_DGRAM) continue;
    length[0] = NAME;
    if (libc.symbols.getsockname(fd, name, length) !== 0 || length[0] < 16) continue;
    const { hostname, port } = addrOf(name);
    if (port === local.port && hostname === wanted) return fd;
  }
  return -1;
}

function addressIn(name: Uint8Array): Uint8Array {
  return name[0] === AF_INET ? name.slice(4, 8) : unmapIp(name.slice(8, 24));
}

function addrOf(name: Uint8Array): Deno.NetAddr {
  const port = name[2]! << 8 | name[3]!;
  return { transport: "udp", hostname: formatIp(addressIn(name)), port };
}
