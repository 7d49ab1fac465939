/**
 * Flag values: parses sizes, times, ports and addresses.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";

const SIZE_UNITS: Record<string, number> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/**
 * Bytes: `500k`, `2M`, `1.5G`, `16384`, `512KiB`. Binary units.
 *
 * @throws {UsageError} naming `source`
 */
export function parseSize(text: string, source: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?(?:\/s)?$/i.exec(text.trim());
  if (match === null) throw new UsageError(`${source} is "${text}": give a size like 500k or 2M`);
  return Math.round(Number(match[1]) * SIZE_UNITS[match[2]!.toLowerCase()]!);
}

/**
 * Bytes per piece: a power of two from 16 KiB to 128 MiB.
 *
 * @throws {UsageError} naming `source`
 */
export function parsePieceLength(text: string, source: string): number {
  const size = parseSize(text, source);
  if (Number.isInteger(Math.log2(size)) && size >= 2 ** 14 && size <= 2 ** 27) return size;
  throw new UsageError(`${source} is "${text}": give a power of two from 16k to 128M`);
}

const TIME_UNITS: Record<string, number> = { "": 1, s: 1, m: 60, h: 3600 };

/**
 * Seconds: `90`, `90s`, `5m`, `1h`.
 *
 * @throws {UsageError} naming `source`
 */
export function parseSeconds(text: string, source: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([smh]?)$/i.exec(text.trim());
  if (match === null) throw new UsageError(`${source} is "${text}": give a time like 90 or 5m`);
  return Number(match[1]) * TIME_UNITS[match[2]!.toLowerCase()]!;
}

/** A number like `2` or `1.5`. @throws {UsageError} naming `source` */
export function parseRatio(text: string, source: string): number {
  if (/^\d{1,6}(\.\d{1,6})?$/.test(text.trim())) return Number(text);
  throw new UsageError(`${source} is "${text}": give a ratio like 1 or 1.5`);
}

/** @throws {UsageError} naming `source` */
export function parseCount(text: string, source: string): number {
  if (!/^\d{1,9}$/.test(text.trim())) {
    throw new UsageError(`${source} is "${text}": give a whole number`);
  }
  return Number(text);
}

/**
 * A port, 0 to 65535; 0 means any free one.
 *
 * @throws {UsageError} naming `source`
 */
export function parsePort(text: string, source: string): number {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : NaN;
  if (!(port <= 65535)) {
    throw new UsageError(`${source} is "${text}": give a port from 0 to 65535`);
  }
  return port;
}

/**
 * `host:port` or `[ipv6]:port`.
 *
 * @throws {UsageError} naming `source`
 */
export function parseAddress(text: string, source: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65535) {
    throw new UsageError(`${source} is "${text}": give HOST:PORT, e.g. 127.0.0.1:6881`);
  }
  return { host: match[1] ?? match[2]!, port };
}
