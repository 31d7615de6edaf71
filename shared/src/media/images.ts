import { fileTypeFromBuffer } from 'file-type';
import sharp, { type Sharp } from 'sharp';
import { AppError } from '../errors/index.js';
import { brokenFile } from './content.errors.js';
import type { ImageType } from './file-types.js';
import { checkFoundType } from './type-checks.js';

/** The longest sides of the thumbnails, in pixels. */
export const THUMBNAIL_SIZES = { small: 128, medium: 320, large: 960 } as const;
export type ThumbnailSize = keyof typeof THUMBNAIL_SIZES;
export const THUMBNAIL_TYPE = 'image/webp';

/** The longest side of an image as it is delivered, in pixels. Larger ones are made smaller, which for JPEG and WebP also saves most of the decoding. */
const MAX_SIDE = 4096;
const INSIDE = { fit: 'inside', withoutEnlargement: true } as const;

/** An image as it is delivered: encoded again, without metadata, upright, at most 4096 pixels wide and high. */
export interface ProcessedImage {
  content: Buffer;
  /** That of the image that was sent, but WebP for AVIF. */
  mimeType: ImageType;
  width: number;
  height: number;
  thumbnails: Record<ThumbnailSize, Buffer>;
}

/**
 * The share of the largest number of pixels that an image of a type may have. Decoding takes up to so many bytes for each pixel: 7 of a
 * progressive JPEG, 11 of an interlaced PNG with 16 bits, 18 of AVIF.
 */
const PIXEL_SHARES: Record<ImageType, number> = {
  'image/jpeg': 1,
  'image/png': 0.5,
  'image/gif': 0.5,
  'image/webp': 0.5,
  'image/avif': 0.25,
};

/** Of one image, as it would take a core for longer. */
const TIMEOUT_SECONDS = 20;

// One image has one thread, however many cores there are, and leaves nothing in memory.
sharp.concurrency(1);
sharp.cache(false);
// Of all formats that libvips reads, only those that are accepted; not SVG, for example, whatever the content looks like.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadNsgif', 'VipsForeignLoadWebp', 'VipsForeignLoadHeif'],
});

/**
 * Decodes an image of the stated type and encodes it again, so that metadata, and whatever else the file contains, is not delivered.
 * Rejects with `file/wrong-type`, `file/heic`, `file/too-many-pixels` (all frames of an animation together) or `file/broken`. It runs
 * in the threads of libuv, one image in one thread.
 */
export async function processImage(content: Buffer, stated: ImageType, maxPixelsOfJpeg: number): Promise<ProcessedImage> {
  const maxPixels = Math.floor(maxPixelsOfJpeg * PIXEL_SHARES[stated]);
  checkFoundType((await fileTypeFromBuffer(content))?.mime, stated);
  const input = { limitInputPixels: maxPixels, failOn: 'error', animated: true, sequentialRead: true } as const;
  // Encoding AVIF takes a core more than ten times as long as encoding WebP.
  const mimeType = stated === 'image/avif' ? 'image/webp' : stated;
  try {
    const { width, height } = await sharp(content, input).metadata();
    if (width * height > maxPixels) throw tooManyPixels(maxPixels);
    const upright = sharp(content, input)
      .autoOrient()
      .resize({ width: MAX_SIDE, height: MAX_SIDE, ...INSIDE });
    const { data, info } = await encoded(upright, mimeType).toBuffer({ resolveWithObject: true });
    // The first frame of an animation. Not from what the client sent, which takes much longer to decode than this.
    const large = await thumbnail(sharp(data), 'large');
    const [medium, small] = await Promise.all([thumbnail(sharp(large), 'medium'), thumbnail(sharp(large), 'small')]);
    return { content: data, mimeType, width: info.width, height: info.pageHeight ?? info.height, thumbnails: { large, medium, small } };
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (/pixel limit/.test((error as Error).message)) throw tooManyPixels(maxPixels);
    throw brokenFile('The image cannot be read: it is damaged, or takes too long to decode.', error);
  }
}

function encoded(image: Sharp, type: Exclude<ImageType, 'image/avif'>): Sharp {
  const limited = image.timeout({ seconds: TIMEOUT_SECONDS });
  switch (type) {
    case 'image/jpeg':
      return limited.jpeg({ quality: 85 });
    case 'image/png':
      return limited.png();
    case 'image/gif':
      return limited.gif({ effort: 3 });
    case 'image/webp':
      return limited.webp({ quality: 85 });
  }
}

function thumbnail(image: Sharp, size: ThumbnailSize): Promise<Buffer> {
  const side = THUMBNAIL_SIZES[size];
  return image
    .resize({ width: side, height: side, ...INSIDE })
    .timeout({ seconds: TIMEOUT_SECONDS })
    .webp({ quality: 78 })
    .toBuffer();
}

const tooManyPixels = (maxPixels: number) =>
  new AppError('too-large', 'file/too-many-pixels', `The image has more than ${maxPixels} pixels.`, { details: { maxPixels } });
