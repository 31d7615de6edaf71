import { AppError } from '../errors/index.js';

export const wrongType = (message: string) => new AppError('invalid', 'file/wrong-type', message);

export const brokenFile = (message: string, cause?: unknown) => new AppError('invalid', 'file/broken', message, { cause });

export const heicNotAccepted = () =>
  new AppError('invalid', 'file/heic', 'HEIC images are not accepted, because web browsers cannot show them. Send the image as JPEG.');
