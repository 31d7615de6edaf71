import { newId } from '@chat/shared/database';
import { eventually, internalTokensOf } from '@chat/shared/testing';
import { describe, expect, it } from 'vitest';
import { Conversation } from './kit/events.js';
import { useService } from './kit/running-service.js';

const test = useService();
const { write, publish, call, notificationsOf, isReady } = test;

describe('the REST API', () => {
  it('reads, marks and deletes the notifications of the current user', async () => {
    const bob = newId();
    const conversations = [
      new Conversation(write, [newId(), bob]),
      new Conversation(write, [newId(), bob]),
      new Conversation(write, [newId(), bob]),
    ];
    for (const conversation of conversations) {
      conversation.create();
      conversation.send(conversation.members[0]!);
    }
    await publish();
    await eventually(async () => expect((await call('GET', '/notifications/unread-count', bob)).body).toEqual({ count: 3 }));
    const { data } = await notificationsOf(bob);
    expect(await call('PATCH', `/notifications/${data[0]!.id}/read`, bob)).toMatchObject({
      status: 200,
      body: { id: data[0]!.id, read: true },
    });
    expect(await call('PATCH', `/notifications/${data[0]!.id.toUpperCase()}/read`, bob)).toMatchObject({
      status: 200,
      body: { read: true },
    });
    expect((await call('GET', '/notifications?unreadOnly=true&limit=1&page=2', bob)).body).toMatchObject({
      total: 2,
      totalPages: 2,
      page: 2,
      limit: 1,
      unreadCount: 2,
      data: [{ id: data[2]!.id }],
    });
    expect((await call('DELETE', `/notifications/${data[1]!.id}`, bob)).status).toBe(204);
    expect(await call('DELETE', `/notifications/${data[1]!.id}`, bob)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect((await call('POST', '/notifications/mark-all-read', bob)).status).toBe(204);
    expect(await notificationsOf(bob)).toMatchObject({ total: 2, unreadCount: 0 });
    const otherUser = newId();
    expect(await call('PATCH', `/notifications/${data[0]!.id}/read`, otherUser)).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
    expect(await call('DELETE', `/notifications/${data[0]!.id}`, otherUser)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  it.each([
    ['GET', '/notifications?page=0', undefined],
    ['GET', '/notifications?limit=101', undefined],
    ['GET', '/notifications?limit=x', undefined],
    ['GET', '/notifications?unreadOnly=perhaps', undefined],
    ['GET', '/notifications?colour=red', undefined],
    ['PATCH', '/notifications/1/read', undefined],
    ['DELETE', '/notifications/1', undefined],
    ['POST', '/feed/replay', {}],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: [-2] }, limit: 1 }],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: [0.5] }, limit: 1 }],
    ['POST', '/feed/replay', { after: { epoch: -1, offsets: [] }, limit: 1 }],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: Array.from({ length: 4000 }, () => 1) }, limit: 1 }],
    ['POST', '/feed/replay', { after: [], limit: 1 }],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: [-1, -1, -1, -1] }, limit: 501 }],
    ['POST', '/feed/replay', { after: { epoch: 1, offsets: [-1, -1, -1, -1] }, limit: 0 }],
  ])('rejects bad input: %s %s %j', async (method, path, body) => {
    await isReady();
    expect(await call(method, path, newId(), body)).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
  });

  it('rejects a position with fewer partitions than its log', async () => {
    await isReady();
    const { body: end } = await call('POST', '/feed/end-position', newId());
    expect(end.offsets).toHaveLength(4);
    const after = { epoch: end.epoch, offsets: [-1] };
    expect(await call('POST', '/feed/replay', newId(), { after, limit: 1 })).toMatchObject({
      status: 400,
      body: { code: 'BAD_USER_INPUT' },
    });
  });

  it.each(['GET /notifications', 'GET /notifications/unread-count', 'POST /feed/end-position', 'POST /feed/replay'])(
    '%s needs an access token',
    async (route) => {
      const [method, path] = route.split(' ') as [string, string];
      expect(await call(method, path, null)).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
      const enrollmentToken = await test.tokens.issue({ userId: newId(), type: 'mfa-enrollment+jwt' });
      expect((await fetch(test.service.url + path, { method, headers: { authorization: `Bearer ${enrollmentToken}` } })).status).toBe(401);
    },
  );

  it('the gateway may send requests for a socket whose access token has expired', async () => {
    const token = internalTokensOf('api-gateway').issue('notification-service', { userId: newId(), sessionId: newId() });
    for (const [method, path] of [
      ['GET', '/notifications'],
      ['POST', '/feed/end-position'],
    ] as const) {
      const response = await fetch(test.service.url + path, { method, headers: { authorization: `Bearer ${token}` } });
      expect(response.status).toBe(200);
    }
  });
});
