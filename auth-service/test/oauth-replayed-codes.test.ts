import { randomUUID } from 'node:crypto';
import { eventually, randomEmail } from '@chat/shared/testing';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuthenticatorApp, awayFromNewStep } from './kit/authenticator-app.js';
import { codeIn, newPkce, OAuthKit } from './kit/oauth-kit.js';

// A one-time code that is sent twice with the right verifier is known to two clients. No session that it opened stays valid (RFC 6749, 4.1.2).

let kit: OAuthKit;
beforeAll(async () => {
  kit = await OAuthKit.start();
  await kit.service.warmUp();
});
afterAll(() => kit?.stop());

const outcome = ({ status, body }: { status: number; body: any }) => [status, body?.code];
const BAD_CODE = [400, 'BAD_USER_INPUT'];
const hasSession = async ({ body }: { body: any }) => (await kit.service.get('/auth/me', body.accessToken)).status === 200;
const liveSessionsOf = async (userId: string) =>
  (await kit.service.database.query('select 1 from sessions where user_id = $1 and revoked_at is null', [userId])).rowCount;

/** A code for a Google user that is not used yet. */
async function newCode(subject: string) {
  const { verifier, challenge } = newPkce();
  const code = codeIn(await kit.throughGoogle(subject, `/auth/google?code_challenge=${challenge}`));
  return { code, exchange: (withVerifier: string | undefined = verifier) => kit.exchange(code, withVerifier) };
}

function newUser(email = randomEmail()): string {
  const subject = randomUUID();
  kit.google.users.set(subject, { email, email_verified: true, hd: 'example.test', given_name: 'Ada' });
  return subject;
}

/** A user with an account that is not linked to Google yet, so that linking waits for the lock on the account's row. */
async function newUserToBeLinked() {
  const { user } = await kit.service.register();
  await kit.service.database.query('update accounts set email_verified_at = now() where id = $1', [user.userId]);
  return { userId: user.userId, subject: newUser(user.email) };
}

/** Locks the account's row while `work` runs, so that no request changes the account or opens a session of it. */
async function holdingAccount<T>(userId: string, work: (holder: PoolClient) => Promise<T>): Promise<T> {
  const holder = await kit.service.database.connect();
  try {
    await holder.query('begin');
    await holder.query('select 1 from accounts where id = $1 for update', [userId]);
    const result = await work(holder);
    await holder.query('commit');
    return result;
  } finally {
    holder.release();
  }
}

const untilARequestWaits = () =>
  eventually(async () => {
    const { rowCount } = await kit.service.database.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(rowCount).toBeGreaterThan(0);
  });

describe('a replayed code', () => {
  it('revokes the session that it opened, and is recorded in the audit log', async () => {
    const { exchange } = await newCode(newUser());
    const signedIn = await exchange();
    expect([signedIn.status, await hasSession(signedIn)]).toEqual([200, true]);
    expect(outcome(await exchange())).toEqual(BAD_CODE);
    expect(await hasSession(signedIn)).toBe(false);
    expect((await kit.service.refresh(signedIn.body.refreshToken)).status).toBe(401);
    const { rows } = await kit.service.database.query(`select details from audit_events where user_id = $1 and type = 'session-revoked'`, [
      signedIn.body.user.userId,
    ]);
    expect(rows).toEqual([{ details: { by: 'code-used-again' } }]);
  });

  it('revokes no other session of the account', async () => {
    const subject = newUser();
    const other = await (await newCode(subject)).exchange();
    const { exchange } = await newCode(subject);
    await exchange();
    await exchange();
    expect(await hasSession(other)).toBe(true);
  });

  it('revokes nothing without the right verifier', async () => {
    const { code, exchange } = await newCode(newUser());
    const signedIn = await exchange();
    for (const wrong of [newPkce().verifier, undefined]) expect(outcome(await kit.exchange(code, wrong))).toEqual(BAD_CODE);
    expect(await hasSession(signedIn)).toBe(true);
  });

  it('in concurrent requests leaves no session', async () => {
    for (let round = 0; round < 8; round += 1) {
      const subject = newUser();
      const { exchange } = await newCode(subject);
      const answers = await Promise.all([exchange(), exchange(), exchange()]);
      const signedIn = answers.filter(({ status }) => status === 200);
      const refused = answers.filter(({ status }) => status !== 200).map(outcome);
      expect(signedIn.length).toBeLessThanOrEqual(1);
      expect(refused).toEqual(refused.map(() => BAD_CODE));
      for (const answer of signedIn) expect(await hasSession(answer)).toBe(false);
    }
  });

  it('prevents the session while the account is being linked', async () => {
    const { userId, subject } = await newUserToBeLinked();
    const before = await liveSessionsOf(userId);
    const { exchange } = await newCode(subject);
    const first = await holdingAccount(userId, async () => {
      const underWay = exchange();
      await untilARequestWaits();
      expect(outcome(await exchange())).toEqual(BAD_CODE);
      return { underWay };
    });
    expect(outcome(await first.underWay)).toEqual(BAD_CODE);
    expect(await liveSessionsOf(userId)).toBe(before);
  });

  it('leaves no session while the session is being opened', async () => {
    const subject = newUser();
    const { userId } = (await (await newCode(subject)).exchange()).body.user;
    const before = await liveSessionsOf(userId);
    const { exchange } = await newCode(subject);
    const answers = await holdingAccount(userId, async () => {
      const underWay = exchange();
      await untilARequestWaits();
      return { underWay, replay: exchange() };
    });
    expect(outcome(await answers.replay)).toEqual(BAD_CODE);
    await answers.underWay;
    expect(await liveSessionsOf(userId)).toBe(before);
  });
});

describe('a code whose sign-in requires a second factor', () => {
  beforeEach(awayFromNewStep);

  async function userWithSecondFactor() {
    const subject = newUser();
    const { accessToken, user } = (await (await newCode(subject)).exchange()).body;
    const { body } = await kit.service.post('/auth/totp/setup', undefined, accessToken);
    const app = AuthenticatorApp.of(body.secret);
    await kit.service.post('/auth/totp/confirm', { code: app.nextCode() }, accessToken);
    const { exchange } = await newCode(subject);
    const pending = await exchange();
    expect(outcome(pending)).toEqual([401, 'MFA_REQUIRED']);
    const complete = (mfaToken = pending.body.mfaToken) => kit.service.post('/auth/login/complete', { mfaToken, code: app.nextCode() });
    return { subject, exchange, complete, before: await liveSessionsOf(user.userId), userId: user.userId };
  }

  it('cancels the sign-in if it is replayed before the second step, and uses up no TOTP code', async () => {
    const { subject, exchange, complete, userId, before } = await userWithSecondFactor();
    expect(outcome(await exchange())).toEqual(BAD_CODE);
    expect(outcome(await complete())).toEqual([401, 'UNAUTHENTICATED']);
    expect(await liveSessionsOf(userId)).toBe(before);
    const next = await (await newCode(subject)).exchange();
    expect((await complete(next.body.mfaToken)).status).toBe(200);
  });

  it('revokes the session if it is replayed after the second step, also minutes later', async () => {
    const { exchange, complete, userId, before } = await userWithSecondFactor();
    await kit.service.database.query(`update oauth_used_codes set expires_at = expires_at - interval '4 minutes'`);
    const signedIn = await complete();
    expect([signedIn.status, await hasSession(signedIn)]).toEqual([200, true]);
    expect(outcome(await exchange())).toEqual(BAD_CODE);
    expect(await hasSession(signedIn)).toBe(false);
    expect(await liveSessionsOf(userId)).toBe(before);
  });

  it('leaves no session if it is replayed during the second step', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { exchange, complete, userId, before } = await userWithSecondFactor();
      const [replay, completed] = await Promise.all([exchange(), complete()]);
      expect(outcome(replay)).toEqual(BAD_CODE);
      expect([200, 401]).toContain(completed.status);
      expect(await liveSessionsOf(userId)).toBe(before);
    }
  });

  it('opens a session if it is not replayed', async () => {
    const { complete } = await userWithSecondFactor();
    const signedIn = await complete();
    expect([signedIn.status, await hasSession(signedIn)]).toEqual([200, true]);
  });
});
