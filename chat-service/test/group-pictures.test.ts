import type { ChatConversation } from '@chat/shared/contracts';
import { newId } from '@chat/shared/database';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Chat, eventually } from './kit/chat.js';
import { ChatWithEvents } from './kit/chat-with-events.js';
import { TestFiles } from './kit/files.js';
import { TestGroup } from './kit/groups.js';
import type { Answer, TestUser } from './kit/test-user.js';

let world: ChatWithEvents;
let chat: Chat;
let files: TestFiles;
let ada: TestUser;
let ben: TestUser;
let group: TestGroup;
beforeAll(async () => {
  world = await ChatWithEvents.start();
  ({ chat } = world);
  files = new TestFiles(chat);
});
afterAll(() => world?.stop());
beforeEach(async () => {
  [ada, ben] = (await chat.users(2)) as [TestUser, TestUser];
  group = await TestGroup.create(chat, ada, [ben]);
});

const picture = async (user: TestUser) => (await files.upload(user, { purpose: 'GROUP_PICTURE' })).id;
const change = (user: TestUser, changes: object): Promise<Answer<ChatConversation>> =>
  user.request('PATCH', `/chat/groups/${group.id}`, changes);
const pictureOf = async (user: TestUser) => (await user.conversation(group.id)).picture?.id ?? null;

it('a group is created with a picture, or with none if the upload is wrong', async () => {
  const id = await picture(ada);
  const create = (changes: object) =>
    ada.request<ChatConversation>('POST', '/chat/groups', { title: 'G', memberIds: [ben.userId], ...changes });
  const before = await chat.rows('select count(*) from conversations');
  const foreign = await picture(ben);
  for (const [pictureMediaId, code] of [
    [foreign, 'NOT_FOUND'],
    [newId(), 'NOT_FOUND'],
    [(await files.upload(ada)).id, 'BAD_USER_INPUT'],
    ['x', 'BAD_USER_INPUT'],
  ])
    expect((await create({ pictureMediaId })).body).toMatchObject({ code });
  expect(await chat.rows('select count(*) from conversations')).toEqual(before);
  const { body } = await create({ pictureMediaId: id });
  expect(body.picture).toMatchObject({ id, kind: 'IMAGE', fileName: 'cat.png', width: 20, height: 10 });
  expect((await create({ pictureMediaId: id })).body).toMatchObject({ code: 'NOT_FOUND' });
  expect((await create({ pictureMediaId: null })).body.picture).toBeNull();
  const list = await ben.must<{ data: ChatConversation[] }>('GET', '/chat/conversations');
  expect(list.data.find((one) => one.id === body.id)!.picture).toEqual(body.picture);
});

it('a picture is replaced and removed by owners and admins, and the file before is deleted', async () => {
  const [first, second] = [await picture(ada), await picture(ada)];
  expect((await change(ada, { pictureMediaId: first })).body.picture).toMatchObject({ id: first });
  expect([await files.read(ben, first), await files.read(ben, first, 'small')]).toEqual([200, 200]);
  expect((await change(ben, { pictureMediaId: await picture(ben) })).body).toMatchObject({ code: 'FORBIDDEN' });
  expect((await change(ben, { pictureMediaId: null })).body).toMatchObject({ code: 'FORBIDDEN' });
  expect((await change(ada, { title: 'Named', pictureMediaId: second })).body).toMatchObject({ title: 'Named', picture: { id: second } });
  expect([await files.read(ben, first), await files.read(ben, second)]).toEqual([404, 200]);
  await eventually(async () => (await files.count([first])) === 0);
  // What is so already, and what is not given, change nothing.
  for (const same of [{ pictureMediaId: second }, { title: null }, {}])
    expect((await change(ada, same)).body.picture).toMatchObject({ id: second });
  expect((await change(ada, { pictureMediaId: first })).body).toMatchObject({ code: 'NOT_FOUND' });
  expect((await change(ada, { title: 'Other', pictureMediaId: newId() })).body).toMatchObject({ code: 'NOT_FOUND' });
  expect(await ben.conversation(group.id)).toMatchObject({ title: 'Named', picture: { id: second } });
  expect((await change(ada, { pictureMediaId: null })).body.picture).toBeNull();
  await eventually(async () => (await files.count([second])) === 0);
  const updates = await chat.rows<{ total: number }>(`select total_bytes::int as total from upload_usage where owner_id = $1`, [
    ada.userId,
  ]);
  expect(updates).toEqual([{ total: 0 }]);
});

it('a picture is read by the members of the group, and by no other user', async () => {
  const id = await picture(ada);
  await change(ada, { pictureMediaId: id });
  const [stranger, late] = (await chat.users(2)) as [TestUser, TestUser];
  await group.add(ada, late);
  const statuses = () => Promise.all([ada, ben, late, stranger].map((user) => files.read(user, id)));
  expect(await statuses()).toEqual([200, 200, 200, 404]);
  await group.remove(ada, ben);
  await group.leave(ada);
  expect(await statuses()).toEqual([404, 404, 200, 404]);
  const direct = await ada.send({ receiverId: ben.userId, content: 'x' });
  expect(await ada.request('PATCH', `/chat/groups/${direct.conversationId}`, { pictureMediaId: await picture(ada) })).toMatchObject({
    status: 403,
  });
});

it('the picture of a group that all members have left is deleted', async () => {
  const id = await picture(ada);
  await change(ada, { pictureMediaId: id });
  await group.leave(ada);
  expect(await files.read(ben, id)).toBe(200);
  await group.leave(ben);
  await eventually(async () => (await files.count([id])) === 0, { timeoutMs: 20_000 });
  expect(await chat.rows('select 1 from uploads where id = $1', [id])).toEqual([]);
});

it('the picture of a user that deletes the account is deleted, wherever it is used', async () => {
  const [old, own] = [await picture(ben), await picture(ada)];
  await group.setRole(ada, ben, 'OWNER');
  await change(ben, { pictureMediaId: old });
  await group.leave(ben);
  const other = await ada.must<ChatConversation>('POST', '/chat/groups', { title: 'Other', memberIds: [], pictureMediaId: own });
  await world.deleteUser(ben.userId);
  expect(await pictureOf(ada)).toBeNull();
  expect((await ada.conversation(other.id)).picture?.id).toBe(own);
  await eventually(async () => (await files.count([old])) === 0);
});
