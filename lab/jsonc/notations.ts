/**
 * Notations of times, sizes and rates in files that people write.
 *
 * @module
 */

/** `2s`, `500ms`, `1m` in ms; undefined: it is none. */
export function milliseconds(text: string): number | undefined {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] as "ms" | "s" | "m"];
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  k: 1000,
  kB: 1000,
  M: 1e6,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** `16 MiB`, `64KiB`, `5 MB` in whole bytes; undefined: it is none. */
export function bytes(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z]{0,3})$/.exec(text);
  const unit = match === null ? undefined : SIZE_UNITS[match[2]!];
  return unit === undefined ? undefined : Math.round(Number(match![1]) * unit);
}

const RATE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1000,
  M: 1e6,
  "B/s": 1,
  "kB/s": 1000,
  "MB/s": 1e6,
  "KiB/s": 1024,
  "MiB/s": 1024 ** 2,
  // Bits are the field's unit of access links.
  "kbit/s": 125,
  "Mbit/s": 125_000,
  kbit: 125,
  Mbit: 125_000,
};

/** `200k`, `1.5 MB/s`, `30 Mbit/s` in bytes/s; undefined: it is none. */
export function bytesPerSecond(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z/]{0,6})$/.exec(text);
  const unit = match === null ? undefined : RATE_UNITS[match[2]!];
  const rate = unit === undefined ? 0 : Math.round(Number(match![1]) * unit);
  return rate >= 1 ? rate : undefined;
}

/** `7` or `1-20`: first and last; undefined: it is none. */
export function wholeRange(text: string): readonly [number, number] | undefined {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return last < first ? undefined : [first, last];
}
