/**
 * Link to a torrent as people paste it: a magnet link, or a bare info hash; one or several.
 *
 * @module
 */
import { parseInfoHash } from "./bytes20.ts";
import { MAX_LINK_LENGTH } from "./bounds.ts";
import { type Magnet, parseBase32InfoHash, parseMagnet } from "./magnet.ts";

/** Links that are taken from one text; what is pasted by mistake is longer. */
export const MAX_LINKS = 100;

const MAGNET = /^magnet:/i;

/** The info hash that a text is: 40 hex digits or 32 of base32, blanks in it not meant. */
export function bareInfoHash(text: string): Uint8Array | undefined {
  if (text.length > 200) return undefined;
  const digits = text.replace(/\s+/g, "").replace(/^urn:btih:/i, "");
  return parseInfoHash(digits) ?? parseBase32InfoHash(digits);
}

/**
 * What a text links to: a magnet link, or a bare info hash, of which nothing but the swarm's name is
 * known. Undefined where it is neither.
 *
 * @throws {MagnetError} for a magnet link that names no torrent
 */
export function parseLink(text: string): Magnet | undefined {
  if (MAGNET.test(text.trim())) return parseMagnet(text);
  const infoHash = bareInfoHash(text);
  return infoHash && { infoHash, trackers: [], webSeeds: [], peers: [], select: undefined };
}

/**
 * The links of a text that has nothing but links in it, one after the other with blanks, commas or
 * line breaks between, or with nothing where an input field dropped the line breaks; undefined for
 * any other text. A link that a page broke into lines is one.
 */
export function splitLinks(text: string): string[] | undefined {
  const whole = text.trim();
  if (whole === "" || whole.length > MAX_LINKS * MAX_LINK_LENGTH) return undefined;
  if (bareInfoHash(whole) !== undefined) return [whole];
  const links: string[] = [];
  for (const part of whole.split(/[\s,]*(?=magnet:\/*\?)/i)) {
    if (part === "") continue;
    if (MAGNET.test(part)) {
      links.push(...withHashesBehind(part));
      continue;
    }
    const words = part.split(/[\s,]+/).filter((word) => word !== "");
    const hashes = words.flatMap((word) =>
      /^(?:[0-9a-f]{40}){2,}$/i.test(word) ? word.match(/.{40}/g)! : [word]
    );
    if (!hashes.every((word) => bareInfoHash(word) !== undefined)) return undefined;
    links.push(...hashes);
  }
  return links;
}

/** A link, and the lines behind it that are bare info hashes, where it is whole without them. */
function withHashesBehind(part: string): string[] {
  const lines = part.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "");
  let end = lines.length;
  while (end > 1 && bareInfoHash(lines[end - 1]!) !== undefined) end--;
  // The hash may be what a line break parted from its link.
  while (end < lines.length && !namesTorrent(lines.slice(0, end).join(""))) end++;
  return [lines.slice(0, end).join("\n"), ...lines.slice(end)];
}

function namesTorrent(link: string): boolean {
  try {
    parseMagnet(link);
    return true;
  } catch {
    return false;
  }
}
