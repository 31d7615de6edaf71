import { expect, it } from 'vitest';
import { deviceHashOf } from './device-hash.js';

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
