/**
 * The name of a client from its peer ID (BEP 20), for display.
 *
 * @module
 */

/** Azureus style: `-TR3000-` and twelve more. How each client writes its version differs. */
const AZUREUS: Readonly<Record<string, { name: string; version?: (digits: number[]) => string }>> =
  {
    "7T": { name: "aTorrent" },
    AG: { name: "Ares" },
    AZ: { name: "Vuze", version: dotted(4) },
    BC: { name: "BitComet" },
    BI: { name: "BiglyBT", version: dotted(4) },
    BT: { name: "BitTorrent", version: dotted(3) },
    BW: { name: "BitWombat" },
    CT: { name: "CTorrent" },
    DE: { name: "Deluge", version: dotted(3) },
    FL: { name: "Flud" },
    FW: { name: "FrostWire" },
    GT: { name: "anacrolix/torrent" },
    KT: { name: "KTorrent", version: dotted(3) },
    LP: { name: "Lphant" },
    LT: { name: "libtorrent", version: dotted(3) },
    MG: { name: "MediaGet" },
    MO: { name: "MonoTorrent" },
    PI: { name: "PicoTorrent" },
    TL: { name: "Tribler" },
    TS: { name: "torrent-stream" },
    TR: { name: "Transmission", version: transmission },
    TX: { name: "Tixati" },
    UM: { name: "µTorrent for Mac", version: dotted(3) },
    UT: { name: "µTorrent", version: dotted(3) },
    UW: { name: "µTorrent Web", version: dotted(3) },
    VT: { name: "vtorrent", version: dotted(3) },
    WD: { name: "WebTorrent Desktop", version: pairs },
    WW: { name: "WebTorrent", version: pairs },
    XL: { name: "Xunlei" },
    lt: { name: "rTorrent (libTorrent)", version: dotted(3) },
    qB: { name: "qBittorrent", version: dotted(3) },
    rQ: { name: "rqbit" },
    st: { name: "SharkTorrent" },
  };

const SHADOW: Readonly<Record<string, string>> = {
  A: "ABC",
  O: "Osprey",
  Q: "BTQueue",
  R: "Tribler",
  S: "Shadow",
  T: "BitTornado",
  U: "UPnP NAT",
};

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * Name and version behind a peer ID: `Transmission 3.00`, `vtorrent 0.1.0`. Of an unknown kind it is
 * the printable part of the ID.
 */
export function clientName(peerId: Uint8Array): string {
  const id = Array.from(peerId, (byte) => String.fromCharCode(byte)).join("");
  return azureus(id) ?? aria2(id) ?? rain(id) ?? mainline(id) ?? shadow(id) ?? printable(id);
}

function azureus(id: string): string | undefined {
  const match = /^-([A-Za-z~0-9]{2})([A-Za-z0-9]{4})-/.exec(id);
  if (!match) return undefined;
  const [, code = "", characters = ""] = match;
  // Others take these two letters too: ours are three digits from 0.1.0 on and a zero.
  if (code === "VT" && !/^(?!00)\d{3}0$/.test(characters)) return printable(id.slice(0, 8));
  const known = Object.hasOwn(AZUREUS, code) ? AZUREUS[code] : undefined;
  const digits = Array.from(characters, (character) => Math.max(0, DIGITS.indexOf(character)));
  const version = (known?.version ?? dotted(4))(digits);
  return `${known?.name ?? code} ${version}`;
}

/**
 * What a client calls itself (BEP 10 `v`), under the name that its peer ID has: rTorrent tells that of
 * the library below it.
 */
export function clientTold(text: string): string {
  const match = /^libTorrent (\d[\w.]*)$/.exec(text);
  return match ? `rTorrent (libTorrent) ${match[1]}` : text;
}

/** `A2-1-37-0-` is aria2 1.37.0. */
function aria2(id: string): string | undefined {
  const match = /^A2-(\d+)-(\d+)-(\d+)-/.exec(id);
  return match ? `aria2 ${match.slice(1).join(".")}` : undefined;
}

/** `-RN1.12.13-` is Rain: dots and no fixed length. */
function rain(id: string): string | undefined {
  const match = /^-RN(\d+\.\d+\.\d+)-/.exec(id);
  return match ? `Rain ${match[1]}` : undefined;
}

/** `M4-3-6--` is the first client, 4.3.6. */
function mainline(id: string): string | undefined {
  const match = /^M(\d{1,2})-(\d{1,2})-(\d{1,2})-/.exec(id);
  return match ? `Mainline ${match.slice(1).join(".")}` : undefined;
}

/** `S58B-----` is Shadow's 5.8.11. */
function shadow(id: string): string | undefined {
  const match = /^([AOQRSTU])([0-9A-Za-z]{3})[0-9A-Za-z-]{0,2}--/.exec(id);
  if (!match) return undefined;
  const [, code = "", characters = ""] = match;
  return `${SHADOW[code]} ${Array.from(characters, (c) => DIGITS.indexOf(c)).join(".")}`;
}

/** The ID without what no terminal should see; never empty. */
function printable(id: string): string {
  const visible = /^[\x21-\x7e]*/.exec(id)![0];
  return visible === "" ? "unknown client" : visible;
}

/** The first `count` digits, with dots. */
function dotted(count: number): (digits: number[]) => string {
  return (digits) => digits.slice(0, count).join(".");
}

/** Two digits each, as WebTorrent counts: `0215` is 2.15. */
function pairs([a = 0, b = 0, c = 0, d = 0]: number[]): string {
  return `${a * 10 + b}.${c * 10 + d}`;
}

/** Since 4 `4040` is 4.0.4; before that `3000` was 3.00. */
function transmission([major = 0, minor = 0, patch = 0]: number[]): string {
  return major >= 4 ? `${major}.${minor}.${patch}` : `${major}.${minor}${patch}`;
}
