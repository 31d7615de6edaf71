import type { SessionCheck } from '@chat/shared/contracts';
import { internalTokensOf } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keysCommand } from '../src/cli/keys.command.js';
import { TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
beforeAll(async () => {
  service = await TestAuthService.start();
});
afterAll(() => service?.stop());

const gateway = () => internalTokensOf('api-gateway').issue('auth-service', { userId: 'api-gateway', sessionId: 'api-gateway' });
const check = async (sessionIds: string[], keyIds: string[] = []): Promise<SessionCheck> =>
  (await service.post('/auth/sessions/check', { sessionIds, keyIds }, gateway())).body;

async function openSession(): Promise<{ sessionId: string; accessToken: string }> {
  const { accessToken } = await service.register();
  const { sessionId } = (await service.post('/auth/validate', undefined, accessToken)).body;
  return { sessionId, accessToken };
}

it('tells which sessions are active, and when they expire, by the rule of the list of sessions', async () => {
  const [active, revoked, expired] = [await openSession(), await openSession(), await openSession()];
  await service.post('/auth/logout', undefined, revoked.accessToken);
  await service.database.query(`update sessions set expires_at = now() - interval '1 second' where id = $1`, [expired.sessionId]);
  await service.database.query(`update sessions set expires_at = now() + interval '100 seconds' where id = $1`, [active.sessionId]);
  const answer = await check([active, revoked, expired].map(({ sessionId }) => sessionId).concat(randomUUID()));
  expect(answer).toEqual({ active: [{ sessionId: active.sessionId, expiresInSeconds: expect.any(Number) }], withdrawnKeyIds: [] });
  expect(answer.active[0]!.expiresInSeconds).toBeLessThanOrEqual(100);
  expect((await service.get('/auth/sessions', active.accessToken)).body).toHaveLength(1);
  for (const { accessToken } of [revoked, expired]) {
    expect((await service.get('/auth/sessions', accessToken)).status).toBe(401);
    expect((await service.post('/auth/validate', undefined, accessToken)).status).toBe(401);
  }
});

it('tells which keys an operator has withdrawn', async () => {
  const [{ kid: withdrawn }] = (await service.get('/.well-known/jwks.json')).body.keys;
  expect(await check([], [withdrawn, 'unknown'])).toEqual({ active: [], withdrawnKeyIds: [] });
  await keysCommand(['withdraw', withdrawn], { AUTH_SECRET: service.config.authSecret, DATABASE_URL: service.config.database.url });
  expect((await check([], [withdrawn, 'unknown'])).withdrawnKeyIds).toEqual([withdrawn]);
});

it('answers the gateway only, and at most 1,000 ids', async () => {
  const { sessionId, accessToken } = await openSession();
  const asUser = internalTokensOf('chat-service').issue('auth-service', { userId: randomUUID(), sessionId });
  for (const [token, status] of [
    [accessToken, 403],
    [asUser, 403],
    [undefined, 401],
  ] as const)
    expect((await service.post('/auth/sessions/check', { sessionIds: [sessionId], keyIds: [] }, token)).status).toBe(status);
  const many = Array.from({ length: 1001 }, () => randomUUID());
  expect((await service.post('/auth/sessions/check', { sessionIds: many, keyIds: [] }, gateway())).status).toBe(400);
  expect(await check(many.slice(1))).toEqual({ active: [], withdrawnKeyIds: [] });
});
