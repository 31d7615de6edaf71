import { REVOKED_SESSIONS_KEY } from '@chat/shared/auth';
import { channels } from '@chat/shared/realtime';
import { eventually, testInfra } from '@chat/shared/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthService } from './kit/auth-service.js';
import { FaultProxy } from '@chat/testkit/fault-proxy';

let service: TestAuthService;
let redisProxy: FaultProxy;
let redis: Redis;
let listener: Redis;
/** The published revocations, in order. */
const published: { sessionId: string; userId: string }[] = [];

beforeAll(async () => {
  redisProxy = await FaultProxy.start(testInfra().redisUrl);
  service = await TestAuthService.start({ REDIS_URL: redisProxy.urlFor(testInfra().redisUrl) });
  redis = new Redis(testInfra().redisUrl);
  listener = new Redis(testInfra().redisUrl);
  listener.on('message', (_, text) => published.push(JSON.parse(text)));
  await listener.subscribe(channels.sessionRevoked);
});
afterAll(async () => {
  redis?.disconnect();
  listener?.disconnect();
  await service?.stop();
  redisProxy?.close();
});

const sessionOf = async (accessToken: string): Promise<string> =>
  (await service.post('/auth/validate', undefined, accessToken)).body.sessionId;
const isPublished = (sessionId: string) => published.some((one) => one.sessionId === sessionId);
const timesPublished = (sessionId: string) => published.filter((one) => one.sessionId === sessionId).length;

/** Makes a used token older. */
const age = (userId: string, seconds: number) =>
  service.database.query(
    `update refresh_tokens set spent_at = spent_at - make_interval(secs => $2) where spent_at is not null
        and session_id in (select id from sessions where user_id = $1)`,
    [userId, seconds],
  );

/** Status, code and message of a refresh: those of a refused one are always REFUSED. */
async function outcomeOf(refreshToken: string): Promise<unknown[]> {
  const { status, body } = await service.refresh(refreshToken);
  return [status, body.code, body.detail];
}

const REFUSED = [401, 'UNAUTHENTICATED', 'The refresh token is not valid. Sign in again.'];

describe('a refresh token', () => {
  it('returns new tokens of the same session, again and again', async () => {
    const ada = await service.register();
    const sessionId = await sessionOf(ada.accessToken);
    let { refreshToken } = ada;
    for (let reservation = 0; reservation < 3; reservation += 1) {
      const { status, body } = await service.refresh(refreshToken);
      expect(status).toBe(200);
      expect(body.user).toEqual(ada.user);
      expect(body.refreshToken).toMatch(/^[\w-]{43}$/);
      expect(body.refreshToken).not.toBe(refreshToken);
      expect(await sessionOf(body.accessToken)).toBe(sessionId);
      ({ refreshToken } = body);
    }
  });

  it('presented 20 times at once has one successor', async () => {
    const ada = await service.register();
    await service.warmUp();
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.refresh(ada.refreshToken)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const successors = new Set(answers.map(({ body }) => body.refreshToken));
    expect(successors.size).toBe(1);
    expect((await service.refresh([...successors][0])).status).toBe(200);
  });

  it('returns the same successor again while that is unused, for a lost response', async () => {
    const ada = await service.register();
    const first = await service.refresh(ada.refreshToken);
    await age(ada.user.userId, 8);
    const again = await service.refresh(ada.refreshToken);
    expect(again.body.refreshToken).toBe(first.body.refreshToken);
  });

  it('used again after 10 seconds revokes its session', async () => {
    const ada = await service.register();
    const { body: next } = await service.refresh(ada.refreshToken);
    await age(ada.user.userId, 11);
    expect(await outcomeOf(ada.refreshToken)).toEqual(REFUSED);
    expect(await outcomeOf(next.refreshToken)).toEqual(REFUSED);
    expect((await service.get('/auth/me', next.accessToken)).status).toBe(401);
  });

  it('used again after its successor was used revokes its session, however soon', async () => {
    const ada = await service.register();
    const sessionId = await sessionOf(ada.accessToken);
    const { body: second } = await service.refresh(ada.refreshToken);
    const { body: third } = await service.refresh(second.refreshToken);
    expect(await outcomeOf(ada.refreshToken)).toEqual(REFUSED);
    expect(await outcomeOf(third.refreshToken)).toEqual(REFUSED);
    expect((await service.get('/auth/me', third.accessToken)).status).toBe(401);
    await eventually(() => isPublished(sessionId));
    expect(published).toContainEqual({ sessionId, userId: ada.user.userId });
  });

  it('of another session stays valid when one was revoked by reuse', async () => {
    const ada = await service.register();
    const { body: other } = await service.post('/auth/login', { email: ada.user.email, password: ada.password });
    const { body: second } = await service.refresh(ada.refreshToken);
    await service.refresh(second.refreshToken);
    expect(await outcomeOf(ada.refreshToken)).toEqual(REFUSED);
    expect((await service.refresh(other.refreshToken)).status).toBe(200);
  });

  it('is refused when it has expired', async () => {
    const ada = await service.register();
    await service.database.query(
      `update refresh_tokens set expires_at = now() - interval '1 s' where session_id in (select id from sessions where user_id = $1)`,
      [ada.user.userId],
    );
    expect(await outcomeOf(ada.refreshToken)).toEqual(REFUSED);
  });

  it('never outlives the maximum lifetime of its session, however often it is used', async () => {
    const ada = await service.register();
    const daysLeft = async (): Promise<number> => {
      const { rows } = await service.database.query(
        `select extract(epoch from max(t.expires_at) - now()) / 86400 as days, bool_and(t.expires_at <= s.expires_at) as within
           from refresh_tokens t join sessions s on s.id = t.session_id where s.user_id = $1`,
        [ada.user.userId],
      );
      expect(rows[0].within).toBe(true);
      return Number(rows[0].days);
    };
    const startedDaysAgo = (days: number) =>
      service.database.query('update sessions set created_at = now() - make_interval(days => $2) where user_id = $1', [
        ada.user.userId,
        days,
      ]);
    expect(await daysLeft()).toBeCloseTo(30, 1);
    await startedDaysAgo(179);
    const { body: next } = await service.refresh(ada.refreshToken);
    await service.database.query('delete from refresh_tokens where spent_at is not null');
    expect(await daysLeft()).toBeCloseTo(1, 1);
    await startedDaysAgo(180);
    expect(await outcomeOf(next.refreshToken)).toEqual(REFUSED);
  });

  it.each([['A'.repeat(43)], ['x'], ['../../etc'], ["' or 1=1 --"]])('that was never issued is refused: %s', async (token) => {
    expect(await outcomeOf(token)).toEqual(REFUSED);
  });

  it('is not accepted as an access token, nor an access token as a refresh token', async () => {
    const ada = await service.register();
    expect((await service.get('/auth/me', ada.refreshToken)).status).toBe(401);
    expect(await outcomeOf(ada.accessToken)).toEqual(REFUSED);
  });

  it('that is not text is bad input', async () => {
    for (const refreshToken of [undefined, 7, null]) {
      const { status, body } = await service.post('/auth/refresh', { refreshToken });
      expect([status, body.code]).toEqual([400, 'BAD_USER_INPUT']);
    }
  });

  it('that is not a token is invalid, whatever it looks like', async () => {
    for (const refreshToken of ['', 'x'.repeat(501), 'x\u0000', '\ud800']) {
      const { status, body } = await service.post('/auth/refresh', { refreshToken });
      expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
    }
  });
});

describe('logout', () => {
  it('revokes the session at once, with its refresh token and its access tokens, and no other session', async () => {
    const ada = await service.register();
    const { body: other } = await service.post('/auth/login', { email: ada.user.email, password: ada.password });
    const sessionId = await sessionOf(ada.accessToken);
    const { status, body } = await service.post('/auth/logout', undefined, ada.accessToken);
    expect([status, body]).toEqual([204, undefined]);
    expect((await service.get('/auth/me', ada.accessToken)).status).toBe(401);
    expect(await outcomeOf(ada.refreshToken)).toEqual(REFUSED);
    await eventually(() => isPublished(sessionId));
    const endsAtMs = Number(await redis.zscore(REVOKED_SESSIONS_KEY, sessionId));
    expect(endsAtMs).toBeGreaterThan(Date.now() + 890_000);
    // The guard knows the revocation as well: routes that read no database refuse the token, too.
    await eventually(async () => (await service.get(`/auth/users/${ada.user.userId}`, ada.accessToken)).status === 401);
    expect((await service.get('/auth/me', other.accessToken)).status).toBe(200);
    expect((await service.refresh(other.refreshToken)).status).toBe(200);
  });

  it('20 times at once revokes one session once', async () => {
    const ada = await service.register();
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.post('/auth/logout', undefined, ada.accessToken)));
    expect(answers.every(({ status }) => status === 204 || status === 401)).toBe(true);
    expect(await outcomeOf(ada.refreshToken)).toEqual(REFUSED);
  });

  it('works while Redis is unavailable, and is published when Redis is available again', async () => {
    const ada = await service.register();
    const sessionId = await sessionOf(ada.accessToken);
    redisProxy.refuse();
    try {
      expect((await service.post('/auth/logout', undefined, ada.accessToken)).status).toBe(204);
      expect((await service.get('/auth/me', ada.accessToken)).status).toBe(401);
      expect(await outcomeOf(ada.refreshToken)).toEqual(REFUSED);
      expect(isPublished(sessionId)).toBe(false);
      expect(await redis.zscore(REVOKED_SESSIONS_KEY, sessionId)).toBeNull();
    } finally {
      redisProxy.resume();
    }
    await eventually(() => isPublished(sessionId));
    expect(await redis.zscore(REVOKED_SESSIONS_KEY, sessionId)).not.toBeNull();
  });
});

describe('publishing revocations', () => {
  it('is completed by another process if the revoking process crashed', async () => {
    const ada = await service.register();
    const sessionId = await sessionOf(ada.accessToken);
    await service.database.query('update sessions set revoked_at = now() where id = $1', [sessionId]);
    await eventually(() => isPublished(sessionId));
    await eventually(async () => {
      const { rows } = await service.database.query('select revocation_published_at as at from sessions where id = $1', [sessionId]);
      return rows[0].at !== null;
    });
    expect((await service.get('/auth/me', ada.accessToken)).status).toBe(401);
  });

  it('is repeated when Redis is available again and may have lost them, for tokens that are still valid', async () => {
    const [ada, ben] = [await service.register(), await service.register()];
    const [recent, old] = [await sessionOf(ada.accessToken), await sessionOf(ben.accessToken)];
    for (const token of [ada.accessToken, ben.accessToken]) await service.post('/auth/logout', undefined, token);
    await eventually(() => isPublished(recent) && isPublished(old));
    await eventually(async () => {
      const { rowCount } = await service.database.query(
        'select 1 from sessions where revoked_at is not null and revocation_published_at is null',
      );
      return rowCount === 0;
    });
    await service.database.query(`update sessions set revoked_at = revoked_at - interval '1 hour' where id = $1`, [old]);
    redisProxy.refuse();
    await redis.zrem(REVOKED_SESSIONS_KEY, recent, old);
    redisProxy.resume();
    await eventually(async () => (await redis.zscore(REVOKED_SESSIONS_KEY, recent)) !== null);
    expect(await redis.zscore(REVOKED_SESSIONS_KEY, old)).toBeNull();
    expect(timesPublished(recent)).toBeGreaterThan(1);
    expect(timesPublished(old)).toBe(1);
  });
});
