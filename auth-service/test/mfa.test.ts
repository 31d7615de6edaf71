import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toBase32 } from '../src/mfa/totp.js';
import { type Answer, TestAuthService } from './kit/auth-service.js';
import { AuthenticatorApp, awayFromNewStep, fromBase32 } from './kit/authenticator-app.js';

let service: TestAuthService;
beforeAll(async () => {
  service = await TestAuthService.start({ TOTP_ISSUER: 'Our Chat' });
});
afterAll(() => service?.stop());
beforeEach(awayFromNewStep);

const login = ({ user, password }: Person) => service.post('/auth/login', { email: user.email, password });
const complete = (mfaToken: string, code: string) => service.post('/auth/login/complete', { mfaToken, code });
const disable = ({ accessToken }: Person, code: string) => service.post('/auth/totp/disable', { code }, accessToken);
const logOf = async ({ accessToken }: Person) =>
  (await service.get('/auth/security-events', accessToken)).body.data.map(({ type }: { type: string }) => type) as string[];
const outcome = ({ status, body }: Answer) => [status, body?.code];
/** As when the app's clock went on: no code is spent, and nothing waits. */
const timePasses = ({ user }: Person) =>
  service.database.query('update totp_secrets set last_used_step = 0, last_failed_at = null where user_id = $1', [user.userId]);

type Person = Awaited<ReturnType<TestAuthService['register']>>;

async function withSecondFactor() {
  const person = await service.register();
  const { body: setup } = await service.post('/auth/totp/setup', undefined, person.accessToken);
  const app = AuthenticatorApp.of(setup.secret);
  const { status, body } = await service.post('/auth/totp/confirm', { code: app.nextCode() }, person.accessToken);
  expect(status).toBe(200);
  return { person, app, recoveryCodes: body.recoveryCodes as string[] };
}

async function challengeOf(person: Person): Promise<string> {
  const answer = await login(person);
  expect(outcome(answer)).toEqual([401, 'MFA_REQUIRED']);
  expect(answer.body).not.toHaveProperty('accessToken');
  return answer.body.mfaToken;
}

describe('turning it on', () => {
  it('gives the app a secret, and ten recovery codes for a code of the app', async () => {
    const ada = await service.register();
    const { status, body, headers } = await service.post('/auth/totp/setup', undefined, ada.accessToken);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    const url = new URL(body.otpauthUrl);
    expect([url.protocol, url.searchParams.get('secret'), url.searchParams.get('issuer')]).toEqual(['otpauth:', body.secret, 'Our Chat']);
    expect(decodeURIComponent(url.pathname)).toBe(`/Our Chat:${ada.user.email}`);

    expect((await service.get('/auth/me', ada.accessToken)).body.totpEnabled).toBe(false);
    expect((await login(ada)).status).toBe(200);
    const confirmed = await service.post('/auth/totp/confirm', { code: AuthenticatorApp.of(body.secret).nextCode() }, ada.accessToken);
    expect(confirmed.status).toBe(200);
    expect(new Set(confirmed.body.recoveryCodes).size).toBe(10);
    expect((await service.get('/auth/me', ada.accessToken)).body.totpEnabled).toBe(true);
    expect(outcome(await login(ada))).toEqual([401, 'MFA_REQUIRED']);
  });

  it('needs a right code, of the newest secret', async () => {
    const ada = await service.register();
    const first = await service.post('/auth/totp/setup', undefined, ada.accessToken);
    const second = await service.post('/auth/totp/setup', undefined, ada.accessToken);
    expect(second.body.secret).not.toBe(first.body.secret);
    const confirm = (code: string) => service.post('/auth/totp/confirm', { code }, ada.accessToken);
    expect(outcome(await confirm(AuthenticatorApp.of(first.body.secret).nextCode()))).toEqual([400, 'BAD_USER_INPUT']);
    expect((await service.get('/auth/me', ada.accessToken)).body.totpEnabled).toBe(false);
    expect((await confirm(AuthenticatorApp.of(second.body.secret).nextCode())).status).toBe(200);
  });

  it('cannot be done twice, nor without a setup, nor long after it', async () => {
    const { person, app } = await withSecondFactor();
    expect(outcome(await service.post('/auth/totp/setup', undefined, person.accessToken))).toEqual([409, 'CONFLICT']);
    expect(outcome(await service.post('/auth/totp/confirm', { code: app.nextCode() }, person.accessToken))).toEqual([409, 'CONFLICT']);

    const bob = await service.register();
    const confirm = (code: string) => service.post('/auth/totp/confirm', { code }, bob.accessToken);
    expect(outcome(await confirm('123456'))).toEqual([409, 'CONFLICT']);
    const { body } = await service.post('/auth/totp/setup', undefined, bob.accessToken);
    await service.database.query(`update totp_secrets set created_at = now() - interval '16 minutes' where user_id = $1`, [
      bob.user.userId,
    ]);
    expect(outcome(await confirm(AuthenticatorApp.of(body.secret).nextCode()))).toEqual([409, 'CONFLICT']);
  });

  it('needs a sign-in of the last ten minutes to begin with, and can then be finished after them', async () => {
    const ada = await service.register();
    const signedInBefore = (minutes: number) =>
      service.database.query('update sessions set created_at = now() - make_interval(mins => $2) where user_id = $1', [
        ada.user.userId,
        minutes,
      ]);
    const setup = () => service.post('/auth/totp/setup', undefined, ada.accessToken);
    await signedInBefore(11);
    // A session that goes on is not younger for it.
    const { body: refreshed } = await service.refresh(ada.refreshToken);
    const refused = await setup();
    expect([...outcome(refused), refused.body.detail]).toEqual([403, 'FORBIDDEN', expect.stringContaining('Sign in again')]);
    expect(outcome(await service.post('/auth/totp/setup', undefined, refreshed.accessToken))).toEqual([403, 'FORBIDDEN']);
    expect((await service.database.query('select 1 from totp_secrets where user_id = $1', [ada.user.userId])).rows).toEqual([]);

    await signedInBefore(9);
    const { status, body } = await setup();
    expect(status).toBe(200);
    await signedInBefore(20);
    const code = AuthenticatorApp.of(body.secret).nextCode();
    expect((await service.post('/auth/totp/confirm', { code }, ada.accessToken)).status).toBe(200);
  });

  it('starting again gives no more tries', async () => {
    const ada = await service.register();
    const setup = () => service.post('/auth/totp/setup', undefined, ada.accessToken);
    const confirm = (code: string) => service.post('/auth/totp/confirm', { code }, ada.accessToken);
    await setup();
    for (let i = 0; i < 5; i += 1) expect((await confirm('wrong!')).status).toBe(400);
    const { body } = await setup();
    expect(outcome(await confirm(AuthenticatorApp.of(body.secret).nextCode()))).toEqual([429, 'RATE_LIMITED']);
  });

  it('stores nothing that can be used: neither secret nor recovery codes nor tokens', async () => {
    const { person, recoveryCodes } = await withSecondFactor();
    const other = await service.register();
    const { body: setup } = await service.post('/auth/totp/setup', undefined, other.accessToken);
    const mfaToken = await challengeOf(person);
    const { rows } = await service.database.query(
      `select (select string_agg(s::text, ' ') from totp_secrets s) || (select string_agg(r::text, ' ') from recovery_codes r)
           || (select string_agg(c::text, ' ') from sign_in_challenges c) as everything`,
    );
    const secrets = [fromBase32(setup.secret), Buffer.from(mfaToken, 'base64url'), ...recoveryCodes.map((code) => Buffer.from(code))];
    for (const secret of secrets) expect(rows[0].everything).not.toContain(secret.toString('hex'));
    expect(rows[0].everything).not.toContain(setup.secret);
  });

  it("one account's secret is of no use in the row of another", async () => {
    const [ada, bob] = [await withSecondFactor(), await withSecondFactor()];
    await service.database.query(
      'update totp_secrets set encrypted_secret = (select encrypted_secret from totp_secrets where user_id = $1) where user_id = $2',
      [ada.person.user.userId, bob.person.user.userId],
    );
    expect((await complete(await challengeOf(bob.person), ada.app.nextCode())).status).toBe(500);
  });
});

describe('signing in with it', () => {
  it('takes a code of the app in the second step', async () => {
    const { person, app } = await withSecondFactor();
    const { status, body, headers } = await complete(await challengeOf(person), app.nextCode());
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body.user).toEqual({ ...person.user, totpEnabled: true });
    expect((await service.get('/auth/me', body.accessToken)).status).toBe(200);
    expect((await service.refresh(body.refreshToken)).status).toBe(200);
  });

  // AN-17: the same code twice.
  it('takes each code once, also of two that come at once, and none of an older step', async () => {
    const { person, app } = await withSecondFactor();
    await timePasses(person);
    const code = app.codeAway(0);
    const tokens = await Promise.all([challengeOf(person), challengeOf(person), challengeOf(person)]);
    const answers = await Promise.all(tokens.map((token) => complete(token, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect(outcome(await complete(await challengeOf(person), app.codeAway(-1)))).toEqual([401, 'UNAUTHENTICATED']);
    expect((await complete(await challengeOf(person), app.codeAway(1))).status).toBe(200);
  });

  it('takes no code of two steps away', async () => {
    const { person, app } = await withSecondFactor();
    await timePasses(person);
    const mfaToken = await challengeOf(person);
    expect(outcome(await complete(mfaToken, app.codeAway(-2)))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await complete(mfaToken, app.codeAway(3)))).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('takes the code of this very half minute alone where the installation has it so', async () => {
    const strict = await TestAuthService.start({ TOTP_TOLERANCE_STEPS: '0' });
    try {
      const { user, password, accessToken } = await strict.register();
      const { body } = await strict.post('/auth/totp/setup', undefined, accessToken);
      const app = AuthenticatorApp.of(body.secret);
      await awayFromNewStep();
      const confirm = (code: string) => strict.post('/auth/totp/confirm', { code }, accessToken);
      for (const steps of [-1, 1]) expect(outcome(await confirm(app.codeAway(steps)))).toEqual([400, 'BAD_USER_INPUT']);
      expect((await confirm(app.codeAway(0))).status).toBe(200);
      await strict.database.query('update totp_secrets set last_used_step = 0');
      const { mfaToken } = (await strict.post('/auth/login', { email: user.email, password })).body;
      const completeWith = (code: string) => strict.post('/auth/login/complete', { mfaToken, code });
      for (const steps of [-1, 1]) expect(outcome(await completeWith(app.codeAway(steps)))).toEqual([401, 'UNAUTHENTICATED']);
      expect((await completeWith(app.codeAway(0))).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });

  it('ends a sign-in after five wrong codes, also when they come at once', async () => {
    const { person, app } = await withSecondFactor();
    const mfaToken = await challengeOf(person);
    const answers = await Promise.all(Array.from({ length: 8 }, () => complete(mfaToken, 'wrong!')));
    expect(
      answers
        .map(({ body }) => body.triesLeft)
        .filter((left) => left !== undefined)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4]);
    expect(answers.every(({ body }) => body.code === 'UNAUTHENTICATED')).toBe(true);
    await timePasses(person);
    expect(outcome(await complete(mfaToken, app.nextCode()))).toEqual([401, 'UNAUTHENTICATED']);
    expect((await complete(await challengeOf(person), app.nextCode())).status).toBe(200);
  });

  // AN-17: unlimited guesses, by signing in with the password again and again.
  it('slows further codes of any sign-in of the account, and forgets it after a right one', async () => {
    const { person, app, recoveryCodes } = await withSecondFactor();
    const first = await challengeOf(person);
    for (let i = 0; i < 5; i += 1) await complete(first, 'wrong!');
    const mfaToken = await challengeOf(person);
    const slowed = await complete(mfaToken, app.nextCode());
    expect(outcome(slowed)).toEqual([429, 'RATE_LIMITED']);
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(outcome(await disable(person, '123456'))).toEqual([429, 'RATE_LIMITED']);
    // The owner is not locked out by whoever tries.
    expect((await complete(await challengeOf(person), recoveryCodes[0]!)).status).toBe(200);
    await timePasses(person);
    expect((await complete(mfaToken, app.nextCode())).status).toBe(200);
    expect(outcome(await complete(await challengeOf(person), 'wrong!'))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await complete(await challengeOf(person), 'wrong!'))).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('takes a recovery code once, however it is written', async () => {
    const { person, recoveryCodes } = await withSecondFactor();
    const typed = recoveryCodes[3]!.toLowerCase().replaceAll('-', ' ');
    expect((await complete(await challengeOf(person), typed)).status).toBe(200);
    expect(outcome(await complete(await challengeOf(person), recoveryCodes[3]!))).toEqual([401, 'UNAUTHENTICATED']);
    const tokens = await Promise.all([challengeOf(person), challengeOf(person)]);
    const answers = await Promise.all(tokens.map((token) => complete(token, recoveryCodes[4]!)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await complete(await challengeOf(person), recoveryCodes[5]!)).status).toBe(200);
  });

  it("takes no recovery code of another's account", async () => {
    const [ada, bob] = [await withSecondFactor(), await withSecondFactor()];
    expect((await complete(await challengeOf(bob.person), ada.recoveryCodes[0]!)).status).toBe(401);
    expect((await complete(await challengeOf(ada.person), ada.recoveryCodes[0]!)).status).toBe(200);
  });

  it('an mfaToken works once, for five minutes, for its own account, and for nothing else', async () => {
    const { person, app } = await withSecondFactor();
    const used = await challengeOf(person);
    expect((await complete(used, app.nextCode())).status).toBe(200);
    await timePasses(person);
    expect(outcome(await complete(used, app.codeAway(1)))).toEqual([401, 'UNAUTHENTICATED']);

    const old = await challengeOf(person);
    await service.database.query(`update sign_in_challenges set expires_at = now() - interval '1 second' where user_id = $1`, [
      person.user.userId,
    ]);
    expect(outcome(await complete(old, app.codeAway(1)))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await complete(randomBytes(32).toString('base64url'), app.codeAway(1)))).toEqual([401, 'UNAUTHENTICATED']);

    const mfaToken = await challengeOf(person);
    expect(outcome(await service.get('/auth/me', mfaToken))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await service.post('/auth/totp/disable', { code: app.codeAway(1) }, mfaToken))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await service.refresh(mfaToken))).toEqual([401, 'UNAUTHENTICATED']);
    expect((await complete(mfaToken, app.codeAway(1))).status).toBe(200);
  });

  it('a wrong password tells nothing of the second factor', async () => {
    const { person } = await withSecondFactor();
    expect(outcome(await login({ ...person, password: 'wrong horse battery' }))).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('a sign-in that is under way ends when all sessions are ended', async () => {
    const { person, app } = await withSecondFactor();
    const mfaToken = await challengeOf(person);
    await service.database.query('update accounts set sessions_epoch = sessions_epoch + 1 where id = $1', [person.user.userId]);
    expect(outcome(await complete(mfaToken, app.nextCode()))).toEqual([401, 'UNAUTHENTICATED']);
    expect((await complete(await challengeOf(person), app.nextCode())).status).toBe(200);
  });

  it.each([
    {},
    { mfaToken: 'x' },
    { code: '123456' },
    { mfaToken: '', code: '1' },
    { mfaToken: 'x', code: 'x'.repeat(65) },
    { mfaToken: 5, code: 5 },
  ])('refuses what cannot be asked: %j', async (body) => {
    expect(outcome(await service.post('/auth/login/complete', body))).toEqual([400, 'BAD_USER_INPUT']);
  });
});

describe('turning it off', () => {
  it('needs a code, and then the password is enough', async () => {
    const { person, app } = await withSecondFactor();
    expect(outcome(await disable(person, '000000'))).toEqual([400, 'BAD_USER_INPUT']);
    expect(outcome(await login(person))).toEqual([401, 'MFA_REQUIRED']);
    const underWay = await challengeOf(person);
    expect((await disable(person, app.nextCode())).status).toBe(204);
    expect((await service.get('/auth/me', person.accessToken)).body.totpEnabled).toBe(false);
    expect((await login(person)).status).toBe(200);
    expect(outcome(await complete(underWay, app.nextCode()))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await disable(person, app.nextCode()))).toEqual([409, 'CONFLICT']);
  });

  it('takes a recovery code, and forgets the others', async () => {
    const { person, recoveryCodes } = await withSecondFactor();
    expect((await disable(person, recoveryCodes[0]!)).status).toBe(204);
    const { body } = await service.post('/auth/totp/setup', undefined, person.accessToken);
    const app = AuthenticatorApp.of(body.secret);
    expect((await service.post('/auth/totp/confirm', { code: app.nextCode() }, person.accessToken)).status).toBe(200);
    expect((await complete(await challengeOf(person), recoveryCodes[1]!)).status).toBe(401);
  });

  it('is not done by a session that has ended, nor without one', async () => {
    const { person, app } = await withSecondFactor();
    await service.post('/auth/logout', undefined, person.accessToken);
    for (const [path, body] of [
      ['/auth/totp/setup', undefined],
      ['/auth/totp/confirm', { code: '123456' }],
      ['/auth/totp/disable', { code: app.nextCode() }],
    ] as const) {
      expect(outcome(await service.post(path, body, person.accessToken))).toEqual([401, 'UNAUTHENTICATED']);
      expect(outcome(await service.post(path, body))).toEqual([401, 'UNAUTHENTICATED']);
    }
  });
});

it('writes all of it into the log of the account', async () => {
  const { person, app, recoveryCodes } = await withSecondFactor();
  const mfaToken = await challengeOf(person);
  await complete(mfaToken, 'wrong!');
  await complete(mfaToken, recoveryCodes[0]!);
  await disable(person, app.nextCode());
  expect(await logOf(person)).toEqual(['totp-disabled', 'signed-in', 'recovery-code-used', 'code-failed', 'totp-enabled', 'registered']);
});

it('base 32 of this test and of the service agree', () => {
  const bytes = randomBytes(20);
  expect(fromBase32(toBase32(bytes))).toEqual(bytes);
});
