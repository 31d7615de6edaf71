import { randomInt } from 'node:crypto';
import type { RegisterRequest } from '@chat/shared/contracts';
import { randomEmail } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAccount, REQUEST_LIMITS, TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
beforeAll(async () => {
  const limits = REQUEST_LIMITS.map((name) => [`RATE_LIMIT_${name}`, '3/1h']);
  service = await TestAuthService.start({ ...Object.fromEntries(limits), RATE_LIMIT_USERS_PER_ADDRESS: '2' });
});
afterAll(() => service?.stop());

/** No other test has sent requests from there. */
const someNetwork = () => `2001:db8:${randomInt(0x10000).toString(16)}:${randomInt(0x10000).toString(16)}`;

type Send = (from: Record<string, string>) => Promise<{ status: number; body: any; headers: Headers }>;

/** The statuses of four requests, each from another address of one network. */
async function fourRequests(send: Send): Promise<number[]> {
  const network = someNetwork();
  const statuses: number[] = [];
  for (let n = 1; n <= 4; n += 1) {
    const { status, body, headers } = await send({ 'x-forwarded-for': `${network}::${n}` });
    statuses.push(status);
    if (status !== 429) continue;
    expect(body.code).toBe('RATE_LIMITED');
    expect(body.retryAfterSeconds).toBeGreaterThan(0);
    expect(headers.get('retry-after')).toBe(String(body.retryAfterSeconds));
  }
  return statuses;
}

const post =
  (path: string, body: object): Send =>
  (from) =>
    service.post(path, body, undefined, from);
const code = '123456';

describe('requests without a token are limited per network', () => {
  it.each<[string, Send, number]>([
    ['registrations', (from) => service.post('/auth/register', newAccount(), undefined, from), 201],
    ['registrations with a taken name', post('/auth/register', newAccount({ username: 'taken.by.another' })), 409],
    ['invalid registrations', post('/auth/register', {}), 400],
    ['logins', post('/auth/login', { email: randomEmail(), password: 'wrong horse battery' }), 401],
    ['requests for a new password', post('/auth/password/forgot', { email: randomEmail() }), 204],
    ['uses of a link for a new password', post('/auth/password/reset', { token: 'x', newPassword: 'another horse' }), 400],
    ['codes of the second step of a sign-in', post('/auth/login/complete', { mfaToken: 'x', code }), 401],
    ['links that confirm an address', post('/auth/email/verify', { token: 'x' }), 400],
    ['codes of a provider sign-in', post('/auth/oauth/exchange', { code: 'x' }), 400],
    ['ID tokens', post('/auth/oauth/id-token', { provider: 'github', idToken: 'x', nonce: 'x' }), 400],
  ])('%s', async (_, send, status) => {
    if (status === 409) await registerFrom(someNetwork(), { username: 'taken.by.another' });
    expect(await fourRequests(send)).toEqual([status, status, status, 429]);
  });
});

describe('requests of a user are limited per user', () => {
  it.each<[string, string, object | undefined, number]>([
    ['changes of the password', '/auth/password/change', { currentPassword: 'wrong horse', newPassword: 'another horse' }, 400],
    ['deletions of the account', '/auth/account/delete', { password: 'wrong horse' }, 400],
    ['codes that enable MFA', '/auth/totp/confirm', { code }, 409],
    ['codes that disable MFA', '/auth/totp/disable', { code }, 409],
    ['requests for a link that confirms the address', '/auth/email/verification', undefined, 204],
  ])('%s', async (_, path, body, status) => {
    const [ada, ben] = [await registerFrom(someNetwork()), await registerFrom(someNetwork())];
    expect(await fourRequests((from) => service.post(path, body, ada.accessToken, from))).toEqual([status, status, status, 429]);
    expect((await service.post(path, body, ben.accessToken, { 'x-forwarded-for': `${someNetwork()}::1` })).status).toBe(status);
  });

  it('and all users of a network together have the limits of RATE_LIMIT_USERS_PER_ADDRESS users', async () => {
    const from = { 'x-forwarded-for': `${someNetwork()}::1` };
    const wrong = { currentPassword: 'wrong horse', newPassword: 'another horse' };
    const statuses: number[] = [];
    for (let user = 0; user < 4; user += 1) {
      const { accessToken } = await registerFrom(someNetwork());
      for (let n = 0; n < 2; n += 1) statuses.push((await service.post('/auth/password/change', wrong, accessToken, from)).status);
    }
    expect(statuses).toEqual([400, 400, 400, 400, 400, 400, 429, 429]);
  });
});

async function registerFrom(network: string, details: Partial<RegisterRequest> = {}) {
  const { status, body } = await service.post('/auth/register', newAccount(details), undefined, { 'x-forwarded-for': `${network}::1` });
  expect(status).toBe(201);
  return body;
}
