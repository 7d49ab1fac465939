/**
 * Addresses: IPv4 and IPv6, as bytes and as text.
 *
 * An IPv4 address is 4 bytes and an IPv6 address 16 everywhere in vtorrent; an IPv4-mapped IPv6
 * address (`::ffff:a.b.c.d`) is always turned into its 4 bytes.
 *
 * @module
 */

/** Where a peer listens. `host` is an IP address in text form, `port` 1–65535. */
export interface PeerAddress {
  host: string;
  port: number;
}

/** What kind of place an address names. */
export type AddressClass =
  | "unspecified"
  | "loopback"
  | "private"
  | "link-local"
  | "multicast"
  | "broadcast"
  | "public";

function parseIpv4(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  let part = 0;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (digits === 0 || ++part > 3) return undefined;
      digits = 0;
      continue;
    }
    const value = bytes[part]! * 10 + code - 48;
    // A leading zero means octal to some systems and decimal to others: nobody may guess.
    if (code < 48 || code > 57 || value > 255 || (digits > 0 && bytes[part] === 0)) {
      return undefined;
    }
    bytes[part] = value;
    digits++;
  }
  return part === 3 && digits > 0 ? bytes : undefined;
}

/** The 16-bit groups of one side of `::`, or undefined where one is none. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  for (const part of text.split(":")) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
    groups.push(parseInt(part, 16));
  }
  return groups;
}

function parseIpv6(text: string): Uint8Array | undefined {
  let body = text;
  // The last 32 bits may be written as an IPv4 address.
  const dotted = body.lastIndexOf(":") + 1;
  if (body.includes(".")) {
    const tail = parseIpv4(body.slice(dotted));
    if (!tail) return undefined;
    const high = (tail[0]! << 8) | tail[1]!;
    const low = (tail[2]! << 8) | tail[3]!;
    body = `${body.slice(0, dotted)}${high.toString(16)}:${low.toString(16)}`;
  }
  const sides = body.split("::");
  if (sides.length > 2) return undefined;
  const head = parseGroups(sides[0]!);
  const tail = sides.length === 2 ? parseGroups(sides[1]!) : [];
  if (!head || !tail) return undefined;
  const count = head.length + tail.length;
  if (sides.length === 1 ? count !== 8 : count > 7) return undefined;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  head.forEach((group, i) => view.setUint16(2 * i, group));
  tail.forEach((group, i) => view.setUint16(16 - 2 * (tail.length - i), group));
  return bytes;
}

/** The IPv4 address inside an IPv4-mapped IPv6 address; any other address unchanged. */
export function unmapIp(address: Uint8Array): Uint8Array {
  if (address.length !== 16 || address[10] !== 0xff || address[11] !== 0xff) return address;
  for (let i = 0; i < 10; i++) if (address[i] !== 0) return address;
  return address.subarray(12);
}

/** The bytes (4 or 16) of an IP address in text form, or undefined where `text` is none. */
export function parseIp(text: string): Uint8Array | undefined {
  if (!text.includes(":")) return parseIpv4(text);
  const zone = text.indexOf("%"); // "fe80::1%eth0": the zone means something on one host only
  const bytes = parseIpv6(zone < 0 ? text : text.slice(0, zone));
  return bytes && unmapIp(bytes);
}

/** The text of an address of 4 or 16 bytes; IPv6 in the shortest form (RFC 5952). */
export function formatIp(address: Uint8Array): string {
  if (address.length === 4) {
    return `${address[0]}.${address[1]}.${address[2]}.${address[3]}`;
  }
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((address[i]! << 8) | address[i + 1]!);
  let start = -1;
  let length = 1; // a single zero group is not shortened
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
    if (end > i) i = end - 1;
  }
  const hex = groups.map((group) => group.toString(16));
  if (start < 0) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

/** `host:port` for people and URLs: IPv6 in brackets. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What kind of address 4 or 16 bytes are. */
export function classifyIp(address: Uint8Array): AddressClass {
  const ip = unmapIp(address);
  const first = ip[0]!;
  const second = ip[1]!;
  if (ip.length === 4) {
    if (first === 127) return "loopback";
    if (first === 10 || (first === 192 && second === 168)) return "private";
    if (first === 172 && (second & 0xf0) === 16) return "private";
    if (first === 100 && (second & 0xc0) === 64) return "private"; // carrier NAT, RFC 6598
    if (first === 0) return "unspecified"; // 0/8 is "this network": nobody can be dialled there
    if (first === 169 && second === 254) return "link-local";
    if (first >= 240) return "broadcast"; // 255.255.255.255 and the reserved block before it
    if (first >= 224) return "multicast";
    return "public";
  }
  if (first === 0xff) return "multicast";
  if (first === 0xfe && (second & 0xc0) === 0x80) return "link-local";
  if ((first & 0xfe) === 0xfc) return "private"; // unique local addresses
  for (let i = 0; i < 15; i++) if (ip[i] !== 0) return "public";
  if (ip[15] === 1) return "loopback";
  return ip[15] === 0 ? "unspecified" : "public";
}

/** Whether a peer can be dialled there at all: a real port, no multicast, broadcast or null. */
export function isDialable(address: Uint8Array, port: number): boolean {
  if (port < 1 || port > 65535) return false;
  const kind = classifyIp(address);
  return kind !== "unspecified" && kind !== "multicast" && kind !== "broadcast";
}
