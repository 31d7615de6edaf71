import { eventually } from '@chat/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';
import { image, TestUploads } from './kit/uploads.js';

let profiles: TestProfileService;
let uploads: TestUploads;
beforeAll(async () => {
  profiles = await TestProfileService.start();
  uploads = new TestUploads(profiles);
});
afterAll(() => profiles.stop());

describe('a form with a file', () => {
  it('sets picture and cover in one request', async () => {
    const ada = await profiles.createUser();
    const answers = [
      await uploads.sendForm(ada, '/profiles/me/picture', await image(30, 20)),
      await uploads.sendForm(ada, '/profiles/me/cover', await image(40, 20)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[1]!.body).toMatchObject({ profilePicture: { width: 30 }, coverImage: { width: 40 } });
  });

  it('is checked as any other upload, and leaves nothing behind if it is refused', async () => {
    const ada = await profiles.createUser();
    const send = (content: Buffer, name?: string, type?: string) => uploads.sendForm(ada, '/profiles/me/picture', content, name, type);
    expect(await send(Buffer.from('<svg/>'), 'a.svg', 'image/svg+xml')).toMatchObject({ status: 400 });
    expect(await send(Buffer.from('no image'))).toMatchObject({ status: 400, body: { type: 'urn:chat:error:file/wrong-type' } });
    expect(await send(Buffer.alloc(10 * 2 ** 20 + 1))).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(await send(Buffer.alloc(0))).toMatchObject({ status: 400 });
    expect(await profiles.ask(ada, 'POST', '/profiles/me/picture', { file: 'x' })).toMatchObject({ status: 400 });
    await eventually(async () => (await uploads.countFiles(ada)) === 0);
    expect((await profiles.ask(ada, 'GET', '/profiles/me')).body.profilePicture).toBeNull();
  });
});
