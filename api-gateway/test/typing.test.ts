import { channels } from '@chat/shared/realtime';
import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

const SUBSCRIPTION = 'subscription ($id: ID!) { typingChanged(conversationId: $id) { conversationId userId typing } }';
const MUTATION = 'mutation ($id: ID!, $typing: Boolean!) { setTyping(conversationId: $id, typing: $typing) }';

describe('typing', () => {
  it('reaches the other member, live, and not the user that types', async () => {
    const { ada, ben, talk } = await kit.createConversation();
    const watch = (token: string) => kit.subscribe(token, SUBSCRIPTION, { id: talk.id });
    const [seenByAda, seenByBen] = [watch(ada.token), watch(ben.token)];
    const set = (typing: boolean) => kit.ask(MUTATION, { id: talk.id, typing }, ben.token);
    // Again until the subscription is open: the state of each attempt is another one.
    await eventually(async () => {
      expect((await set(false)).data).toEqual({ setTyping: true });
      expect((await set(true)).data).toEqual({ setTyping: true });
      await eventually(() => expect(seenByAda.items.length).toBeGreaterThan(0), { timeoutMs: 300 });
    });
    await set(false);
    await eventually(() => expect(seenByAda.items.at(-1)).toMatchObject({ typing: false }));
    expect(seenByAda.items[0]).toEqual({ conversationId: talk.id, userId: ben.userId, typing: true });
    expect(seenByBen.items).toEqual([]);
  });

  it('that is repeated is sent to chat-service once', async () => {
    const { ben, talk } = await kit.createConversation();
    for (let i = 0; i < 3; i++) await kit.ask(MUTATION, { id: talk.id, typing: true }, ben.token);
    const calls = kit.services.calls.filter(({ path }) => path === `/chat/conversations/${talk.id}/typing`);
    expect(calls).toMatchObject([{ method: 'PUT', body: { typing: true }, userId: ben.userId }]);
  });

  it('in a conversation of others is NOT_FOUND, like one that does not exist', async () => {
    const { talk } = await kit.createConversation();
    const stranger = await kit.createUser();
    for (const id of [talk.id, randomUUID()]) {
      expect((await kit.ask(MUTATION, { id, typing: true }, stranger.token)).errors[0]!.extensions.code).toBe('NOT_FOUND');
      expect(await kit.subscribe(stranger.token, SUBSCRIPTION, { id }).end()).toBe('NOT_FOUND');
    }
    expect((await kit.ask(MUTATION, { id: 'x', typing: true }, stranger.token)).errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('is not shown to a member any more that was removed', async () => {
    const { ada, ben, talk } = await kit.createConversation();
    const seen = kit.subscribe(ada.token, SUBSCRIPTION, { id: talk.id });
    await eventually(async () => {
      await kit.ask(MUTATION, { id: talk.id, typing: false }, ben.token);
      await kit.ask(MUTATION, { id: talk.id, typing: true }, ben.token);
      await eventually(() => expect(seen.items.length).toBeGreaterThan(0), { timeoutMs: 300 });
    });
    await kit.services.feed.publish(kit.services.feed.recordMembers(talk, { removed: [ben.userId] }));
    expect(seen.ended).toBeNull();
    await kit.services.feed.publish(kit.services.feed.recordMembers(talk, { removed: [ada.userId] }));
    expect(await seen.end()).toBe('complete');
  });

  it('that is no JSON on the channel ends no subscription', async () => {
    const { ada, ben, talk } = await kit.createConversation();
    const seen = kit.subscribe(ada.token, SUBSCRIPTION, { id: talk.id });
    await eventually(async () => {
      await kit.services.redis.publish(channels.typing(talk.id), 'x');
      await kit.ask(MUTATION, { id: talk.id, typing: false }, ben.token);
      await kit.ask(MUTATION, { id: talk.id, typing: true }, ben.token);
      await eventually(() => expect(seen.items.length).toBeGreaterThan(0), { timeoutMs: 300 });
    });
    expect(seen.ended).toBeNull();
  });
});
