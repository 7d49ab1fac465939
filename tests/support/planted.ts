/**
 * Planted throws: one part of one torrent fails as only a bug could, everything else is real.
 *
 * @module
 */
import { MagnetTorrent } from "../../peer/magnet/magnet_torrent.ts";
import { Torrent } from "../../peer/torrent/torrent.ts";

/** What planted parts throw: no error that anybody expects. */
export class Planted extends TypeError {
  constructor() {
    super("planted");
  }
}

/** Makes a method throw, of this object alone; disposed, it is itself again. */
export function plant<T extends object>(on: T, method: keyof T & string): Disposable {
  const own = Object.getOwnPropertyDescriptor(on, method);
  Object.defineProperty(on, method, {
    configurable: true,
    value: () => {
      throw new Planted();
    },
  });
  return {
    [Symbol.dispose]: () => {
      if (own === undefined) delete on[method];
      else Object.defineProperty(on, method, own);
    },
  };
}

/** Calls `meet` with each torrent and link that begins, just before it does. */
export function meeting(
  meet: (one: Torrent | MagnetTorrent) => void,
): Disposable {
  const { start: startTorrent } = Torrent.prototype;
  const { start: startMagnet } = MagnetTorrent.prototype;
  Torrent.prototype.start = function () {
    meet(this);
    return startTorrent.call(this);
  };
  MagnetTorrent.prototype.start = function (...held) {
    meet(this);
    return startMagnet.call(this, ...held);
  };
  return {
    [Symbol.dispose]: () => {
      Torrent.prototype.start = startTorrent;
      MagnetTorrent.prototype.start = startMagnet;
    },
  };
}
