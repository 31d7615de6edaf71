import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Resolve = (hostname: string, options: LookupOptions & { all: true }, callback: Done) => void;
type Done = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/**
 * The option `lookup` of `net.connect`: a name with several addresses, one for each instance of a service, gives them in random order, so that
 * connections spread over the instances. Without it the system sorts them, and one instance gets all. An address that refuses is followed by
 * the next one: Node tries all that it gets.
 */
export function anyAddress(resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first, ...rest] = inRandomOrder(addresses ?? []);
      if (error || !first) return callback(error, []);
      if (options.all) callback(null, [first, ...rest]);
      else callback(null, first.address, first.family);
    });
  };
}

function inRandomOrder<T>(items: T[]): T[] {
  const keyed = items.map((item) => ({ item, key: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
