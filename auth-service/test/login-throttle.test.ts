import { randomUUID } from 'node:crypto';
import { redisKey } from '@chat/shared/realtime';
import { eventually, randomEmail, testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AttemptDelay } from '../src/login-throttle/attempt-delay.js';
import { TestAuthService } from './kit/auth-service.js';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { addedTo, histogram } from './kit/metrics.js';

let service: TestAuthService;
let redisProxy: FaultProxy;
/** The user of the service in Redis, whose permissions a test changes. */
const redisUser = `test-${randomUUID()}`;
const admin = new Redis(testInfra().redisUrl);
beforeAll(async () => {
  redisProxy = await FaultProxy.start(testInfra().redisUrl);
  await admin.acl('SETUSER', redisUser, 'on', 'nopass', '~*', '&*', '+@all');
  service = await TestAuthService.start({
    REDIS_URL: `redis://${redisUser}:none@127.0.0.1:${redisProxy.port}`,
    PASSWORD_QUEUE_LENGTH: '300',
  });
});
afterAll(async () => {
  await service?.stop();
  redisProxy?.close();
  await admin.acl('DELUSER', redisUser);
  admin.disconnect();
});

/** What a delayed attempt waits for instead of the time. */
let delayed: Promise<void> = Promise.resolve();
const waits = vi.spyOn(AttemptDelay.prototype, 'wait').mockImplementation(() => delayed);

/** The delay after 15 failures. The metric says how long an attempt was delayed. */
const SECONDS_AFTER_15 = 4;
const WRONG = 'wrong horse battery';
const randomAddress = () => `10.${[0, 0, 0].map(() => Math.floor(Math.random() * 256)).join('.')}`;
const thief = (ipAddress = randomAddress()) => ({ 'user-agent': 'thief/1.0', 'x-forwarded-for': ipAddress });
const PHONE = { 'user-agent': 'phone/1.0', 'x-device-id': 'f2b1a0c9-her-phone' };

async function attempt(email: string, password: string, headers: Record<string, string>) {
  const { status, body, headers: answered } = await service.post('/auth/login', { email, password }, undefined, headers);
  return { status, body, retryAfter: answered.get('retry-after') };
}

/** The delay in seconds of a login with the right password, or with a wrong one (401), without other logins at the same time. */
async function delayOf(email: string, password: string, headers: Record<string, string>, status = 200): Promise<number> {
  const delays = await addedTo('password_attempt_delay_seconds', 'sum', async () =>
    expect((await attempt(email, password, headers)).status).toBe(status),
  );
  return Math.round(delays[''] ?? 0);
}

/** A user with a known phone, and failures of other devices on the account. */
async function attacked(failures: number) {
  const ada = await service.register();
  await attempt(ada.user.email, ada.password, PHONE);
  await Promise.all(Array.from({ length: failures }, () => attempt(ada.user.email, WRONG, thief())));
  return ada;
}

describe('guessing passwords of one account from many addresses', () => {
  it('is delayed, also for the right password, but never refused', async () => {
    const ada = await attacked(15);
    expect(await delayOf(ada.user.email, WRONG, thief(), 401)).toBe(SECONDS_AFTER_15);
    expect(await delayOf(ada.user.email, ada.password, thief())).toBe(SECONDS_AFTER_15);
  });

  it('is delayed before the password is checked', async () => {
    const ada = await attacked(15);
    const checks = async () => (await histogram('password_hash_duration_seconds', 'count')).get(`check ${service.config.bcryptCost}`);
    const before = await checks();
    const { promise, resolve } = Promise.withResolvers<void>();
    delayed = promise;
    waits.mockClear();
    const answer = attempt(ada.user.email, ada.password, thief());
    await eventually(() => expect(waits).toHaveBeenCalledOnce());
    expect(Math.round(waits.mock.calls[0]![0] / 1000)).toBe(SECONDS_AFTER_15);
    expect(await checks()).toBe(before);
    resolve();
    expect((await answer).status).toBe(200);
    expect(await checks()).toBe(before! + 1);
  });

  it('does not delay the owner on a known device, and a login of the owner resets no count of others', async () => {
    const ada = await attacked(15);
    expect(await delayOf(ada.user.email, ada.password, PHONE)).toBe(0);
    expect(await delayOf(ada.user.email, WRONG, thief(), 401)).toBe(SECONDS_AFTER_15);
  });

  it('does not delay the owner with the usual user agent at the usual address', async () => {
    const ada = await service.register();
    const atHome = { 'user-agent': 'browser/1.0', 'x-forwarded-for': randomAddress() };
    await attempt(ada.user.email, ada.password, atHome);
    await Promise.all(Array.from({ length: 15 }, () => attempt(ada.user.email, WRONG, { ...atHome, 'x-forwarded-for': randomAddress() })));
    expect(await delayOf(ada.user.email, ada.password, atHome)).toBe(0);
    // The user agent alone is not sufficient.
    expect(await delayOf(ada.user.email, ada.password, thief())).toBe(SECONDS_AFTER_15);
  });

  it('does not delay other accounts', async () => {
    await attacked(15);
    const ben = await service.register();
    expect(await delayOf(ben.user.email, ben.password, thief())).toBe(0);
  });
});

/** Two waves: the first one is as large as the number of free failures. */
async function guessManyAtATime(email: string, address: string) {
  await Promise.all(Array.from({ length: 13 }, () => attempt(email, WRONG, thief(address))));
  return Promise.all(Array.from({ length: 12 }, () => attempt(email, WRONG, thief(address))));
}

it('many concurrent guesses from one address are refused with the time of the next attempt', async () => {
  const ada = await service.register();
  const answers = await guessManyAtATime(ada.user.email, '10.1.2.3');
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(8);
  for (const { body, retryAfter } of refused) {
    expect(body.code).toBe('RATE_LIMITED');
    expect(Number(retryAfter)).toBe(body.retryAfterSeconds);
    expect(body.retryAfterSeconds).toBeGreaterThan(0);
  }
});

it('an unknown address is throttled in the same way', async () => {
  const answers = await guessManyAtATime(randomEmail(), '10.1.2.4');
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(8);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
});

it('many concurrent logins with the right password are not delayed', async () => {
  const ada = await service.register();
  const answers = await Promise.all(Array.from({ length: 20 }, () => attempt(ada.user.email, ada.password, PHONE)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});

it('guesses of the current password are throttled as well', async () => {
  const ada = await service.register();
  const change = () =>
    service.post('/auth/password/change', { currentPassword: WRONG, newPassword: 'another horse battery' }, ada.accessToken);
  await Promise.all(Array.from({ length: 13 }, change));
  const answers = await Promise.all(Array.from({ length: 12 }, change));
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(8);
});

it('a failed login is in the audit log of the account', async () => {
  const ada = await service.register();
  await attempt(ada.user.email, WRONG, { 'user-agent': 'thief/1.0', 'x-forwarded-for': '10.9.8.7' });
  await eventually(async () => {
    const { rows } = await service.database.query(
      `select user_agent, host(ip_address) as address from audit_events where user_id = $1 and type = 'sign-in-failed'`,
      [ada.user.userId],
    );
    expect(rows).toEqual([{ user_agent: 'thief/1.0', address: '10.9.8.7' }]);
  });
});

it('each instance throttles by itself while Redis answers but accepts no writes, as a replica does', async () => {
  const ada = await service.register();
  await admin.acl('SETUSER', redisUser, '-@write');
  try {
    const answers = await guessManyAtATime(ada.user.email, '10.1.2.6');
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(8);
    expect((await attempt(ada.user.email, ada.password, thief())).status).toBe(200);
  } finally {
    await admin.acl('SETUSER', redisUser, '+@write');
  }
  const ben = await service.register();
  await guessManyAtATime(ben.user.email, '10.1.2.7');
  expect(await admin.keys(redisKey('auth:login-throttle:*10.1.2.7*'))).not.toEqual([]);
});

// The last test: after it, the connection to Redis takes a moment to recover.
it('each instance throttles by itself while Redis is unavailable', async () => {
  const ada = await service.register();
  redisProxy.refuse();
  try {
    const answers = await guessManyAtATime(ada.user.email, '10.1.2.5');
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(8);
    expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
  } finally {
    redisProxy.resume();
  }
});
