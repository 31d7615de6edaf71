import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthenticatorApp } from './kit/authenticator-app.js';
import { newAccount, TestAuthService } from './kit/auth-service.js';
import { MailServer, tokenIn } from './kit/mail-server.js';
import { randomUsername } from '@chat/shared/testing';

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

const login = (email: string, password: string) => service.post('/auth/login', { email, password });

describe('two spellings of one e-mail address are one account', () => {
  const spellings: [string, (name: string) => [string, string]][] = [
    ['white space around it', (name) => [`${name}@example.test`, ` \t${name}@example.test\u00a0\n`]],
    ['upper case', (name) => [`${name}@example.test`, `${name}@Example.TEST`.toUpperCase()]],
    ['an accent as a character of its own', (name) => [`jos\u00e9.${name}@example.test`, `jose\u0301.${name}@example.test`]],
    ['a domain in Unicode and in ASCII', (name) => [`${name}@m\u00fcnchen.example`, `${name}@xn--mnchen-3ya.example`]],
    ['a domain in ASCII and in Unicode', (name) => [`${name}@xn--mnchen-3ya.example`, `${name}@MU\u0308NCHEN.example`]],
    ['an ideographic full stop', (name) => [`${name}@example.test`, `${name}@example\u3002test`]],
  ];

  it.each(spellings)('%s', async (_, spell) => {
    const [first, second] = spell(randomUsername().toLowerCase());
    const ada = await service.register({ email: first });
    const again = await service.post('/auth/register', newAccount({ email: second }));
    expect([again.status, again.body.fields]).toEqual([409, ['email']]);
    const { status, body } = await login(second, ada.password);
    expect([status, body.user?.userId]).toEqual([200, ada.user.userId]);
    expect((await service.post('/auth/password/forgot', { email: second })).status).toBe(204);
    const { rows } = await service.database.query(
      `select m.purpose from mail_requests m join accounts a using (email_normalised) where a.id = $1 and m.purpose = 'reset-password'
       union all select purpose from mail_tokens where user_id = $1 and purpose = 'reset-password'`,
      [ada.user.userId],
    );
    expect(rows.length).toBeGreaterThan(0);
  });

  it('the account has the address as it was typed, without the white space around it', async () => {
    const name = randomUsername();
    const { user } = await service.register({ email: `  Ada.${name}@Example.test ` });
    expect(user.email).toBe(`Ada.${name}@Example.test`);
  });
});

describe('a password is the same, however an accent is written', () => {
  const [composed, decomposed] = ['caf\u00e9 caf\u00e9 noir', 'cafe\u0301 cafe\u0301 noir'];
  const signIns = (email: string) => Promise.all([composed, decomposed].map(async (password) => (await login(email, password)).status));

  it.each([
    ['composed', composed],
    ['decomposed', decomposed],
  ])('at registration: %s', async (_, password) => {
    const { user } = await service.register({ password });
    expect(await signIns(user.email)).toEqual([200, 200]);
  });

  it.each([
    ['composed', composed, decomposed],
    ['decomposed', decomposed, composed],
  ])('at a change: %s', async (_, currentPassword, other) => {
    const ada = await service.register({ password: other });
    const change = (body: object) => service.post('/auth/password/change', body, ada.accessToken);
    expect((await change({ currentPassword, newPassword: 'quite another battery' })).status).toBe(204);
    expect((await change({ currentPassword: 'quite another battery', newPassword: currentPassword })).status).toBe(204);
    expect(await signIns(ada.user.email)).toEqual([200, 200]);
  });

  it('at a reset', async () => {
    const { user } = await service.register();
    await service.post('/auth/password/forgot', { email: user.email });
    await server.mail(user.email, 2);
    const mail = server.to(user.email).find(({ raw }) => raw.includes('/reset-password'));
    expect((await service.post('/auth/password/reset', { token: tokenIn(mail!.raw), newPassword: decomposed })).status).toBe(204);
    expect(await signIns(user.email)).toEqual([200, 200]);
  });

  it('when the account is deleted', async () => {
    const ada = await service.register({ password: composed });
    expect((await service.post('/auth/account/delete', { password: decomposed }, ada.accessToken)).status).toBe(204);
  });

  it('its length is that of the composed form', async () => {
    const { status, body } = await service.post('/auth/register', newAccount({ password: 'e\u0301'.repeat(7) }));
    expect([status, body.code]).toEqual([400, 'BAD_USER_INPUT']);
    expect((await service.post('/auth/register', newAccount({ password: 'e\u0301'.repeat(256) }))).status).toBe(201);
  });
});

describe('user names and names', () => {
  it('a user name is unique without regard to case and to white space around it', async () => {
    const { user } = await service.register();
    const { status, body } = await service.post('/auth/register', newAccount({ username: ` ${user.username.toUpperCase()}\t` }));
    expect([status, body.fields]).toEqual([409, ['username']]);
  });

  it('a name is stored in NFC, with single spaces', async () => {
    const { user } = await service.register({ firstName: '  Jose\u0301 \u00a0Mari\u0301a ', lastName: ' \t ' });
    const { body } = await service.summaryOf(user.userId);
    expect([body.firstName, body.lastName]).toEqual(['Jos\u00e9 Mar\u00eda', null]);
  });

  it.each([
    ['zero-width characters', '\u200b\u200d'],
    ['a Hangul filler', '\u3164'],
    ['a combining mark alone', '\u0301'],
    ['an override of the direction', 'Ada\u202e'],
  ])('a name of %s is refused', async (_, firstName) => {
    const { status, body } = await service.post('/auth/register', newAccount({ firstName }));
    expect([status, body.code]).toEqual([400, 'BAD_USER_INPUT']);
  });
});

it('a code is the same with other separators, in lower case and in full-width characters', async () => {
  const fullWidth = (text: string) => text.replace(/[!-~]/g, (c) => String.fromCodePoint(c.codePointAt(0)! + 0xfee0));
  const ada = await service.register();
  const setup = (await service.post('/auth/totp/setup', undefined, ada.accessToken)).body;
  const app = AuthenticatorApp.of(setup.secret);
  const confirmed = await service.post('/auth/totp/confirm', { code: fullWidth(app.nextCode()).replace(/^.../, '$&-') }, ada.accessToken);
  expect(confirmed.status).toBe(200);
  const [one, two] = confirmed.body.recoveryCodes as [string, string];
  const spelled = [app.nextCode().replace(/^.../, '$&\u2011'), fullWidth(one.toLowerCase()), ` ${two.replaceAll('-', '\u2013')}\n`];
  for (const code of spelled) {
    const { mfaToken } = (await login(ada.user.email, ada.password)).body;
    expect((await service.post('/auth/login/complete', { mfaToken, code })).status).toBe(200);
  }
});

it('the token of a mail is the same with white space around it and line breaks within it', async () => {
  const { user } = await service.register();
  const token = await server.token(user.email);
  expect((await service.post('/auth/email/verify', { token: ` ${token.slice(0, 9)}\r\n${token.slice(9)}\t` })).status).toBe(204);
});

it('an id is the same in upper case', async () => {
  const ada = await service.register();
  const { status, body } = await service.summaryOf(ada.user.userId.toUpperCase());
  expect([status, body.userId]).toEqual([200, ada.user.userId]);
  const other = (await login(ada.user.email, ada.password)).body;
  const { sessionId } = (await service.post('/auth/validate', undefined, other.accessToken)).body;
  expect((await service.delete(`/auth/sessions/${sessionId.toUpperCase()}`, ada.accessToken)).status).toBe(204);
  expect((await service.get('/auth/me', other.accessToken)).status).toBe(401);
});
