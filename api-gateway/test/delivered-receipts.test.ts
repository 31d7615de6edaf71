import type { FeedEvent } from '@chat/shared/contracts';
import { AppError } from '@chat/shared/errors';
import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

const PATH = '/chat/receipts/delivered';
const publish = (...events: FeedEvent[]) => kit.services.feed.publish(...events);
const reports = () => kit.services.calls.filter(({ path }) => path === PATH);

describe('the delivered receipt of a user', () => {
  it('advances to the newest message that a socket has taken, with one call for all sockets in a second', async () => {
    const talks = await Promise.all(Array.from({ length: 5 }, () => kit.createConversation()));
    const streams = await Promise.all(talks.map(({ ada }) => kit.events(ada.token)));
    const startedAt = Date.now();
    const before = reports().length;
    for (const content of ['one', 'two', 'three']) for (const { say } of talks) await publish(say(content));
    for (const stream of streams) await stream.count(4);
    await eventually(() => {
      for (const { ada, talk } of talks) expect(kit.services.chat.deliveredTo(ada.userId, talk.id)).toBe(3);
    });
    expect(reports().length - before).toBeLessThanOrEqual(Math.ceil((Date.now() - startedAt) / 1000));
    expect(new Set(reports().map(({ tokenType }) => tokenType))).toEqual(new Set(['internal+jwt']));
  });

  it('does not advance for own messages', async () => {
    const { ada, ben, talk, say } = await kit.createConversation();
    const [own] = [await kit.events(ben.token), await kit.events(ada.token)];
    await publish(say('one'));
    await own.count(2);
    await eventually(() => expect(kit.services.chat.deliveredTo(ada.userId, talk.id)).toBe(1));
    expect(kit.services.chat.deliveredTo(ben.userId, talk.id)).toBeUndefined();
  });

  it('advances after a replay', async () => {
    const { ada, talk, say } = await kit.createConversation();
    const cursor = (await kit.events(ada.token)).items[0]!.cursor as string;
    // Not published: they come by a replay only.
    for (const content of ['one', 'two']) say(content);
    await kit.events(ada.token, cursor);
    await eventually(() => expect(kit.services.chat.deliveredTo(ada.userId, talk.id)).toBe(2));
  });

  it('advances for messageReceived', async () => {
    const { ada, talk, say } = await kit.createConversation();
    const stream = kit.subscribe(ada.token, 'subscription { messageReceived { content } }');
    await eventually(async () => {
      await publish(say('again'));
      await eventually(() => expect(stream.items.length).toBeGreaterThan(0), { timeoutMs: 200 });
    });
    await eventually(() => expect(kit.services.chat.deliveredTo(ada.userId, talk.id)).toBeGreaterThan(0));
  });

  it('is reported when chat-service is available again; no event waits for it', async () => {
    const { ada, talk, say } = await kit.createConversation();
    let failures = 0;
    kit.services.handlers.set(`POST ${PATH}`, () => {
      failures++;
      throw new AppError('unavailable', 'chat-service/unavailable', 'not now');
    });
    const stream = await kit.events(ada.token);
    await publish(say('one'));
    await eventually(() => expect(failures).toBeGreaterThan(0));
    await publish(say('two'));
    await stream.count(3);
    kit.services.handlers.delete(`POST ${PATH}`);
    await eventually(() => expect(kit.services.chat.deliveredTo(ada.userId, talk.id)).toBe(2));
  });
});

it('a client without a subscription confirms the delivery itself', async () => {
  const { ada, talk } = await kit.createConversation();
  kit.services.handlers.set(`PATCH /chat/conversations/${talk.id}/delivered`, () => undefined);
  const mutation = 'mutation ($id: ID!, $seq: Int!) { markConversationAsDelivered(conversationId: $id, seq: $seq) }';
  expect((await kit.ask(mutation, { id: talk.id, seq: 1 }, ada.token)).data).toEqual({ markConversationAsDelivered: true });
  expect(kit.services.calls.at(-1)).toMatchObject({ method: 'PATCH', body: { seq: 1 }, userId: ada.userId });
  for (const variables of [
    { id: 'x', seq: 1 },
    { id: talk.id, seq: -1 },
  ])
    expect((await kit.ask(mutation, variables, ada.token)).errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
});
