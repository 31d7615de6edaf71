import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { REVOKED_SESSIONS_KEY, RevokedSessions } from '../src/auth/index.js';
import { silentLog } from '../src/observability/index.js';
import { RedisConfig } from '../src/config/index.js';
import { createRedis, waitForRedis } from '../src/realtime/index.js';
import { eventually, testRedisConfig } from '../src/testing/index.js';
import { killConnections } from './kit/redis-kill.js';

const inAnHour = () => Date.now() + 3_600_000;

describe('RevokedSessions', () => {
  let redis: Redis;
  const opened: RevokedSessions[] = [];
  const made: string[] = [];
  const newSession = () => {
    const id = randomUUID();
    made.push(id);
    return id;
  };
  const open = async (config = testRedisConfig()) => {
    const sessions = new RevokedSessions({ redis: config, logger: silentLog });
    opened.push(sessions);
    sessions.start();
    await eventually(() => sessions.isLoaded);
    return sessions;
  };

  beforeAll(async () => {
    redis = createRedis(testRedisConfig(), 'test', silentLog);
    await waitForRedis(redis);
  });
  afterEach(() => {
    for (const sessions of opened.splice(0)) sessions.close();
  });
  afterAll(async () => {
    if (made.length > 0) await redis.zrem(REVOKED_SESSIONS_KEY, ...made);
    redis.disconnect();
  });

  it('knows the sessions that were revoked before it started, and those that are revoked now', async () => {
    const [before, now, other] = [newSession(), newSession(), newSession()];
    await RevokedSessions.revoke(redis, { sessionId: before, userId: 'u1', lastTokenEndsAtMs: inAnHour() });
    const sessions = await open();
    expect(sessions.isRevoked(before)).toBe(true);
    const heard: string[] = [];
    sessions.onRevoked(({ sessionId, userId }) => heard.push(`${sessionId} ${userId}`));
    await RevokedSessions.revoke(redis, { sessionId: now, userId: 'u2', lastTokenEndsAtMs: inAnHour() });
    await eventually(() => sessions.isRevoked(now));
    expect(heard).toEqual([`${now} u2`]);
    expect(sessions.isRevoked(other)).toBe(false);
  });

  it('removes a session whose last token has expired', async () => {
    const old = newSession();
    await RevokedSessions.revoke(redis, { sessionId: old, userId: 'u1', lastTokenEndsAtMs: Date.now() - 1 });
    await RevokedSessions.revoke(redis, { sessionId: newSession(), userId: 'u1', lastTokenEndsAtMs: inAnHour() });
    expect(await redis.zscore(REVOKED_SESSIONS_KEY, old)).toBeNull();
    expect((await open()).isRevoked(old)).toBe(false);
  });

  it('loads, after a reconnect, the sessions that were revoked during the outage', async () => {
    const sessions = await open();
    const heard: string[] = [];
    sessions.onRevoked(({ sessionId }) => heard.push(sessionId));
    const missed = newSession();
    // Stored, but not published: this is the result of a revocation during the outage.
    await redis.zadd(REVOKED_SESSIONS_KEY, inAnHour(), missed);
    expect(sessions.isRevoked(missed)).toBe(false);
    expect(await killConnections(testRedisConfig().url, 'revoked-sessions-subscriber')).toBeGreaterThan(0);
    await eventually(() => sessions.isRevoked(missed));
    expect(heard).toContain(missed);
    const live = newSession();
    await RevokedSessions.revoke(redis, { sessionId: live, userId: 'u1', lastTokenEndsAtMs: inAnHour() });
    await eventually(() => sessions.isRevoked(live));
  });

  it('ignores messages that are not readable', async () => {
    const sessions = await open();
    await redis.publish('session:revoked', 'no json');
    await redis.publish('session:revoked', 'null');
    await redis.publish('session:revoked', '{"sessionId":7}');
    const live = newSession();
    await RevokedSessions.revoke(redis, { sessionId: live, userId: 'u1', lastTokenEndsAtMs: inAnHour() });
    await eventually(() => sessions.isRevoked(live));
  });

  it('starts without Redis, with no revoked session', () => {
    const sessions = new RevokedSessions({ redis: RedisConfig.fromUrl('redis://127.0.0.1:20154'), logger: silentLog });
    opened.push(sessions);
    sessions.start();
    expect(sessions.isRevoked('any')).toBe(false);
    expect(sessions.isLoaded).toBe(false);
  });
});
