import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let alice: TestUser;
beforeAll(async () => {
  chat = await Chat.start();
  alice = await chat.user();
});
afterAll(() => chat?.stop());

describe('tokens', () => {
  it.each([
    'GET /chat/conversations',
    'GET /chat/messages',
    'POST /chat/messages',
    'POST /chat/conversations',
    'POST /chat/messages/receipts',
  ])('%s without one, with a forged, an expired or an MFA enrolment token is UNAUTHENTICATED', async (route) => {
    const [method, path] = route.split(' ') as [string, string];
    const expired = await chat.tokens.issue({ userId: alice.userId, expiresInSeconds: -10 });
    const enrolment = await chat.tokens.issue({ userId: alice.userId, type: 'mfa-enrollment+jwt' });
    const forged = `${alice.token.slice(0, -4)}AAAA`;
    const bearers = [expired, enrolment, forged].map((token) => `Bearer ${token}`);
    for (const authorization of [undefined, 'Bearer', ...bearers, 'Bearer a.b.c', `Basic ${alice.token}`]) {
      const response = await fetch(chat.service.url + path, { method, headers: authorization === undefined ? {} : { authorization } });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
  });
});
