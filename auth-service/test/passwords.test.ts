import { createHash, randomBytes } from 'node:crypto';
import { hashPassword } from '../src/passwords/password-hash.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAccount, TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
beforeAll(async () => {
  service = await TestAuthService.start({ BCRYPT_COST: '11' });
});
afterAll(() => service?.stop());

type TestUser = Awaited<ReturnType<TestAuthService['register']>>;

const login = (email: string, password: string) => service.post('/auth/login', { email, password });
const change = (owner: TestUser, currentPassword: string, newPassword: string) =>
  service.post('/auth/password/change', { currentPassword, newPassword }, owner.accessToken);
const hashOf = async ({ user }: TestUser): Promise<string> =>
  (await service.database.query('select password_hash as hash from accounts where id = $1', [user.userId])).rows[0].hash;
const NEW = 'another horse battery';

describe('a new password', () => {
  it.each([['password123'], ['Qwertyuiop'], ['iloveyou']])('is refused at registration when it is common: %s', async (password) => {
    const { status, body } = await service.post('/auth/register', newAccount({ password }));
    expect([status, body.code]).toEqual([400, 'BAD_USER_INPUT']);
  });

  it('is refused when it is the address or the user name of its account', async () => {
    const account = newAccount();
    for (const password of [account.email, account.username.toUpperCase()])
      expect((await service.post('/auth/register', { ...account, password })).status).toBe(400);
    expect((await service.post('/auth/register', { ...account, password: `${account.email} and more` })).status).toBe(201);
  });
});

describe('a password that is little more than a context word', () => {
  it('is refused at registration, at a change and at a reset', async () => {
    const account = newAccount({ username: `lovelace${Date.now() % 1e9}` });
    for (const password of [`${account.username}1!`, `${account.email.split('@')[0]!}-2026`, 'Chat2026', 'chat-backend!'])
      expect((await service.post('/auth/register', { ...account, password })).status).toBe(400);
    const ada = await service.register(account);
    expect((await change(ada, ada.password, `${account.username}-1`)).status).toBe(400);
    expect((await change(ada, ada.password, 'ChatChat1')).status).toBe(400);
    const token = randomBytes(32).toString('base64url');
    await service.database.query(
      `insert into mail_tokens (hash, user_id, purpose, expires_at) values ($1, $2, 'reset-password', now() + interval '10 minutes')`,
      [createHash('sha256').update(token).digest(), ada.user.userId],
    );
    const reset = (newPassword: string) => service.post('/auth/password/reset', { token, newPassword });
    for (const password of [`${account.username}?`, 'Chat2026']) expect((await reset(password)).status).toBe(400);
    expect((await reset(NEW)).status).toBe(204);
  });
});

describe('changing the password', () => {
  it('accepts the new one and no longer the old one, and records it in the audit log', async () => {
    const ada = await service.register();
    expect((await change(ada, ada.password, NEW)).status).toBe(204);
    expect((await login(ada.user.email, ada.password)).status).toBe(401);
    expect((await login(ada.user.email, NEW)).status).toBe(200);
    const { rowCount } = await service.database.query(`select 1 from audit_events where user_id = $1 and type = 'password-changed'`, [
      ada.user.userId,
    ]);
    expect(rowCount).toBe(1);
  });

  it('revokes the other sessions and keeps the current one', async () => {
    const ada = await service.register();
    const { body: other } = await login(ada.user.email, ada.password);
    await change(ada, ada.password, NEW);
    expect((await service.get('/auth/me', other.accessToken)).status).toBe(401);
    expect((await service.refresh(other.refreshToken)).status).toBe(401);
    expect((await service.get('/auth/me', ada.accessToken)).status).toBe(200);
    expect((await service.refresh(ada.refreshToken)).status).toBe(200);
  });

  it('requires the current one', async () => {
    const ada = await service.register();
    const { body: other } = await login(ada.user.email, ada.password);
    const { status, body } = await change(ada, 'wrong horse battery', NEW);
    expect([status, body.code]).toEqual([400, 'BAD_USER_INPUT']);
    expect((await login(ada.user.email, ada.password)).status).toBe(200);
    expect((await service.get('/auth/me', other.accessToken)).status).toBe(200);
  });

  it('rejects a common, a short and an endless one', async () => {
    const ada = await service.register();
    for (const bad of ['password123', '1234567', 'p'.repeat(257), ada.user.email, 7, null])
      expect((await change(ada, ada.password, bad as string)).status).toBe(400);
    expect((await login(ada.user.email, ada.password)).status).toBe(200);
  });

  it('is refused for an account without a password, for a revoked session and without a token', async () => {
    const ada = await service.register();
    await service.database.query('update accounts set password_hash = null where id = $1', [ada.user.userId]);
    expect((await change(ada, ada.password, NEW)).status).toBe(400);
    await service.post('/auth/logout', undefined, ada.accessToken);
    expect((await change(ada, ada.password, NEW)).status).toBe(401);
    expect((await service.post('/auth/password/change', { currentPassword: ada.password, newPassword: NEW })).status).toBe(401);
  });

  it('of two at once, one succeeds', async () => {
    const ada = await service.register();
    const { body: other } = await login(ada.user.email, ada.password);
    const answers = await Promise.all([
      change(ada, ada.password, `${NEW} one`),
      change({ ...ada, accessToken: other.accessToken }, ada.password, `${NEW} two`),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const entered = await Promise.all([`${NEW} one`, `${NEW} two`].map((password) => login(ada.user.email, password)));
    expect(entered.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(entered[answers.findIndex(({ status }) => status === 204)]!.status).toBe(200);
  });
});

describe('hashing cost', () => {
  it('that was raised applies to an account from its next sign-in', async () => {
    const ada = await service.register();
    await service.database.query('update accounts set password_hash = $2 where id = $1', [
      ada.user.userId,
      await hashPassword(ada.password, 10),
    ]);
    expect((await login(ada.user.email, 'wrong horse battery')).status).toBe(401);
    expect(await hashOf(ada)).toMatch(/^\$2b\$10\$/);
    expect((await login(ada.user.email, ada.password)).status).toBe(200);
    const renewed = await hashOf(ada);
    expect(renewed).toMatch(/^\$2b\$11\$/);
    expect((await login(ada.user.email, ada.password)).status).toBe(200);
    expect(await hashOf(ada)).toBe(renewed);
  });

  it('is not reduced when it was lowered', async () => {
    const ada = await service.register();
    const strong = await hashPassword(ada.password, 12);
    await service.database.query('update accounts set password_hash = $2 where id = $1', [ada.user.userId, strong]);
    expect((await login(ada.user.email, ada.password)).status).toBe(200);
    expect(await hashOf(ada)).toBe(strong);
  });
});
