import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEND } from '@chat/testkit/user';
import { gateway } from './kit/gateway.ts';
import {
  ADD,
  BLOCK,
  CREATE,
  DELETE,
  DELIVERED,
  EDIT,
  LEAVE,
  MUTE,
  REACT,
  READ,
  REMOVE,
  SET_ROLE,
  UNREACT,
  UPDATE,
} from './kit/mutations.ts';
import { type Case, RefusedChanges } from './kit/refused-changes.ts';

/* Each is refused with the code of the contract, changes nothing, and causes no event. */

const client = gateway();
const refused = new RefusedChanges();
const { users, ids } = refused;
beforeAll(() => refused.start(client), 60_000);
afterAll(async () => {
  await refused.stop();
  await client.close();
});

const unknownIds = (count: number) => Array.from({ length: count }, () => randomUUID());

describe('an id of another conversation, or of another kind', () => {
  const cases: Case[] = [
    ['the title of a message', 'ann', UPDATE, () => ({ id: ids.message, title: 'x' }), 'NOT_FOUND'],
    ['the title of a user', 'ann', UPDATE, () => ({ id: users.ben.userId, title: 'x' }), 'NOT_FOUND'],
    ['the title of a direct conversation', 'ann', UPDATE, () => ({ id: ids.direct, title: 'x' }), 'FORBIDDEN'],
    ['a member for a direct conversation', 'ann', ADD, () => ({ id: ids.direct, userIds: [users.dan.userId] }), 'FORBIDDEN'],
    ['the removal from a direct conversation', 'ann', REMOVE, () => ({ id: ids.direct, userId: users.ben.userId }), 'FORBIDDEN'],
    ['a role in a direct conversation', 'ann', SET_ROLE, () => ({ id: ids.direct, userId: users.ben.userId, role: 'ADMIN' }), 'FORBIDDEN'],
    ['leaving a direct conversation', 'ann', LEAVE, () => ({ id: ids.direct }), 'FORBIDDEN'],
    ['leaving a message', 'ann', LEAVE, () => ({ id: ids.message }), 'NOT_FOUND'],
    ['the removal of a user that is not a member', 'ann', REMOVE, () => ({ id: ids.group, userId: users.dan.userId }), 'NOT_FOUND'],
    ['the removal of a message', 'ann', REMOVE, () => ({ id: ids.group, userId: ids.message }), 'NOT_FOUND'],
    ['a role of no member', 'ann', SET_ROLE, () => ({ id: ids.group, userId: users.dan.userId, role: 'ADMIN' }), 'NOT_FOUND'],
    ['an edit of a conversation', 'ann', EDIT, () => ({ id: ids.group, content: 'x' }), 'NOT_FOUND'],
    ['an edit of a message of another conversation', 'ben', EDIT, () => ({ id: ids.elsewhere, content: 'x' }), 'NOT_FOUND'],
    ['an edit of a message of another member', 'ann', EDIT, () => ({ id: ids.ofBen, content: 'x' }), 'FORBIDDEN'],
    ['the deletion of a message of another member', 'cem', DELETE, () => ({ id: ids.message }), 'FORBIDDEN'],
    ['the deletion of a conversation', 'ann', DELETE, () => ({ id: ids.group }), 'NOT_FOUND'],
    ['a reaction to a message of another conversation', 'ben', REACT, () => ({ id: ids.elsewhere, emoji: '👍' }), 'NOT_FOUND'],
    ['a reaction to a conversation', 'ann', REACT, () => ({ id: ids.group, emoji: '👍' }), 'NOT_FOUND'],
    ['reading a message as a conversation', 'ann', READ, () => ({ id: ids.message }), 'NOT_FOUND'],
    ['receiving a message as a conversation', 'ann', DELIVERED, () => ({ id: ids.message }), 'NOT_FOUND'],
    ['muting a message', 'ann', MUTE, () => ({ id: ids.message, until: null }), 'NOT_FOUND'],
    ['blocking a conversation', 'ann', BLOCK, () => ({ id: ids.group }), 'NOT_FOUND'],
    ['blocking oneself', 'ann', BLOCK, () => ({ id: users.ann.userId }), 'BAD_USER_INPUT'],
    ['a message to a message', 'ann', SEND, () => message({ conversationId: ids.message }), 'NOT_FOUND'],
    ['a reply to a message of another conversation', 'ann', SEND, () => message({ replyToId: ids.elsewhere }), 'BAD_USER_INPUT'],
    ['a reply to a conversation', 'ann', SEND, () => message({ replyToId: ids.group }), 'BAD_USER_INPUT'],
  ];
  it.each(cases)('%s', (...one) => refused.expectRefused(one));
});

describe('an action on a deleted message', () => {
  const cases: Case[] = [
    ['an edit', 'ann', EDIT, () => ({ id: ids.deleted, content: 'x' }), 'CONFLICT'],
    ['a reaction', 'ben', REACT, () => ({ id: ids.deleted, emoji: '👍' }), 'CONFLICT'],
    ['the removal of a reaction', 'ben', UNREACT, () => ({ id: ids.deleted, emoji: '👍' }), 'CONFLICT'],
  ];
  it.each(cases)('%s', (...one) => refused.expectRefused(one));

  it('another deletion answers the tombstone, and has no event', async () => {
    await refused.expectUnchanged(async () => {
      const { deleteMessage } = await users.ann.mustAsk(DELETE, { id: ids.deleted });
      expect(deleteMessage).toEqual({ id: ids.deleted, deletedAt: expect.any(String) });
    });
  });
});

describe('a role that the user does not have', () => {
  const own = (name: keyof typeof users, role: string) => () => ({ id: ids.group, userId: users[name].userId, role });
  const cases: Case[] = [
    ['a member promotes oneself to admin', 'cem', SET_ROLE, own('cem', 'ADMIN'), 'FORBIDDEN'],
    ['a member promotes oneself to owner', 'cem', SET_ROLE, own('cem', 'OWNER'), 'FORBIDDEN'],
    ['an admin promotes oneself', 'ben', SET_ROLE, own('ben', 'OWNER'), 'FORBIDDEN'],
    ['an admin takes the role of the owner', 'ben', SET_ROLE, own('ann', 'MEMBER'), 'FORBIDDEN'],
    ['a user that is not a member promotes oneself', 'dan', SET_ROLE, own('dan', 'OWNER'), 'NOT_FOUND'],
    ['an admin removes the owner', 'ben', REMOVE, () => ({ id: ids.group, userId: users.ann.userId }), 'FORBIDDEN'],
    ['the only owner takes a lower role', 'ann', SET_ROLE, own('ann', 'MEMBER'), 'CONFLICT'],
    ['a role that does not exist', 'ann', SET_ROLE, own('ben', 'GOD'), 'BAD_USER_INPUT'],
  ];
  it.each(cases)('%s', (...one) => refused.expectRefused(one));
});

describe('a list with one wrong id among good ones, or with too many', () => {
  const add = (...wrong: string[]) => ({ id: ids.group, userIds: [users.dan.userId, ...wrong] });
  const create = (...wrong: string[]) => ({ input: { title: 'x', memberIds: [users.dan.userId, ...wrong] } });
  const cases: Case[] = [
    ['an unknown user to add', 'ann', ADD, () => add(randomUUID()), 'NOT_FOUND'],
    ['a message to add', 'ann', ADD, () => add(ids.message), 'NOT_FOUND'],
    ['a malformed id to add', 'ann', ADD, () => add('x'), 'BAD_USER_INPUT'],
    ['1,001 users to add', 'ann', ADD, () => add(...unknownIds(1000)), 'BAD_USER_INPUT'],
    ['an unknown user in a new group', 'ann', CREATE, () => create(randomUUID()), 'NOT_FOUND'],
    ['a malformed id in a new group', 'ann', CREATE, () => create('x'), 'BAD_USER_INPUT'],
    ['1,001 users in a new group', 'ann', CREATE, () => create(...unknownIds(1000)), 'BAD_USER_INPUT'],
    ['a mention of a user that is not a member', 'ann', SEND, () => mention(users.dan.userId), 'BAD_USER_INPUT'],
    ['a mention of an unknown user', 'ann', SEND, () => mention(randomUUID()), 'BAD_USER_INPUT'],
    ['a mention of a malformed id', 'ann', SEND, () => mention('x'), 'BAD_USER_INPUT'],
  ];
  it.each(cases)('%s', (...one) => refused.expectRefused(one));
});

const BAD_TEXTS = {
  'a NUL': 'a\0b',
  'a lone surrogate': 'a\ud83d',
  'only zero-width characters': '\u200b\u200d\u2060\ufeff',
};

describe.each(Object.entries({ ...BAD_TEXTS, 'too many characters': 'x'.repeat(8001) }))('%s', (_name, text) => {
  const cases: Case[] = [
    ['in a message', 'ann', SEND, () => message({ content: text }), 'BAD_USER_INPUT'],
    ['in an edit', 'ann', EDIT, () => ({ id: ids.message, content: text }), 'BAD_USER_INPUT'],
    ['in a title', 'ann', UPDATE, () => ({ id: ids.group, title: text }), 'BAD_USER_INPUT'],
    ['in the title of a new group', 'ann', CREATE, () => ({ input: { title: text, memberIds: [users.dan.userId] } }), 'BAD_USER_INPUT'],
    ['in a reaction', 'ben', REACT, () => ({ id: ids.message, emoji: text }), 'BAD_USER_INPUT'],
  ];
  it.each(cases)('%s', (...one) => refused.expectRefused(one));
});

it('a right-to-left override is stored as text', async () => {
  const content = 'abc \u202egpj.exe';
  const { id } = await users.ann.sendIn(ids.group, content);
  const found = await users.ben.mustAsk('query ($id: ID!) { getMessage(messageId: $id) { content } }', { id });
  expect(found.getMessage.content).toBe(content);
});

function message(part: Record<string, unknown>): Record<string, unknown> {
  return { input: { conversationId: ids.group, content: 'x', ...part } };
}

function mention(...wrong: string[]): Record<string, unknown> {
  return message({ mentions: [users.ben.userId, ...wrong] });
}
