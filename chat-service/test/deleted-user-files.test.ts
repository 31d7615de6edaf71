import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './kit/chat.js';
import { ChatWithEvents } from './kit/chat-with-events.js';
import { TestFiles } from './kit/files.js';

let world: ChatWithEvents;
let files: TestFiles;
beforeAll(async () => {
  world = await ChatWithEvents.start();
  files = new TestFiles(world.chat);
});
afterAll(() => world?.stop());

it('UserDeleted deletes all files of the user, used or not, and none of others', async () => {
  const { chat } = world;
  const [ada, ben] = await chat.users(2);
  const [sent, sentWithKey, unused] = (await files.uploads(ada!, 3)) as [string, string, string];
  const kept = await files.uploads(ben!, 1);
  const { uploadId: open } = await files.ticket(ada!, new Uint8Array(10));
  await ada!.send({ receiverId: ben!.userId, content: 'x', attachmentIds: [sent] });
  const { conversationId } = await ada!.send({ receiverId: ben!.userId, attachmentIds: [sentWithKey], clientMessageId: 'key' });
  await ben!.send({ conversationId, attachmentIds: kept });
  await world.publish('UserDeleted', ada!.userId);
  // From the commit of the deletion on, before the work is done.
  expect([await files.read(ben!, sent), await files.read(ada!, unused), await files.read(ben!, kept[0]!)]).toEqual([404, 404, 200]);
  await eventually(async () => (await chat.rows('select 1 from uploads where owner_id = $1', [ada!.userId])).length === 0, {
    timeoutMs: 30_000,
  });
  await eventually(async () => (await files.count([sent, sentWithKey, unused, open])) === 0);
  await eventually(async () => (await chat.rows('select 1 from upload_usage where owner_id = $1', [ada!.userId])).length === 0);
  expect(await files.read(ben!, kept[0]!)).toBe(200);
  expect((await ben!.conversation(conversationId)).lastMessage!.attachments).toHaveLength(1);
});
