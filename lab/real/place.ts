/**
 * A member's place in a real run: its folder with what it has from the start, its port, its lines.
 *
 * @module
 */
import { join } from "@std/path";
import { CONTENT_NAME, type SharedContent } from "../run/content.ts";
import type { PlannedMember, RunPlan } from "../scenario/run_plan.ts";
import { AccessLink } from "./access_link.ts";
import { type Ground, LOOPBACK } from "./ground.ts";
import { PRESETS } from "./presets.ts";
import type { MemberStart, RunningMember } from "./running_member.ts";
import type { Access } from "./wire.ts";

/** Below the ports that systems give to callers. */
const PORTS = { first: 20_000, count: 10_000 };

/** One member's place: it may come and go several times. */
export interface Place {
  readonly member: PlannedMember;
  readonly start: MemberStart;
  readonly access: Access;
  readonly isProcess: boolean;
  readonly takesOneOfAnAddress: boolean;
  running: RunningMember | undefined;
  /** Whether it has come, is here, and will come (again). */
  state: "to come" | "here" | "gone";
}

/** The run that it is a part of. */
export interface PlaceOptions {
  readonly plan: RunPlan;
  readonly content: SharedContent;
  /** Where the member is at home; made here. */
  readonly folder: string;
  /** Its announce URL. */
  readonly tracker: string;
  readonly ground: Ground;
  /** Whether members of ours are processes, too. */
  readonly processes: boolean;
  /** Ports of the members before it. */
  readonly taken: ReadonlySet<number>;
  /** Uniform in [0, 1). */
  random(): number;
}

/** Makes a member's folder. @param has pieces that it has from the start */
export async function preparePlace(
  member: PlannedMember,
  has: readonly number[],
  options: PlaceOptions,
): Promise<Place> {
  const { id, up, down } = member;
  const { plan, content, folder, tracker, ground, processes } = options;
  const dir = join(folder, "content");
  await Deno.mkdir(dir, { recursive: true });
  const torrent = content.torrent(tracker);
  const torrentPath = join(folder, `${CONTENT_NAME}.torrent`);
  await Deno.writeFile(torrentPath, torrent);
  const { bytes } = content;
  const { pieceLength } = plan.content;
  if (has.length > 0) {
    const file = new Uint8Array(bytes.length);
    for (const piece of has) {
      const from = piece * pieceLength;
      file.set(bytes.subarray(from, from + pieceLength), from);
    }
    await Deno.writeFile(join(dir, CONTENT_NAME), file);
  }
  const isKilled = plan.events.some((event) =>
    (event.do === "kill" || event.do === "pause") && event.who.includes(id)
  );
  const { shapes } = ground;
  return {
    member,
    start: {
      ...{ id, dir, torrent, torrentPath, tracker },
      host: ground.addressOf(id),
      port: freePort(options),
      seed: plan.seed,
    },
    access: {
      up: new AccessLink(shapes.rates ? undefined : up),
      down: new AccessLink(shapes.rates ? undefined : down),
    },
    isProcess: member.program !== "vtorrent" || isKilled || processes || ground !== LOOPBACK,
    // All of 127.0.0.0/8 is this machine's own on Linux alone.
    takesOneOfAnAddress: ground === LOOPBACK && Deno.build.os === "linux" &&
      PRESETS[member.program]?.takesOneOfAnAddress === true,
    running: undefined,
    state: "to come",
  };
}

function freePort({ ground, taken, random }: PlaceOptions): number {
  for (let tries = 0; tries < 200; tries++) {
    const port = PORTS.first + Math.floor(random() * PORTS.count);
    if (taken.has(port)) continue;
    try {
      Deno.listen({ hostname: ground.hub, port }).close();
      return port;
    } catch {
      // Somebody has it.
    }
  }
  throw new Error(`No port from ${PORTS.first} on is free`);
}
