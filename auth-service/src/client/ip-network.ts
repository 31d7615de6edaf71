import { isIPv6 } from 'node:net';

/** The network of one client, as CIDR. An IPv6 client can choose from a whole /64. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return `${address}/32`;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // '::' replaces the missing groups of zeros.
  const zeros = Array.from({ length: 8 - groups.length - after.length }, () => '0');
  const all = [...groups, ...zeros, ...after];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
