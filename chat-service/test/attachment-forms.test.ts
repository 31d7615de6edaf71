import type { MediaAsset } from '@chat/shared/contracts';
import { greyPng } from '@chat/testkit/png';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Chat, eventually } from './kit/chat.js';
import { TestFiles } from './kit/files.js';
import type { Answer, TestUser } from './kit/test-user.js';

let chat: Chat;
let files: TestFiles;
let ada: TestUser;
let ben: TestUser;
beforeAll(async () => {
  chat = await Chat.start();
  files = new TestFiles(chat);
});
afterAll(() => chat?.stop());
beforeEach(async () => {
  [ada, ben] = (await chat.users(2)) as [TestUser, TestUser];
});

const png = () => new Uint8Array(greyPng(12, 8));

async function post(
  query: string,
  content: Uint8Array<ArrayBuffer>,
  name = 'cat.png',
  type = 'image/png',
  token = ada.token,
): Promise<Answer<MediaAsset>> {
  const form = new FormData();
  form.append('file', new Blob([content], { type }), name);
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${chat.service.url}/chat/attachments${query}`, { method: 'POST', headers, body: form });
  return { status: response.status, body: (await response.json()) as MediaAsset };
}

it('a form with a file is an upload for a message', async () => {
  const { status, body } = await post('?type=IMAGE', png());
  expect([status, body]).toMatchObject([201, { type: 'IMAGE', fileName: 'cat.png', width: 12, height: 8 }]);
  expect(body.url).toBe(`http://localhost:3000/files/chat/${body.id}/original`);
  const { body: note } = await post('?type=DOCUMENT', new TextEncoder().encode('hello'), 'note.txt', 'text/plain');
  expect(note).toMatchObject({ type: 'DOCUMENT', mimeType: 'text/plain', thumbnailUrl: null });
  const sent = await ada.send({ receiverId: ben.userId, attachmentIds: [body.id, note.id] });
  expect(sent.attachments.map(({ kind }) => kind)).toEqual(['IMAGE', 'DOCUMENT']);
  expect([await files.read(ben, body.id), await files.read(ben, note.id)]).toEqual([200, 200]);
});

it('a refused form leaves nothing behind', async () => {
  const text = new TextEncoder().encode('<svg/>');
  for (const [query, content, name, type] of [
    ['', png(), 'cat.png', 'image/png'],
    ['?type=PICTURE', png(), 'cat.png', 'image/png'],
    ['?type=image&type=IMAGE', png(), 'cat.png', 'image/png'],
    ['?type=IMAGE', text, 'a.svg', 'image/svg+xml'],
    ['?type=IMAGE', text, 'a.png', 'image/png'],
    ['?type=DOCUMENT', png(), 'a.txt', 'text/plain'],
    ['?type=IMAGE', new Uint8Array(), 'a.png', 'image/png'],
  ] as const)
    expect(await post(query, content as Uint8Array<ArrayBuffer>, name, type)).toMatchObject({
      status: 400,
      body: { code: 'BAD_USER_INPUT' },
    });
  expect(await post('?type=IMAGE', png(), 'a.png', 'image/png', 'no token')).toMatchObject({ status: 401 });
  const json = await ada.request('POST', '/chat/attachments?type=IMAGE', { file: 'x' });
  expect(json).toMatchObject({ status: 400, body: { code: 'BAD_USER_INPUT' } });
  await eventually(async () => (await files.count([ada.userId])) === 0);
  expect(await chat.rows('select 1 from uploads where owner_id = $1', [ada.userId])).toEqual([]);
});
