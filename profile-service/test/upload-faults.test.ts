import { FaultProxy } from '@chat/testkit/fault-proxy';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '@chat/shared/testing';
import { TestProfileService } from './kit/profile-service.js';
import { image, TestUploads } from './kit/uploads.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

it('while the database is unavailable, every step is UNAVAILABLE; when it is back, the upload goes on', async () => {
  let database!: FaultProxy;
  const profiles = await TestProfileService.start({}, async (url) => {
    database = await FaultProxy.start(url);
    return database.urlFor(url);
  });
  closers.push(
    () => database.close(),
    () => profiles.stop(),
  );
  const uploads = new TestUploads(profiles);
  const ada = await profiles.createUser();
  const content = await image();
  const ticket = await uploads.ticket(ada, content);
  const unavailable = { status: 503, body: { code: 'UNAVAILABLE' } };

  database.refuse();
  expect(await uploads.begin(ada, content)).toMatchObject(unavailable);
  expect(await uploads.send(ticket, content)).toMatchObject(unavailable);
  expect(await uploads.complete(ada, ticket)).toMatchObject(unavailable);
  expect(await uploads.countUnfinished()).toBe(0);
  database.resume();
  await eventually(async () => (await uploads.send(ticket, content)).status === 204);
  const { body } = await uploads.complete(ada, ticket);

  database.refuse();
  expect(await profiles.ask(ada, 'PUT', '/profiles/me/picture', { mediaId: body.id })).toMatchObject(unavailable);
  database.resume();
  await eventually(async () => (await profiles.ask(ada, 'PUT', '/profiles/me/picture', { mediaId: body.id })).status === 200);
  await eventually(async () => (await uploads.countFiles(ada)) === 4);
});

it('on a full disk, uploads are UNAVAILABLE and leave nothing behind; profiles work, and so do uploads when there is space', async ({
  skip,
}) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'chat-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    await rm(directory, { recursive: true });
    skip('this account may not mount a small file system');
  }
  closers.push(
    () => rm(directory, { recursive: true }),
    () => execFileSync('umount', [directory]),
  );
  const profiles = await TestProfileService.start({ FILES_DIR: directory });
  closers.push(() => profiles.stop());
  const uploads = new TestUploads(profiles);
  const ada = await profiles.createUser();
  const tooLarge = Buffer.alloc(2_000_000);
  const ticket = await uploads.ticket(ada, tooLarge);
  const full = { status: 503, body: { code: 'UNAVAILABLE', type: 'urn:chat:error:file-storage/full' } };
  expect(await uploads.send(ticket, tooLarge)).toMatchObject(full);
  expect(await uploads.complete(ada, ticket)).toMatchObject({ status: 400, body: { type: 'urn:chat:error:upload/not-received' } });
  expect((await profiles.ask(ada, 'PATCH', '/profiles/me', { bio: 'still here' })).status).toBe(200);
  expect((await uploads.upload(ada, await image())).width).toBe(64);
});

it('with a folder that cannot be made, the service starts, and uploads are UNAVAILABLE', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'chat-no-folder-'));
  closers.push(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'a file');
  await writeFile(file, '');
  const profiles = await TestProfileService.start({ FILES_DIR: file });
  closers.push(() => profiles.stop());
  const uploads = new TestUploads(profiles);
  const ada = await profiles.createUser();
  const content = await image();
  expect(await uploads.send(await uploads.ticket(ada, content), content)).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
});

it('a check that a crash interrupted is repeated by another request when its time is over, with the same files', async () => {
  const profiles = await TestProfileService.start();
  closers.push(() => profiles.stop());
  const uploads = new TestUploads(profiles);
  const ada = await profiles.createUser();
  const content = await image();
  const ticket = await uploads.ticket(ada, content);
  await uploads.send(ticket, content);
  const setCheck = (seconds: number) =>
    profiles.dataSource.query(`update uploads set checking_until = now() + $2 * interval '1 second' where id = $1`, [
      ticket.uploadId,
      seconds,
    ]);
  await setCheck(60);
  expect(await uploads.complete(ada, ticket)).toMatchObject({ status: 409, body: { type: 'urn:chat:error:upload/being-checked' } });
  await setCheck(-1);
  expect((await uploads.complete(ada, ticket)).status).toBe(200);
  await eventually(async () => (await uploads.countFiles(ada)) === 4);
});
