import { createHash } from 'node:crypto';
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

type Person = Awaited<ReturnType<TestAuthService['register']>>;

/**
 * Stops the first at the lock, lets the second come as far as it can, and then both go on. In another order each of the two would hold
 * what the other needs, and one would be answered with 500.
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
const revokeOthers = ({ accessToken }: Person) => service.post('/auth/sessions/revoke-others', undefined, accessToken);
const remove = ({ accessToken, password }: Person) => service.post('/auth/account/delete', { password }, accessToken);
const forgot = ({ user }: Person) => service.post('/auth/password/forgot', { email: user.email });
const reset = (token: string) => service.post('/auth/password/reset', { token, newPassword: NEW_PASSWORD });
const change = ({ accessToken, password }: Person) =>
  service.post('/auth/password/change', { currentPassword: password, newPassword: NEW_PASSWORD }, accessToken);

async function otherSession(person: Person): Promise<string> {
  const { body } = await service.post('/auth/login', { email: person.user.email, password: person.password });
  return (await service.post('/auth/validate', undefined, body.accessToken)).body.sessionId;
}

async function resetToken(person: Person): Promise<string> {
  await forgot(person);
  const { raw } = await eventually(() => server.to(person.user.email).find((mail) => mail.raw.includes('/reset-password')) ?? false);
  return tokenIn(raw);
}

/** A mail that is not to be sent yet. */
const pendingMail = (person: Person, purpose: string) =>
  service.database.query(
    `insert into mail_requests (id, purpose, email_normalised, requested_at, next_attempt_at)
     values (gen_random_uuid(), $1, $2, now(), now() + interval '1 hour')
     on conflict (purpose, email_normalised) do update set id = excluded.id, next_attempt_at = excluded.next_attempt_at`,
    [purpose, person.user.email.toLowerCase()],
  );

it('one session is ended while all are: both are answered', async () => {
  const ada = await service.register();
  const sessionId = await otherSession(ada);
  const endOne = () => service.delete(`/auth/sessions/${sessionId}`, ada.accessToken);
  expect(await together(LOG, endOne, () => revokeOthers(ada))).toEqual([204, 200]);
});

it('one session is ended while the account is deleted', async () => {
  const ada = await service.register();
  const sessionId = await otherSession(ada);
  const endOne = () => service.delete(`/auth/sessions/${sessionId}`, ada.accessToken);
  expect(await together(LOG, endOne, () => remove(ada))).toEqual([204, 204]);
});

it('a stolen refresh token ends its session while all are ended', async () => {
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

it('a link for a new password is asked for while one is used', async () => {
  const ada = await service.register();
  const token = await resetToken(ada);
  await pendingMail(ada, 'reset-password');
  expect(
    await together(
      TOKENS,
      () => reset(token),
      () => forgot(ada),
    ),
  ).toEqual([204, 204]);
});

it('the password is changed while a link for a new one is used: one of the two is done', async () => {
  const ada = await service.register();
  const token = await resetToken(ada);
  const key = createHash('sha256').update(`reset-password:${ada.user.email.toLowerCase()}`).digest('hex');
  const allowance = `select 1 from mail_rate_limits where key = '\\x${key}' for update`;
  expect(
    await together(
      allowance,
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

it('the second factor is turned on while the account is deleted', async () => {
  const ada = await service.register();
  const { body } = await service.post('/auth/totp/setup', undefined, ada.accessToken);
  await pendingMail(ada, 'second-factor-on');
  const confirm = () => service.post('/auth/totp/confirm', { code: AuthenticatorApp.of(body.secret).nextCode() }, ada.accessToken);
  expect(await together(LOG, confirm, () => remove(ada))).toEqual([200, 204]);
});
