import { expect, it } from 'vitest';
import { networkOf } from './ip-network.js';

it.each([
  ['192.0.2.7', '192.0.2.7/32'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['::ffff:192.0.2.7', '192.0.2.7/32'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
])('%s belongs to the network %s', (address, network) => expect(networkOf(address)).toBe(network));
