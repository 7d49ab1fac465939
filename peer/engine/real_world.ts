/**
 * The real world: the clock, the chance, the network and the disk of this machine.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import { dial, listen } from "../connections/tcp.ts";
import { listenDatagram } from "../connections/udp.ts";
import { resolveHost } from "../destination/resolve_host.ts";
import { DhtStateFile } from "../dht/state_file.ts";
import { LsdSockets } from "../discovery/lsd_sockets.ts";
import { PoolHasher } from "../hashing/hasher.ts";
import { MagnetFiles } from "../magnet/magnet_files.ts";
import { ResumeDb } from "../resume/resume_db.ts";
import { TrackerClient } from "../trackers/tracker_client.ts";
import { relocate, requireFree } from "./relocate.ts";
import { openTorrentDisk } from "./torrent_disk.ts";
import type { World } from "./world.ts";

const started = performance.timeOrigin;

/** The system's time, which goes on where somebody sets it back. */
export const REAL_CLOCK: Clock = {
  now: () => started + performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
  timeout: (ms) => AbortSignal.timeout(ms),
};

/** The world of one engine of this machine. */
export function realWorld(): World {
  return {
    clock: REAL_CLOCK,
    random: Math.random,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    hasher: new PoolHasher(),
    network: {
      listen,
      dial,
      listenDatagram,
      joinNetworks: (host, onPacket) => LsdSockets.open(host, onPacket),
      resolve: resolveHost,
      trackers: (tapping, isTyped) => new TrackerClient(tapping, { isTyped }),
    },
    disk: {
      openRecords: (stateDir) => ResumeDb.open(stateDir),
      magnetRecords: (stateDir) => new MagnetFiles(stateDir),
      dhtMemory: (stateDir) => new DhtStateFile(stateDir),
      openTorrent: openTorrentDisk,
      mover: { requireFree, relocate },
    },
  };
}
