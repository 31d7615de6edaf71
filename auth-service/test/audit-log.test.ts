import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '@chat/shared/observability';
import { createAuthDataSource } from '../src/data-source.js';
import { firstIdAt, AuditLogCleanup } from '../src/audit-log/audit-log-cleanup.js';
import { newAccount, TestAuthService } from './kit/auth-service.js';

// The topics are not provisioned: events stay in the outbox, where the test reads them.
let service: TestAuthService;
beforeAll(async () => {
  service = await TestAuthService.start();
});
afterAll(() => service?.stop());

const BROWSER = { 'user-agent': 'browser/1.0', 'x-forwarded-for': '192.0.2.7' };

async function register(headers: Record<string, string> = BROWSER) {
  const account = newAccount();
  const { body } = await service.post('/auth/register', account, undefined, headers);
  return { ...account, userId: body.user.userId as string, accessToken: body.accessToken as string };
}
type TestUser = Awaited<ReturnType<typeof register>>;

async function login({ email, password }: TestUser, headers: Record<string, string>) {
  const { status, body } = await service.post('/auth/login', { email, password }, undefined, headers);
  expect(status).toBe(200);
  return (await service.post('/auth/validate', undefined, body.accessToken)).body.sessionId as string;
}

async function noticesOf({ userId }: TestUser) {
  const { rows } = await service.database.query<{ payload: string }>(
    `select payload from outbox where topic = 'auth.user' and key = $1 and type = 'SignedInFromNewDevice' order by id`,
    [userId],
  );
  return rows.map(({ payload }) => JSON.parse(payload) as Record<string, string>);
}

const logOf = async ({ accessToken }: TestUser, query = '') => (await service.get(`/auth/security-events${query}`, accessToken)).body;

describe('a sign-in from a new device', () => {
  it('is published once, without address and user agent', async () => {
    const ada = await register();
    const sessionId = await login(ada, { 'user-agent': 'phone/1.0', 'x-forwarded-for': '198.51.100.9' });
    await login(ada, { 'user-agent': 'phone/1.0', 'x-forwarded-for': '203.0.113.4' });
    expect(await noticesOf(ada)).toEqual([{ userId: ada.userId, sessionId, signedInAt: expect.any(String) }]);
    const { data } = await logOf(ada);
    expect(data.map(({ type }: { type: string }) => type)).toEqual(['signed-in', 'signed-in-from-new-device', 'signed-in', 'registered']);
    expect(data[1]).toMatchObject({ sessionId, userAgent: 'phone/1.0', ipAddress: '198.51.100.9' });
  });

  it('does not include the device of the registration, at any address', async () => {
    const ada = await register();
    await login(ada, { ...BROWSER, 'x-forwarded-for': '203.0.113.4' });
    expect(await noticesOf(ada)).toEqual([]);
  });

  it('is recognised by the device id as well, if one is sent', async () => {
    const ada = await register({ ...BROWSER, 'x-device-id': 'one' });
    await login(ada, { ...BROWSER, 'x-device-id': 'one' });
    expect(await noticesOf(ada)).toHaveLength(0);
    await login(ada, { ...BROWSER, 'x-device-id': 'two' });
    expect(await noticesOf(ada)).toHaveLength(1);
    await login(ada, { ...BROWSER, 'x-device-id': 'two' });
    expect(await noticesOf(ada)).toHaveLength(1);
  });

  it('is published once for two at the same time', async () => {
    const ada = await register();
    await Promise.all(Array.from({ length: 5 }, () => login(ada, { 'user-agent': 'phone/1.0' })));
    expect(await noticesOf(ada)).toHaveLength(1);
  });

  it('does not record the device of a failed attempt', async () => {
    const ada = await register();
    const answer = await service.post('/auth/login', { email: ada.email, password: 'wrong horse battery' }, undefined, {
      'user-agent': 'thief/1.0',
    });
    expect(answer.status).toBe(401);
    expect(await noticesOf(ada)).toEqual([]);
    await login(ada, { 'user-agent': 'thief/1.0' });
    expect(await noticesOf(ada)).toHaveLength(1);
  });

  it('is new for each account', async () => {
    const [ada, bob] = [await register(), await register()];
    await login(ada, { 'user-agent': 'phone/1.0' });
    await login(bob, { 'user-agent': 'phone/1.0' });
    expect(await noticesOf(bob)).toHaveLength(1);
  });

  it('keeps the hundred devices of an account that were used last', async () => {
    const ada = await register();
    await service.database.query(
      `insert into known_devices select $1, sha256(n::text::bytea), now() - interval '1 day', now() - n * interval '1 minute' from generate_series(1, 150) n`,
      [ada.userId],
    );
    await login(ada, { 'user-agent': 'phone/1.0' });
    const { rows } = await service.database.query('select count(*)::int as count from known_devices where user_id = $1', [ada.userId]);
    expect(rows[0].count).toBe(100);
    await login(ada, { 'user-agent': 'phone/1.0' });
    expect(await noticesOf(ada)).toHaveLength(1);
  });
});

describe('the audit log of an account', () => {
  it('is returned in pages, newest first', async () => {
    const ada = await register();
    for (let i = 0; i < 4; i += 1) await login(ada, BROWSER);
    const first = await logOf(ada, '?limit=2');
    const last = await logOf(ada, '?limit=2&page=3');
    expect(first).toMatchObject({ total: 5, page: 1, limit: 2, totalPages: 3 });
    expect(last.data.map(({ type }: { type: string }) => type)).toEqual(['registered']);
    expect(first.data[0]).toEqual({
      id: expect.any(String),
      type: 'signed-in',
      sessionId: expect.any(String),
      userAgent: 'browser/1.0',
      ipAddress: '192.0.2.7',
      details: { method: 'password', secondFactor: false },
      createdAt: expect.any(String),
    });
    expect(Date.parse(first.data[0].createdAt)).toBeGreaterThanOrEqual(Date.parse(first.data[1].createdAt));
  });

  it('is visible to its owner only', async () => {
    const [ada, bob] = [await register(), await register()];
    await login(ada, BROWSER);
    expect((await logOf(bob)).total).toBe(1);
    expect((await service.get('/auth/security-events')).status).toBe(401);
  });

  it('is kept for a year', async () => {
    const ada = await register();
    const insert = (daysAgo: number) => {
      const timeMs = Date.now() - daysAgo * 86_400_000;
      return service.database.query(`insert into audit_events (id, user_id, type, created_at) values ($1, $2, 'signed-in', $3)`, [
        firstIdAt(timeMs),
        ada.userId,
        new Date(timeMs),
      ]);
    };
    await insert(366);
    await insert(364);
    const dataSource = await createAuthDataSource(service.config.database).initialize();
    await new AuditLogCleanup(dataSource, service.config, silentLog).purge();
    await dataSource.destroy();
    expect((await logOf(ada)).data.map(({ type }: { type: string }) => type)).toEqual(['registered', 'signed-in']);
  });

  it.each(['?page=0', '?limit=101', '?limit=x', '?userId=1'])('refuses %s', async (query) => {
    const ada = await register();
    expect((await service.get(`/auth/security-events${query}`, ada.accessToken)).status).toBe(400);
  });
});
