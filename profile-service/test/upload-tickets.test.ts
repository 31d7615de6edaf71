import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestProfileService } from './kit/profile-service.js';
import { image, TestUploads } from './kit/uploads.js';

const MB = 2 ** 20;

let profiles: TestProfileService;
let uploads: TestUploads;
beforeAll(async () => {
  profiles = await TestProfileService.start({
    FILES_OPEN_TICKETS: '5',
    FILES_DAILY_MB: '12',
    FILES_TOTAL_MB: '20',
    FILES_UPLOAD_TIMEOUT: '2',
  });
  uploads = new TestUploads(profiles);
});
afterAll(() => profiles.stop());

describe('a ticket', () => {
  it.each([
    ['a kind that is no image', { kind: 'VIDEO', fileName: 'a.mp4', mimeType: 'video/mp4' }, 400, 'file/wrong-type'],
    ['SVG', { fileName: 'a.svg', mimeType: 'image/svg+xml' }, 400, 'file/wrong-type'],
    ['HTML', { fileName: 'a.html', mimeType: 'text/html' }, 400, 'file/wrong-type'],
    ['HEIC', { fileName: 'a.heic', mimeType: 'image/heic' }, 400, 'file/heic'],
    ['HEIC under another type', { fileName: 'a.HEIC', mimeType: 'image/jpeg' }, 400, 'file/heic'],
    ['a name with another extension', { fileName: 'a.png', mimeType: 'image/jpeg' }, 400, 'file/wrong-type'],
    ['a name without an extension', { fileName: 'png' }, 400, 'file/wrong-type'],
    ['one byte over the limit', { sizeBytes: 10 * MB + 1 }, 413, 'file/too-large'],
    ['a purpose of another service', { purpose: 'MESSAGE_ATTACHMENT' }, 501, 'upload/purpose'],
  ])('for %s is refused', async (_, changes, status, code) => {
    const answer = await uploads.begin(randomUUID(), await image(), changes);
    expect(answer).toMatchObject({ status, body: { type: `urn:chat:error:${code}` } });
  });

  it.each([
    '../../a.png',
    '..\\a.png',
    '/etc/a.png',
    'a\u0000.png',
    'a\n.png',
    'gnp.exe\u202egnp.png',
    ' a.png',
    `${'a'.repeat(97)}.png`,
    '',
  ])('for a file with the name %j is refused', async (fileName) =>
    expect((await uploads.begin(randomUUID(), await image(), { fileName })).status).toBe(400),
  );

  it.each([0, -1, 1.5, 'many', null])('for a file of %j bytes is refused', async (sizeBytes) =>
    expect((await uploads.begin(randomUUID(), await image(), { sizeBytes })).status).toBe(400),
  );

  it('is one of few that a user may have open, also when many are asked for at once', async () => {
    const ada = randomUUID();
    const answers = await Promise.all(Array.from({ length: 15 }, async () => uploads.begin(ada, await image())));
    expect(answers.filter(({ status }) => status === 201).length).toBe(5);
    const refused = answers.find(({ status }) => status !== 201)!;
    expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } });
    expect((await uploads.begin(randomUUID(), await image())).status).toBe(201);
  });

  it('counts against the quota of the day and the total, also when many are asked for at once', async () => {
    const ada = randomUUID();
    const begin = (sizeBytes: number) => uploads.begin(ada, { length: sizeBytes });
    const answers = await Promise.all(Array.from({ length: 5 }, () => begin(5 * MB)));
    expect(answers.filter(({ status }) => status === 201).length).toBe(2);
    expect(answers.find(({ status }) => status === 429)!.body).toMatchObject({ type: 'urn:chat:error:upload/daily-quota' });
    await profiles.dataSource.query(`update upload_usage set day = day - 1 where owner_id = $1`, [ada]);
    expect((await begin(10 * MB)).status).toBe(201);
    await profiles.dataSource.query(`update upload_usage set day = day - 1 where owner_id = $1`, [ada]);
    expect(await begin(MB)).toMatchObject({ status: 409, body: { type: 'urn:chat:error:upload/total-quota' } });
  });

  it('needs a valid token of a user', async () => {
    expect((await fetch(`${profiles.service.url}/files/uploads`, { method: 'POST' })).status).toBe(401);
  });
});
