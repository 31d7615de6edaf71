import { UploadCleanup } from '@chat/shared/uploads';
import { eventually } from '@chat/shared/testing';
import { CLOUDINARY_ACCOUNT, FakeCloudinary } from '@chat/testkit/fake-cloudinary';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';
import { image, TestUploads } from './kit/uploads.js';

describe('the cleanup of files on disk', () => {
  let profiles: TestProfileService;
  let uploads: TestUploads;
  beforeAll(async () => {
    profiles = await TestProfileService.start({ FILES_TICKET_TTL: '2', FILES_KEEP_UNCOMPLETED: '1', FILES_KEEP_UNATTACHED: '1' });
    uploads = new TestUploads(profiles);
  });
  afterAll(() => profiles.stop());

  const stateOf = async (uploadId: string) =>
    (await profiles.dataSource.query('select state from uploads where id = $1', [uploadId]))[0]?.state ?? null;
  const untilRemoved = (userId: string, uploadId: string) =>
    eventually(async () => {
      profiles.service.app.get(UploadCleanup).wake();
      return (await stateOf(uploadId)) === null && (await uploads.countFiles(userId)) === 0;
    });

  it('removes uploads that were never completed, with or without a file', async () => {
    const ada = await profiles.createUser();
    const content = await image();
    const [empty, sent] = [await uploads.ticket(ada, content), await uploads.ticket(ada, content)];
    await uploads.send(sent, content);
    expect(await uploads.countFiles(ada)).toBe(1);
    await untilRemoved(ada, sent.uploadId);
    expect(await stateOf(empty.uploadId)).toBeNull();
    expect((await uploads.complete(ada, sent)).status).toBe(404);
  });

  it('removes uploads that were never used, and none that is used', async () => {
    const ada = await profiles.createUser();
    const used = await uploads.upload(ada, await image());
    await profiles.ask(ada, 'PUT', '/profiles/me/picture', { mediaId: used.id });
    const bob = await profiles.createUser();
    const unused = await uploads.upload(bob, await image());
    await untilRemoved(bob, unused.id);
    expect((await profiles.ask(bob, 'PUT', '/profiles/me/picture', { mediaId: unused.id })).status).toBe(404);
    expect((await uploads.read((await profiles.ask(ada, 'GET', '/profiles/me')).body.profilePicture.url)).status).toBe(200);
  });
});

describe('with files at Cloudinary', () => {
  let provider: FakeCloudinary;
  let profiles: TestProfileService;
  let uploads: TestUploads;
  beforeAll(async () => {
    provider = await FakeCloudinary.start();
    profiles = await TestProfileService.start({
      CLOUDINARY_CLOUD_NAME: CLOUDINARY_ACCOUNT.cloudName,
      CLOUDINARY_API_KEY: CLOUDINARY_ACCOUNT.apiKey,
      CLOUDINARY_API_SECRET: CLOUDINARY_ACCOUNT.apiSecret,
      CLOUDINARY_UPLOAD_PREFIX: provider.url,
      CLOUDINARY_DELIVERY_URL: provider.url,
    });
    uploads = new TestUploads(profiles);
  });
  afterAll(async () => {
    await profiles.stop();
    await provider.close();
  });

  const filesOf = (userId: string) => [...provider.files.keys()].filter((key) => key.includes(userId));

  /** The client sends the file to Cloudinary itself. */
  async function upload(userId: string, content: Buffer) {
    const ticket = await uploads.ticket(userId, content);
    expect(ticket).toMatchObject({ method: 'POST', headers: {}, url: expect.stringContaining(provider.url) });
    const form = new FormData();
    for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
    form.append('file', new Blob([new Uint8Array(content)]));
    expect((await fetch(ticket.url, { method: 'POST', body: form })).status).toBe(200);
    return ticket;
  }

  it('a picture is uploaded there by the client, and read through the gateway', async () => {
    const ada = await profiles.createUser();
    const ticket = await upload(ada, await image(40, 30));
    const { status, body } = await uploads.complete(ada, ticket);
    expect([status, body.width]).toEqual([200, 40]);
    expect((await uploads.read(body.url, { range: 'bytes=0-3' })).status).toBe(206);
    await eventually(() => filesOf(ada).length === 4);
    expect((await profiles.ask(ada, 'PUT', '/profiles/me/picture', { mediaId: body.id })).status).toBe(200);
  });

  it('a provider that fails in the middle of the check is UNAVAILABLE, and the upload can be completed later', async () => {
    const ada = await profiles.createUser();
    const ticket = await upload(ada, await image());
    provider.faults.add('unavailable', 'reset', 'unavailable');
    expect(await uploads.complete(ada, ticket)).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    expect((await uploads.complete(ada, ticket)).status).toBe(200);
  });

  it('a provider that does not delete fails no request, and is asked again', async () => {
    const ada = await profiles.createUser();
    const ticket = await upload(ada, await image());
    const { body } = await uploads.complete(ada, ticket);
    await profiles.ask(ada, 'PUT', '/profiles/me/picture', { mediaId: body.id });
    await eventually(() => filesOf(ada).length === 4);
    provider.faults.add(...Array.from({ length: 15 }, () => 'unavailable' as const));
    expect(await profiles.ask(ada, 'DELETE', '/profiles/me/picture')).toMatchObject({ status: 200, body: { profilePicture: null } });
    expect((await uploads.read(body.url)).status).toBe(404);
    const waiting = () =>
      profiles.dataSource.query("select attempts from file_deletions where key like '%' || $1 || '%' and due_at > now()", [ada]);
    await eventually(async () => (await waiting()).some(({ attempts }: { attempts: number }) => attempts > 0));
    await profiles.dataSource.query('update file_deletions set due_at = now() where attempts > 0');
    await eventually(async () => {
      profiles.service.app.get(UploadCleanup).wake();
      return filesOf(ada).length === 0;
    });
  });

  it('a file that is larger than its ticket says is refused and deleted', async () => {
    const ada = await profiles.createUser();
    const content = await image();
    const ticket = await uploads.ticket(ada, { length: content.length - 1 });
    const form = new FormData();
    for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
    form.append('file', new Blob([new Uint8Array(content)]));
    await fetch(ticket.url, { method: 'POST', body: form });
    expect(await uploads.complete(ada, ticket)).toMatchObject({ status: 413, body: { type: 'urn:chat:error:file/too-large' } });
    await eventually(() => filesOf(ada).length === 0);
  });

  it('a file that a client sends again is deleted when the ticket is long over, whether the upload was removed or is used', async () => {
    const [ada, ben] = [await profiles.createUser(), await profiles.createUser()];
    const refused = await upload(ada, Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(100)]));
    const used = await upload(ben, await image());
    expect((await uploads.complete(ada, refused)).status).toBe(400);
    await profiles.ask(ben, 'PUT', '/profiles/me/picture', { mediaId: (await uploads.complete(ben, used)).body.id });
    const areDeleted = () => filesOf(ada).length === 0 && filesOf(ben).length === 4;
    await eventually(areDeleted);
    for (const { fields } of [refused, used]) provider.files.set(`image/${fields.public_id}`, Buffer.from('sent again'));
    await profiles.dataSource.query('update file_deletions set due_at = now()');
    await eventually(() => {
      profiles.service.app.get(UploadCleanup).wake();
      return areDeleted();
    });
  });
});
