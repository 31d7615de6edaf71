import { AppError } from '../errors/index.js';

export const fileNotFound = () => new AppError('not-found', 'file/not-found', 'There is no such file.');

export const fileTooLarge = (maxBytes: number) =>
  new AppError('too-large', 'file/too-large', `The file is larger than ${maxBytes} bytes.`, { details: { maxBytes } });

export const fileTooShort = (sizeBytes: number, receivedBytes: number) =>
  new AppError('invalid', 'file/incomplete', `The file must have ${sizeBytes} bytes; ${receivedBytes} arrived.`);

/** An outside fault as an AppError: no space, or no answer. An AppError stays as it is. */
export function storageFault(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const { code } = (cause ?? {}) as { code?: unknown };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError('unavailable', 'file-storage/full', 'There is no space for files at present. Try again later.', { cause });
  return new AppError('unavailable', 'file-storage/unavailable', 'Files cannot be reached right now. Try again in a moment.', { cause });
}
