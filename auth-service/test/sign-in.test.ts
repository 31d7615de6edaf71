import { randomEmail } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthService } from './kit/auth-service.js';
import { addedTo } from './kit/metrics.js';

let service: TestAuthService;
beforeAll(async () => {
  service = await TestAuthService.start();
});
afterAll(() => service?.stop());

const login = (email: string, password: string) => service.post('/auth/login', { email, password });
const withoutRequestId = ({ status, body }: Awaited<ReturnType<typeof login>>) => ({ status, body: { ...body, requestId: undefined } });

it('creates a session for the right password, with the address in upper or lower case', async () => {
  const ada = await service.register();
  const { status, body } = await login(ada.user.email.toUpperCase(), ada.password);
  expect(status).toBe(200);
  expect(body.user).toEqual(ada.user);
  expect(body.refreshToken).not.toBe(ada.refreshToken);
  const sessions = await Promise.all([ada.accessToken, body.accessToken].map((token) => service.post('/auth/validate', undefined, token)));
  expect(new Set(sessions.map((answer) => answer.body.sessionId)).size).toBe(2);
});

it('gives the same response for a wrong password and an unknown address', async () => {
  const ada = await service.register();
  const wrong = await login(ada.user.email, 'wrong horse battery');
  const unknown = await login(randomEmail(), ada.password);
  const none = await login('no address at all', ada.password);
  expect(withoutRequestId(wrong)).toEqual({ status: 401, body: expect.objectContaining({ code: 'UNAUTHENTICATED' }) });
  expect(withoutRequestId(unknown)).toEqual(withoutRequestId(wrong));
  expect(withoutRequestId(none)).toEqual(withoutRequestId(wrong));
});

/** The response time depends on this; `npm run bench:accounts` measures it. */
it('does the same work for an account, for one without a password and for an unknown address: one hash of the same cost', async () => {
  const [ada, ben] = [await service.register(), await service.register()];
  await service.database.query('update accounts set password_hash = null where id = $1', [ben.user.userId]);
  for (const email of [ada.user.email, ben.user.email, randomEmail()]) {
    const hashes = await addedTo('password_hash_duration_seconds', 'count', () => login(email, 'wrong horse battery'));
    expect(hashes).toEqual({ [`check ${service.config.bcryptCost}`]: 1 });
  }
});

it('refuses every password for an account without one', async () => {
  const ada = await service.register();
  await service.database.query('update accounts set password_hash = null where id = $1', [ada.user.userId]);
  expect((await login(ada.user.email, ada.password)).status).toBe(401);
});

describe('every character of a password counts', () => {
  it.each([
    ['the 73rd byte', `${'p'.repeat(72)}A`, `${'p'.repeat(72)}B`],
    ['the 256th character', `${'p'.repeat(255)}A`, `${'p'.repeat(255)}B`],
    ['what follows a NUL', 'correct\0horse', 'correct\0mouse'],
    ['the 64th emoji', '🔑'.repeat(64), `${'🔑'.repeat(63)}🔒`],
    ['case', 'Correct horse', 'correct horse'],
    ['white space at the end', 'correct horse ', 'correct horse'],
    ['an accent', 'caf\u00e9 caf\u00e9', 'cafe cafe\u0301'],
  ])('%s', async (_, password, other) => {
    const ada = await service.register({ password });
    expect((await login(ada.user.email, other)).status).toBe(401);
    expect((await login(ada.user.email, password)).status).toBe(200);
  });
});

it('rejects an invalid request', async () => {
  for (const bad of [
    {},
    { email: 'a@example.test' },
    { email: 'a@example.test', password: '' },
    { email: ['a'], password: 'correct horse' },
  ]) {
    const { status, body } = await service.post('/auth/login', bad);
    expect([status, body.code]).toEqual([400, 'BAD_USER_INPUT']);
  }
  const withMore = await service.post('/auth/login', { email: 'a@example.test', password: 'correct horse', otp: '1' });
  expect([withMore.status, withMore.body.code]).toEqual([400, 'BAD_USER_INPUT']);
});

it('refuses sign-ins beyond a short queue at once, and handles the others', async () => {
  const small = await TestAuthService.start({ PASSWORD_QUEUE_LENGTH: '2', BCRYPT_COST: '10' });
  try {
    const ada = await small.register();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => small.post('/auth/login', { email: ada.user.email, password: ada.password })),
    );
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ body, headers }) => body.code === 'UNAVAILABLE' && headers.get('retry-after') === '3')).toBe(true);
    expect(answers.filter(({ status }) => status === 200).length + refused.length).toBe(20);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect((await small.post('/auth/login', { email: ada.user.email, password: ada.password })).status).toBe(200);
  } finally {
    await small.stop();
  }
});
