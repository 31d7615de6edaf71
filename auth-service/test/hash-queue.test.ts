import { afterAll, beforeAll, expect, it } from 'vitest';
import { newAccount, TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
beforeAll(async () => {
  service = await TestAuthService.start({ PASSWORD_QUEUE_LENGTH: '32', BCRYPT_COST: '10' });
});
afterAll(() => service?.stop());

it('60 connections that register new names do not keep users from signing in', async () => {
  const users = await Promise.all(Array.from({ length: 6 }, () => service.register()));
  const stop = new AbortController();
  const register = () => service.post('/auth/register', newAccount(), undefined, { 'x-forwarded-for': '203.0.113.1' });
  const flood = Array.from({ length: 60 }, async () => {
    while (!stop.signal.aborted) await register();
  });
  try {
    // The others are waiting when this one is answered.
    await register();
    const logins = users.map(({ user, password }, n) =>
      service.post('/auth/login', { email: user.email, password }, undefined, { 'x-forwarded-for': `198.51.100.${n}` }),
    );
    expect((await Promise.all(logins)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  } finally {
    stop.abort();
    await Promise.all(flood);
  }
});
