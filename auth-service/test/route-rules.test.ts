import { routeRuleProblems, type RouteRules } from '@chat/shared/testing';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestAuthService } from './kit/auth-service.js';

const PROVIDERS = ['google', 'github', 'facebook'].flatMap((provider) => [provider, `${provider}/mobile`]);

const RULES: RouteRules = {
  'DELETE /auth/oauth/linked/:provider': 'user',
  'DELETE /auth/sessions/:sessionId': 'user',
  'GET /.well-known/jwks.json': 'open',
  ...Object.fromEntries(PROVIDERS.flatMap((path) => [`GET /auth/${path}`, `GET /auth/${path}/callback`].map((route) => [route, 'open']))),
  'GET /auth/me': 'user',
  'GET /auth/oauth/linked': 'user',
  'GET /auth/oauth/providers': 'open',
  'GET /auth/oauth/url/:provider': 'open',
  'GET /auth/security-events': 'user',
  'GET /auth/sessions': 'user',
  'GET /auth/users/:userId': ['chat-service', 'profile-service'],
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'POST /auth/account/delete': 'user',
  'POST /auth/email/verification': 'user',
  'POST /auth/email/verify': 'open',
  'POST /auth/login': 'open',
  'POST /auth/login/complete': 'open',
  'POST /auth/logout': 'user',
  'POST /auth/oauth/exchange': 'open',
  'POST /auth/oauth/id-token': 'open',
  'POST /auth/password/change': 'user',
  'POST /auth/password/forgot': 'open',
  'POST /auth/password/reset': 'open',
  'POST /auth/refresh': 'open',
  'POST /auth/register': 'open',
  'POST /auth/sessions/check': ['api-gateway'],
  'POST /auth/sessions/revoke-others': 'user',
  'POST /auth/totp/confirm': 'user',
  'POST /auth/totp/disable': 'user',
  'POST /auth/totp/setup': 'user',
  'POST /auth/validate': 'user',
};

let service: TestAuthService;
beforeAll(async () => {
  service = await TestAuthService.start();
});
afterAll(() => service?.stop());

it('every route has a rule, and answers no other user or service', async () => {
  const signIn = async () => {
    const { accessToken: token, user } = await service.register();
    return { token, userId: user.userId, sessionId: String(decodeJwt(token)['sid']) };
  };
  expect(await routeRuleProblems({ app: service.app, url: service.url, service: 'auth-service', rules: RULES, signIn })).toEqual([]);
});

it('a stranger does not find the session of another user', async () => {
  const [ada, stranger] = [await service.register(), await service.register()];
  const sessionId = String(decodeJwt(ada.accessToken)['sid']);
  expect(await service.delete(`/auth/sessions/${sessionId}`, stranger.accessToken)).toMatchObject({ status: 404 });
  expect((await service.get('/auth/me', ada.accessToken)).status).toBe(200);
});
