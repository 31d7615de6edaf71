import { randomUUID } from 'node:crypto';
import { eventually, randomEmail } from '@chat/shared/testing';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuthenticatorApp, awayFromNewStep } from './kit/authenticator-app.js';
import { codeIn, newPkce, OAuthKit } from './kit/oauth-kit.js';

// A one-time code that comes twice with the right verifier is in the hands of two: nobody stays signed in by it (RFC 6749, 4.1.2).

let kit: OAuthKit;
beforeAll(async () => {
  kit = await OAuthKit.start();
  await kit.service.warmUp();
});
afterAll(() => kit?.stop());

const outcome = ({ status, body }: { status: number; body: any }) => [status, body?.code];
const BAD_CODE = [400, 'BAD_USER_INPUT'];
const isIn = async ({ body }: { body: any }) => (await kit.service.get('/auth/me', body.accessToken)).status === 200;
const liveSessionsOf = async (userId: string) =>
  (await kit.service.database.query('select 1 from sessions where user_id = $1 and revoked_at is null', [userId])).rowCount;

/** A code of somebody at Google, not used yet. */
async function newCode(subject: string) {
  const { verifier, challenge } = newPkce();
  const code = codeIn(await kit.throughGoogle(subject, `/auth/google?code_challenge=${challenge}`));
  return { code, exchange: (withVerifier: string | undefined = verifier) => kit.exchange(code, withVerifier) };
}

function somebody(email = randomEmail()): string {
  const subject = randomUUID();
  kit.google.users.set(subject, { email, email_verified: true, given_name: 'Ada' });
  return subject;
}

/** Somebody with an account that is not linked to Google yet, so that linking waits for whoever holds the account's row. */
async function somebodyToBeLinked() {
  const { user } = await kit.service.register();
  await kit.service.database.query('update accounts set email_verified_at = now() where id = $1', [user.userId]);
  return { userId: user.userId, subject: somebody(user.email) };
}

/** While `work` runs, nobody gets to change the account, nor to open a session of it. */
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

const someoneWaits = () =>
  eventually(async () => {
    const { rowCount } = await kit.service.database.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    expect(rowCount).toBeGreaterThan(0);
  });

describe('a code that comes again', () => {
  it('ends the session that it opened, and says so in the log', async () => {
    const { exchange } = await newCode(somebody());
    const entered = await exchange();
    expect([entered.status, await isIn(entered)]).toEqual([200, true]);
    expect(outcome(await exchange())).toEqual(BAD_CODE);
    expect(await isIn(entered)).toBe(false);
    expect((await kit.service.refresh(entered.body.refreshToken)).status).toBe(401);
    const { rows } = await kit.service.database.query(`select details from audit_events where user_id = $1 and type = 'session-revoked'`, [
      entered.body.user.userId,
    ]);
    expect(rows).toEqual([{ details: { by: 'code-used-again' } }]);
  });

  it('ends no other session of the account', async () => {
    const subject = somebody();
    const other = await (await newCode(subject)).exchange();
    const { exchange } = await newCode(subject);
    await exchange();
    await exchange();
    expect(await isIn(other)).toBe(true);
  });

  it('ends nothing without the right verifier', async () => {
    const { code, exchange } = await newCode(somebody());
    const entered = await exchange();
    for (const wrong of [newPkce().verifier, undefined]) expect(outcome(await kit.exchange(code, wrong))).toEqual(BAD_CODE);
    expect(await isIn(entered)).toBe(true);
  });

  it('at the very same moment leaves nobody signed in', async () => {
    for (let round = 0; round < 8; round += 1) {
      const subject = somebody();
      const { exchange } = await newCode(subject);
      const answers = await Promise.all([exchange(), exchange(), exchange()]);
      const entered = answers.filter(({ status }) => status === 200);
      const refused = answers.filter(({ status }) => status !== 200).map(outcome);
      expect(entered.length).toBeLessThanOrEqual(1);
      expect(refused).toEqual(refused.map(() => BAD_CODE));
      for (const answer of entered) expect(await isIn(answer)).toBe(false);
    }
  });

  it('while the account is still looked for keeps the session from being opened', async () => {
    const { userId, subject } = await somebodyToBeLinked();
    const before = await liveSessionsOf(userId);
    const { exchange } = await newCode(subject);
    const first = await holdingAccount(userId, async () => {
      const underWay = exchange();
      await someoneWaits();
      expect(outcome(await exchange())).toEqual(BAD_CODE);
      return { underWay };
    });
    expect(outcome(await first.underWay)).toEqual(BAD_CODE);
    expect(await liveSessionsOf(userId)).toBe(before);
  });

  it('while the session is being opened leaves nobody signed in', async () => {
    const subject = somebody();
    const { userId } = (await (await newCode(subject)).exchange()).body.user;
    const before = await liveSessionsOf(userId);
    const { exchange } = await newCode(subject);
    const answers = await holdingAccount(userId, async () => {
      const underWay = exchange();
      await someoneWaits();
      return { underWay, again: exchange() };
    });
    expect(outcome(await answers.again)).toEqual(BAD_CODE);
    await answers.underWay;
    expect(await liveSessionsOf(userId)).toBe(before);
  });
});

describe('a code whose sign-in needs a second factor', () => {
  beforeEach(awayFromNewStep);

  async function withSecondFactor() {
    const subject = somebody();
    const { accessToken, user } = (await (await newCode(subject)).exchange()).body;
    const { body } = await kit.service.post('/auth/totp/setup', undefined, accessToken);
    const app = AuthenticatorApp.of(body.secret);
    await kit.service.post('/auth/totp/confirm', { code: app.nextCode() }, accessToken);
    const { exchange } = await newCode(subject);
    const asked = await exchange();
    expect(outcome(asked)).toEqual([401, 'MFA_REQUIRED']);
    const complete = (mfaToken = asked.body.mfaToken) => kit.service.post('/auth/login/complete', { mfaToken, code: app.nextCode() });
    return { subject, exchange, complete, before: await liveSessionsOf(user.userId), userId: user.userId };
  }

  it('and that comes again before the second step makes that sign-in void, and no code of the app is spent', async () => {
    const { subject, exchange, complete, userId, before } = await withSecondFactor();
    expect(outcome(await exchange())).toEqual(BAD_CODE);
    expect(outcome(await complete())).toEqual([401, 'UNAUTHENTICATED']);
    expect(await liveSessionsOf(userId)).toBe(before);
    const next = await (await newCode(subject)).exchange();
    expect((await complete(next.body.mfaToken)).status).toBe(200);
  });

  it('and that comes again after the second step ends the session, also minutes later', async () => {
    const { exchange, complete, userId, before } = await withSecondFactor();
    await kit.service.database.query(`update oauth_used_codes set expires_at = expires_at - interval '4 minutes'`);
    const entered = await complete();
    expect([entered.status, await isIn(entered)]).toEqual([200, true]);
    expect(outcome(await exchange())).toEqual(BAD_CODE);
    expect(await isIn(entered)).toBe(false);
    expect(await liveSessionsOf(userId)).toBe(before);
  });

  it('and that comes again at the moment of the second step leaves nobody signed in', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { exchange, complete, userId, before } = await withSecondFactor();
      const [again, completed] = await Promise.all([exchange(), complete()]);
      expect(outcome(again)).toEqual(BAD_CODE);
      expect([200, 401]).toContain(completed.status);
      expect(await liveSessionsOf(userId)).toBe(before);
    }
  });

  it('and that comes once is completed as ever', async () => {
    const { complete } = await withSecondFactor();
    const entered = await complete();
    expect([entered.status, await isIn(entered)]).toEqual([200, true]);
  });
});
