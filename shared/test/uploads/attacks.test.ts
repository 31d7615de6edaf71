import { greyPng } from '@chat/testkit/png';
import { officeFiles, zip } from '@chat/testkit/zip';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../src/testing/index.js';
import { CreateUploadDto } from '../../src/uploads/index.js';
import { mp4Box, videoFile } from '../media/kit/media-files.js';
import { type SentFile, TestUploads } from './kit/test-uploads.js';

/** Files that a user with bad intentions sends, each made here. How long each takes is printed; docs/security/files.md has what was seen. */
let uploads: TestUploads;
beforeAll(async () => {
  uploads = await TestUploads.start();
});
afterAll(() => uploads.stop());

const HTML = '<html><script>alert(document.cookie)</script></html>';
const PDF = '%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n';
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const ARCHIVE = zip([{ name: 'evil.exe', content: 'MZ' }]);
const FTYP = mp4Box('ftyp', 'isom\0\0\x02\0isommp41');
const picture = () => sharp({ create: { width: 40, height: 30, channels: 3, background: '#3366cc' } });

const file = (kind: SentFile['kind'], fileName: string, mimeType: string, content: Buffer | string): SentFile => ({
  kind,
  fileName,
  mimeType,
  content: Buffer.from(content),
});

async function timed<T>(work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } finally {
    console.info(`${Math.round(performance.now() - startedAt)} ms`);
  }
}

describe('refused, with nothing left', () => {
  it.each<[string, () => SentFile, string]>([
    ['an image of 50,000 by 50,000 pixels', () => file('IMAGE', 'a.png', 'image/png', greyPng(50_000, 50_000, 1)), 'file/too-many-pixels'],
    ['a web page with the header of a GIF', () => file('IMAGE', 'a.gif', 'image/gif', `GIF89a/*${HTML}*/=1;`), 'file/broken'],
    [
      'SVG with the name of a PNG',
      () => file('IMAGE', 'a.png', 'image/png', '<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'file/wrong-type',
    ],
    [
      'a PDF that is an archive',
      () => file('DOCUMENT', 'a.pdf', 'application/pdf', Buffer.concat([Buffer.from(PDF), ARCHIVE])),
      'file/wrong-type',
    ],
    ['a PDF that is a web page', () => file('DOCUMENT', 'a.pdf', 'application/pdf', PDF.replace('1 0', `${HTML}\n1 0`)), 'file/wrong-type'],
    ['an archive with the name of a document', () => file('DOCUMENT', 'a.docx', DOCX, ARCHIVE), 'file/wrong-type'],
    ['a program with the name of an archive', () => file('DOCUMENT', 'a.zip', 'application/zip', 'MZ\x90\0'), 'file/broken'],
    ['an archive that a program unpacks elsewhere', () => file('DOCUMENT', 'a.zip', 'application/zip', slip()), 'file/broken'],
    ['an archive that unpacks to 4 GB', () => file('DOCUMENT', 'a.zip', 'application/zip', bomb()), 'file/broken'],
    ['a document whose description unpacks to 50 MB', () => file('DOCUMENT', 'a.docx', DOCX, documentBomb()), 'file/broken'],
    ['an MP4 with a box of 4 GB', () => file('VIDEO', 'a.mp4', 'video/mp4', withBox(mp4Box('moov', '', 0xffff_ffff))), 'file/broken'],
    [
      'an MP4 with a box of 2^63 bytes',
      () => file('VIDEO', 'a.mp4', 'video/mp4', withBox(mp4Box('moov', Buffer.from('7fffffffffffffff', 'hex'), 1))),
      'file/broken',
    ],
    ['text with escape sequences', () => file('DOCUMENT', 'a.txt', 'text/plain', '\u001b]0;title\u0007'), 'file/wrong-type'],
  ])('%s', async (_, make, code) => {
    const ownerId = randomUUID();
    const { id } = await uploads.send(make(), ownerId);
    await timed(() => expect(uploads.completion.complete(ownerId, id)).rejects.toMatchObject({ code }));
    await eventually(async () => expect(await uploads.filesOf(ownerId)).toEqual([]));
  });

  it('a video that is an archive as well', async () => {
    const content = Buffer.concat([await videoFile('mp4', 1, 320, 180), ARCHIVE]);
    expect(await timed(() => uploads.refusal(file('VIDEO', 'a.mp4', 'video/mp4', content)))).toBe('file/wrong-type');
  });

  it.each(['a.html', 'a.txt.exe', 'txt', '.htaccess'])('text with the name %j', async (fileName) => {
    await expect(uploads.send(file('DOCUMENT', fileName, 'text/plain', 'a'))).rejects.toMatchObject({ code: 'file/wrong-type' });
  });

  it.each(['../a.txt', 'a/b.txt', 'a\\b.txt', 'a\0.txt', 'a.txt\r\nset-cookie: a=b', '\u202etxt.txt', `${'a'.repeat(97)}.txt`])(
    'a request with the name %j',
    async (fileName) => {
      const request = { purpose: 'MESSAGE_ATTACHMENT', kind: 'DOCUMENT', fileName, mimeType: 'text/plain', sizeBytes: 1 };
      const [problem] = await validate(plainToInstance(CreateUploadDto, request));
      expect(problem?.property).toBe('fileName');
    },
  );
});

describe('cleaned', () => {
  const delivered = async (sent: SentFile) => (await uploads.read((await timed(() => uploads.upload(sent))).id)).content;

  it('a JPEG that is an archive as well, and says where it was taken', async () => {
    const exif = { IFD0: { Copyright: HTML }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } };
    const jpeg = await picture().withExif(exif).jpeg().toBuffer();
    expect((await sharp(jpeg).metadata()).exif).toBeDefined();
    const content = await delivered(file('IMAGE', 'a.jpg', 'image/jpeg', Buffer.concat([jpeg, ARCHIVE])));
    expect(content.includes('PK\u0003\u0004')).toBe(false);
    expect(content.includes('script')).toBe(false);
    expect((await sharp(content).metadata()).exif).toBeUndefined();
  });

  it('a GIF that is a web page as well', async () => {
    const gif = await picture().gif().toBuffer();
    const content = await delivered(file('IMAGE', 'a.gif', 'image/gif', Buffer.concat([gif, Buffer.from(HTML)])));
    expect(content.includes('script')).toBe(false);
    expect((await sharp(content).metadata()).format).toBe('gif');
  });
});

const withBox = (box: Buffer) => Buffer.concat([FTYP, box]);
const slip = () => zip([{ name: '../../.ssh/authorized_keys', content: 'a' }]);
const bomb = () => zip([{ name: 'a', content: Buffer.alloc(20_000_000), statedBytes: 4_000_000_000 }]);

function documentBomb(): Buffer {
  const [types, ...others] = officeFiles('docx');
  return zip([{ ...types!, content: ' '.repeat(50_000_000), statedBytes: 100 }, ...others]);
}
