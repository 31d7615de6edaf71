import { expect, it } from 'vitest';
import { clientDetailsOf, deviceHashOf } from './client-details.js';

it('takes the program and the one address that the gateway saw', () => {
  expect(clientDetailsOf({ 'user-agent': 'app/1.0', 'x-forwarded-for': '2001:db8::1' })).toEqual({
    userAgent: 'app/1.0',
    ipAddress: '2001:db8::1',
    deviceId: null,
  });
});

it.each([['10.0.0.1, 192.0.2.7'], ['localhost'], [''], [undefined]])('takes no address from %o', (address) => {
  expect(clientDetailsOf({ 'x-forwarded-for': address }).ipAddress).toBeNull();
});

it('cuts an endless user agent', () => {
  expect(clientDetailsOf({ 'user-agent': 'x'.repeat(10_000) }).userAgent).toHaveLength(512);
});

it('leaves out the zone of a local address', () => {
  expect(clientDetailsOf({ 'x-forwarded-for': 'fe80::1%eth0' }).ipAddress).toBe('fe80::1');
});

const phone = { userAgent: 'app/1.0', deviceId: 'a phone', ipAddress: '192.0.2.7' };

it('knows a device again wherever it is', () => {
  expect(deviceHashOf({ ...phone, ipAddress: null })).toEqual(deviceHashOf(phone));
});

it.each([
  ['another program', { ...phone, userAgent: 'app/1.1' }],
  ['another device id', { ...phone, deviceId: 'a tablet' }],
  ['no device id', { ...phone, deviceId: null }],
  ['one that says nothing', { ...phone, userAgent: null, deviceId: null }],
])('tells %s apart', (_, other) => {
  expect(deviceHashOf(other)).not.toEqual(deviceHashOf(phone));
});
