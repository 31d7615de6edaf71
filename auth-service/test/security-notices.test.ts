import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { TestAuthService } from './kit/auth-service.js';
import { AuthenticatorApp, awayFromNewStep } from './kit/authenticator-app.js';
import { MailServer, tokenIn } from './kit/mail-server.js';

// The owner of an account is notified by mail of changes to its sign-in.

let mails: MailServer;
let service: TestAuthService;
beforeAll(async () => {
  mails = await MailServer.start();
  service = await TestAuthService.start({ SMTP_URL: mails.url, MAIL_FROM: 'chat@example.test', WEB_APP_URL: 'https://chat.example.test' });
});
afterAll(async () => {
  await service?.stop();
  await mails?.stop();
});
beforeEach(awayFromNewStep);

type TestUser = Awaited<ReturnType<TestAuthService['register']>>;

const subjectsTo = ({ user }: TestUser) => mails.to(user.email).map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw)![1]);
const nothingIsOnItsWay = () =>
  eventually(async () => expect((await service.database.query('select 1 from mail_requests')).rows).toEqual([]));
const change = (owner: TestUser, currentPassword: string, newPassword: string) =>
  service.post('/auth/password/change', { currentPassword, newPassword }, owner.accessToken);

async function noticesTo(owner: TestUser): Promise<(string | undefined)[]> {
  await nothingIsOnItsWay();
  return subjectsTo(owner).filter((subject) => subject !== 'Confirm your e-mail address' && subject !== 'Set a new password');
}

it('a notice of a changed password has plain text without a link, and a refused change sends none', async () => {
  const ada = await service.register();
  expect((await change(ada, 'wrong horse battery', 'another horse battery')).status).toBe(400);
  expect(await noticesTo(ada)).toEqual([]);
  expect((await change(ada, ada.password, 'another horse battery')).status).toBe(204);
  expect(await noticesTo(ada)).toEqual(['Your password was changed']);
  const { raw } = mails.to(ada.user.email).at(-1)!;
  expect(raw).toContain('Content-Type: text/plain');
  expect(raw).toMatch(/That was at \d{4}-\d\d-\d\d \d\d:\d\d UTC\./);
  expect(raw).not.toMatch(/https?:|token/);
  const { rows } = await service.database.query('select purpose from mail_tokens where user_id = $1', [ada.user.userId]);
  expect(rows).toEqual([{ purpose: 'verify-email' }]);
});

it('a reset of the password sends a notice, a wrong link does not', async () => {
  const ada = await service.register();
  await service.post('/auth/password/forgot', { email: ada.user.email });
  await nothingIsOnItsWay();
  const link = mails.to(ada.user.email).find(({ raw }) => raw.includes('/reset-password'))!;
  const reset = (token: string) => service.post('/auth/password/reset', { token, newPassword: 'another horse battery' });
  expect((await reset('x'.repeat(22))).status).toBe(400);
  expect(await noticesTo(ada)).toEqual([]);
  expect((await reset(tokenIn(link.raw))).status).toBe(204);
  expect(await noticesTo(ada)).toEqual(['Your password was reset']);
});

it('enabling and disabling the second factor send notices, a wrong code does not', async () => {
  const ada = await service.register();
  const { body } = await service.post('/auth/totp/setup', undefined, ada.accessToken);
  const app = AuthenticatorApp.of(body.secret);
  const send = (what: string, code: string) => service.post(`/auth/totp/${what}`, { code }, ada.accessToken);
  expect((await send('confirm', 'wrong!')).status).toBe(400);
  expect(await noticesTo(ada)).toEqual([]);
  expect((await send('confirm', app.nextCode())).status).toBe(200);
  expect(await noticesTo(ada)).toEqual(['The second factor was turned on']);
  expect((await send('disable', 'wrong!')).status).toBe(400);
  expect((await send('disable', app.nextCode())).status).toBe(204);
  expect(await noticesTo(ada)).toEqual(['The second factor was turned on', 'The second factor was turned off']);
});

// An address that is not confirmed may belong to another user.
it('at most three notices of a kind are sent in 15 minutes', async () => {
  const ada = await service.register();
  const passwords = [ada.password, ...[1, 2, 3, 4].map((n) => `another horse battery ${n}`)];
  for (const [at, password] of passwords.slice(1).entries()) {
    expect((await change(ada, passwords[at]!, password)).status).toBe(204);
    await nothingIsOnItsWay();
  }
  expect(await noticesTo(ada)).toEqual(Array.from({ length: 3 }, () => 'Your password was changed'));
});
