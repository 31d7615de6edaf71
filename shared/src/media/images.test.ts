import { greyPng } from '@chat/testkit/png';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { processImage, THUMBNAIL_SIZES } from './images.js';

const MAX_PIXELS = 50_000_000;
const blank = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#3366cc' } });

describe('a processed image', () => {
  it.each([
    ['jpeg', 'jpeg'],
    ['png', 'png'],
    ['gif', 'gif'],
    ['webp', 'webp'],
    ['avif', 'webp'],
  ] as const)('of the type %s is delivered as %s', async (format, delivered) => {
    const content = await blank(400, 300).toFormat(format).toBuffer();
    const image = await processImage(content, `image/${format}`, MAX_PIXELS);
    expect(image).toMatchObject({ width: 400, height: 300, mimeType: `image/${delivered}` });
    expect((await sharp(image.content).metadata()).format).toBe(delivered);
  });

  it('has at most 4096 pixels on each side', async () => {
    const image = await processImage(await blank(5000, 2500).jpeg().toBuffer(), 'image/jpeg', MAX_PIXELS);
    expect(image).toMatchObject({ width: 4096, height: 2048 });
  });

  it('is upright, and has neither the place where it was taken nor other metadata', async () => {
    const exif = { IFD0: { Copyright: 'Ada' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } };
    const content = await blank(400, 300).withExif(exif).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const before = await sharp(content).metadata();
    expect(before).toMatchObject({ orientation: 6, exif: expect.any(Buffer) });
    const image = await processImage(content, 'image/jpeg', MAX_PIXELS);
    expect(image).toMatchObject({ width: 300, height: 400 });
    for (const bytes of [image.content, ...Object.values(image.thumbnails)]) {
      const { exif: left, icc, xmp, iptc, orientation } = await sharp(bytes).metadata();
      expect([left, icc, xmp, iptc, orientation]).toEqual([undefined, undefined, undefined, undefined, undefined]);
    }
  });

  it('has three thumbnails, none of them larger than the image', async () => {
    const { thumbnails } = await processImage(await blank(2000, 1000).png().toBuffer(), 'image/png', MAX_PIXELS);
    for (const [size, bytes] of Object.entries(thumbnails)) {
      const side = THUMBNAIL_SIZES[size as keyof typeof THUMBNAIL_SIZES];
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: side, height: side / 2 });
    }
    const tiny = await processImage(await blank(10, 20).png().toBuffer(), 'image/png', MAX_PIXELS);
    expect(await sharp(tiny.thumbnails.large).metadata()).toMatchObject({ width: 10, height: 20 });
  });

  it('keeps the frames of an animation, and counts the pixels of all', async () => {
    const frames = await Promise.all(['red', 'green', 'blue'].map((background) => flat(background)));
    const content = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    const image = await processImage(content, 'image/gif', MAX_PIXELS);
    expect(image).toMatchObject({ width: 100, height: 100 });
    expect((await sharp(image.content, { animated: true }).metadata()).pages).toBe(3);
    await expect(processImage(content, 'image/gif', 59_999)).rejects.toMatchObject({ code: 'file/too-many-pixels' });
  });

  it('contains nothing that was hidden behind or inside the image', async () => {
    const script = '<html><script>alert(document.cookie)</script></html>';
    const image = await blank(50, 50)
      .withExif({ IFD0: { ImageDescription: script } })
      .png()
      .toBuffer();
    const polyglot = Buffer.concat([image, Buffer.from(script), Buffer.from('PK\u0003\u0004 an archive')]);
    const { content } = await processImage(polyglot, 'image/png', MAX_PIXELS);
    expect(content.includes('script')).toBe(false);
    expect(content.includes('PK\u0003\u0004')).toBe(false);
  });
});

describe('refused, each within a second', () => {
  const refused = async (content: Buffer, type: 'image/jpeg' | 'image/png', maxPixels = MAX_PIXELS) => {
    const startedAt = performance.now();
    const error = await processImage(content, type, maxPixels).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(performance.now() - startedAt).toBeLessThan(1000);
    return error;
  };

  it('an image of 50,000 by 50,000 pixels in a small file', async () => {
    const content = greyPng(50_000, 50_000, 1);
    expect(content.length).toBeLessThan(2_000_000);
    expect(await refused(content, 'image/png')).toMatchObject({ code: 'file/too-many-pixels', kind: 'too-large' });
  });

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'],
    ['SVG after an XML declaration', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['HTML', '<!doctype html><html><script>alert(1)</script></html>'],
    ['text', 'hello'],
    ['a PDF', '%PDF-1.7\n%\u00e2\u00e3'],
    ['a program', 'MZ\u0090\u0000'],
  ])('%s under the name of an image', async (_, text) => {
    expect(await refused(Buffer.from(text, 'latin1'), 'image/png')).toMatchObject({ code: 'file/wrong-type', kind: 'invalid' });
  });

  it('an image of another type than stated', async () => {
    const error = await refused(await blank(9, 9).png().toBuffer(), 'image/jpeg');
    expect(error).toMatchObject({ code: 'file/wrong-type', message: 'The file is image/png, not image/jpeg.' });
  });

  it('HEIC, with a sentence that says so', async () => {
    const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic\0\0\0\0mif1heic'), Buffer.alloc(100)]);
    expect(await refused(heic, 'image/jpeg')).toMatchObject({
      code: 'file/heic',
      message: expect.stringContaining('HEIC images are not accepted'),
    });
  });

  it('an image whose type takes more memory than its pixels are worth', async () => {
    const images = await Promise.all([blank(1000, 1000).png().toBuffer(), blank(1000, 1000).jpeg().toBuffer()]);
    expect(await refused(images[0], 'image/png', 1_500_000)).toMatchObject({ code: 'file/too-many-pixels' });
    expect(await refused(images[1], 'image/jpeg', 1_500_000)).toBeNull();
  });

  it('an image that ends in the middle', async () => {
    const content = await sharp(noise(300, 300), { raw: { width: 300, height: 300, channels: 3 } })
      .jpeg()
      .toBuffer();
    expect(await refused(content.subarray(0, content.length / 2), 'image/jpeg')).toMatchObject({ code: 'file/broken', kind: 'invalid' });
    expect(await refused(content.subarray(0, 20), 'image/jpeg')).toMatchObject({ kind: 'invalid' });
  });
});

function flat(background: string): Promise<Buffer> {
  return sharp({ create: { width: 100, height: 100, channels: 3, background } })
    .png()
    .toBuffer();
}

/** Every picture different, so that it cannot be compressed. */
function noise(width: number, height: number): Buffer {
  return Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => (i * 2_654_435_761) >>> 24));
}
