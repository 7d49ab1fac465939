/**
 * Addresses of virtual peers.
 *
 * @module
 */

/** Hosts of one network: neither the first nor the last number is one. */
const HOSTS = 250;

/** The address of the peer with a number, of which no other has it. */
export function hostOf(number: number): string {
  const net = Math.floor(number / HOSTS);
  return `10.${Math.floor(net / HOSTS)}.${net % HOSTS}.${number % HOSTS + 1}`;
}
