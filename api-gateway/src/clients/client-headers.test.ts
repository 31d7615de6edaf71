import { expect, it } from 'vitest';
import { clientHeadersOf } from './client-headers.js';

const addressOf = (forwarded: string | undefined, remoteAddress: string, trustedProxies: number) =>
  clientHeadersOf({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }, trustedProxies)['x-forwarded-for'];

it('has the user agent, the device id and the address, and no other header', () => {
  const headers = { 'user-agent': 'app/1.0', 'x-device-id': 'a phone', 'x-user-id': 'forged', authorization: 'Bearer x' };
  expect(clientHeadersOf({ headers, socket: { remoteAddress: '192.0.2.7' } }, 0)).toEqual({
    'user-agent': 'app/1.0',
    'x-device-id': 'a phone',
    'x-forwarded-for': '192.0.2.7',
  });
});

it.each<[string, string | undefined, string, number, string | undefined]>([
  ['without a trusted proxy, ignores the header', '198.51.100.1', '192.0.2.7', 0, '192.0.2.7'],
  ['with one trusted proxy, takes the last entry', '198.51.100.1', '10.0.0.1', 1, '198.51.100.1'],
  ['with two trusted proxies, takes the last but one entry', '198.51.100.1, 10.0.0.2', '10.0.0.1', 2, '198.51.100.1'],
  ['ignores entries that the client sent', '203.0.113.9, 198.51.100.1', '10.0.0.1', 1, '198.51.100.1'],
  ['has no address if a trusted proxy is missing', undefined, '10.0.0.1', 1, undefined],
  ['has no address if the entry is not an address', 'unknown', '10.0.0.1', 1, undefined],
  ['leaves out the port that some proxies write', '198.51.100.1:49152', '10.0.0.1', 1, '198.51.100.1'],
  ['leaves out the port of an IPv6 address', '[2001:db8::1]:49152', '10.0.0.1', 1, '2001:db8::1'],
  ['writes a mapped IPv4 address as IPv4', undefined, '::ffff:192.0.2.7', 0, '192.0.2.7'],
])('%s', (_, forwarded, remoteAddress, trustedProxies, address) => {
  expect(addressOf(forwarded, remoteAddress, trustedProxies)).toBe(address);
});
