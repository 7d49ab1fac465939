/**
 * Our own peer as a member: an engine within this process, since each process of ours costs 120 MiB.
 *
 * @module
 */
import { realWorld } from "../../peer/lab.ts";
import { Engine, type EngineEvent } from "../../peer/mod.ts";
import { rulesOf } from "../run/rules_of.ts";
import { toldLimits } from "../run/told_limits.ts";
import type { PlannedMember } from "../scenario/run_plan.ts";
import type { MemberStart, RunningMember } from "./running_member.ts";

/** Starts an engine with one torrent. */
export async function startEngineMember(
  start: MemberStart,
  member: PlannedMember,
  onEvent: (event: EngineEvent) => void,
): Promise<RunningMember> {
  const { policies } = member;
  const engine = await Engine.start({
    name: start.id,
    host: "127.0.0.1",
    port: 0,
    dir: start.dir,
    utp: "off",
    // In clear, or the wires could not read it.
    encryption: "off",
    sources: { tracker: true, pex: false, lsd: false, dht: "off" },
    ...toldLimits(member),
    superSeed: policies.isSuperSeed,
    // The optimistic slot comes on top of these.
    ...(policies.slots === undefined ? {} : { uploadSlots: Math.max(1, policies.slots - 1) }),
  }, { ...realWorld(), rules: rulesOf(policies) });
  engine.subscribe(onEvent);
  await engine.add(start.torrent, {
    differing: "over",
    sequential: policies.order === "sequential",
  });
  const end = () => engine[Symbol.asyncDispose]();
  const tellUplink = (rate: number) => {
    if (member.uploadLimit === undefined) engine.setLimits({ upload: rate });
  };
  return { stop: end, kill: end, tellUplink, [Symbol.asyncDispose]: end };
}
