import { AppError } from '../errors/index.js';

/** The image types that are accepted, with the extensions of their files. */
export const IMAGE_TYPES = {
  'image/jpeg': ['jpg', 'jpeg', 'jfif'],
  'image/png': ['png'],
  'image/gif': ['gif'],
  'image/webp': ['webp'],
  'image/avif': ['avif'],
} as const;

export type ImageType = keyof typeof IMAGE_TYPES;

const HEIC = /^image\/hei[cf]/;

export function isImageType(mimeType: string): mimeType is ImageType {
  return Object.hasOwn(IMAGE_TYPES, mimeType);
}

/** Throws unless an image may have this type, and its name an extension of it. */
export function checkImageType(mimeType: string, fileName: string): asserts mimeType is ImageType {
  const extension = /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
  if (HEIC.test(mimeType) || extension === 'heic' || extension === 'heif') throw heicNotAccepted();
  if (!isImageType(mimeType)) throw wrongType(`An image must be one of ${Object.keys(IMAGE_TYPES).join(', ')}.`);
  const extensions: readonly string[] = IMAGE_TYPES[mimeType];
  if (!extensions.includes(extension))
    throw wrongType(`The name of a file of the type ${mimeType} must end with .${extensions.join(' or .')}.`);
}

/** The name of a file that was encoded as another type. */
export function withExtension(fileName: string, type: ImageType): string {
  return fileName.replace(/\.[^.]+$/, `.${IMAGE_TYPES[type][0]}`);
}

/** Throws unless the content has the type that was stated. `found`: the type that the content has, if it is known. */
export function checkFoundType(found: string | undefined, stated: ImageType): void {
  if (found !== undefined && HEIC.test(found)) throw heicNotAccepted();
  // An animated PNG, of which the first picture is kept.
  if (found === stated || (found === 'image/apng' && stated === 'image/png')) return;
  throw wrongType(found === undefined ? 'The file is not an image of an accepted type.' : `The file is ${found}, not ${stated}.`);
}

const wrongType = (message: string) => new AppError('invalid', 'file/wrong-type', message);

const heicNotAccepted = () =>
  new AppError('invalid', 'file/heic', 'HEIC images are not accepted, because web browsers cannot show them. Send the image as JPEG.');
