/**
 * The addresses of this host.
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import { parseIp } from "../protocol/address.ts";
import type { OwnAddress } from "./swarms/own_address.ts";

/** They are looked up again after this, in ms. */
const OWN_MS = 30_000;

/** Loopback addresses left out. They may change while it runs. */
export class HostAddresses {
  #at = -Infinity;
  #addresses: OwnAddress[] = [];

  /** @param now in ms */
  at(now: number): OwnAddress[] {
    if (now - this.#at > OWN_MS) {
      this.#addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
        .filter((one) => !one.internal)
        .flatMap(({ address, cidr }) => {
          const bytes = parseIp(address.replace(/%.*$/, ""));
          const prefix = Number(cidr?.split("/")[1] ?? 0);
          return bytes === undefined ? [] : [{ bytes, prefix }];
        });
      this.#at = now;
    }
    return this.#addresses;
  }
}
