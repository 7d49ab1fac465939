/**
 * Flags that set an engine up.
 *
 * @module
 */
import type { EngineOptions } from "../peer/mod.ts";
import type { FlagValues } from "./flags.ts";

/** Address, port and limits as they were given. */
export function swarmOptions(
  flags: FlagValues,
): Pick<EngineOptions, "host" | "port" | "downloadLimit" | "uploadLimit"> {
  return {
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(flags["download-limit"] === undefined ? {} : { downloadLimit: flags["download-limit"] }),
    ...(flags["upload-limit"] === undefined ? {} : { uploadLimit: flags["upload-limit"] }),
  };
}
