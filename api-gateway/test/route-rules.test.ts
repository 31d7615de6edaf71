import { routeRuleProblems, type RouteRules } from '@chat/shared/testing';
import { expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

const PROVIDERS = ['google', 'github', 'facebook'].flatMap((provider) => [provider, `${provider}/mobile`]);

/** Operations of GraphQL have rules of their own: graphql/access.guard.ts. */
const RULES: RouteRules = Object.fromEntries(
  [
    'GET /.well-known/jwks.json',
    ...PROVIDERS.flatMap((path) => [`GET /auth/${path}`, `GET /auth/${path}/callback`]),
    'GET /',
    'GET /auth/callback',
    'GET /favicon.ico',
    // The signature in the URL allows it, which the service checks, or for files of conversations the gateway.
    'GET /files/chat/:fileId/:variant',
    'PUT /files/chat/uploads/:uploadId',
    'GET /files/profiles/:fileId/:variant',
    'PUT /files/profiles/uploads/:uploadId',
    // The signature of the body allows it, which the service checks.
    'POST /files/chat/notifications/cloudinary',
    'POST /files/profiles/notifications/cloudinary',
    'GET /graphql',
    'GET /health/live',
    'GET /health/ready',
    'OPTIONS /graphql',
    'POST /graphql',
  ].map((route) => [route, 'open']),
);

it('no route of a service is reachable through the gateway but those that browsers need', async () => {
  const kit = await GatewayKit.start({ GRAPHQL_PLAYGROUND: 'false' });
  const { app, url } = kit.gateway;
  const signIn = () => kit.services.tokens.signIn();
  expect(await routeRuleProblems({ app, url, service: 'api-gateway', rules: RULES, signIn })).toEqual([]);
  await kit.stop();
});
