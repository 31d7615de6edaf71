import { routeRuleProblems, type RouteRules } from '@chat/shared/testing';
import { expect, it } from 'vitest';
import { RunningPresence } from './kit/running-presence.js';

/** The presence of another user is OFFLINE and never seen where it is hidden: visibility.test.ts. */
const RULES: RouteRules = {
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'GET /presence/me': 'user',
  'GET /presence/user/:userId': 'user',
  'POST /presence/bulk': 'user',
  'POST /presence/heartbeat': 'user',
  'POST /presence/offline': 'user',
  'POST /presence/update': 'user',
};

it('every route has a rule, and answers no other user or service', async () => {
  const presence = await RunningPresence.start(13);
  const [{ app, url }] = presence.instances as [RunningPresence['instances'][number]];
  const signIn = () => presence.auth.signIn();
  expect(await routeRuleProblems({ app, url, service: 'presence-service', rules: RULES, signIn })).toEqual([]);
  await presence.stop();
});
