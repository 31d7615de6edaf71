import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@chat/shared/testing';
import { TestProfileService } from './kit/profile-service.js';
import { image, TestUploads } from './kit/uploads.js';

let profiles: TestProfileService;
let uploads: TestUploads;
beforeAll(async () => {
  profiles = await TestProfileService.start();
  uploads = new TestUploads(profiles);
});
afterAll(() => profiles.stop());

describe('an upload', () => {
  it('that is completed twice, also at once, is one file', async () => {
    const ada = await profiles.createUser();
    const content = await image();
    const ticket = await uploads.ticket(ada, content);
    await uploads.send(ticket, content);
    const answers = await Promise.all(Array.from({ length: 5 }, () => uploads.complete(ada, ticket)));
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    // The others were told to wait, or came later and got the same.
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect((await uploads.complete(ada, ticket)).body.id).toBe(ticket.uploadId);
    await eventually(async () => (await uploads.countFiles(ada)) === 4);
  });

  it('of another user cannot be completed', async () => {
    const [ada, eve] = [await profiles.createUser(), await profiles.createUser()];
    const content = await image();
    const ticket = await uploads.ticket(ada, content);
    await uploads.send(ticket, content);
    expect((await uploads.complete(eve, ticket)).status).toBe(404);
    expect((await uploads.complete(ada, ticket)).status).toBe(200);
  });

  it('that is refused is deleted, frees the quota, and its ticket is used up', async () => {
    const ada = await profiles.createUser();
    const content = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const ticket = await uploads.ticket(ada, content);
    await uploads.send(ticket, content);
    expect(await uploads.complete(ada, ticket)).toMatchObject({ status: 400, body: { type: 'urn:chat:error:file/wrong-type' } });
    expect((await uploads.complete(ada, ticket)).status).toBe(404);
    expect((await uploads.send(ticket, content)).status).toBe(404);
    await eventually(async () => (await uploads.countFiles(ada)) === 0);
    expect(await usageOf(ada)).toMatchObject({ total: 0, count: 1 });
  });

  it('counts with what is really stored, and not any more when it is deleted', async () => {
    const ada = await profiles.createUser();
    const asset = await uploads.upload(ada, await image(500, 500));
    const { total } = await usageOf(ada);
    expect(total).toBeGreaterThan(asset.sizeBytes);
    await profiles.ask(ada, 'PUT', '/profiles/me/picture', { mediaId: asset.id });
    await profiles.ask(ada, 'DELETE', '/profiles/me/picture');
    expect((await usageOf(ada)).total).toBe(0);
  });

  it('of AVIF is delivered as WebP, and its name says so', async () => {
    const ada = await profiles.createUser();
    const content = await sharp(await image())
      .avif()
      .toBuffer();
    const asset = await uploads.upload(ada, content, { fileName: 'me.avif', mimeType: 'image/avif' });
    expect(asset).toMatchObject({ fileName: 'me.webp', mimeType: 'image/webp' });
    expect((await uploads.read(asset.url)).headers.get('content-type')).toBe('image/webp');
  });

  it('with a text in the metadata of the image is delivered without it', async () => {
    const ada = await profiles.createUser();
    const exif = { IFD0: { Copyright: 'secret text' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } };
    const content = await sharp(await image())
      .withExif(exif)
      .jpeg()
      .toBuffer();
    expect(content.includes('secret text')).toBe(true);
    const asset = await uploads.upload(ada, content, { fileName: 'me.JPG', mimeType: 'image/jpeg' });
    const delivered = Buffer.from(await (await uploads.read(asset.url)).arrayBuffer());
    expect(delivered.length).toBe(asset.sizeBytes);
    expect(delivered.includes('secret text')).toBe(false);
    expect((await sharp(delivered).metadata()).exif).toBeUndefined();
  });
});

describe('a user that completes many images', () => {
  it('delays the image of another user by one image at most', async () => {
    const [busy, ada] = [await profiles.createUser(), await profiles.createUser()];
    const large = await sharp({ create: { width: 3000, height: 2000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const order: string[] = [];
    const begin = async (userId: string, content: Buffer) => {
      const ticket = await uploads.ticket(userId, content);
      await uploads.send(ticket, content);
      return async () => {
        expect((await uploads.complete(userId, ticket)).status).toBe(200);
        order.push(userId);
      };
    };
    const completions = await Promise.all(Array.from({ length: 6 }, () => begin(busy, large)));
    const other = await begin(ada, await image());
    const all = completions.map((complete) => complete());
    await eventually(() => order.length >= 1);
    await Promise.all([other(), ...all]);
    expect(order.indexOf(ada)).toBeLessThanOrEqual(3);
  });
});

describe('a file', () => {
  it('is delivered with headers that keep scripts out, in ranges, and from the cache of the client', async () => {
    const ada = await profiles.createUser();
    const name = 'Über "mich".png';
    const asset = await uploads.upload(ada, await image(), { fileName: name });
    const whole = await uploads.read(asset.url);
    const content = Buffer.from(await whole.arrayBuffer());
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(content.length),
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'content-disposition': `inline; filename="_ber _mich_.png"; filename*=UTF-8''${encodeURIComponent(name)}`,
      'cache-control': expect.stringMatching(/^private, max-age=\d{3}, immutable$/),
    });
    const part = await uploads.read(asset.url, { range: 'bytes=10-19' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${content.length}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(10, 20))).toBe(true);
    expect((await uploads.read(asset.url, { range: 'bytes=99999999-' })).status).toBe(416);
    expect((await uploads.read(asset.url, { 'if-none-match': whole.headers.get('etag')! })).status).toBe(304);
    const head = await uploads.read(asset.url, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, String(content.length), '']);
  });

  it('has a URL that is valid for ten minutes, for this file and its thumbnails only', async () => {
    const ada = await profiles.createUser();
    const [asset, other] = [await uploads.upload(ada, await image()), await uploads.upload(ada, await image())];
    const expires = Number(new URL(asset.url).searchParams.get('expires')) - Date.now() / 1000;
    expect(expires).toBeGreaterThan(530);
    expect(expires).toBeLessThanOrEqual(600);
    const statusOf = async (url: string) => (await uploads.read(url)).status;
    for (const size of ['small', 'medium', 'large']) expect(await statusOf(asset.url.replace('/original', `/${size}`))).toBe(200);
    for (const variant of ['received', '..', 'huge']) expect(await statusOf(asset.url.replace('/original', `/${variant}`))).toBe(404);
    expect(await statusOf(asset.url.replace(asset.id, other.id))).toBe(404);
    expect(await statusOf(asset.url.replace(/expires=\d+/, 'expires=9999999999'))).toBe(404);
    expect(await statusOf(asset.url.replace(/\?.*/, ''))).toBe(400);
  });
});

async function usageOf(userId: string): Promise<{ total: number; count: number }> {
  const [usage] = await profiles.dataSource.query(
    'select total_bytes::int as total, day_count as count from upload_usage where owner_id = $1',
    [userId],
  );
  return usage;
}
