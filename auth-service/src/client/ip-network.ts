import { isIPv6 } from 'node:net';

/** The addresses of one client: IPv6 clients have a whole /64 to choose from. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return `${address}/32`;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // '::' stands for as many zeros as are missing.
  const zeros = Array.from({ length: 8 - groups.length - after.length }, () => '0');
  const all = [...groups, ...zeros, ...after];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
