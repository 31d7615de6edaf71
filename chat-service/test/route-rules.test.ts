import { routeRuleProblems, type RouteRules } from '@chat/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';

const RULES: RouteRules = {
  'DELETE /chat/groups/:conversationId/members/:userId': 'user',
  'DELETE /chat/messages/:messageId': 'user',
  'DELETE /chat/messages/:messageId/reactions': 'user',
  'DELETE /chat/blocks/:userId': 'user',
  'GET /chat/blocks': 'user',
  'GET /chat/conversations': 'user',
  'GET /chat/conversations/:conversationId': 'user',
  'GET /chat/conversations/:conversationId/for-members': ['api-gateway'],
  'GET /chat/messages': 'user',
  'GET /chat/messages/:messageId': 'user',
  'GET /chat/messages/:messageId/reactions': 'user',
  'GET /chat/messages/:messageId/versions': 'user',
  'GET /files/:fileId/:variant': 'user',
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'PATCH /chat/conversations/:conversationId/delivered': 'user',
  'PATCH /chat/conversations/:conversationId/read': 'user',
  'PATCH /chat/groups/:conversationId': 'user',
  'PATCH /chat/groups/:conversationId/members/:userId': 'user',
  'PATCH /chat/messages/:messageId': 'user',
  'PATCH /chat/messages/:messageId/read': 'user',
  'POST /chat/attachments': 'user',
  'POST /chat/conversations': 'user',
  'POST /chat/conversations/bulk': 'user',
  'POST /chat/conversations/members': 'user',
  'POST /chat/conversations/:conversationId/leave': 'user',
  'POST /chat/groups': 'user',
  'POST /chat/groups/:conversationId/members': 'user',
  'POST /chat/messages': 'user',
  'POST /chat/messages/:messageId/reactions': 'user',
  'POST /chat/messages/bulk': 'user',
  'POST /chat/messages/own-reactions': 'user',
  'POST /chat/messages/receipts': 'user',
  'POST /chat/receipts/delivered': ['api-gateway'],
  'PUT /chat/blocks/:userId': 'user',
  'PUT /chat/conversations/:conversationId/mute': 'user',
  'PUT /chat/conversations/:conversationId/typing': 'user',
  'POST /chat/messages/search': 'user',
  'POST /files/uploads': 'user',
  'POST /files/uploads/:uploadId/complete': 'user',
  // The signature in the URL allows it.
  'PUT /files/uploads/:uploadId': 'open',
};

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

it('every route has a rule, and answers no other user or service', async () => {
  const { app, url } = chat.service;
  const signIn = () => chat.tokens.signIn();
  expect(await routeRuleProblems({ app, url, service: 'chat-service', rules: RULES, signIn })).toEqual([]);
});

it('a stranger learns nothing of a conversation on any route, as if it did not exist', async () => {
  const [ada, ben, stranger] = await chat.users(3);
  const { conversationId, id } = await ada!.send({ receiverId: ben!.userId, content: 'secret' });
  const requests: [string, string, unknown?][] = [
    ['GET', `/chat/conversations/${conversationId}`],
    ['PATCH', `/chat/conversations/${conversationId}/read`, { seq: 1 }],
    ['PATCH', `/chat/conversations/${conversationId}/delivered`, { seq: 1 }],
    ['PUT', `/chat/conversations/${conversationId}/typing`, { typing: true }],
    ['PUT', `/chat/conversations/${conversationId}/mute`, { until: null }],
    ['GET', `/chat/messages?conversationId=${conversationId}`],
    ['GET', `/chat/messages/${id}`],
    ['PATCH', `/chat/messages/${id}/read`],
    ['GET', `/chat/messages/${id}/versions`],
    ['GET', `/chat/messages/${id}/reactions?emoji=${encodeURIComponent('👍')}`],
    ['PATCH', `/chat/messages/${id}`, { content: 'x' }],
    ['DELETE', `/chat/messages/${id}`],
    ['POST', `/chat/messages/${id}/reactions`, { emoji: '👍' }],
    ['DELETE', `/chat/messages/${id}/reactions?emoji=${encodeURIComponent('👍')}`],
    ['POST', '/chat/messages', { conversationId, content: 'x' }],
    ['POST', '/chat/messages/search', { conversationId, query: 'secret' }],
    ['PATCH', `/chat/groups/${conversationId}`, { title: 'x' }],
    ['POST', `/chat/groups/${conversationId}/members`, { userIds: [stranger!.userId] }],
    ['PATCH', `/chat/groups/${conversationId}/members/${ada!.userId}`, { role: 'MEMBER' }],
    ['DELETE', `/chat/groups/${conversationId}/members/${ada!.userId}`],
    ['POST', `/chat/conversations/${conversationId}/leave`],
  ];
  for (const [method, path, body] of requests)
    expect(await stranger!.request(method, path, body)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  expect(await stranger!.must('POST', '/chat/conversations/bulk', { conversationIds: [conversationId] })).toEqual([]);
  expect(await stranger!.must('POST', '/chat/conversations/members', { conversationIds: [conversationId] })).toEqual([]);
  expect(await stranger!.must('POST', '/chat/messages/receipts', { messageIds: [id] })).toEqual([]);
  expect(await stranger!.must('POST', '/chat/messages/own-reactions', { messageIds: [id] })).toEqual([]);
  expect(await stranger!.must('POST', '/chat/messages/bulk', { messageIds: [id] })).toEqual([]);
  expect(await stranger!.must('POST', '/chat/messages/search', { query: 'secret' })).toEqual({ data: [], nextCursor: null });
  expect(await stranger!.must('GET', '/chat/conversations')).toMatchObject({ data: [], total: 0 });
});
