import { channels } from '@chat/shared/realtime';
import { eventually, testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAuthDataSource } from '../src/data-source.js';
import { OperatorRevocation } from '../src/sessions/operator-revocation.js';
import { TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
let dataSource: DataSource;
let listener: Redis;
const published = new Set<string>();

beforeAll(async () => {
  service = await TestAuthService.start();
  dataSource = await createAuthDataSource(service.config.database).initialize();
  listener = new Redis(testInfra().redisUrl);
  listener.on('message', (_, text) => published.add(JSON.parse(text).sessionId));
  await listener.subscribe(channels.sessionRevoked);
});
afterAll(async () => {
  listener?.disconnect();
  await dataSource?.destroy();
  await service?.stop();
});

type TestUser = Awaited<ReturnType<TestAuthService['register']>>;

const logIn = async ({ user, password }: TestUser) => (await service.post('/auth/login', { email: user.email, password })).body;
const sessionOf = async (token: string): Promise<string> => (await service.post('/auth/validate', undefined, token)).body.sessionId;

async function isOut({ accessToken, refreshToken }: { accessToken: string; refreshToken: string }): Promise<boolean> {
  const statuses = [(await service.get('/auth/me', accessToken)).status, (await service.refresh(refreshToken)).status];
  expect(new Set(statuses).size).toBe(1);
  return statuses[0] === 401;
}

it('an operator revokes all sessions of one user, who may sign in again; the revocations are published, and the audit log names the operator', async () => {
  const [ada, ben] = [await service.register(), await service.register()];
  const other = await logIn(ada);
  const sessionIds = [await sessionOf(ada.accessToken), await sessionOf(other.accessToken)];
  expect(await new OperatorRevocation(dataSource).ofUser(ada.user.userId)).toBe(2);
  expect([await isOut(ada), await isOut(other), await isOut(ben)]).toEqual([true, true, false]);
  await eventually(() => sessionIds.every((id) => published.has(id)));
  const { rows } = await service.database.query(
    `select session_id as id, details from audit_events where user_id = $1 and type = 'session-revoked' order by session_id`,
    [ada.user.userId],
  );
  expect(rows).toEqual(sessionIds.sort().map((id) => ({ id, details: { by: 'operator' } })));
  expect(await isOut(await logIn(ada))).toBe(false);
});

it('an operator revokes the sessions of all users', async () => {
  const users = [await service.register(), await service.register(), await service.register()];
  expect(await new OperatorRevocation(dataSource).ofAllUsers()).toBeGreaterThanOrEqual(3);
  for (const owner of users) expect(await isOut(owner)).toBe(true);
  expect(await new OperatorRevocation(dataSource).ofAllUsers()).toBe(0);
});

it('there is nothing to revoke for an unknown user', async () => {
  expect(await new OperatorRevocation(dataSource).ofUser('0190c0de-0000-7000-8000-000000000000')).toBeNull();
});

it('the audit events of all revoked sessions are written with one insert', async () => {
  const ada = await service.register();
  for (let i = 0; i < 3; i += 1) await logIn(ada);
  await service.database.query(`
    create sequence insert_statements;
    create function count_insert() returns trigger language plpgsql security definer as $$ begin perform nextval('auth.insert_statements'); return null; end $$;
    create trigger count_inserts after insert on audit_events for each statement execute function count_insert()`);
  expect(await new OperatorRevocation(dataSource).ofUser(ada.user.userId)).toBe(4);
  const { rows } = await service.database.query('select last_value::int as statements, is_called from insert_statements');
  expect(rows).toEqual([{ statements: 1, is_called: true }]);
});
