import type { ChatConversation } from '@chat/shared/contracts';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayKit } from './kit/gateway-kit.js';

/* The members of a large group in its events. */
const MEMBERS = 1000;

let kit: GatewayKit;
let token: string;
let group: ChatConversation;
beforeAll(async () => {
  kit = await GatewayKit.start();
  const ada = await kit.createUser();
  token = ada.token;
  group = kit.services.chat.addConversation([ada.userId, ...Array.from({ length: MEMBERS - 1 }, () => randomUUID())]);
  Object.assign(group, { kind: 'GROUP', title: 'Team' });
});
afterAll(() => kit?.stop());

const selection = (fields: string) => `__typename cursor ... on ConversationUpdated { conversation { ${fields} } }`;

it('a replay of more than 100 changes has the members at each of them', async () => {
  const { cursor } = await kit.events(token);
  const changed = Array.from({ length: 110 }, (_, n) => kit.services.feed.recordTitle(group, `Title ${n}`));
  const replay = await kit.events(token, cursor, selection('participants'));
  await replay.count(1 + changed.length);
  expect(replay.errors).toEqual([]);
  for (const item of replay.items.slice(1)) expect(item.conversation.participants).toHaveLength(MEMBERS);
});

it('an event has the members three times, if they are selected more often it is PAYLOAD_TOO_LARGE', async () => {
  const names = (count: number) => Array.from({ length: count }, (_, n) => `m${n}: participants`).join(' ');
  const three = await kit.events(token, undefined, selection(names(3)));
  const four = await kit.events(token, undefined, selection(names(4)));
  await kit.services.feed.publish(kit.services.feed.recordTitle(group, 'New'));
  expect((await three.count(2))[1].conversation.m2).toHaveLength(MEMBERS);
  expect(await four.end()).toBe('PAYLOAD_TOO_LARGE');
});
