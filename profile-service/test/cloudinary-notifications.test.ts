import { eventually } from '@chat/shared/testing';
import { CLOUDINARY_ACCOUNT, FakeCloudinary } from '@chat/testkit/fake-cloudinary';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';
import { image, TestUploads } from './kit/uploads.js';

const PATH = '/files/notifications/cloudinary';

let provider: FakeCloudinary;
let profiles: TestProfileService;
let uploads: TestUploads;
let url: string;
beforeAll(async () => {
  provider = await FakeCloudinary.start();
  profiles = await TestProfileService.start({
    CLOUDINARY_CLOUD_NAME: CLOUDINARY_ACCOUNT.cloudName,
    CLOUDINARY_API_KEY: CLOUDINARY_ACCOUNT.apiKey,
    CLOUDINARY_API_SECRET: CLOUDINARY_ACCOUNT.apiSecret,
    CLOUDINARY_UPLOAD_PREFIX: provider.url,
    CLOUDINARY_DELIVERY_URL: provider.url,
    CLOUDINARY_NOTIFICATION_URL: 'https://chat.example',
  });
  uploads = new TestUploads(profiles);
  url = profiles.service.url + PATH;
});
afterAll(async () => {
  await profiles?.stop();
  await provider?.close();
});

const filesOf = (userId: string) => [...provider.files.keys()].filter((key) => key.includes(userId));
const stateOf = async (uploadId: string) =>
  (await profiles.dataSource.query('select state from uploads where id = $1', [uploadId]))[0]?.state ?? null;

/** A client sends a file to Cloudinary, perhaps another one than it has a ticket for. Returns the notification, which does not arrive by itself. */
async function send(userId: string, ticketFor: { length: number }, content: Buffer) {
  const ticket = await uploads.ticket(userId, ticketFor);
  return { ticket, notification: await sendWith(ticket, content) };
}

async function sendWith(ticket: { url: string; fields: Record<string, string> }, content: Buffer) {
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(content)]));
  expect((await fetch(ticket.url, { method: 'POST', body: form })).status).toBe(200);
  const { public_id, type } = ticket.fields;
  return { notification_type: 'upload', public_id, resource_type: 'image', type, bytes: content.length };
}

it('a ticket names where Cloudinary tells of the upload, within its signature', async () => {
  const ada = await profiles.createUser();
  const { fields } = await uploads.ticket(ada, await image());
  expect(fields['notification_url']).toBe('https://chat.example/files/profiles/notifications/cloudinary');
});

it('a file that is larger than its ticket says is deleted at once, with its ticket', async () => {
  const ada = await profiles.createUser();
  const { ticket, notification } = await send(ada, { length: 100 }, await image());
  expect(await provider.notify(url, notification)).toBe(204);
  await eventually(() => expect(filesOf(ada)).toEqual([]));
  expect(await stateOf(ticket.uploadId)).toBeNull();
  expect((await uploads.complete(ada, ticket)).status).toBe(404);
  expect(await provider.notify(url, notification)).toBe(204);
});

it('a file that its ticket allows waits to be completed, however often Cloudinary tells of it', async () => {
  const ada = await profiles.createUser();
  const content = await image();
  const { ticket, notification } = await send(ada, content, content);
  for (const age of [0, 0, 7000]) expect(await provider.notify(url, notification, age)).toBe(204);
  expect((await uploads.complete(ada, ticket)).status).toBe(200);
  await eventually(() => expect(filesOf(ada)).toHaveLength(4));
  expect(await provider.notify(url, notification)).toBe(204);
  expect(await stateOf(ticket.uploadId)).toBe('ready');
  // The checked file has other names.
  expect((await uploads.read((await uploads.complete(ada, ticket)).body.url)).status).toBe(200);
});

it('a second file for a ticket that was used is deleted, and so is one whose ticket is gone', async () => {
  const ada = await profiles.createUser();
  const content = await image();
  const { ticket } = await send(ada, content, content);
  await uploads.complete(ada, ticket);
  await eventually(() => expect(filesOf(ada)).toHaveLength(4));
  const again = await sendWith(ticket, content);
  expect(filesOf(ada)).toHaveLength(5);
  expect(await provider.notify(url, again)).toBe(204);
  await eventually(() => expect(filesOf(ada)).toHaveLength(4));

  const gone = await send(ada, content, content);
  await profiles.dataSource.query('delete from uploads where id = $1', [gone.ticket.uploadId]);
  expect(await provider.notify(url, gone.notification)).toBe(204);
  await eventually(() => expect(filesOf(ada)).toHaveLength(4));
});

it('a notification without the right signature, too old, too long, or of another thing changes nothing', async () => {
  const ada = await profiles.createUser();
  const { ticket, notification } = await send(ada, { length: 100 }, await image());
  const post = async (body: string, headers: Record<string, string>) =>
    (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })).status;
  const body = JSON.stringify(notification);
  const now = String(Math.floor(Date.now() / 1000));
  expect(await post(body, {})).toBe(403);
  expect(await post(body, { 'x-cld-timestamp': now, 'x-cld-signature': '0'.repeat(40) })).toBe(403);
  expect(await provider.notify(url, notification, 8000)).toBe(403);
  expect(await post(' '.repeat(40_000), { 'x-cld-timestamp': now, 'x-cld-signature': '0'.repeat(40) })).toBe(413);
  for (const other of [
    { notification_type: 'delete' },
    { type: 'upload' },
    { public_id: `chat/${ada}/${randomUUID()}-received` },
    { public_id: '../x' },
  ])
    expect(await provider.notify(url, { ...notification, ...other })).toBe(204);
  expect([await stateOf(ticket.uploadId), filesOf(ada).length]).toEqual(['open', 1]);
});
