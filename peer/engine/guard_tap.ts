/**
 * Holds whoever listens in to its promise not to throw.
 *
 * @module
 */
import type { Tap, Tapping } from "../ports.ts";

/**
 * The same tap, taken out at its first error: what is said and decided goes on without it.
 *
 * @param onFault told of that error
 */
export function guardTap(tap: Tap, tapping: Tapping, onFault: (fault: unknown) => void): Tap {
  const guard = (call: () => void): void => {
    try {
      call();
    } catch (fault) {
      if (tapping.current === guarded) tapping.current = undefined;
      onFault(fault);
    }
  };
  const guarded: Tap = {
    wire: (...facts) => guard(() => tap.wire(...facts)),
    link: (...facts) => guard(() => tap.link(...facts)),
    called: (remote) => guard(() => tap.called?.(remote)),
    chose: (choice) => guard(() => tap.chose(choice)),
    ruled: (...facts) => guard(() => tap.ruled?.(...facts)),
    tracker: (talk) => guard(() => tap.tracker(talk)),
    trackerBytes: (...facts) => guard(() => tap.trackerBytes?.(...facts)),
  };
  return guarded;
}
