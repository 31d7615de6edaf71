import { eventually, randomEmail } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthService } from './kit/auth-service.js';
import { whileLocked } from './kit/locks.js';
import { linkIn, MailServer, tokenIn } from './kit/mail-server.js';

let server: MailServer;
let service: TestAuthService;
beforeAll(async () => {
  server = await MailServer.start();
  service = await TestAuthService.start({ SMTP_URL: server.url, MAIL_FROM: 'chat@example.test', WEB_APP_URL: 'https://chat.example.test' });
});
afterAll(async () => {
  await service?.stop();
  await server?.stop();
});

const NEW_PASSWORD = 'quite another battery';
const requestReset = (email: string, headers = {}) => service.post('/auth/password/forgot', { email }, undefined, headers);
const reset = (token: string, newPassword = NEW_PASSWORD) => service.post('/auth/password/reset', { token, newPassword });
const login = (email: string, password: string) => service.post('/auth/login', { email, password });
const resetMails = (email: string) => server.to(email).filter(({ raw }) => raw.includes('/reset-password'));
const refused = { status: 400, body: expect.objectContaining({ code: 'BAD_USER_INPUT' }) };

async function resetToken(email: string, count = 1): Promise<string> {
  await eventually(() => resetMails(email).length >= count);
  return tokenIn(resetMails(email)[count - 1]!.raw);
}

async function userWithLink() {
  const ada = await service.register();
  await requestReset(ada.user.email.toUpperCase());
  return { ...ada, token: await resetToken(ada.user.email) };
}

it('sets a new password with a link, without signing in', async () => {
  const { user, password, token } = await userWithLink();
  const { status, body } = await reset(token);
  expect([status, body]).toEqual([204, undefined]);
  expect((await login(user.email, password)).status).toBe(401);
  expect((await login(user.email, NEW_PASSWORD)).status).toBe(200);
});

it('revokes every session of the account', async () => {
  const { user, password, token, accessToken, refreshToken } = await userWithLink();
  const other = (await login(user.email, password)).body;
  await reset(token);
  for (const session of [{ accessToken, refreshToken }, other]) {
    expect((await service.post('/auth/validate', undefined, session.accessToken)).status).toBe(401);
    expect((await service.refresh(session.refreshToken)).status).toBe(401);
  }
  const { rows } = await service.database.query('select revocation_published_at from sessions where user_id = $1', [user.userId]);
  expect(rows).toHaveLength(2);
  expect(rows.every((row) => row.revocation_published_at !== null)).toBe(true);
});

it('removes the devices of the account: the owner is notified of the next sign-in from any of them', async () => {
  const { user, password, token } = await userWithLink();
  const phone = { 'user-agent': 'phone/1.0', 'x-device-id': 'a phone', 'x-forwarded-for': '192.0.2.7' };
  const logInByPhone = (withPassword: string) =>
    service.post('/auth/login', { email: user.email, password: withPassword }, undefined, phone);
  const newDevices = async () => {
    const { rows } = await service.database.query(
      `select user_agent from audit_events where user_id = $1 and type = 'signed-in-from-new-device'`,
      [user.userId],
    );
    return rows.map(({ user_agent }) => user_agent);
  };
  for (const time of ['the first', 'the second']) expect([time, (await logInByPhone(password)).status]).toEqual([time, 200]);
  expect(await newDevices()).toEqual(['phone/1.0']);
  expect((await reset(token)).status).toBe(204);
  // Neither by its id nor by its address.
  const { rows } = await service.database.query('select 1 from sessions where user_id = $1 and user_agent is not null', [user.userId]);
  expect(rows).toEqual([]);
  for (const time of ['the first', 'the second']) expect([time, (await logInByPhone(NEW_PASSWORD)).status]).toEqual([time, 200]);
  expect(await newDevices()).toEqual(['phone/1.0', 'phone/1.0']);
});

it('confirms the address, and records both in the audit log', async () => {
  const { user, token } = await userWithLink();
  await reset(token);
  expect((await login(user.email, NEW_PASSWORD)).body.user.emailVerified).toBe(true);
  const { rows } = await service.database.query('select type from audit_events where user_id = $1 order by created_at', [user.userId]);
  expect(rows.map(({ type }) => type)).toContain('password-reset');
});

it('accepts a link once, also from 20 concurrent requests', async () => {
  const { user, token } = await userWithLink();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => reset(token, `${NEW_PASSWORD} ${n}`)));
  const won = answers.flatMap(({ status }, n) => (status === 204 ? [n] : []));
  expect(won).toHaveLength(1);
  expect((await login(user.email, `${NEW_PASSWORD} ${won[0]}`)).status).toBe(200);
  expect(await reset(token)).toMatchObject(refused);
});

it('accepts the newest link only', async () => {
  const { user, token } = await userWithLink();
  await requestReset(user.email);
  const newest = await resetToken(user.email, 2);
  expect(newest).not.toBe(token);
  expect(await reset(token)).toMatchObject(refused);
  expect((await reset(newest)).status).toBe(204);
});

it('rejects an expired link, and creates links that are valid for an hour', async () => {
  const { user, password, token } = await userWithLink();
  const { rows } = await service.database.query(
    `select extract(epoch from expires_at - now()) / 60 as minutes from mail_tokens where user_id = $1 and purpose = 'reset-password'`,
    [user.userId],
  );
  expect(Number(rows[0].minutes)).toBeCloseTo(60, 0);
  await service.database.query('update mail_tokens set expires_at = now() where user_id = $1', [user.userId]);
  expect(await reset(token)).toMatchObject(refused);
  expect((await login(user.email, password)).status).toBe(200);
});

it('rejects a link after the password was changed', async () => {
  const { accessToken, password, token } = await userWithLink();
  const changed = await service.post('/auth/password/change', { currentPassword: password, newPassword: 'a third battery' }, accessToken);
  expect(changed.status).toBeLessThan(300);
  expect(await reset(token)).toMatchObject(refused);
});

it.each(['', 'x', 'a'.repeat(512), "' or 1=1 --"])('rejects a token that was never issued: %j', async (token) => {
  expect(await reset(token)).toMatchObject(refused);
});

it('does not set a password with a link that confirms an address', async () => {
  const { user } = await service.register();
  expect(await reset(await server.token(user.email))).toMatchObject(refused);
});

it.each([
  ['too short', 'short'],
  ['common', 'password123'],
  ['too long', 'p'.repeat(257)],
])('keeps the link valid when the new password is %s', async (_, password) => {
  const { token } = await userWithLink();
  expect(await reset(token, password)).toMatchObject(refused);
  expect((await reset(token)).status).toBe(204);
});

it('sets the first password of an account', async () => {
  const { user, token } = await userWithLink();
  await service.database.query('update accounts set password_hash = null where id = $1', [user.userId]);
  expect((await reset(token)).status).toBe(204);
  expect((await login(user.email, NEW_PASSWORD)).status).toBe(200);
});

it('leads to the configured address, whatever hosts the request names', async () => {
  const ada = await service.register();
  await requestReset(ada.user.email, {
    'x-forwarded-host': 'evil.example.test',
    'x-forwarded-proto': 'http',
    'x-original-url': 'http://evil.example.test/',
    origin: 'http://evil.example.test',
    referer: 'http://evil.example.test/',
  });
  await resetToken(ada.user.email);
  const [mail] = resetMails(ada.user.email);
  expect(linkIn(mail!.raw)).toMatch(/^https:\/\/chat\.example\.test\/reset-password#token=/);
  expect(mail!.raw).not.toContain('evil');
});

describe('whether an address has an account', () => {
  it('is not revealed by the response', async () => {
    const ada = await service.register();
    const [known, unknown] = [await requestReset(ada.user.email), await requestReset(randomEmail())];
    const shown = ({ status, body, contentType }: typeof known) => ({ status, body, contentType });
    expect(shown(known)).toEqual({ status: 204, body: undefined, contentType: '' });
    expect(shown(unknown)).toEqual(shown(known));
  });

  /** The response time reveals nothing either: `npm run bench:accounts` measures it. */
  it('is not looked up before the response, which stores the same for both', async () => {
    const [known, unknown] = [(await service.register()).user.email, randomEmail()];
    await server.token(known);
    const answers: number[] = [];
    // The accounts cannot be read meanwhile; the mails are rendered when the lock is released.
    await whileLocked(service.database, 'lock table accounts in access exclusive mode', async () => {
      for (const email of [known, unknown]) void requestReset(email).then(({ status }) => answers.push(status));
      await eventually(() => answers.length === 2);
      const { rows } = await service.database.query(
        'select purpose, email_normalised as email from mail_requests where email_normalised = any($1)',
        [[known, unknown]],
      );
      expect(new Map(rows.map(({ email, purpose }) => [email, purpose]))).toEqual(
        new Map([
          [known, 'reset-password'],
          [unknown, 'reset-password'],
        ]),
      );
    });
    expect(answers).toEqual([204, 204]);
    await resetToken(known);
  });

  it('is not revealed by what is stored meanwhile, and no mail is sent to an unknown address', async () => {
    const stranger = randomEmail();
    await requestReset(stranger);
    await eventually(async () => {
      const { rows } = await service.database.query('select 1 from mail_requests where email_normalised = $1', [stranger]);
      expect(rows).toEqual([]);
    });
    expect(server.to(stranger)).toEqual([]);
  });
});

describe('the number of mails', () => {
  it('is three to an address in 15 minutes, and the last link stays valid', async () => {
    const ada = await service.register();
    for (let count = 1; count <= 3; count += 1) {
      expect((await requestReset(ada.user.email)).status).toBe(204);
      await resetToken(ada.user.email, count);
    }
    const requests = async () =>
      (await service.database.query('select 1 from mail_requests where email_normalised = $1', [ada.user.email])).rowCount;
    // The third mail has arrived; its request is deleted a moment later.
    await eventually(async () => (await requests()) === 0);
    // The response is the same: an attacker may have made the requests.
    expect((await requestReset(ada.user.email)).status).toBe(204);
    await eventually(async () => (await requests()) === 0);
    expect(resetMails(ada.user.email)).toHaveLength(3);
    expect((await reset(await resetToken(ada.user.email, 3))).status).toBe(204);
    // The user of a link has proved to own the address, so the count is reset.
    expect((await requestReset(ada.user.email)).status).toBe(204);
    await resetToken(ada.user.email, 4);
  });

  it('is limited for each client, the same for every address', async () => {
    const strict = await TestAuthService.start({ RATE_LIMIT_PASSWORD_RESET: '2/15m' });
    try {
      const { user } = await strict.register();
      const ask = (email: string, ip: string) => strict.post('/auth/password/forgot', { email }, undefined, { 'x-forwarded-for': ip });
      expect((await ask(randomEmail(), '192.0.2.1')).status).toBe(204);
      expect((await ask(user.email, '192.0.2.1')).status).toBe(204);
      for (const email of [user.email, randomEmail()]) {
        const { status, body, headers } = await ask(email, '192.0.2.1');
        expect([status, body.code]).toEqual([429, 'RATE_LIMITED']);
        expect(Number(headers.get('retry-after'))).toBe(body.retryAfterSeconds);
      }
      expect((await ask(user.email, '192.0.2.2')).status).toBe(204);
    } finally {
      await strict.stop();
    }
  });
});

it('rejects an invalid request', async () => {
  for (const email of ['', 'no address', `${'a'.repeat(250)}@example.test`, ['a@example.test'], '"a\nbcc: b"@example.test'])
    expect(await service.post('/auth/password/forgot', { email })).toMatchObject(refused);
  expect(await service.post('/auth/password/reset', { token: 'x' })).toMatchObject(refused);
  expect(await service.post('/auth/password/reset', { token: 'x', newPassword: NEW_PASSWORD, userId: 'x' })).toMatchObject(refused);
});
