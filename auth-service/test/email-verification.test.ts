import { eventually, randomEmail } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newAccount, TestAuthService } from './kit/auth-service.js';
import { MailServer } from './kit/mail-server.js';

let server: MailServer;
let service: TestAuthService;
beforeAll(async () => {
  server = await MailServer.start();
  service = await TestAuthService.start({ SMTP_URL: server.url, MAIL_FROM: 'chat@example.test' });
});
afterAll(async () => {
  await service?.stop();
  await server?.stop();
});

const verify = (token: string) => service.post('/auth/email/verify', { token });
const ask = (accessToken: string) => service.post('/auth/email/verification', undefined, accessToken);
const isVerified = async (accessToken: string) => (await service.get('/auth/me', accessToken)).body.emailVerified;
const refused = { status: 400, body: expect.objectContaining({ code: 'BAD_USER_INPUT' }) };

it('confirms an address with the link that is sent at registration', async () => {
  const ada = await service.register();
  expect(ada.user.emailVerified).toBe(false);
  const token = await server.token(ada.user.email);
  expect(await isVerified(ada.accessToken)).toBe(false);
  expect((await verify(token)).status).toBe(204);
  expect(await isVerified(ada.accessToken)).toBe(true);
  expect((await service.refresh(ada.refreshToken)).body.user.emailVerified).toBe(true);
  const { rows } = await service.database.query('select type from audit_events where user_id = $1 order by created_at', [ada.user.userId]);
  expect(rows.map(({ type }) => type)).toEqual(['registered', 'email-verified']);
});

it('accepts a link once, also from 20 concurrent requests', async () => {
  const ada = await service.register();
  const token = await server.token(ada.user.email);
  const answers = await Promise.all(Array.from({ length: 20 }, () => verify(token)));
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
});

it('a requested link replaces the earlier one', async () => {
  const ada = await service.register();
  const first = await server.token(ada.user.email);
  expect((await ask(ada.accessToken)).status).toBe(204);
  const second = await server.token(ada.user.email, 2);
  expect(second).not.toBe(first);
  expect(await verify(first)).toMatchObject(refused);
  expect((await verify(second)).status).toBe(204);
});

it('rejects an expired link', async () => {
  const ada = await service.register();
  const token = await server.token(ada.user.email);
  await service.database.query('update mail_tokens set expires_at = now() where user_id = $1', [ada.user.userId]);
  expect(await verify(token)).toMatchObject(refused);
  expect(await isVerified(ada.accessToken)).toBe(false);
});

it('creates links that are valid for a day', async () => {
  const { user } = await service.register();
  await server.mail(user.email);
  const { rows } = await service.database.query(
    'select extract(epoch from expires_at - now()) / 3600 as hours from mail_tokens where user_id = $1',
    [user.userId],
  );
  expect(Number(rows[0].hours)).toBeCloseTo(24, 1);
});

it.each(['', 'x', 'a'.repeat(512), '\u{1f511}', "' or 1=1 --"])('rejects a token that was never issued: %j', async (token) => {
  expect(await verify(token)).toMatchObject(refused);
});

it('does not confirm an address with a link for a new password', async () => {
  const ada = await service.register();
  await service.post('/auth/password/forgot', { email: ada.user.email });
  const token = await eventually(async () => {
    const mail = server.to(ada.user.email).find(({ raw }) => raw.includes('/reset-password'));
    return /#token=([\w-]+)/.exec(mail!.raw)![1]!;
  });
  expect(await verify(token)).toMatchObject(refused);
});

it('sends no mail for an address that is confirmed', async () => {
  const ada = await service.register();
  await verify(await server.token(ada.user.email));
  const requests = async () =>
    (await service.database.query('select 1 from mail_requests where email_normalised = $1', [ada.user.email])).rowCount;
  // The first mail has arrived; its request is deleted a moment later.
  await eventually(async () => (await requests()) === 0);
  expect((await ask(ada.accessToken)).status).toBe(204);
  expect(await requests()).toBe(0);
});

it('sends three more mails in 15 minutes, and then responds with the time of the next one', async () => {
  const limited = await TestAuthService.start({ RATE_LIMIT_EMAIL_VERIFICATION: '3/15m' });
  const ada = await limited.register();
  const ask = (accessToken: string) => limited.post('/auth/email/verification', undefined, accessToken);
  for (let count = 0; count < 3; count += 1) expect((await ask(ada.accessToken)).status).toBe(204);
  const { status, body, headers } = await ask(ada.accessToken);
  expect([status, body.code]).toEqual([429, 'RATE_LIMITED']);
  // The window of 15 minutes has ten parts, and the oldest one counts as a whole.
  expect(body.retryAfterSeconds).toBeGreaterThan(800);
  expect(body.retryAfterSeconds).toBeLessThanOrEqual(990);
  expect(headers.get('retry-after')).toBe(String(body.retryAfterSeconds));
  await limited.stop();
});

it('requires a signed-in user to request a link', async () => {
  expect((await service.post('/auth/email/verification')).status).toBe(401);
  const ada = await service.register();
  await service.post('/auth/logout', undefined, ada.accessToken);
  expect((await ask(ada.accessToken)).status).toBe(401);
});

describe('where addresses must be confirmed first', () => {
  let strict: TestAuthService;
  beforeAll(async () => {
    strict = await TestAuthService.start({ SMTP_URL: server.url, MAIL_FROM: 'chat@example.test', REQUIRE_VERIFIED_EMAIL: 'true' });
  });
  afterAll(() => strict?.stop());

  const forbidden = { status: 403, body: expect.objectContaining({ code: 'FORBIDDEN' }) };
  const count = async (table: string) => Number((await strict.database.query(`select count(*) from ${table}`)).rows[0].count);

  it('creates the account, but no session before the confirmation', async () => {
    const account = newAccount({ email: randomEmail() });
    const { email, password } = account;
    expect(await strict.post('/auth/register', account)).toMatchObject(forbidden);
    await server.mail(email);
    expect(await strict.post('/auth/login', { email, password })).toMatchObject(forbidden);
    expect(await count('sessions')).toBe(0);
    // Another link is sent to a user that cannot sign in.
    const token = await server.token(email, 2);
    expect((await strict.post('/auth/email/verify', { token })).status).toBe(204);
    const { status, body } = await strict.post('/auth/login', { email, password });
    expect([status, body.user.emailVerified]).toEqual([200, true]);
    // Other services know the account, and the device is not a new one.
    const { rows } = await strict.database.query('select type from audit_events order by created_at');
    expect(rows.map(({ type }) => type)).toEqual(['registered', 'email-verified', 'signed-in']);
  });

  it('a refused sign-in sends another link, and leaves the links of earlier mails valid until one is used', async () => {
    const account = newAccount();
    await strict.post('/auth/register', account);
    const first = await server.token(account.email);
    expect(await strict.post('/auth/login', { email: account.email, password: account.password })).toMatchObject(forbidden);
    const second = await server.token(account.email, 2);
    expect((await strict.post('/auth/email/verify', { token: first })).status).toBe(204);
    expect(await strict.post('/auth/email/verify', { token: second })).toMatchObject(refused);
  });

  it('does not reveal to others that an account waits for its confirmation', async () => {
    const account = newAccount();
    await strict.post('/auth/register', account);
    const wrong = await strict.post('/auth/login', { email: account.email, password: 'wrong horse battery' });
    expect([wrong.status, wrong.body.code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('issues no new tokens for earlier sessions either', async () => {
    const account = newAccount();
    await strict.post('/auth/register', account);
    await strict.post('/auth/email/verify', { token: await server.token(account.email) });
    const { body } = await strict.post('/auth/login', { email: account.email, password: account.password });
    const setVerifiedAt = (at: Date | null) =>
      strict.database.query('update accounts set email_verified_at = $2 where id = $1', [body.user.userId, at]);
    await setVerifiedAt(null);
    expect(await strict.refresh(body.refreshToken)).toMatchObject(forbidden);
    // The token was not used.
    const spent = await strict.database.query(
      'select 1 from refresh_tokens t join sessions s on s.id = t.session_id where s.user_id = $1 and t.spent_at is not null',
      [body.user.userId],
    );
    expect(spent.rows).toEqual([]);
    await setVerifiedAt(new Date());
    expect((await strict.refresh(body.refreshToken)).status).toBe(200);
  });
});
