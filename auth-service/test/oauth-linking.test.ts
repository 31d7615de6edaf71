import { randomInt, randomUUID } from 'node:crypto';
import { randomEmail } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeIn, errorIn, OAuthKit } from './kit/oauth-kit.js';

let kit: OAuthKit;
beforeAll(async () => {
  kit = await OAuthKit.start();
});
afterAll(() => kit?.stop());

const sql = (text: string, values: unknown[]) => kit.service.database.query(text, values);
const verifyAddress = (userId: string) => sql('update accounts set email_verified_at = now() where id = $1', [userId]);
const login = (email: string, password: string) => kit.service.post('/auth/login', { email, password });
const linkedOf = async (token: string) =>
  (await kit.service.get('/auth/oauth/linked', token)).body.map(({ provider }: { provider: string }) => provider);
const unlink = (provider: string, token: string) =>
  fetch(`${kit.service.url}/auth/oauth/linked/${provider}`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });

function googleUser(email: string, details: object = {}): string {
  const subject = randomUUID();
  kit.google.users.set(subject, { email, email_verified: true, hd: 'example.test', ...details });
  return subject;
}

function githubUser(email: string, verified = true): string {
  const id = String(randomInt(1, 2 ** 40));
  kit.github.users.set(id, {
    '/user': { id: Number(id), login: `octo-${id}`, name: null },
    '/user/emails': [{ email, primary: true, verified }],
  });
  return id;
}

const signInWithGithub = async (subject: string) => kit.exchange(codeIn(await kit.through('github', subject)));

async function eventsOf(userId: string): Promise<string[]> {
  const { rows } = await sql('select type from audit_events where user_id = $1 order by created_at, id', [userId]);
  return rows.map(({ type }) => type);
}

describe('an account with a verified address', () => {
  it('is linked to a provider that states the same address as verified, and keeps password and sessions', async () => {
    const ada = await kit.service.register();
    await verifyAddress(ada.user.userId);
    const { status, body } = await kit.signInWithGoogle(googleUser(ada.user.email.toUpperCase()));
    expect([status, body.user.userId, body.user.provider]).toEqual([200, ada.user.userId, 'local']);
    expect((await login(ada.user.email, ada.password)).status).toBe(200);
    expect((await kit.service.refresh(ada.refreshToken)).status).toBe(200);
    expect(await linkedOf(body.accessToken)).toEqual(['google']);
    expect(await eventsOf(ada.user.userId)).toContain('provider-linked');
  });

  it('can be linked to every provider', async () => {
    const email = randomEmail();
    const first = await kit.signInWithGoogle(googleUser(email));
    const second = await signInWithGithub(githubUser(email));
    expect(second.body.user.userId).toBe(first.body.user.userId);
    expect(await linkedOf(second.body.accessToken)).toEqual(['google', 'github']);
    const { body } = await kit.service.get('/auth/oauth/linked', second.body.accessToken);
    expect(body[0]).toEqual({ provider: 'google', email, linkedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  it('is not given to another user of the provider that has the address now', async () => {
    const email = randomEmail();
    const first = await kit.signInWithGoogle(googleUser(email));
    const before = await eventsOf(first.body.user.userId);
    expect(errorIn(await kit.throughGoogle(googleUser(email)))).toBe('other_account_linked');
    const subject = randomUUID();
    const idToken = await kit.google.idToken({ sub: subject, email, email_verified: true, hd: 'example.test', nonce: 'n' });
    expect((await kit.service.post('/auth/oauth/id-token', { provider: 'google', idToken, nonce: 'n' })).status).toBe(409);
    expect(await eventsOf(first.body.user.userId)).toEqual(before);
  });

  it('requires the second factor, also after a sign-in at a provider', async () => {
    const ada = await kit.service.register();
    await verifyAddress(ada.user.userId);
    await sql('update accounts set totp_enabled_at = now() where id = $1', [ada.user.userId]);
    const sessions = await kit.countOf('sessions');
    const subject = googleUser(ada.user.email);
    const { status, body } = await kit.signInWithGoogle(subject);
    expect([status, body.code, typeof body.mfaToken, body.accessToken]).toEqual([401, 'MFA_REQUIRED', 'string', undefined]);
    const idToken = await kit.google.idToken({ sub: subject, nonce: 'n' });
    const native = await kit.service.post('/auth/oauth/id-token', { provider: 'google', idToken, nonce: 'n' });
    expect([native.status, native.body.code]).toEqual([401, 'MFA_REQUIRED']);
    expect(await kit.countOf('sessions')).toBe(sessions);
  });
});

describe('an account with an address that was never verified', () => {
  it('is reclaimed for the owner of the address, without password, sessions, second factor and known devices', async () => {
    const email = randomEmail();
    const attacker = await kit.service.register({ email });
    const { userId } = attacker.user;
    const second = await login(email, attacker.password);
    await sql('update accounts set totp_enabled_at = now() where id = $1', [userId]);
    await sql("insert into totp_secrets (user_id, encrypted_secret, created_at) values ($1, '\\x00', now())", [userId]);
    await sql("insert into recovery_codes (user_id, hash) values ($1, '\\x00')", [userId]);
    const pending = await login(email, attacker.password);
    expect(pending.body.code).toBe('MFA_REQUIRED');

    const { status, body } = await kit.signInWithGoogle(googleUser(email));
    expect([status, body.user.userId, body.user.emailVerified, body.user.totpEnabled]).toEqual([200, userId, true, false]);

    expect((await login(email, attacker.password)).status).toBe(401);
    for (const { accessToken, refreshToken } of [attacker, second.body]) {
      expect((await kit.service.get('/auth/me', accessToken)).status).toBe(401);
      expect((await kit.service.refresh(refreshToken)).status).toBe(401);
    }
    for (const table of ['totp_secrets', 'recovery_codes', 'sign_in_challenges'])
      expect((await sql(`select 1 from ${table} where user_id = $1`, [userId])).rows).toEqual([]);
    expect((await sql('select device_hash from known_devices where user_id = $1', [userId])).rows).toHaveLength(1);
    expect(
      (await sql('select 1 from sessions where user_id = $1 and revoked_at is not null and user_agent is not null', [userId])).rows,
    ).toEqual([]);
    expect((await kit.service.get('/auth/me', body.accessToken)).body.userId).toBe(userId);
    const events = await eventsOf(userId);
    expect(events).toContain('account-taken-back');
    expect(events).not.toContain('signed-in-from-new-device');
  });

  it('is not changed if the provider does not state the address as verified either', async () => {
    const ada = await kit.service.register();
    expect(errorIn(await kit.throughGoogle(googleUser(ada.user.email, { email_verified: false })))).toBe('email_not_verified');
    expect(errorIn(await kit.through('github', githubUser(ada.user.email, false)))).toBe('email_not_verified');
    expect((await kit.service.refresh(ada.refreshToken)).status).toBe(200);
    expect((await login(ada.user.email, ada.password)).body.user.emailVerified).toBe(false);
  });

  it('keeps no session that is opened while its owner reclaims it', async () => {
    for (let round = 0; round < 5; round += 1) {
      const attacker = await kit.service.register();
      const { email, userId } = attacker.user;
      const code = codeIn(await kit.throughGoogle(googleUser(email)));
      const [owner, ...logins] = await Promise.all([
        kit.exchange(code),
        ...Array.from({ length: 4 }, () => login(email, attacker.password)),
      ]);
      expect(owner!.status).toBe(200);
      for (const { body } of logins.filter(({ status }) => status === 200))
        expect((await kit.service.get('/auth/me', body.accessToken)).status).toBe(401);
      const { rows } = await sql('select 1 from sessions where user_id = $1 and revoked_at is null', [userId]);
      expect(rows).toHaveLength(1);
    }
  });
});

describe('unlinking', () => {
  it('leaves the other providers linked', async () => {
    const email = randomEmail();
    const subject = githubUser(email);
    await kit.signInWithGoogle(googleUser(email));
    const { accessToken, user } = (await signInWithGithub(subject)).body;
    expect((await unlink('google', accessToken)).status).toBe(204);
    expect(await linkedOf(accessToken)).toEqual(['github']);
    expect(await eventsOf(user.userId)).toContain('provider-unlinked');
    expect((await signInWithGithub(subject)).body.user.userId).toBe(user.userId);
  });

  it('requires a sign-in within the last ten minutes', async () => {
    const email = randomEmail();
    await kit.signInWithGoogle(googleUser(email));
    const { accessToken, user } = (await signInWithGithub(githubUser(email))).body;
    const signedInBefore = (minutes: number) =>
      sql('update sessions set created_at = now() - make_interval(mins => $2) where user_id = $1', [user.userId, minutes]);
    await signedInBefore(11);
    const refused = await unlink('google', accessToken);
    expect([refused.status, ((await refused.json()) as any).code]).toEqual([403, 'FORBIDDEN']);
    expect(await linkedOf(accessToken)).toEqual(['google', 'github']);
    await signedInBefore(9);
    expect((await unlink('google', accessToken)).status).toBe(204);
  });

  it('is refused for the only way to sign in, also in two concurrent requests', async () => {
    const email = randomEmail();
    await kit.signInWithGoogle(googleUser(email));
    const { accessToken } = (await signInWithGithub(githubUser(email))).body;
    const answers = await Promise.all([unlink('google', accessToken), unlink('github', accessToken)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await linkedOf(accessToken)).toHaveLength(1);
  });

  it('of the only provider is possible if the account has a password', async () => {
    const ada = await kit.service.register();
    await verifyAddress(ada.user.userId);
    const { accessToken } = (await kit.signInWithGoogle(googleUser(ada.user.email))).body;
    expect((await unlink('google', accessToken)).status).toBe(204);
    expect(await linkedOf(accessToken)).toEqual([]);
  });

  it('is refused if the provider is not linked, without a valid token, and with a revoked session', async () => {
    const ada = await kit.service.register();
    expect((await unlink('github', ada.accessToken)).status).toBe(404);
    expect((await unlink('myspace', ada.accessToken)).status).toBe(400);
    expect((await unlink('github', 'x')).status).toBe(401);
    await kit.service.post('/auth/logout', undefined, ada.accessToken);
    expect((await unlink('github', ada.accessToken)).status).toBe(401);
    expect((await kit.service.get('/auth/oauth/linked', ada.accessToken)).status).toBe(401);
  });
});
