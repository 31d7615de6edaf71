import { randomUUID } from 'node:crypto';
import { REVOKED_SESSIONS_KEY } from '@chat/shared/auth';
import { channels } from '@chat/shared/realtime';
import { eventually, testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FaultProxy } from '@chat/testkit/fault-proxy';
import { newAccount, TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
let redisProxy: FaultProxy;
let redis: Redis;
let listener: Redis;
const published = new Set<string>();

// There is no broker: events stay in the outbox, where the test reads them.
beforeAll(async () => {
  redisProxy = await FaultProxy.start(testInfra().redisUrl);
  service = await TestAuthService.start({ REDIS_URL: redisProxy.urlFor(testInfra().redisUrl), KAFKA_BROKER: '127.0.0.1:9' });
  redis = new Redis(testInfra().redisUrl);
  listener = new Redis(testInfra().redisUrl);
  listener.on('message', (_, text) => {
    published.add((JSON.parse(text) as { sessionId: string }).sessionId);
  });
  await listener.subscribe(channels.sessionRevoked);
});
afterAll(async () => {
  redis?.disconnect();
  listener?.disconnect();
  await service?.stop();
  redisProxy?.close();
});

const remove = (token: string, body: object = {}) => service.post('/auth/account/delete', body, token);
const logIn = async (email: string, password: string) => (await service.post('/auth/login', { email, password })).body;
const sessionOf = async (token: string): Promise<string> => (await service.post('/auth/validate', undefined, token)).body.sessionId;
const rows = async (sql: string, values: unknown[] = []): Promise<any[]> => (await service.database.query(sql, values)).rows;
const deletionsOf = async (userId: string) =>
  (await rows(`select payload from outbox where key = $1 and type = 'UserDeleted'`, [userId])).map(({ payload }) => JSON.parse(payload));

/** The tables that contain a text, in any column. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await rows(`select table_name as name from information_schema.tables where table_schema = 'auth' order by 1`);
  const found: string[] = [];
  for (const { name } of tables)
    if ((await rows(`select 1 from auth."${name}" t where strpos(lower(t::text), lower($1)) > 0 limit 1`, [text])).length > 0)
      found.push(name);
  return found;
}

it('deletes all data of the user and publishes UserDeleted once', async () => {
  const ada = await service.register({ firstName: 'Augusta-Ada' });
  const { userId, email, username } = ada.user;
  await service.post('/auth/login', { email, password: ada.password }, undefined, {
    'user-agent': 'the-phone-of-ada/1.0',
    'x-forwarded-for': '192.0.2.77',
    'x-device-id': 'device-of-ada',
  });
  for (const text of [email, username, 'the-phone-of-ada', '192.0.2.77']) expect(await tablesWith(text)).not.toEqual([]);

  expect(await remove(ada.accessToken, { password: ada.password })).toMatchObject({ status: 204, body: undefined });

  for (const text of [email, 'the-phone-of-ada', '192.0.2.77']) expect([text, await tablesWith(text)]).toEqual([text, []]);
  // Revoked sessions are kept as long as their tokens; the outbox still has the event of the registration, because no relay deletes it.
  expect(await tablesWith(userId)).toEqual(['outbox', 'sessions']);
  expect(await rows('select * from refresh_tokens where session_id in (select id from sessions where user_id = $1)', [userId])).toEqual([]);
  expect(await deletionsOf(userId)).toEqual([{ userId, deletedAt: expect.any(String) }]);
});

it('revokes all sessions at once, in every service', async () => {
  const ada = await service.register();
  const phone = await logIn(ada.user.email, ada.password);
  const sessions = [await sessionOf(ada.accessToken), await sessionOf(phone.accessToken)];
  const ben = await service.register();
  expect((await remove(phone.accessToken, { password: ada.password })).status).toBe(204);

  for (const { accessToken, refreshToken } of [ada, phone]) {
    expect((await service.get('/auth/me', accessToken)).status).toBe(401);
    expect((await service.refresh(refreshToken)).status).toBe(401);
  }
  expect((await remove(ada.accessToken, { password: ada.password })).status).toBe(401);
  expect((await service.post('/auth/login', { email: ada.user.email, password: ada.password })).status).toBe(401);
  expect((await service.summaryOf(ada.user.userId)).status).toBe(404);
  await eventually(() => sessions.every((id) => published.has(id)));
  expect((await service.get('/auth/me', ben.accessToken)).status).toBe(200);
});

it('publishes the revocations also if Redis was unavailable at that moment', async () => {
  const ada = await service.register();
  const sessionId = await sessionOf(ada.accessToken);
  redisProxy.refuse();
  try {
    expect((await remove(ada.accessToken, { password: ada.password })).status).toBe(204);
  } finally {
    redisProxy.resume();
  }
  await eventually(() => published.has(sessionId));
  expect(await redis.zscore(REVOKED_SESSIONS_KEY, sessionId)).not.toBeNull();
});

it('makes e-mail address and user name available for another account', async () => {
  const account = newAccount();
  const first = await service.register(account);
  await remove(first.accessToken, { password: account.password });
  const second = await service.register(account);
  expect(second.user).toMatchObject({ email: account.email, username: account.username });
  expect(second.user.userId).not.toBe(first.user.userId);
  expect((await service.get('/auth/me', first.accessToken)).status).toBe(401);
});

it.each([
  ['no password', {}],
  ['a wrong password', { password: 'not the password' }],
  ['an empty password', { password: '' }],
])('is refused with %s, and nothing is changed', async (_, body) => {
  const ada = await service.register();
  expect(await remove(ada.accessToken, body)).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
  expect((await service.get('/auth/me', ada.accessToken)).status).toBe(200);
  expect((await service.refresh(ada.refreshToken)).status).toBe(200);
  expect(await deletionsOf(ada.user.userId)).toEqual([]);
});

it('requires a signed-in user', async () => {
  expect((await service.post('/auth/account/delete', { password: 'whatever it is' })).status).toBe(401);
});

it('requires a recent login if the account has no password', async () => {
  const ada = await service.register();
  const { userId } = ada.user;
  await service.database.query('update accounts set password_hash = null where id = $1', [userId]);
  await service.database.query(`update sessions set created_at = now() - interval '11 minutes' where user_id = $1`, [userId]);
  expect(await remove(ada.accessToken, { password: ada.password })).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  await service.database.query(`update sessions set created_at = now() - interval '9 minutes' where user_id = $1`, [userId]);
  expect((await remove(ada.accessToken)).status).toBe(204);
});

// In any order: after a deletion no session is left, whatever was in progress.
it('leaves no session that was created or refreshed at the same time', async () => {
  await service.warmUp();
  for (let round = 0; round < 8; round += 1) {
    const ada = await service.register();
    const { userId, email } = ada.user;
    const [deleted] = await Promise.all([
      remove(ada.accessToken, { password: ada.password }),
      service.refresh(ada.refreshToken),
      service.post('/auth/login', { email, password: ada.password }),
      service.post('/auth/login', { email, password: ada.password }),
    ]);
    expect(deleted.status).toBe(204);
    expect(await rows('select 1 from sessions where user_id = $1 and revoked_at is null', [userId])).toEqual([]);
    expect(await tablesWith(email)).toEqual([]);
    expect(await deletionsOf(userId)).toHaveLength(1);
  }
});

// The order of MailSender: first the request, then a token that refers to the account.
it('and the concurrent rendering of a mail do not wait for each other', async () => {
  const ada = await service.register();
  const { userId, email } = ada.user;
  await service.database.query(
    `insert into mail_requests (id, purpose, email_normalised, requested_at, next_attempt_at)
     values ($1, 'reset-password', $2, now(), now() + interval '1 hour')`,
    [randomUUID(), email],
  );
  const sender = await service.database.connect();
  try {
    await sender.query('begin');
    await sender.query('select 1 from mail_requests where email_normalised = $1 for update', [email]);
    const deleted = remove(ada.accessToken, { password: ada.password });
    await eventually(async () => {
      // The sender of the mail of the registration may wait for the same rows.
      const waiting = await rows(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
            and query like 'delete from mail_requests where email_normalised%'`,
      );
      expect(waiting).toHaveLength(1);
    });
    await sender.query('select 1 from accounts where id = $1 for key share', [userId]);
    await sender.query('commit');
    expect((await deleted).status).toBe(204);
  } finally {
    sender.release();
  }
  expect(await tablesWith(email)).toEqual([]);
});

it('two at once delete the account once', async () => {
  const ada = await service.register();
  const answers = await Promise.all([1, 2, 3].map(() => remove(ada.accessToken, { password: ada.password })));
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401]);
  expect(await deletionsOf(ada.user.userId)).toHaveLength(1);
});
