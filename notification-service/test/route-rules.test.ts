import { routeRuleProblems, type RouteRules } from '@chat/shared/testing';
import { expect, it } from 'vitest';
import { useService } from './kit/running-service.js';

/** The notifications of another user are NOT_FOUND: rest-api.test.ts. */
const RULES: RouteRules = {
  'DELETE /notifications/:id': 'user',
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'GET /notifications': 'user',
  'GET /notifications/unread-count': 'user',
  'PATCH /notifications/:id/read': 'user',
  'POST /feed/end-position': ['api-gateway'],
  'POST /feed/replay': ['api-gateway'],
  'POST /notifications/mark-all-read': 'user',
};

const test = useService();

it('every route has a rule, and answers no other user or service', async () => {
  const { app, url } = test.service;
  const signIn = () => test.tokens.signIn();
  expect(await routeRuleProblems({ app, url, service: 'notification-service', rules: RULES, signIn })).toEqual([]);
});
