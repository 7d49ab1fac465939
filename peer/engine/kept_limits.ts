/**
 * Limits of all torrents together, as a person set them at the prompt, on the page or through the
 * API: they last beyond this session, as those of one torrent do. What the program was started with
 * comes first.
 *
 * @module
 */
import type { EngineOptions } from "../options.ts";
import type { ResumeRecords } from "../resume/resume_db.ts";

/** Limits of all torrents together. */
export interface AllLimits {
  /** Bytes per second; 0 for none. */
  readonly download?: number | undefined;
  /** Bytes per second; 0 for none. */
  readonly upload?: number | undefined;
  /** Peers unchoked by their rate, per torrent. */
  readonly uploadSlots?: number | undefined;
}

/** The most upload slots that may be asked for: each is a peer that is served at the same time. */
export const MAX_UPLOAD_SLOTS = 1000;

const KEYS = {
  download: "download-limit",
  upload: "upload-limit",
  uploadSlots: "upload-slots",
} as const;

/** The options with what was set in an earlier session, where they say nothing of it. */
export function withKeptLimits(
  options: EngineOptions,
  db: ResumeRecords | undefined,
): EngineOptions {
  const kept = (key: keyof AllLimits): number | undefined => {
    const text = db?.setting(KEYS[key]);
    return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  };
  const slots = options.uploadSlots ?? kept("uploadSlots");
  return {
    ...options,
    downloadLimit: options.downloadLimit ?? kept("download") ?? 0,
    uploadLimit: options.uploadLimit ?? kept("upload") ?? 0,
    ...(slots === undefined ? {} : { uploadSlots: Math.min(MAX_UPLOAD_SLOTS, Math.max(1, slots)) }),
  };
}

/** Remembers what was set. @throws {StorageError} where the store cannot be written to */
export function keepLimits(limits: AllLimits, db: ResumeRecords | undefined): void {
  for (const [key, name] of Object.entries(KEYS)) {
    const value = limits[key as keyof AllLimits];
    if (value !== undefined) db?.setSetting(name, String(value));
  }
}
