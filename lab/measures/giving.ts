/**
 * Measures of giving and taking: copies, ratios, evenness, waste, who gave whom.
 *
 * @module
 */
import { jain, sum } from "./statistics.ts";
import { isLeecher, type MemberTally, pieceSize, type Tally } from "./tally.ts";
import { makespan } from "./times.ts";

/** Payload given ÷ size of the content. */
export function givenCopies({ record }: Tally, members: readonly MemberTally[]): number {
  return sum(members.map(({ given }) => given)) / record.size;
}

/** Share of the pieces that these members have given in full at least once, together. */
export function distinctShare(
  { record, givenPieces }: Tally,
  members: readonly MemberTally[],
): number {
  let whole = 0;
  const all = members.flatMap(({ member }) => givenPieces.get(member.id) ?? []);
  for (let piece = 0; piece < record.pieces; piece++) {
    const most = Math.max(0, ...all.map((pieces) => pieces.get(piece) ?? 0));
    if (most >= pieceSize(record, piece)) whole++;
  }
  return whole / record.pieces;
}

/** Bytes that leechers gave ÷ what their uplinks could, from 10 % to 90 % of the makespan. */
export function uplinkUse(tally: Tally): number | undefined {
  const leechers = [...tally.members.values()].filter(({ member }) => isLeecher(member));
  const length = makespan(leechers);
  if (length === undefined || !Number.isFinite(length)) return undefined;
  const first = Math.min(...leechers.flatMap(({ arrivedAt }) => arrivedAt ?? []));
  const [from, to] = [first + 0.1 * length, first + 0.9 * length];
  let could = 0;
  for (const { member, presence } of leechers) {
    if (member.up === undefined) return undefined;
    for (const span of presence) {
      could += member.up * Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)) / 1000;
    }
  }
  const ids = new Set(leechers.map(({ member }) => member.id));
  let gave = 0;
  for (const event of tally.record.events) {
    if (event.what !== "block" || event.t < from || event.t >= to) continue;
    if (ids.has(event.from)) gave += event.length;
  }
  return could === 0 ? undefined : gave / could;
}

/** Given ÷ taken; undefined where it took nothing. */
export function ratioOf({ given, taken }: MemberTally): number | undefined {
  return taken === 0 ? undefined : given / taken;
}

/** Evenness of what each leecher took from these members. */
export function serviceEvenness(tally: Tally, givers: readonly MemberTally[]): number | undefined {
  const leechers = [...tally.members.values()].filter(({ member }) => isLeecher(member));
  return jain(
    leechers.map(({ takenFrom }) => sum(givers.map(({ member }) => takenFrom.get(member.id) ?? 0))),
  );
}

/** Bytes that came twice or in vain ÷ bytes taken. */
export function wastedShare(members: readonly MemberTally[]): number | undefined {
  const taken = sum(members.map((one) => one.taken));
  return taken === 0 ? undefined : sum(members.map((one) => one.wasted)) / taken;
}

/**
 * Bytes on the wire that are no content ÷ bytes of content, of all that these members said and heard;
 * undefined where no block was, or nothing has bytes.
 */
export function overheadOf(
  { record }: Tally,
  members: readonly MemberTally[],
): number | undefined {
  const ids = new Set(members.map(({ member }) => member.id));
  const theirs = (record.traffic ?? []).filter(({ from, to }) => ids.has(from) || ids.has(to));
  const wire = sum(theirs.map((one) => one.wire));
  const content = sum(theirs.map((one) => one.content));
  return content === 0 ? undefined : (wire - content) / content;
}

/** Members that gave it at least 2 % of the content. */
export function sourcesOf({ record }: Tally, { takenFrom }: MemberTally): number {
  return [...takenFrom.values()].filter((bytes) => bytes >= 0.02 * record.size).length;
}

/** Most members that gave it something within one second. */
export function parallelOf({ giversIn }: MemberTally): number {
  return Math.max(0, ...[...giversIn.values()].map(({ size }) => size));
}

/** Share of the pieces wholly from these members whose hash was wrong. */
export function failedShare(tally: Tally, liars: readonly MemberTally[]): number | undefined {
  const ids = new Set(liars.map(({ member }) => member.id));
  const theirs = [...tally.members.values()].flatMap(({ judged }) => judged)
    .filter(({ from }) => from.size > 0 && [...from].every((id) => ids.has(id)));
  if (theirs.length === 0) return undefined;
  return theirs.filter(({ isWrong }) => isWrong).length / theirs.length;
}

/** Share of the honest members served by one of these that banned it. */
export function bannedBy(tally: Tally, liars: readonly MemberTally[]): number | undefined {
  let served = 0;
  let banned = 0;
  for (const one of tally.members.values()) {
    if (one.member.corrupt !== undefined) continue;
    for (const { member: { id } } of liars) {
      if (!one.takenFrom.has(id)) continue;
      served++;
      if (one.banned.has(id)) banned++;
    }
  }
  return served === 0 ? undefined : banned / served;
}

/** Bans of members that send only right bytes. */
export function honestBans({ members }: Tally): number {
  let count = 0;
  for (const { banned } of members.values()) {
    for (const id of banned) if (members.get(id)?.member.corrupt === undefined) count++;
  }
  return count;
}

/** Share of the complete members whose content has the seed's SHA-256; undefined: none was read. */
export function sameBytes({ record, members }: Tally, of: readonly MemberTally[]) {
  const { hashes } = record;
  if (hashes === undefined) return undefined;
  const seed = [...members.values()].find(({ member }) =>
    !isLeecher(member) && hashes[member.id] !== undefined
  );
  const read = of.filter(({ member }) => hashes[member.id] !== undefined);
  if (seed === undefined || read.length === 0) return undefined;
  const right = hashes[seed.member.id];
  return read.filter(({ member }) => hashes[member.id] === right).length / read.length;
}
