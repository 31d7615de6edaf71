import { migrateUnderLock } from '@chat/shared/database';
import { silentLog } from '@chat/shared/observability';
import { createTestDatabase } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAuthDataSource } from '../src/data-source.js';
import { buildOpenApi } from '../src/openapi.js';
import { SessionCleanup } from '../src/sessions/session-cleanup.js';
import { TestAuthService } from './kit/auth-service.js';

let service: TestAuthService;
beforeAll(async () => {
  service = await TestAuthService.start();
});
afterAll(() => service?.stop());

const ROUTES = [
  'DELETE /auth/oauth/linked/{provider}',
  'DELETE /auth/sessions/{sessionId}',
  'GET /.well-known/jwks.json',
  'GET /auth/facebook',
  'GET /auth/facebook/callback',
  'GET /auth/facebook/mobile',
  'GET /auth/facebook/mobile/callback',
  'GET /auth/github',
  'GET /auth/github/callback',
  'GET /auth/github/mobile',
  'GET /auth/github/mobile/callback',
  'GET /auth/google',
  'GET /auth/google/callback',
  'GET /auth/google/mobile',
  'GET /auth/google/mobile/callback',
  'GET /auth/me',
  'GET /auth/oauth/linked',
  'GET /auth/oauth/providers',
  'GET /auth/oauth/url/{provider}',
  'GET /auth/security-events',
  'GET /auth/sessions',
  'GET /auth/users/{userId}',
  'POST /auth/account/delete',
  'POST /auth/email/verification',
  'POST /auth/email/verify',
  'POST /auth/login',
  'POST /auth/login/complete',
  'POST /auth/logout',
  'POST /auth/oauth/exchange',
  'POST /auth/oauth/id-token',
  'POST /auth/password/change',
  'POST /auth/password/forgot',
  'POST /auth/password/reset',
  'POST /auth/refresh',
  'POST /auth/register',
  'POST /auth/sessions/check',
  'POST /auth/sessions/revoke-others',
  'POST /auth/totp/confirm',
  'POST /auth/totp/disable',
  'POST /auth/totp/setup',
  'POST /auth/validate',
];

it('documents every route, with and without infrastructure', async () => {
  const document = await buildOpenApi();
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, summary: operation.summary as string })),
  );
  expect(operations.map(({ route }) => route).sort()).toEqual(ROUTES);
  expect(operations.filter(({ summary }) => !summary)).toEqual([]);
  const served = (await service.get('/docs-json')).body;
  expect(served.paths).toMatchObject(document.paths);
  expect(served.components.schemas.RegisterDto.required).toEqual(['email', 'username', 'password']);
});

it('is live and ready', async () => {
  expect((await service.get('/health/live')).status).toBe(200);
  expect((await service.get('/health/ready')).status).toBe(200);
});

it('responds to an unknown route with a problem and security headers', async () => {
  const { status, body, contentType, headers } = await service.get('/auth/nothing');
  expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
  expect(contentType).toContain('application/problem+json');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-powered-by')).toBeNull();
});

it('purges expired refresh tokens and sessions, and no others', async () => {
  const database = await createTestDatabase({
    schema: 'auth',
    role: 'auth_service',
    migrate: (config) => migrateUnderLock(createAuthDataSource(config)),
  });
  const dataSource = await createAuthDataSource(database.config).initialize();
  try {
    await dataSource.query(`
      with a as (insert into accounts (id, email, email_normalised, username, username_normalised)
                 values (gen_random_uuid(), 'a', 'a', 'a', 'a') returning id),
           s as (insert into sessions (id, user_id, last_used_at, expires_at)
                 select gen_random_uuid(), a.id, now(), now() + make_interval(days => n) from a, generate_series(-1, 1, 2) n returning id, expires_at)
      insert into refresh_tokens (hash, session_id, expires_at)
      select sha256((s.id::text || n)::bytea), s.id, now() + make_interval(days => n) from s, generate_series(-1, 1, 2) n`);
    await new SessionCleanup(dataSource, silentLog).purge();
    const count = async (table: string) =>
      (await dataSource.query(`select count(*)::int as n, min(expires_at) > now() as live from ${table}`))[0];
    expect(await count('sessions')).toEqual({ n: 1, live: true });
    expect(await count('refresh_tokens')).toEqual({ n: 1, live: true });
  } finally {
    await dataSource.destroy();
    await database.drop();
  }
});

it('two instances run on one database', async () => {
  const second = await TestAuthService.start({ DATABASE_URL: service.config.database.url! });
  try {
    const ada = await second.register();
    expect((await service.get('/auth/me', ada.accessToken)).body).toEqual(ada.user);
    expect((await service.refresh(ada.refreshToken)).status).toBe(200);
  } finally {
    await second.stop();
  }
});
