import { eventually, randomEmail } from '@chat/shared/testing';
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newAccount, TestAuthService } from './kit/auth-service.js';
import { MailServer } from './kit/mail-server.js';

let server: MailServer;
let service: TestAuthService;
beforeAll(async () => {
  server = await MailServer.start();
  service = await TestAuthService.start({
    SMTP_URL: server.url,
    MAIL_FROM: 'chat@example.test',
    RATE_LIMIT_MAILS: '3/15m',
    RATE_LIMIT_USERS_PER_ADDRESS: '2',
  });
});
afterAll(async () => {
  await service?.stop();
  await server?.stop();
});

/** No other test has sent requests from there. */
const someClient = () => ({ 'x-forwarded-for': `2001:db8:${randomInt(0x10000).toString(16)}:${randomInt(0x10000).toString(16)}::1` });
const nothingIsPending = () =>
  eventually(async () => expect((await service.database.query('select 1 from mail_requests')).rows).toEqual([]));
const subjectsTo = (email: string) => server.to(email).map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw)![1]);

async function post(path: string, body: object | undefined, token?: string) {
  const answer = await service.post(path, body, token, someClient());
  await nothingIsPending();
  return answer;
}

it('an account that is deleted and registered again has no new rate limit, and is not told', async () => {
  const account = newAccount();
  const { email, password } = account;
  for (let round = 0; round < 5; round += 1) {
    const { status, body } = await post('/auth/register', account);
    expect(status).toBe(201);
    expect((await post('/auth/account/delete', { password }, body.accessToken)).status).toBe(204);
  }
  expect(subjectsTo(email)).toHaveLength(3);
});

it('mails of every kind take from one rate limit of the recipient', async () => {
  const account = newAccount();
  const { email, password } = account;
  const { body } = await post('/auth/register', account);
  expect((await post('/auth/email/verification', undefined, body.accessToken)).status).toBe(204);
  expect((await post('/auth/password/forgot', { email: email.toUpperCase() })).status).toBe(204);
  const change = { currentPassword: password, newPassword: 'another horse battery' };
  expect((await post('/auth/password/change', change, body.accessToken)).status).toBe(204);
  expect((await post('/auth/password/forgot', { email })).status).toBe(204);
  expect(subjectsTo(email)).toEqual(['Confirm your e-mail address', 'Confirm your e-mail address', 'Set a new password']);
});

it('a notice to a confirmed address is sent when the rate limit of other mails is reached', async () => {
  const account = newAccount();
  const { email, password } = account;
  const { body } = await post('/auth/register', account);
  await post('/auth/email/verify', { token: await server.token(email) });
  for (let round = 0; round < 4; round += 1) await post('/auth/password/forgot', { email });
  expect(subjectsTo(email)).toHaveLength(3);
  await post('/auth/password/change', { currentPassword: password, newPassword: 'another horse battery' }, body.accessToken);
  expect(subjectsTo(email).slice(3)).toEqual(['Your password was changed']);
});

it('mails to any number of addresses take from one rate limit of the client that causes them', async () => {
  const client = someClient();
  const emails = Array.from({ length: 8 }, randomEmail);
  for (const email of emails) {
    expect((await service.post('/auth/register', newAccount({ email }), undefined, client)).status).toBe(201);
    await nothingIsPending();
  }
  expect(emails.flatMap(subjectsTo)).toHaveLength(6);
});
