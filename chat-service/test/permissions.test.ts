import type { MemberRole } from '@chat/shared/contracts';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GROUP_PERMISSIONS, type GroupAction, isPermitted } from '../src/roles/permissions.js';
import { Chat } from './kit/chat.js';
import { TestFiles } from './kit/files.js';
import { TestGroup } from './kit/groups.js';
import type { Answer, TestUser } from './kit/test-user.js';

let chat: Chat;
beforeAll(async () => {
  chat = await Chat.start();
});
afterAll(() => chat?.stop());

const ROLES: MemberRole[] = ['OWNER', 'ADMIN', 'MEMBER'];

interface Cell {
  group: TestGroup;
  /** Does it. */
  by: TestUser;
  /** Another member, with the role `target`. */
  other: TestUser;
  stranger: TestUser;
  /** The id of a message of `by`. */
  own: string;
  /** A message of `other`, and the fields of a further one in its conversation. */
  ofOther: { id: string; reply: { conversationId: string; content: string } };
}

/** Each line of the table of permissions, with its request. */
const TABLE: { action: GroupAction; target?: MemberRole; may: MemberRole[]; request: (cell: Cell) => Promise<Answer<unknown>> }[] = [
  { action: 'send messages', may: ROLES, request: ({ group, by }) => group.send(by) },
  {
    action: 'reply',
    may: ROLES,
    request: ({ by, ofOther }) => by.request('POST', '/chat/messages', { ...ofOther.reply, replyToId: ofOther.id }),
  },
  {
    action: 'react',
    may: ROLES,
    request: ({ by, ofOther }) => by.request('POST', `/chat/messages/${ofOther.id}/reactions`, { emoji: '👍' }),
  },
  {
    action: 'mention members',
    may: ROLES,
    request: ({ by, ofOther, other }) => by.request('POST', '/chat/messages', { ...ofOther.reply, mentions: [other.userId] }),
  },
  { action: 'edit own messages', may: ROLES, request: ({ by, own }) => by.request('PATCH', `/chat/messages/${own}`, { content: 'x' }) },
  { action: 'delete own messages', may: ROLES, request: ({ by, own }) => by.request('DELETE', `/chat/messages/${own}`) },
  { action: 'leave', may: ROLES, request: ({ group, by }) => group.leave(by) },
  { action: 'change the title', may: ['OWNER', 'ADMIN'], request: ({ group, by }) => group.setTitle(by, 'New') },
  {
    action: 'change the picture',
    may: ['OWNER', 'ADMIN'],
    request: async ({ group, by }) => {
      const { id: pictureMediaId } = await new TestFiles(chat).upload(by, { purpose: 'GROUP_PICTURE' });
      return by.request('PATCH', `/chat/groups/${group.id}`, { pictureMediaId });
    },
  },
  { action: 'add members', may: ['OWNER', 'ADMIN'], request: ({ group, by, stranger }) => group.add(by, stranger) },
  { action: 'remove a member', target: 'OWNER', may: ['OWNER'], request: ({ group, by, other }) => group.remove(by, other) },
  { action: 'remove a member', target: 'ADMIN', may: ['OWNER'], request: ({ group, by, other }) => group.remove(by, other) },
  { action: 'remove a member', target: 'MEMBER', may: ['OWNER', 'ADMIN'], request: ({ group, by, other }) => group.remove(by, other) },
  {
    action: 'delete messages of others',
    may: ['OWNER', 'ADMIN'],
    request: ({ by, ofOther }) => by.request('DELETE', `/chat/messages/${ofOther.id}`),
  },
  { action: 'change a role', target: 'MEMBER', may: ['OWNER'], request: ({ group, by, other }) => group.setRole(by, other, 'ADMIN') },
  { action: 'change a role', target: 'MEMBER', may: ['OWNER'], request: ({ group, by, other }) => group.setRole(by, other, 'OWNER') },
  { action: 'change a role', target: 'OWNER', may: ['OWNER'], request: ({ group, by, other }) => group.setRole(by, other, 'MEMBER') },
  // Promoting oneself; for an owner it changes nothing.
  { action: 'change a role', may: ['OWNER'], request: ({ group, by }) => group.setRole(by, by, 'OWNER') },
];

it('the table has a line for each action', () => {
  expect(new Set(TABLE.map(({ action }) => action))).toEqual(new Set(Object.keys(GROUP_PERMISSIONS)));
});

/** A group with one more owner, so that each role can go, in which `by` and `other` have these roles. */
async function cellOf(role: MemberRole, target: MemberRole): Promise<Cell> {
  const [founder, by, other, stranger] = (await chat.users(4)) as [TestUser, TestUser, TestUser, TestUser];
  const group = await TestGroup.create(chat, founder, [by, other]);
  await group.setRole(founder, by, role);
  await group.setRole(founder, other, target);
  const [own, ofOther] = [await group.send(by), await group.send(other)];
  const reply = { conversationId: group.id, content: 'hello' };
  return { group, by, other, stranger, own: own.body.id, ofOther: { id: ofOther.body.id, reply } };
}

describe.each(TABLE)('$action of $target', ({ action, target, may, request }) => {
  it.each(ROLES)('by a member with the role %s', async (role) => {
    const isAllowed = may.includes(role);
    expect(isPermitted(role, action, target)).toBe(isAllowed);
    const cell = await cellOf(role, target ?? 'MEMBER');
    // The receipts of the sends before are published later.
    const eventTypes = async () => (await cell.group.eventTypes()).filter((type) => type !== 'ReceiptsAdvanced');
    const before = [await cell.group.roles(), await eventTypes()];
    const { status, body } = await request(cell);
    const after = [await cell.group.roles(), await eventTypes()];
    const code = (body as { code?: string } | undefined)?.code;
    expect({ isDone: status < 300, code, isUnchanged: status < 300 || isDeepStrictEqual(after, before) }).toEqual({
      isDone: isAllowed,
      code: isAllowed ? undefined : 'FORBIDDEN',
      isUnchanged: true,
    });
  });
});
