import { createAuthDataSource } from '../src/data-source.js';
import { channels } from '@chat/shared/realtime';
import { eventually, testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
let listener: Redis;
const published = new Set<string>();

beforeAll(async () => {
  service = await TestAuthService.start();
  listener = new Redis(testInfra().redisUrl);
  listener.on('message', (_, text) => published.add(JSON.parse(text).sessionId));
  await listener.subscribe(channels.sessionRevoked);
});
afterAll(async () => {
  listener?.disconnect();
  await service?.stop();
});

const logIn = async (owner: { user: { email: string }; password: string }, headers: Record<string, string> = {}) =>
  (await service.post('/auth/login', { email: owner.user.email, password: owner.password }, undefined, headers)).body;
const list = async (token: string) => (await service.get('/auth/sessions', token)).body;
const statusOf = async (token: string) => (await service.get('/auth/me', token)).status;
const eventsOf = async (userId: string, type: string) =>
  (await service.database.query('select session_id from audit_events where user_id = $1 and type = $2', [userId, type])).rows;

it('lists the active sessions with user agent, address and last use, the last used first', async () => {
  const ada = await service.register();
  const phone = await logIn(ada, { 'user-agent': 'phone/1.0', 'x-forwarded-for': '2001:db8::7' });
  const before = await list(phone.accessToken);
  expect(before).toEqual([
    {
      sessionId: expect.any(String),
      current: true,
      userAgent: 'phone/1.0',
      ipAddress: '2001:db8::7',
      createdAt: expect.any(String),
      lastUsedAt: expect.any(String),
    },
    expect.objectContaining({ current: false }),
  ]);
  await service.post('/auth/refresh', { refreshToken: ada.refreshToken }, undefined, {
    'user-agent': 'browser/2.0',
    'x-forwarded-for': '192.0.2.9',
  });
  const [first, second] = await list(phone.accessToken);
  expect(first).toMatchObject({ current: false, userAgent: 'browser/2.0', ipAddress: '192.0.2.9' });
  expect(second.sessionId).toBe(before[0].sessionId);
  expect(Date.parse(first.lastUsedAt)).toBeGreaterThan(Date.parse(second.lastUsedAt));
});

it('lists neither revoked nor expired sessions, nor those of other users', async () => {
  const [ada, ben] = [await service.register(), await service.register()];
  const ended = await logIn(ada);
  const ranOut = await logIn(ada);
  await service.post('/auth/logout', undefined, ended.accessToken);
  const { sessionId } = (await service.post('/auth/validate', undefined, ranOut.accessToken)).body;
  await service.database.query(`update sessions set expires_at = now() - interval '1 s' where id = $1`, [sessionId]);
  expect(await list(ada.accessToken)).toHaveLength(1);
  expect(await list(ben.accessToken)).toHaveLength(1);
});

it('revokes one session at once, publishes and records it; revoking it again changes nothing', async () => {
  const ada = await service.register();
  const other = await logIn(ada);
  const { sessionId } = (await service.post('/auth/validate', undefined, other.accessToken)).body;
  for (let reservation = 0; reservation < 2; reservation += 1)
    expect((await service.delete(`/auth/sessions/${sessionId}`, ada.accessToken)).status).toBe(204);
  expect(await statusOf(other.accessToken)).toBe(401);
  expect((await service.refresh(other.refreshToken)).status).toBe(401);
  expect(await statusOf(ada.accessToken)).toBe(200);
  await eventually(() => published.has(sessionId));
  expect(await eventsOf(ada.user.userId, 'session-revoked')).toEqual([{ session_id: sessionId }]);
});

it('requires a recent login to revoke another session, and none to revoke the current one', async () => {
  const ada = await service.register();
  const thief = await logIn(ada);
  const { sessionId } = (await service.post('/auth/validate', undefined, ada.accessToken)).body;
  const thiefs = (await service.post('/auth/validate', undefined, thief.accessToken)).body.sessionId;
  const endOne = (id: string, token: string) => service.delete(`/auth/sessions/${id}`, token);
  const endOthers = (token: string) => service.post('/auth/sessions/revoke-others', undefined, token);
  await service.database.query(`update sessions set created_at = now() - interval '11 minutes' where user_id = $1`, [ada.user.userId]);
  // Refreshing a session does not make it newer.
  const { accessToken } = (await service.refresh(ada.refreshToken)).body;
  for (const refused of [await endOne(thiefs, accessToken), await endOthers(accessToken), await endOne(sessionId, thief.accessToken)])
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([403, 'FORBIDDEN', expect.stringContaining('Sign in again')]);
  expect([await statusOf(ada.accessToken), await statusOf(thief.accessToken)]).toEqual([200, 200]);

  expect((await endOne(sessionId, accessToken)).status).toBe(204);
  expect(await statusOf(accessToken)).toBe(401);
  const again = await logIn(ada);
  expect((await endOne(thiefs, again.accessToken)).status).toBe(204);
  expect(await statusOf(thief.accessToken)).toBe(401);
});

it('does not revoke a session of another user, and responds as if it did not exist', async () => {
  const [ada, ben] = [await service.register(), await service.register()];
  const { sessionId } = (await service.post('/auth/validate', undefined, ben.accessToken)).body;
  const foreign = await service.delete(`/auth/sessions/${sessionId}`, ada.accessToken);
  const unknown = await service.delete('/auth/sessions/0190c0de-0000-7000-8000-000000000000', ada.accessToken);
  expect([foreign.status, foreign.body.code]).toEqual([404, 'NOT_FOUND']);
  expect({ ...foreign.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
  expect((await service.delete('/auth/sessions/no-id', ada.accessToken)).status).toBe(400);
  expect(await statusOf(ben.accessToken)).toBe(200);
});

it('revokes the other sessions and keeps the current one', async () => {
  const ada = await service.register();
  const others = [await logIn(ada), await logIn(ada), await logIn(ada)];
  const { status, body } = await service.post('/auth/sessions/revoke-others', undefined, ada.accessToken);
  expect([status, body]).toEqual([200, { revoked: 3 }]);
  for (const { accessToken, refreshToken } of others) {
    expect(await statusOf(accessToken)).toBe(401);
    expect((await service.refresh(refreshToken)).status).toBe(401);
  }
  expect(await statusOf(ada.accessToken)).toBe(200);
  expect((await service.refresh(ada.refreshToken)).status).toBe(200);
  expect((await service.post('/auth/sessions/revoke-others', undefined, ada.accessToken)).body).toEqual({ revoked: 0 });
  expect(await eventsOf(ada.user.userId, 'session-revoked')).toHaveLength(3);
});

it('is refused for a revoked session', async () => {
  const ada = await service.register();
  const other = await logIn(ada);
  const { sessionId } = (await service.post('/auth/validate', undefined, other.accessToken)).body;
  await service.post('/auth/logout', undefined, ada.accessToken);
  expect((await service.get('/auth/sessions', ada.accessToken)).status).toBe(401);
  expect((await service.delete(`/auth/sessions/${sessionId}`, ada.accessToken)).status).toBe(401);
  expect((await service.post('/auth/sessions/revoke-others', undefined, ada.accessToken)).status).toBe(401);
  expect(await statusOf(other.accessToken)).toBe(200);
});

it('a sign-in that started before all sessions were revoked creates none afterwards', async () => {
  const ada = await service.register();
  // The revocation of all sessions holds the row of the account until the commit; the sign-in, whose password was checked, waits for it.
  const dataSource = await createAuthDataSource(service.config.database).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query('update accounts set sessions_epoch = sessions_epoch + 1 where id = $1', [ada.user.userId]);
    const signIn = service.post('/auth/login', { email: ada.user.email, password: ada.password });
    await eventually(async () => {
      const { rowCount } = await service.database.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rowCount! > 0;
    });
    await runner.commitTransaction();
    expect((await signIn).status).toBe(401);
    expect((await service.post('/auth/login', { email: ada.user.email, password: ada.password })).status).toBe(200);
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
});
