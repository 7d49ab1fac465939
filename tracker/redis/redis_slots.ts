/**
 * Hash slots of a Redis Cluster: of which slot a key is, and what nodes say of slots.
 *
 * @module
 */

const SLOTS = 16_384;

/** The slot of a key: CRC-16 (XMODEM) of what stands in its first braces, or of all of it. */
export function slotOf(key: string): number {
  const [, tag = key] = /\{([^}]+)\}/.exec(key) ?? [];
  let crc = 0;
  for (const byte of new TextEncoder().encode(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % SLOTS;
}

/** Slots from the first to the last, and the node that has them. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly host: string;
  readonly port: number;
}

/**
 * Reads the answer to `CLUSTER SLOTS`.
 *
 * @param asked the host that said it: nodes leave out their own where they do not know it
 */
export function readSlots(reply: unknown, asked: string): SlotRange[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap(([first, last, master]) => {
    if (!Array.isArray(master)) return [];
    const host = String(master[0] ?? "");
    return [{ first, last, host: host === "" || host === "?" ? asked : host, port: master[1] }];
  });
}

/** Where a node sends who asked it for a slot of another. */
export interface Redirection {
  /** Until all of the slot was moved, only who says `ASKING` is answered there. */
  readonly asking: boolean;
  readonly slot: number;
  readonly host: string;
  readonly port: number;
}

/** @param asked the host that said it */
export function readRedirection(refusal: string, asked: string): Redirection | undefined {
  const [, how, slot, host, port] = /^(MOVED|ASK) (\d+) (.*):(\d+)$/.exec(refusal) ?? [];
  if (how === undefined) return undefined;
  return { asking: how === "ASK", slot: Number(slot), host: host || asked, port: Number(port) };
}
