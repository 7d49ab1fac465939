/**
 * Happy Eyeballs (RFC 8305): in which order the addresses of a name are tried.
 *
 * @module
 */

/** Addresses of one name that are tried at most. */
export const MAX_ADDRESSES = 8;

/**
 * The families in turn, beginning with that of the first: a network in which one family leads
 * nowhere costs one try, not as many as the name has addresses.
 */
export function tryOrder(addresses: readonly string[]): string[] {
  const distinct = [...new Set(addresses)];
  const first = distinct.filter((address) => isSix(address) === isSix(distinct[0]!));
  const second = distinct.filter((address) => isSix(address) !== isSix(distinct[0]!));
  const order: string[] = [];
  for (let i = 0; i < distinct.length; i++) {
    if (first[i] !== undefined) order.push(first[i]!);
    if (second[i] !== undefined) order.push(second[i]!);
  }
  return order.slice(0, MAX_ADDRESSES);
}

function isSix(address: string): boolean {
  return address.includes(":");
}
