import { silentLog } from '@chat/shared/observability';
import { channels, createRedis, LiveChannels, waitForRedis } from '@chat/shared/realtime';
import { testRedisConfig } from '@chat/shared/testing';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat, eventually } from './kit/chat.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let redis: Redis;
let live: LiveChannels;
beforeAll(async () => {
  chat = await Chat.start();
  redis = createRedis(testRedisConfig(), 'typing-test', silentLog);
  await waitForRedis(redis);
  live = new LiveChannels(redis, silentLog);
});
afterAll(async () => {
  live?.close();
  await chat?.stop();
});

const setTyping = (user: TestUser, id: string, typing: unknown = true) =>
  user.request('PUT', `/chat/conversations/${id}/typing`, { typing });

describe('typing', () => {
  it('is published on the channel of the conversation, and stored nowhere', async () => {
    const [alice, bob] = (await chat.users(2)) as [TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    const texts: unknown[] = [];
    await live.subscribe(channels.typing(conversationId), (text) => texts.push(JSON.parse(text)));
    const events = (await chat.outbox(conversationId)).length;
    for (const typing of [true, false]) expect((await setTyping(bob, conversationId, typing)).status).toBe(204);
    await eventually(() => expect(texts).toEqual([true, false].map((typing) => ({ conversationId, userId: bob.userId, typing }))));
    expect(await chat.outbox(conversationId)).toHaveLength(events);
  });

  it('is rejected for a value that is none, and like an unknown conversation for one of others', async () => {
    const [alice, bob, stranger] = (await chat.users(3)) as [TestUser, TestUser, TestUser];
    const { conversationId } = await alice.send({ receiverId: bob.userId, content: 'one' });
    const path = `/chat/conversations/${conversationId}/typing`;
    for (const typing of ['true', 1, null, undefined])
      expect(await refusal(chat, bob, 'PUT', path, { typing })).toMatchObject(problem(400, 'BAD_USER_INPUT'));
    expect(await refusal(chat, stranger, 'PUT', path, { typing: true })).toMatchObject(problem(404, 'NOT_FOUND'));
  });
});
