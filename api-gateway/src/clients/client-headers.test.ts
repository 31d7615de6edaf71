import { expect, it } from 'vitest';
import { clientHeadersOf } from './client-headers.js';

const addressOf = (forwarded: string | undefined, remoteAddress: string, trustedProxies: number) =>
  clientHeadersOf({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }, trustedProxies)['x-forwarded-for'];

it('names program, device and address, and nothing else', () => {
  const headers = { 'user-agent': 'app/1.0', 'x-device-id': 'a phone', 'x-user-id': 'somebody', authorization: 'Bearer x' };
  expect(clientHeadersOf({ headers, socket: { remoteAddress: '192.0.2.7' } }, 0)).toEqual({
    'user-agent': 'app/1.0',
    'x-device-id': 'a phone',
    'x-forwarded-for': '192.0.2.7',
  });
});

it.each<[string, string | undefined, string, number, string | undefined]>([
  ['believes no header without a proxy', '198.51.100.1', '192.0.2.7', 0, '192.0.2.7'],
  ['takes what the one proxy saw', '198.51.100.1', '10.0.0.1', 1, '198.51.100.1'],
  ['takes what the outer of two proxies saw', '198.51.100.1, 10.0.0.2', '10.0.0.1', 2, '198.51.100.1'],
  ['is not deceived by what a client put in front', '203.0.113.9, 198.51.100.1', '10.0.0.1', 1, '198.51.100.1'],
  ['has none when a proxy is missing', undefined, '10.0.0.1', 1, undefined],
  ['has none when it is no address', 'unknown', '10.0.0.1', 1, undefined],
  ['writes IPv4 as IPv4', undefined, '::ffff:192.0.2.7', 0, '192.0.2.7'],
])('%s', (_, forwarded, remoteAddress, trustedProxies, address) => {
  expect(addressOf(forwarded, remoteAddress, trustedProxies)).toBe(address);
});
