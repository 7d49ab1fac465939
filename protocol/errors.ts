/**
 * The ways in which bytes from outside can be wrong. Each is caught in exactly one place.
 *
 * @module
 */

/** Bytes that are not bencode (BEP 3), with the offset of the first wrong one. */
export class BencodeError extends SyntaxError {
  override name = "BencodeError";
  /** Offset in bytes from the start of the input. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} at offset ${offset}`);
    this.offset = offset;
  }
}

/** Bencode that is no usable .torrent. */
export class MetainfoError extends SyntaxError {
  override name = "MetainfoError";
}

/** A magnet link that names no torrent. */
export class MagnetError extends SyntaxError {
  override name = "MagnetError";
}

/** A peer said something that the protocol forbids. Its connection is dropped with this reason. */
export class ProtocolError extends Error {
  override name = "ProtocolError";
}

/** A tracker refused, could not be reached, or answered something that is no tracker's answer. */
export class TrackerError extends Error {
  override name = "TrackerError";
  /** BEP 31: minutes to wait before asking again, `"never"`, or undefined where it did not say. */
  readonly retryIn: number | "never" | undefined;
  /** Seconds before which no announce is welcome, where it said so beside its refusal. */
  readonly minInterval: number | undefined;

  constructor(
    message: string,
    options: ErrorOptions & {
      retryIn?: number | "never" | undefined;
      minInterval?: number | undefined;
    } = {},
  ) {
    super(message, options);
    this.retryIn = options.retryIn;
    this.minInterval = options.minInterval;
  }
}
