/**
 * Encryption modes (MSE): which connections are accepted, and how a peer is dialled.
 *
 * @module
 */
import type { Encryption } from "../options.ts";
import { MSE_PLAIN, MSE_RC4 } from "../../protocol/mse.ts";

/** One way to begin a call. */
export type Opening = "plain" | "encrypted";

/** The ways to call a peer, in order; `known` is the one that worked last time. */
export function openings(encryption: Encryption, known: Opening | undefined): Opening[] {
  if (encryption === "off") return ["plain"];
  if (encryption === "require") return ["encrypted"];
  const first = known ?? (encryption === "prefer" ? "encrypted" : "plain");
  return first === "plain" ? ["plain", "encrypted"] : ["encrypted", "plain"];
}

/**
 * The kinds of payload to offer and to take, as MSE's bits. Clear text is among them unless all has
 * to be encrypted: hiding the handshake gets past those who look for it, and costs nothing later.
 */
export function payloadKinds(encryption: Encryption): number {
  return encryption === "require" ? MSE_RC4 : MSE_PLAIN | MSE_RC4;
}

/** Whether a caller that speaks in clear, or encrypted, is let in. */
export function isWelcome(encryption: Encryption, opening: Opening): boolean {
  return encryption !== (opening === "plain" ? "require" : "off");
}
