import { routeRuleProblems, type RouteRules } from '@chat/shared/testing';
import { expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';

/** What another user sees of a profile: profiles.test.ts. */
const RULES: RouteRules = {
  'DELETE /profiles/me/cover': 'user',
  'DELETE /profiles/me/picture': 'user',
  // The signature in the URL allows it: upload-completion.test.ts.
  'GET /files/:fileId/:variant': 'open',
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'GET /profiles/:userId': 'user',
  'GET /profiles/me': 'user',
  'PATCH /profiles/me': 'user',
  'POST /files/uploads': 'user',
  'POST /files/uploads/:uploadId/complete': 'user',
  'POST /profiles': 'user',
  'POST /profiles/bulk': 'user',
  'POST /profiles/me/cover': 'user',
  'POST /profiles/me/picture': 'user',
  // The signature in the URL allows it: upload-transfers.test.ts.
  'PUT /files/uploads/:uploadId': 'open',
  'POST /profiles/search': 'user',
  'PUT /profiles/me/cover': 'user',
  'PUT /profiles/me/picture': 'user',
};

it('every route has a rule, and answers no other user or service', async () => {
  const profiles = await TestProfileService.start();
  const { app, url } = profiles.service;
  const signIn = () => profiles.auth.signIn();
  expect(await routeRuleProblems({ app, url, service: 'profile-service', rules: RULES, signIn })).toEqual([]);
  await profiles.stop();
});
