import { AppError } from '@chat/shared/errors';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayKit, type UserWithToken } from './kit/gateway-kit.js';

let kit: GatewayKit;
beforeAll(async () => {
  kit = await GatewayKit.start();
});
afterAll(() => kit?.stop());

const MUTE = 'mutation ($id: ID!, $until: DateTime) { muteConversation(conversationId: $id, until: $until) { id mutedUntil } }';
const callsOf = (path: string) =>
  kit.services.calls.filter((call) => call.path === path).map(({ method, body, userId }) => ({ method, body, userId }));
const codesOf = (answer: { errors: { extensions: Record<string, any> }[] }) => answer.errors.map(({ extensions }) => extensions.code);

describe('muteConversation', () => {
  it('mutes until a time, and unmutes with null', async () => {
    const { ada, talk } = await kit.createConversation();
    const until = '2090-01-01T00:00:00.000Z';
    const path = `/chat/conversations/${talk.id}/mute`;
    kit.services.handlers.set(`PUT ${path}`, ({ body }) => ({ ...talk, mutedUntil: body.until }));
    for (const value of [until, null])
      expect((await kit.ask(MUTE, { id: talk.id, until: value }, ada.token)).data).toEqual({
        muteConversation: { id: talk.id, mutedUntil: value },
      });
    expect(callsOf(path)).toEqual([until, null].map((value) => ({ method: 'PUT', body: { until: value }, userId: ada.userId })));
    expect(
      (await kit.ask('query ($id: ID!) { getConversation(conversationId: $id) { mutedUntil } }', { id: talk.id }, ada.token)).data,
    ).toEqual({
      getConversation: { mutedUntil: null },
    });
  });

  it('reaches the other devices of the user as ConversationUpdated', async () => {
    const { ada, talk } = await kit.createConversation();
    const stream = await kit.events(
      ada.token,
      undefined,
      '__typename cursor ... on ConversationUpdated { conversation { id mutedUntil } }',
    );
    talk.mutedUntil = '2090-01-01T00:00:00.000Z';
    await kit.services.feed.publish(kit.services.feed.recordMute(talk, ada.userId, talk.mutedUntil));
    await stream.count(2);
    expect(stream.items[1]).toMatchObject({
      __typename: 'ConversationUpdated',
      conversation: { id: talk.id, mutedUntil: talk.mutedUntil },
    });
  });

  it('is BAD_USER_INPUT for a text that is no time, and for an id that is none', async () => {
    const { ada, talk } = await kit.createConversation();
    expect(codesOf(await kit.ask(MUTE, { id: talk.id, until: 'tomorrow' }, ada.token))).toEqual(['BAD_USER_INPUT']);
    expect(codesOf(await kit.ask(MUTE, { id: 'x', until: null }, ada.token))).toEqual(['BAD_USER_INPUT']);
  });
});

describe('blocks', () => {
  const change = (name: string, user: UserWithToken, userId: string) =>
    kit.ask(`mutation ($userId: ID!) { ${name}(userId: $userId) }`, { userId }, user.token);

  it('are changed and listed by chat-service', async () => {
    const ada = await kit.createUser();
    const ben = randomUUID();
    kit.services.handlers.set('GET /chat/blocks', () => [ben]);
    for (const method of ['PUT', 'DELETE']) kit.services.handlers.set(`${method} /chat/blocks/${ben}`, () => undefined);
    expect((await change('blockUser', ada, ben)).data).toEqual({ blockUser: true });
    expect((await change('unblockUser', ada, ben)).data).toEqual({ unblockUser: true });
    expect(callsOf(`/chat/blocks/${ben}`)).toMatchObject([
      { method: 'PUT', userId: ada.userId },
      { method: 'DELETE', userId: ada.userId },
    ]);
    expect((await kit.ask('{ getBlockedUsers }', {}, ada.token)).data).toEqual({ getBlockedUsers: [ben] });
  });

  it('are rejected with the code of chat-service', async () => {
    const ada = await kit.createUser();
    const ben = randomUUID();
    kit.services.handlers.set(`PUT /chat/blocks/${ben}`, () => {
      throw new AppError('not-found', 'user/not-found', 'There is no such user.');
    });
    expect(codesOf(await change('blockUser', ada, ben))).toEqual(['NOT_FOUND']);
    expect(codesOf(await change('blockUser', ada, 'x'))).toEqual(['BAD_USER_INPUT']);
    expect(codesOf(await kit.ask('{ getBlockedUsers }'))).toEqual(['UNAUTHENTICATED']);
  });
});
