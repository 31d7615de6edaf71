import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { greyPng } from '@chat/testkit/png';
import { TestUser } from '@chat/testkit/user';
import { gateway } from './kit/gateway.ts';

interface TestFile {
  blob: Blob;
  name: string;
  type: string;
}
type ChangePicture = (file: TestFile, accessToken: string, gateway: string) => Promise<any>;
type SendFiles = (
  message: { conversationId: string; files: TestFile[]; content?: string; clientMessageId: string },
  accessToken: string,
  gateway: string,
) => Promise<any>;

const client = gateway();
const address = new URL(inject('gatewayUrl')).origin;
let changePicture: ChangePicture;
let sendFiles: SendFiles;
beforeAll(async () => {
  // The code that developers copy.
  const document = await readFile(new URL('../docs/files.md', import.meta.url), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(document)![1]!;
  ({ changePicture, sendFiles } = await import(`data:text/javascript,${encodeURIComponent(code)}`));
});
afterAll(() => client.close());

const png = (width: number, height: number) => new Uint8Array(greyPng(width, height));
const file = (bytes: Uint8Array<ArrayBuffer>, name = 'me.png', type = 'image/png') => ({ blob: new Blob([bytes]), name, type });

it('the code of docs/files.md gives a user a picture that others see, through the gateway alone', async () => {
  const [ada, ben] = await Promise.all([TestUser.register(client, 'ada'), TestUser.register(client, 'ben')]);
  const profile = await changePicture(file(png(40, 30)), ada.accessToken, address);
  expect(profile).toMatchObject({ userId: ada.userId, profilePicture: { width: 40, height: 30 } });
  const query = 'query ($id: String!) { getProfile(userId: $id) { profilePicture { url thumbnailUrl mimeType } coverImage { id } } }';
  const seen = (await ben.mustAsk(query, { id: ada.userId })).getProfile;
  expect(seen).toMatchObject({ profilePicture: { mimeType: 'image/png' }, coverImage: null });
  for (const url of [seen.profilePicture.url, seen.profilePicture.thumbnailUrl]) {
    expect(new URL(url).origin.replace('localhost', '127.0.0.1')).toBe(address.replace('localhost', '127.0.0.1'));
    const response = await fetch(url);
    expect([response.status, response.headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(50);
  }
  const part = await fetch(seen.profilePicture.url, { headers: { range: 'bytes=0-7' } });
  expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 8]);
  expect((await ada.mustAsk('{ me { picture } }')).me.picture).toContain('/files/profiles/');

  expect((await ada.mustAsk('mutation { deleteProfilePicture { profilePicture { id } } }')).deleteProfilePicture.profilePicture).toBeNull();
  expect((await fetch(seen.profilePicture.url)).status).toBe(404);
  expect((await ada.mustAsk('{ me { picture } }')).me.picture).toBeNull();
});

it('a file that is no image is refused with a clear sentence, and the profile stays as it is', async () => {
  const ada = await TestUser.register(client, 'ada');
  const text = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>');
  await expect(changePicture(file(text), ada.accessToken, address)).rejects.toThrow('The content of the file is not image/png');
  await expect(changePicture(file(text, 'a.svg', 'image/svg+xml'), ada.accessToken, address)).rejects.toThrow(
    'A file of the kind IMAGE must be one of',
  );
  await expect(changePicture(file(png(2, 2), 'a.heic', 'image/heic'), ada.accessToken, address)).rejects.toThrow(
    'HEIC images are not accepted',
  );
  expect((await ada.mustAsk('{ getMyProfile { profilePicture { id } } }')).getMyProfile.profilePicture).toBeNull();
});

it('the code of docs/files.md sends images, which the other user reads', async () => {
  const [ada, ben] = await Promise.all([TestUser.register(client, 'ada'), TestUser.register(client, 'ben')]);
  const { conversationId } = await ada.sendTo(ben.userId, 'hello');
  const message = { conversationId, files: [file(png(8, 8), 'a.png'), file(png(9, 9), 'b.png')], clientMessageId: randomUUID() };
  const sent = await sendFiles(message, ada.accessToken, address);
  expect(sent).toMatchObject({
    seq: 2,
    content: '',
    attachments: [
      { fileName: 'a.png', width: 8 },
      { fileName: 'b.png', width: 9 },
    ],
  });
  const page = await ben.mustAsk(`{ getMessages(conversationId: "${conversationId}") { data { attachments { url } } } }`);
  for (const { url } of page.getMessages.data[1].attachments) expect((await fetch(url)).status).toBe(200);
});
