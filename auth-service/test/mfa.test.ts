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

const login = ({ user, password }: TestUser) => service.post('/auth/login', { email: user.email, password });
const complete = (mfaToken: string, code: string) => service.post('/auth/login/complete', { mfaToken, code });
const disable = ({ accessToken }: TestUser, code: string) => service.post('/auth/totp/disable', { code }, accessToken);
const logOf = async ({ accessToken }: TestUser) =>
  (await service.get('/auth/security-events', accessToken)).body.data.map(({ type }: { type: string }) => type) as string[];
const outcome = ({ status, body }: Answer) => [status, body?.code];
/** As if time had passed: no code is used, and no delay is left. */
const letTimePass = ({ user }: TestUser) =>
  service.database.query('update totp_secrets set last_used_step = 0, last_failed_at = null where user_id = $1', [user.userId]);

type TestUser = Awaited<ReturnType<TestAuthService['register']>>;

async function withSecondFactor() {
  const owner = await service.register();
  const { body: setup } = await service.post('/auth/totp/setup', undefined, owner.accessToken);
  const app = AuthenticatorApp.of(setup.secret);
  const { status, body } = await service.post('/auth/totp/confirm', { code: app.nextCode() }, owner.accessToken);
  expect(status).toBe(200);
  return { owner, app, recoveryCodes: body.recoveryCodes as string[] };
}

async function challengeOf(owner: TestUser): Promise<string> {
  const answer = await login(owner);
  expect(outcome(answer)).toEqual([401, 'MFA_REQUIRED']);
  expect(answer.body).not.toHaveProperty('accessToken');
  return answer.body.mfaToken;
}

describe('enabling', () => {
  it('returns a secret for the app, and ten recovery codes for a code of the app', async () => {
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

  it('requires a correct code, of the newest secret', async () => {
    const ada = await service.register();
    const first = await service.post('/auth/totp/setup', undefined, ada.accessToken);
    const second = await service.post('/auth/totp/setup', undefined, ada.accessToken);
    expect(second.body.secret).not.toBe(first.body.secret);
    const confirm = (code: string) => service.post('/auth/totp/confirm', { code }, ada.accessToken);
    expect(outcome(await confirm(AuthenticatorApp.of(first.body.secret).nextCode()))).toEqual([400, 'BAD_USER_INPUT']);
    expect((await service.get('/auth/me', ada.accessToken)).body.totpEnabled).toBe(false);
    expect((await confirm(AuthenticatorApp.of(second.body.secret).nextCode())).status).toBe(200);
  });

  it('is refused if enabled already, without an enrolment, and after the enrolment has expired', async () => {
    const { owner, app } = await withSecondFactor();
    expect(outcome(await service.post('/auth/totp/setup', undefined, owner.accessToken))).toEqual([409, 'CONFLICT']);
    expect(outcome(await service.post('/auth/totp/confirm', { code: app.nextCode() }, owner.accessToken))).toEqual([409, 'CONFLICT']);

    const bob = await service.register();
    const confirm = (code: string) => service.post('/auth/totp/confirm', { code }, bob.accessToken);
    expect(outcome(await confirm('123456'))).toEqual([409, 'CONFLICT']);
    const { body } = await service.post('/auth/totp/setup', undefined, bob.accessToken);
    await service.database.query(`update totp_secrets set created_at = now() - interval '16 minutes' where user_id = $1`, [
      bob.user.userId,
    ]);
    expect(outcome(await confirm(AuthenticatorApp.of(body.secret).nextCode()))).toEqual([409, 'CONFLICT']);
  });

  it('requires a recent login to start, and can be confirmed later', async () => {
    const ada = await service.register();
    const signedInBefore = (minutes: number) =>
      service.database.query('update sessions set created_at = now() - make_interval(mins => $2) where user_id = $1', [
        ada.user.userId,
        minutes,
      ]);
    const setup = () => service.post('/auth/totp/setup', undefined, ada.accessToken);
    await signedInBefore(11);
    // Refreshing a session does not make it newer.
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

  it('starting again gives no additional attempts', async () => {
    const ada = await service.register();
    const setup = () => service.post('/auth/totp/setup', undefined, ada.accessToken);
    const confirm = (code: string) => service.post('/auth/totp/confirm', { code }, ada.accessToken);
    await setup();
    for (let i = 0; i < 5; i += 1) expect((await confirm('wrong!')).status).toBe(400);
    const { body } = await setup();
    expect(outcome(await confirm(AuthenticatorApp.of(body.secret).nextCode()))).toEqual([429, 'RATE_LIMITED']);
  });

  it('stores nothing that can be used: neither secret nor recovery codes nor tokens', async () => {
    const { owner, recoveryCodes } = await withSecondFactor();
    const other = await service.register();
    const { body: setup } = await service.post('/auth/totp/setup', undefined, other.accessToken);
    const mfaToken = await challengeOf(owner);
    const { rows } = await service.database.query(
      `select (select string_agg(s::text, ' ') from totp_secrets s) || (select string_agg(r::text, ' ') from recovery_codes r)
           || (select string_agg(c::text, ' ') from sign_in_challenges c) as everything`,
    );
    const secrets = [fromBase32(setup.secret), Buffer.from(mfaToken, 'base64url'), ...recoveryCodes.map((code) => Buffer.from(code))];
    for (const secret of secrets) expect(rows[0].everything).not.toContain(secret.toString('hex'));
    expect(rows[0].everything).not.toContain(setup.secret);
  });

  it('the secret of one account is useless in the row of another', async () => {
    const [ada, bob] = [await withSecondFactor(), await withSecondFactor()];
    await service.database.query(
      'update totp_secrets set encrypted_secret = (select encrypted_secret from totp_secrets where user_id = $1) where user_id = $2',
      [ada.owner.user.userId, bob.owner.user.userId],
    );
    expect((await complete(await challengeOf(bob.owner), ada.app.nextCode())).status).toBe(500);
  });
});

describe('signing in with it', () => {
  it('accepts a code of the app in the second step', async () => {
    const { owner, app } = await withSecondFactor();
    const { status, body, headers } = await complete(await challengeOf(owner), app.nextCode());
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body.user).toEqual({ ...owner.user, totpEnabled: true });
    expect((await service.get('/auth/me', body.accessToken)).status).toBe(200);
    expect((await service.refresh(body.refreshToken)).status).toBe(200);
  });

  // AN-17: the same code twice.
  it('accepts each code once, also of two concurrent requests, and none of an older step', async () => {
    const { owner, app } = await withSecondFactor();
    await letTimePass(owner);
    const code = app.codeAway(0);
    const tokens = await Promise.all([challengeOf(owner), challengeOf(owner), challengeOf(owner)]);
    const answers = await Promise.all(tokens.map((token) => complete(token, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect(outcome(await complete(await challengeOf(owner), app.codeAway(-1)))).toEqual([401, 'UNAUTHENTICATED']);
    expect((await complete(await challengeOf(owner), app.codeAway(1))).status).toBe(200);
  });

  it('rejects codes that are two steps away', async () => {
    const { owner, app } = await withSecondFactor();
    await letTimePass(owner);
    const mfaToken = await challengeOf(owner);
    expect(outcome(await complete(mfaToken, app.codeAway(-2)))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await complete(mfaToken, app.codeAway(3)))).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('accepts only the code of the current step where the installation is configured so', async () => {
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

  it('ends a sign-in after five wrong codes, also concurrent ones', async () => {
    const { owner, app } = await withSecondFactor();
    const mfaToken = await challengeOf(owner);
    const answers = await Promise.all(Array.from({ length: 8 }, () => complete(mfaToken, 'wrong!')));
    expect(
      answers
        .map(({ body }) => body.triesLeft)
        .filter((left) => left !== undefined)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4]);
    expect(answers.every(({ body }) => body.code === 'UNAUTHENTICATED')).toBe(true);
    await letTimePass(owner);
    expect(outcome(await complete(mfaToken, app.nextCode()))).toEqual([401, 'UNAUTHENTICATED']);
    expect((await complete(await challengeOf(owner), app.nextCode())).status).toBe(200);
  });

  // AN-17: unlimited guesses by signing in with the password again and again.
  it('delays further codes of every sign-in of the account, until a correct one', async () => {
    const { owner, app, recoveryCodes } = await withSecondFactor();
    const first = await challengeOf(owner);
    for (let i = 0; i < 5; i += 1) await complete(first, 'wrong!');
    const mfaToken = await challengeOf(owner);
    const slowed = await complete(mfaToken, app.nextCode());
    expect(outcome(slowed)).toEqual([429, 'RATE_LIMITED']);
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(outcome(await disable(owner, '123456'))).toEqual([429, 'RATE_LIMITED']);
    // The owner is not locked out by an attacker.
    expect((await complete(await challengeOf(owner), recoveryCodes[0]!)).status).toBe(200);
    await letTimePass(owner);
    expect((await complete(mfaToken, app.nextCode())).status).toBe(200);
    expect(outcome(await complete(await challengeOf(owner), 'wrong!'))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await complete(await challengeOf(owner), 'wrong!'))).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('accepts a recovery code once, however it is spelled', async () => {
    const { owner, recoveryCodes } = await withSecondFactor();
    const typed = recoveryCodes[3]!.toLowerCase().replaceAll('-', ' ');
    expect((await complete(await challengeOf(owner), typed)).status).toBe(200);
    expect(outcome(await complete(await challengeOf(owner), recoveryCodes[3]!))).toEqual([401, 'UNAUTHENTICATED']);
    const tokens = await Promise.all([challengeOf(owner), challengeOf(owner)]);
    const answers = await Promise.all(tokens.map((token) => complete(token, recoveryCodes[4]!)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await complete(await challengeOf(owner), recoveryCodes[5]!)).status).toBe(200);
  });

  it('rejects a recovery code of another account', async () => {
    const [ada, bob] = [await withSecondFactor(), await withSecondFactor()];
    expect((await complete(await challengeOf(bob.owner), ada.recoveryCodes[0]!)).status).toBe(401);
    expect((await complete(await challengeOf(ada.owner), ada.recoveryCodes[0]!)).status).toBe(200);
  });

  it('an mfaToken works once, for five minutes, for its own account, and for nothing else', async () => {
    const { owner, app } = await withSecondFactor();
    const used = await challengeOf(owner);
    expect((await complete(used, app.nextCode())).status).toBe(200);
    await letTimePass(owner);
    expect(outcome(await complete(used, app.codeAway(1)))).toEqual([401, 'UNAUTHENTICATED']);

    const old = await challengeOf(owner);
    await service.database.query(`update sign_in_challenges set expires_at = now() - interval '1 second' where user_id = $1`, [
      owner.user.userId,
    ]);
    expect(outcome(await complete(old, app.codeAway(1)))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await complete(randomBytes(32).toString('base64url'), app.codeAway(1)))).toEqual([401, 'UNAUTHENTICATED']);

    const mfaToken = await challengeOf(owner);
    expect(outcome(await service.get('/auth/me', mfaToken))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await service.post('/auth/totp/disable', { code: app.codeAway(1) }, mfaToken))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await service.refresh(mfaToken))).toEqual([401, 'UNAUTHENTICATED']);
    expect((await complete(mfaToken, app.codeAway(1))).status).toBe(200);
  });

  it('a wrong password reveals nothing about the second factor', async () => {
    const { owner } = await withSecondFactor();
    expect(outcome(await login({ ...owner, password: 'wrong horse battery' }))).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('a sign-in in progress ends when all sessions are revoked', async () => {
    const { owner, app } = await withSecondFactor();
    const mfaToken = await challengeOf(owner);
    await service.database.query('update accounts set sessions_epoch = sessions_epoch + 1 where id = $1', [owner.user.userId]);
    expect(outcome(await complete(mfaToken, app.nextCode()))).toEqual([401, 'UNAUTHENTICATED']);
    expect((await complete(await challengeOf(owner), app.nextCode())).status).toBe(200);
  });

  it.each([
    {},
    { mfaToken: 'x' },
    { code: '123456' },
    { mfaToken: '', code: '1' },
    { mfaToken: 'x', code: 'x'.repeat(65) },
    { mfaToken: 5, code: 5 },
  ])('rejects an invalid request: %j', async (body) => {
    expect(outcome(await service.post('/auth/login/complete', body))).toEqual([400, 'BAD_USER_INPUT']);
  });
});

describe('disabling', () => {
  it('requires a code, and then the password is sufficient', async () => {
    const { owner, app } = await withSecondFactor();
    expect(outcome(await disable(owner, '000000'))).toEqual([400, 'BAD_USER_INPUT']);
    expect(outcome(await login(owner))).toEqual([401, 'MFA_REQUIRED']);
    const inProgress = await challengeOf(owner);
    expect((await disable(owner, app.nextCode())).status).toBe(204);
    expect((await service.get('/auth/me', owner.accessToken)).body.totpEnabled).toBe(false);
    expect((await login(owner)).status).toBe(200);
    expect(outcome(await complete(inProgress, app.nextCode()))).toEqual([401, 'UNAUTHENTICATED']);
    expect(outcome(await disable(owner, app.nextCode()))).toEqual([409, 'CONFLICT']);
  });

  it('accepts a recovery code, and deletes the others', async () => {
    const { owner, recoveryCodes } = await withSecondFactor();
    expect((await disable(owner, recoveryCodes[0]!)).status).toBe(204);
    const { body } = await service.post('/auth/totp/setup', undefined, owner.accessToken);
    const app = AuthenticatorApp.of(body.secret);
    expect((await service.post('/auth/totp/confirm', { code: app.nextCode() }, owner.accessToken)).status).toBe(200);
    expect((await complete(await challengeOf(owner), recoveryCodes[1]!)).status).toBe(401);
  });

  it('is refused for a revoked session and without a session', async () => {
    const { owner, app } = await withSecondFactor();
    await service.post('/auth/logout', undefined, owner.accessToken);
    for (const [path, body] of [
      ['/auth/totp/setup', undefined],
      ['/auth/totp/confirm', { code: '123456' }],
      ['/auth/totp/disable', { code: app.nextCode() }],
    ] as const) {
      expect(outcome(await service.post(path, body, owner.accessToken))).toEqual([401, 'UNAUTHENTICATED']);
      expect(outcome(await service.post(path, body))).toEqual([401, 'UNAUTHENTICATED']);
    }
  });
});

it('records everything in the audit log of the account', async () => {
  const { owner, app, recoveryCodes } = await withSecondFactor();
  const mfaToken = await challengeOf(owner);
  await complete(mfaToken, 'wrong!');
  await complete(mfaToken, recoveryCodes[0]!);
  await disable(owner, app.nextCode());
  expect(await logOf(owner)).toEqual(['totp-disabled', 'signed-in', 'recovery-code-used', 'code-failed', 'totp-enabled', 'registered']);
});

it('base 32 of this test and of the service are the same', () => {
  const bytes = randomBytes(20);
  expect(fromBase32(toBase32(bytes))).toEqual(bytes);
});
