import { eventually } from '@chat/shared/testing';
import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';
import { image, TestUploads } from './kit/uploads.js';

/** The image and its thumbnails. */
const FILES_OF_IMAGE = 4;

let profiles: TestProfileService;
let uploads: TestUploads;

beforeAll(async () => {
  profiles = await TestProfileService.start();
  uploads = new TestUploads(profiles);
});
afterAll(() => profiles.stop());

const setPicture = (userId: string, mediaId: string) => profiles.ask(userId, 'PUT', '/profiles/me/picture', { mediaId });
const profileOf = async (userId: string, currentUser = userId) => (await profiles.ask(currentUser, 'GET', `/profiles/${userId}`)).body;

describe('the picture of a profile', () => {
  it('is null at first; an upload makes it the picture, with a thumbnail that others can load', async () => {
    const ada = await profiles.createUser();
    expect(await profileOf(ada)).toMatchObject({ profilePicture: null, coverImage: null });
    const asset = await uploads.upload(ada, await image(800, 600));
    expect(asset).toMatchObject({
      type: 'IMAGE',
      mimeType: 'image/png',
      fileName: 'me.png',
      width: 800,
      height: 600,
      durationSeconds: null,
      waveform: null,
    });
    const { body } = await setPicture(ada, asset.id);
    expect(body.profilePicture).toMatchObject({ id: asset.id, width: 800 });
    const seen = await profileOf(ada, await profiles.createUser());
    expect(seen.profilePicture.id).toBe(asset.id);
    const [whole, thumbnail] = await Promise.all([seen.profilePicture.url, seen.profilePicture.thumbnailUrl].map(load));
    expect(whole).toMatchObject({ format: 'png', width: 800 });
    expect(thumbnail).toMatchObject({ format: 'webp', width: 320 });
  });

  it('is published: what changed, and the ids of the images', async () => {
    const ada = await profiles.createUser();
    const [picture, cover] = [
      await uploads.upload(ada, await image()),
      await uploads.upload(ada, await image(), { purpose: 'COVER_IMAGE' }),
    ];
    await setPicture(ada, picture.id);
    await profiles.ask(ada, 'PUT', '/profiles/me/cover', { mediaId: cover.id });
    await profiles.ask(ada, 'DELETE', '/profiles/me/picture');
    const events = await profiles.publishedFor(ada, 4);
    expect(events.map(({ payload }) => [payload.change, payload.pictureId, payload.coverImageId])).toEqual([
      ['CREATED', null, null],
      ['PICTURE_CHANGED', picture.id, null],
      ['COVER_CHANGED', picture.id, cover.id],
      ['PICTURE_CHANGED', null, cover.id],
    ]);
  });

  it('is deleted with all its files when it is replaced, and its URLs answer 404 at once', async () => {
    const ada = await profiles.createUser();
    const first = await uploads.upload(ada, await image());
    await setPicture(ada, first.id);
    const second = await uploads.upload(ada, await image(10, 10));
    await setPicture(ada, second.id);
    expect((await uploads.read(first.url)).status).toBe(404);
    await eventually(async () => (await uploads.countFiles(ada)) === FILES_OF_IMAGE);
    expect((await profiles.ask(ada, 'DELETE', '/profiles/me/picture')).body.profilePicture).toBeNull();
    expect((await profiles.ask(ada, 'DELETE', '/profiles/me/picture')).status).toBe(200);
    expect((await uploads.read(second.url)).status).toBe(404);
    await eventually(async () => (await uploads.countFiles(ada)) === 0);
  });

  it('stays as it is when the same upload is set again, and publishes nothing', async () => {
    const ada = await profiles.createUser();
    const { id } = await uploads.upload(ada, await image());
    await setPicture(ada, id);
    const { body } = await setPicture(ada, id);
    expect(body.profilePicture.id).toBe(id);
    await profiles.ask(ada, 'PATCH', '/profiles/me', { bio: 'last' });
    expect((await profiles.publishedFor(ada, 3)).map(({ payload }) => payload.change)).toEqual(['CREATED', 'PICTURE_CHANGED', 'UPDATED']);
  });

  it('is one of two that are set at the same time, and the files of the other one are deleted', async () => {
    const ada = await profiles.createUser();
    const assets = await Promise.all([uploads.upload(ada, await image()), uploads.upload(ada, await image(9, 9))]);
    const answers = await Promise.all(assets.map(({ id }) => setPicture(ada, id)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(assets.map(({ id }) => id)).toContain((await profileOf(ada)).profilePicture.id);
    await eventually(async () => (await uploads.countFiles(ada)) === FILES_OF_IMAGE);
  });
});

describe('users that may see a picture', () => {
  it('are those that may see the profile', async () => {
    const [ada, friend, stranger] = [await profiles.createUser(), await profiles.createUser(), await profiles.createUser()];
    await setPicture(ada, (await uploads.upload(ada, await image())).id);
    await profiles.ask(ada, 'PATCH', '/profiles/me', { isPublic: false });
    await profiles.waitUntilConsumed(await profiles.publishConversation([ada, friend]));
    expect((await profileOf(ada)).profilePicture).not.toBeNull();
    expect((await profileOf(ada, friend)).profilePicture).not.toBeNull();
    expect((await profileOf(ada, stranger)).profilePicture).toBeNull();
    const { body } = await profiles.ask(stranger, 'POST', '/profiles/bulk', { userIds: [ada] });
    expect(body[0]).toMatchObject({ profilePicture: null, coverImage: null });
  });
});

describe('a media id', () => {
  it('of another user, of another purpose, of no upload or of one that is not complete is refused, and changes nothing', async () => {
    const [ada, eve] = [await profiles.createUser(), await profiles.createUser()];
    const asset = await uploads.upload(ada, await image());
    const cover = await uploads.upload(eve, await image(), { purpose: 'COVER_IMAGE' });
    const open = await uploads.ticket(eve, await image());
    expect((await setPicture(eve, asset.id)).status).toBe(404);
    expect((await setPicture(eve, randomUUID())).status).toBe(404);
    expect((await setPicture(eve, cover.id)).body).toMatchObject({ code: 'BAD_USER_INPUT', type: 'urn:chat:error:upload/wrong-purpose' });
    expect((await setPicture(eve, open.uploadId)).body).toMatchObject({
      code: 'BAD_USER_INPUT',
      type: 'urn:chat:error:upload/not-completed',
    });
    expect((await setPicture(eve, '../../x')).status).toBe(400);
    expect((await profileOf(eve)).profilePicture).toBeNull();
    expect((await setPicture(ada, asset.id)).status).toBe(200);
  });
});

it('the files of a user that deletes the account are deleted', async () => {
  const ada = await profiles.createUser();
  const asset = await uploads.upload(ada, await image());
  await setPicture(ada, asset.id);
  await uploads.upload(ada, await image());
  await profiles.waitUntilConsumed(await profiles.publishDeleted(ada));
  expect((await uploads.read(asset.url)).status).toBe(404);
  await eventually(async () => (await uploads.countFiles(ada)) === 0);
  expect(await uploads.begin(ada, await image())).toMatchObject({ status: 404 });
});

async function load(url: string) {
  const response = await uploads.read(url);
  expect(response.status).toBe(200);
  return sharp(Buffer.from(await response.arrayBuffer())).metadata();
}
