import { expect, it } from 'vitest';
import { clientDetailsOf, deviceHashOf } from './client-details.js';

it('reads the user agent and the one address that the gateway saw', () => {
  expect(clientDetailsOf({ 'user-agent': 'app/1.0', 'x-forwarded-for': '2001:db8::1' })).toEqual({
    userAgent: 'app/1.0',
    ipAddress: '2001:db8::1',
    deviceId: null,
  });
});

it.each([['10.0.0.1, 192.0.2.7'], ['localhost'], [''], [undefined]])('ignores the address header %o', (address) => {
  expect(clientDetailsOf({ 'x-forwarded-for': address }).ipAddress).toBeNull();
});

it('truncates a user agent that is too long', () => {
  expect(clientDetailsOf({ 'user-agent': 'x'.repeat(10_000) }).userAgent).toHaveLength(512);
});

it('removes the zone of a link-local address', () => {
  expect(clientDetailsOf({ 'x-forwarded-for': 'fe80::1%eth0' }).ipAddress).toBe('fe80::1');
});

const phone = { userAgent: 'app/1.0', deviceId: 'a phone', ipAddress: '192.0.2.7' };

it('recognises a device at another address', () => {
  expect(deviceHashOf({ ...phone, ipAddress: null })).toEqual(deviceHashOf(phone));
});

it.each([
  ['another user agent', { ...phone, userAgent: 'app/1.1' }],
  ['another device id', { ...phone, deviceId: 'a tablet' }],
  ['no device id', { ...phone, deviceId: null }],
  ['neither user agent nor device id', { ...phone, userAgent: null, deviceId: null }],
])('distinguishes a device with %s', (_, other) => {
  expect(deviceHashOf(other)).not.toEqual(deviceHashOf(phone));
});
