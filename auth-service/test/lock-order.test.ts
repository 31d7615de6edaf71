import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuthenticatorApp } from './kit/authenticator-app.js';
import { type Answer, TestAuthService } from './kit/auth-service.js';
import { lockWaiters, whileLocked } from './kit/locks.js';
import { MailServer, tokenIn } from './kit/mail-server.js';

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

type TestUser = Awaited<ReturnType<TestAuthService['register']>>;

/**
 * Stops the first request at the lock, lets the second one run until it waits as well, and then releases the lock. With another order of
 * locks, each would hold a lock that the other one needs, and one would fail with status 500.
 */
async function together(lock: string, first: () => Promise<Answer>, second: () => Promise<Answer>): Promise<number[]> {
  const answers = await whileLocked(service.database, lock, async () => {
    const one = first();
    await lockWaiters(service.database, 1);
    const two = second();
    await lockWaiters(service.database, 2);
    return [one, two];
  });
  return (await Promise.all(answers)).map(({ status }) => status);
}

const NEW_PASSWORD = 'quite another battery';
const LOG = 'lock table audit_events in share mode';
const TOKENS = 'lock table mail_tokens in share mode';
const revokeOthers = ({ accessToken }: TestUser) => service.post('/auth/sessions/revoke-others', undefined, accessToken);
const remove = ({ accessToken, password }: TestUser) => service.post('/auth/account/delete', { password }, accessToken);
const requestReset = ({ user }: TestUser) => service.post('/auth/password/forgot', { email: user.email });
const reset = (token: string) => service.post('/auth/password/reset', { token, newPassword: NEW_PASSWORD });
const change = ({ accessToken, password }: TestUser) =>
  service.post('/auth/password/change', { currentPassword: password, newPassword: NEW_PASSWORD }, accessToken);

async function otherSession(owner: TestUser): Promise<string> {
  const { body } = await service.post('/auth/login', { email: owner.user.email, password: owner.password });
  return (await service.post('/auth/validate', undefined, body.accessToken)).body.sessionId;
}

async function resetToken(owner: TestUser): Promise<string> {
  await requestReset(owner);
  const { raw } = await eventually(() => server.to(owner.user.email).find((mail) => mail.raw.includes('/reset-password')) ?? false);
  return tokenIn(raw);
}

/** A mail that is not due yet. */
const pendingMail = (owner: TestUser, purpose: string) =>
  service.database.query(
    `insert into mail_requests (id, purpose, email_normalised, requested_at, next_attempt_at)
     values (gen_random_uuid(), $1, $2, now(), now() + interval '1 hour')
     on conflict (purpose, email_normalised) do update set id = excluded.id, next_attempt_at = excluded.next_attempt_at`,
    [purpose, owner.user.email.toLowerCase()],
  );

it('one session is revoked while all are: both requests succeed', async () => {
  const ada = await service.register();
  const sessionId = await otherSession(ada);
  const endOne = () => service.delete(`/auth/sessions/${sessionId}`, ada.accessToken);
  expect(await together(LOG, endOne, () => revokeOthers(ada))).toEqual([204, 200]);
});

it('one session is revoked while the account is deleted', async () => {
  const ada = await service.register();
  const sessionId = await otherSession(ada);
  const endOne = () => service.delete(`/auth/sessions/${sessionId}`, ada.accessToken);
  expect(await together(LOG, endOne, () => remove(ada))).toEqual([204, 204]);
});

it('a stolen refresh token revokes its session while all are revoked', async () => {
  const ada = await service.register();
  const { body } = await service.post('/auth/login', { email: ada.user.email, password: ada.password });
  const next = (await service.refresh(body.refreshToken)).body;
  await service.refresh(next.refreshToken);
  expect(
    await together(
      LOG,
      () => service.refresh(body.refreshToken),
      () => revokeOthers(ada),
    ),
  ).toEqual([401, 200]);
});

it('a link for a new password is requested while one is used', async () => {
  const ada = await service.register();
  const token = await resetToken(ada);
  await pendingMail(ada, 'reset-password');
  expect(
    await together(
      TOKENS,
      () => reset(token),
      () => requestReset(ada),
    ),
  ).toEqual([204, 204]);
});

it('the password is changed while a link for a new one is used: one of the two succeeds', async () => {
  const ada = await service.register();
  const token = await resetToken(ada);
  await pendingMail(ada, 'reset-password');
  expect(
    await together(
      `select 1 from mail_requests where email_normalised = '${ada.user.email}' for update`,
      () => reset(token),
      () => change(ada),
    ),
  ).toEqual([204, 400]);
});

it('the address is confirmed while the account is deleted', async () => {
  const ada = await service.register();
  const token = await server.token(ada.user.email);
  const verify = () => service.post('/auth/email/verify', { token });
  expect(await together('lock table accounts in share mode', verify, () => remove(ada))).toEqual([204, 204]);
});

it('MFA is enabled while the account is deleted', async () => {
  const ada = await service.register();
  const { body } = await service.post('/auth/totp/setup', undefined, ada.accessToken);
  await pendingMail(ada, 'second-factor-on');
  const confirm = () => service.post('/auth/totp/confirm', { code: AuthenticatorApp.of(body.secret).nextCode() }, ada.accessToken);
  expect(await together(LOG, confirm, () => remove(ada))).toEqual([200, 204]);
});
