/**
 * Flags that set an engine up.
 *
 * @module
 */
import type { Encryption, EngineOptions } from "../peer/mod.ts";
import { UsageError } from "./errors.ts";
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
    sources: { tracker: !flags["no-trackers"], pex: !flags["no-pex"], lsd: flags.lsd ?? false },
    ...(flags.encryption === undefined ? {} : { encryption: readEncryption(flags.encryption) }),
    ...(flags["no-web-seeds"] ? { webSeeds: false } : {}),
  };
}

const ENCRYPTION: readonly Encryption[] = ["allow", "prefer", "require", "off"];

function readEncryption(text: string): Encryption {
  const found = ENCRYPTION.find((mode) => mode === text);
  if (found !== undefined) return found;
  throw new UsageError(`--encryption is "${text}": give allow, prefer, require or off`);
}
