import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chat } from './kit/chat.js';
import { knownUsers, TestGroup } from './kit/groups.js';
import { problem, refusal } from './kit/refusal.js';
import type { TestUser } from './kit/test-user.js';

let chat: Chat;
let [ada, ben, carl, deleted]: TestUser[] = [];
let group: TestGroup;
let messageId: string;
let many: string[];
beforeAll(async () => {
  chat = await Chat.start();
  [ada, ben, carl, deleted] = await chat.users(4);
  group = await TestGroup.create(chat, ada!, [ben!]);
  messageId = (await group.send(ada!)).body.id;
  await chat.sql.query('insert into deleted_users values ($1, now())', [deleted!.userId]);
  many = (await knownUsers(chat, 1000)).map(({ userId }) => userId);
});
afterAll(() => chat?.stop());

const TITLES: [string, unknown][] = [
  ['no title', undefined],
  ['an empty title', ''],
  ['white space', ' \n\t'],
  ['zero-width characters', '\u200b\u200d\ufeff'],
  ['101 characters', 'x'.repeat(101)],
  ['101 emoji', '😀'.repeat(101)],
  ['a NUL', 'a\0b'],
  ['a lone surrogate', 'a\udc00'],
  ['a number', 7],
];

describe('creating a group rejects', () => {
  it.each(TITLES)('%s', async (_name, title) => {
    expect(await refusal(chat, ada!, 'POST', '/chat/groups', { title, memberIds: [ben!.userId] })).toMatchObject(
      problem(400, 'BAD_USER_INPUT'),
    );
  });

  it.each<[string, () => unknown, number, string]>([
    ['no list of members', () => undefined, 400, 'BAD_USER_INPUT'],
    ['a malformed id among good ones', () => [ben!.userId, 'x'], 400, 'BAD_USER_INPUT'],
    ['an unknown id among good ones', () => [ben!.userId, carl!.userId, newId()], 404, 'NOT_FOUND'],
    ['an id of another kind', () => [ben!.userId, group.id], 404, 'NOT_FOUND'],
    ['a deleted user', () => [ben!.userId, deleted!.userId], 403, 'FORBIDDEN'],
    ['the 1,001st member', () => many, 400, 'BAD_USER_INPUT'],
    ['a list of 1,001 ids', () => [...many, many[0]], 400, 'BAD_USER_INPUT'],
  ])('%s', async (_name, memberIds, status, code) => {
    expect(await refusal(chat, ada!, 'POST', '/chat/groups', { title: 'Team', memberIds: memberIds() })).toMatchObject(
      problem(status, code),
    );
  });

  it('an unknown field', async () => {
    const body = { title: 'Team', memberIds: [], role: 'OWNER' };
    expect(await refusal(chat, ada!, 'POST', '/chat/groups', body)).toMatchObject(problem(400, 'BAD_USER_INPUT'));
  });
});

it('a title of 100 characters and a group of oneself are accepted', async () => {
  expect((await ada!.request('POST', '/chat/groups', { title: '😀'.repeat(100), memberIds: [] })).status).toBe(201);
  expect((await ada!.request('POST', '/chat/groups', { title: 'Many', memberIds: [...many.slice(0, 999), ada!.userId] })).status).toBe(201);
});

describe('changing a group rejects', () => {
  it.each(TITLES.slice(1))('%s', async (_name, title) => {
    expect(await refusal(chat, ada!, 'PATCH', `/chat/groups/${group.id}`, { title })).toMatchObject(problem(400, 'BAD_USER_INPUT'));
  });

  const members = () => `/chat/groups/${group.id}/members`;
  it.each<[string, () => [string, string, unknown?], number, string]>([
    ['a malformed id', () => ['PATCH', '/chat/groups/none', { title: 'x' }], 400, 'BAD_USER_INPUT'],
    ['an unknown group', () => ['PATCH', `/chat/groups/${newId()}`, { title: 'x' }], 404, 'NOT_FOUND'],
    ['the id of a message', () => ['PATCH', `/chat/groups/${messageId}`, { title: 'x' }], 404, 'NOT_FOUND'],
    ['an unknown id among good ones to add', () => ['POST', members(), { userIds: [carl!.userId, newId()] }], 404, 'NOT_FOUND'],
    ['a malformed id among good ones to add', () => ['POST', members(), { userIds: [carl!.userId, '1'] }], 400, 'BAD_USER_INPUT'],
    ['a deleted user to add', () => ['POST', members(), { userIds: [carl!.userId, deleted!.userId] }], 403, 'FORBIDDEN'],
    ['the 1,001st member', () => ['POST', members(), { userIds: many }], 400, 'BAD_USER_INPUT'],
    ['a list with 1,001 ids', () => ['POST', members(), { userIds: [...many, many[0]] }], 400, 'BAD_USER_INPUT'],
    ['no list', () => ['POST', members(), {}], 400, 'BAD_USER_INPUT'],
    ['a user that is not a member, to remove', () => ['DELETE', `${members()}/${carl!.userId}`], 404, 'NOT_FOUND'],
    ['an unknown user to remove', () => ['DELETE', `${members()}/${newId()}`], 404, 'NOT_FOUND'],
    ['a role for a user that is not a member', () => ['PATCH', `${members()}/${carl!.userId}`, { role: 'ADMIN' }], 404, 'NOT_FOUND'],
    ['an unknown role', () => ['PATCH', `${members()}/${ben!.userId}`, { role: 'GOD' }], 400, 'BAD_USER_INPUT'],
    ['leaving an unknown conversation', () => ['POST', `/chat/conversations/${newId()}/leave`], 404, 'NOT_FOUND'],
  ])('%s', async (_name, request, status, code) => {
    const before = await group.roles();
    expect(await refusal(chat, ada!, ...(request() as [string, string, unknown]))).toMatchObject(problem(status, code));
    expect(await group.roles()).toEqual(before);
  });

  it('a member that promotes oneself', async () => {
    const path = `/chat/groups/${group.id}/members/${ben!.userId}`;
    for (const role of ['ADMIN', 'OWNER'])
      expect(await refusal(chat, ben!, 'PATCH', path, { role })).toMatchObject(problem(403, 'FORBIDDEN'));
  });

  it('a user that is not a member, exactly as if the group did not exist', async () => {
    const answers = await Promise.all(
      [group.id, newId()].map((id) =>
        carl!.request('PATCH', `/chat/groups/${id}`, { title: 'x' }).then(({ status, body }) => [status, body['code']]),
      ),
    );
    expect(answers[0]).toEqual([404, 'NOT_FOUND']);
    expect(answers[0]).toEqual(answers[1]);
  });
});
