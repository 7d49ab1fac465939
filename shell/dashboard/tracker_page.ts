/**
 * The page of a tracker, at its root: for everybody in its network, to look at only.
 *
 * @module
 */
import type { Route, TrackerView } from "../../tracker/mod.ts";
import { apiRoutes } from "./api_router.ts";
import { assetRoutes } from "./assets.ts";
import type { Guard } from "./guard.ts";
import { everySecond } from "./rate_history.ts";
import { TrackerApi } from "./tracker_api.ts";

/** The pages of one tracker. Dispose them before the tracker. */
export class TrackerPages implements Disposable {
  #api: TrackerApi | undefined;
  #sampling: Disposable | undefined;

  /**
   * The routes, for `TrackerOptions.pages`.
   *
   * @param names names beside IP addresses that it may be called by; "*" for any, behind a proxy
   */
  routes(tracker: TrackerView, names: readonly string[]): readonly Route[] {
    const guard: Guard = { token: undefined, secret: [], names, nearOnly: true };
    const api = this.#api = new TrackerApi(tracker);
    this.#sampling = everySecond(() => api.sample());
    return [...assetRoutes("tracker", guard), ...apiRoutes(api.routes(), guard)];
  }

  [Symbol.dispose](): void {
    this.#sampling?.[Symbol.dispose]();
    this.#api?.[Symbol.dispose]();
  }
}
