import { expect, it } from 'vitest';
import { delayMsAfter, throttleKeysForSession, throttleKeysForLogin } from './throttle-keys.js';

const client = { userAgent: 'app/1.0', ipAddress: '192.0.2.7', deviceId: 'a phone' };
const keys = (...args: Parameters<typeof throttleKeysForLogin>) => throttleKeysForLogin(...args).map(({ key }) => key);

it('the delay doubles after the free failures, up to a maximum', () => {
  const [key] = throttleKeysForSession('s');
  expect([0, 9, 10, 11, 12, 13, 14, 15, 500].map((failures) => delayMsAfter(failures, key!))).toEqual([
    0, 0, 250, 500, 1000, 2000, 4000, 4000, 4000,
  ]);
});

it('a known device shares no key with unknown devices', () => {
  const unknown = keys('ada@example.test', null, { ...client, deviceId: 'another' });
  expect(keys('ada@example.test', 'device-id', client).filter((key) => unknown.includes(key))).toEqual([]);
});

it('unknown devices on one account share a key, which never refuses an attempt', () => {
  const [one, two] = ['198.51.100.1', '198.51.100.2'].map((ipAddress) =>
    throttleKeysForLogin('ada@example.test', null, { ...client, ipAddress }),
  );
  const shared = one!.filter(({ key }) => two!.some((other) => other.key === key));
  expect(shared).toHaveLength(1);
  expect(shared[0]).toMatchObject({ oneAtATime: false });
});

it('a key contains no e-mail address', () => {
  for (const trust of ['device-id', 'ip-and-user-agent', null] as const)
    expect(keys('ada@example.test', trust, client).join()).not.toContain('ada');
});
