/**
 * Few colours: PNG pictures with a palette of 256, a third as large, for what has few colours anyway.
 *
 * @module
 */
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const MOST = 256;

/** The same picture with a palette. @param png 8 bits a channel, RGB or RGBA, not interlaced */
export function withPalette(png: Uint8Array): Uint8Array {
  const { width, height, channels, pixels } = decoded(png);
  const { palette, indexOf } = paletteOf(pixels, channels);
  // Each line begins with the number of its filter: none.
  const lines = new Uint8Array(height * (width + 1));
  for (let y = 0, at = 0, from = 0; y < height; y++) {
    at++;
    for (let x = 0; x < width; x++, from += channels) lines[at++] = indexOf(keyAt(pixels, from));
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  // 8 bits a pixel, each an index into the palette.
  header.setUint8(8, 8);
  header.setUint8(9, 3);
  const colours = Uint8Array.from(palette.flatMap((key) => [key >> 16, key >> 8 & 255, key & 255]));
  return joined([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("PLTE", colours),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** The commonest colours, and for each colour the place of the one that comes nearest to it. */
function paletteOf(pixels: Uint8Array, channels: number) {
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += channels) {
    const key = keyAt(pixels, at);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const palette = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST).map(([key]) => key);
  const places = new Map(palette.map((key, index) => [key, index]));
  const indexOf = (key: number): number => {
    const known = places.get(key);
    if (known !== undefined) return known;
    let best = 0;
    for (let index = 1; index < palette.length; index++) {
      if (distance(key, palette[index]!) < distance(key, palette[best]!)) best = index;
    }
    places.set(key, best);
    return best;
  };
  return { palette, indexOf };
}

function keyAt(pixels: Uint8Array, at: number): number {
  return pixels[at]! << 16 | pixels[at + 1]! << 8 | pixels[at + 2]!;
}

function distance(a: number, b: number): number {
  const [red, green, blue] = [16, 8, 0].map((shift) => (a >> shift & 255) - (b >> shift & 255));
  return red! ** 2 + green! ** 2 + blue! ** 2;
}

function decoded(png: Uint8Array) {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const channels = { 2: 3, 6: 4 }[png[25]!];
  if (channels === undefined || png[24] !== 8 || png[28] !== 0) {
    throw new Error("a picture of 8 bits a channel, RGB or RGBA, not interlaced, is wanted");
  }
  const data: Uint8Array[] = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = view.getUint32(at);
    const type = new TextDecoder().decode(png.subarray(at + 4, at + 8));
    if (type === "IDAT") data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return {
    width,
    height,
    channels,
    pixels: unfiltered(inflateSync(joined(data)), width, channels),
  };
}

/** Lines without the filters that were laid over them (PNG, section 9). */
function unfiltered(lines: Uint8Array, width: number, channels: number): Uint8Array {
  const stride = width * channels;
  const height = lines.length / (stride + 1);
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = lines[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < channels ? 0 : pixels[at - channels]!;
      const above = y === 0 ? 0 : pixels[at - stride]!;
      const corner = x < channels || y === 0 ? 0 : pixels[at - stride - channels]!;
      const guess = [0, left, above, left + above >> 1, paeth(left, above, corner)][filter!]!;
      pixels[at] = lines[y * (stride + 1) + 1 + x]! + guess;
    }
  }
  return pixels;
}

function paeth(left: number, above: number, corner: number): number {
  const sum = left + above - corner;
  const [a, b, c] = [Math.abs(sum - left), Math.abs(sum - above), Math.abs(sum - corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = joined([new TextEncoder().encode(type), data]);
  const ends = new DataView(new ArrayBuffer(8));
  ends.setUint32(0, data.length);
  ends.setUint32(4, crc32(named));
  const bytes = new Uint8Array(ends.buffer);
  return joined([bytes.subarray(0, 4), named, bytes.subarray(4)]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
