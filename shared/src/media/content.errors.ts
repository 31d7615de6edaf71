import { AppError } from '../errors/index.js';

/** The type, the name or the content of a file is not accepted, or they do not belong together. */
export const wrongType = (message: string) => new AppError('invalid', 'file/wrong-type', message);

/** A file is damaged, or made so that programs might be deceived by it. */
export const brokenFile = (message: string, cause?: unknown) => new AppError('invalid', 'file/broken', message, { cause });

/** HEIC, whatever its stated type is. */
export const heicNotAccepted = () =>
  new AppError('invalid', 'file/heic', 'HEIC images are not accepted, because web browsers cannot show them. Send the image as JPEG.');
