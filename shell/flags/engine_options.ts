/**
 * Flags that set an engine up.
 *
 * @module
 */
import {
  type Encryption,
  type EngineOptions,
  MAX_UPLOAD_SLOTS,
  type UtpUse,
} from "../../peer/mod.ts";
import { classifyIp, parseIp } from "../../protocol/mod.ts";
import { UsageError } from "../base/errors.ts";
import type { FlagValues } from "./flags.ts";

/** Address, port, limits and the like as they were given. @throws {UsageError} */
export function swarmOptions(
  flags: FlagValues,
): Partial<EngineOptions> {
  const { "seed-ratio": ratio, "seed-time": time } = flags;
  return {
    ...(ratio === undefined && time === undefined ? {} : { seedGoal: { ratio, time } }),
    ...(flags["max-active"] === undefined ? {} : { maxActive: flags["max-active"] }),
    ...(flags["super-seed"] === undefined ? {} : { superSeed: flags["super-seed"] }),
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(flags["download-limit"] === undefined ? {} : { downloadLimit: flags["download-limit"] }),
    ...(flags["upload-limit"] === undefined ? {} : { uploadLimit: flags["upload-limit"] }),
    ...(flags["upload-slots"] === undefined
      ? {}
      : { uploadSlots: slotsIn(flags["upload-slots"], "--upload-slots") }),
    sources: {
      tracker: !flags["no-trackers"],
      pex: !flags["no-pex"],
      lsd: flags.lsd ?? false,
      dht: flags.dht ? "on" : flags["no-dht"] ? "off" : "auto",
    },
    dhtBootstrap: flags["dht-bootstrap"] ?? (isLoopback(flags.host) ? [] : DHT_BOOTSTRAP),
    ...(flags.encryption === undefined
      ? {}
      : { encryption: oneOf(ENCRYPTION, flags.encryption, "encryption") }),
    ...(flags.utp === undefined ? {} : { utp: oneOf(UTP, flags.utp, "utp") }),
    ...(flags["no-web-seeds"] ? { webSeeds: false } : {}),
  };
}

/** A number of upload slots that can be had. @throws {UsageError} naming `source` */
export function slotsIn(slots: number, source: string): number {
  if (Number.isInteger(slots) && slots >= 1 && slots <= MAX_UPLOAD_SLOTS) return slots;
  throw new UsageError(`${source} is ${slots}: give 1 to ${MAX_UPLOAD_SLOTS}`);
}

/** The public entrances to the DHT that the common clients use. */
const DHT_BOOTSTRAP = [
  { host: "dht.libtorrent.org", port: 25401 },
  { host: "router.bittorrent.com", port: 6881 },
  { host: "dht.transmissionbt.com", port: 6881 },
] as const;

/** Who listens on this machine only cannot be answered by anybody else. */
function isLoopback(host: string | undefined): boolean {
  const ip = host === undefined ? undefined : parseIp(host);
  return ip !== undefined && classifyIp(ip) === "loopback";
}

const ENCRYPTION: readonly Encryption[] = ["allow", "prefer", "require", "off"];

const UTP: readonly UtpUse[] = ["allow", "prefer", "off"];

function oneOf<T extends string>(words: readonly T[], text: string, flag: string): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const choice = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  throw new UsageError(`--${flag} is "${text}": give ${choice}`);
}
