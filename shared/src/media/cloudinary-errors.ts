import { AppError } from '../errors/index.js';
import { storageFault } from './storage.errors.js';

/** The errors of the SDK are plain objects, of several shapes. */
interface SdkError {
  message?: unknown;
  http_code?: unknown;
  error?: unknown;
}

/** Whether the error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return partsOf(error).http_code === 404;
}

/** An error of the SDK as an AppError. What the client of a direct upload did wrong is not among them. */
export function cloudinaryFault(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error) return storageFault(error);
  const { message, http_code } = partsOf(error);
  return storageFault(new Error(`Cloudinary answered ${String(http_code)}: ${String(message).slice(0, 200)}`));
}

function partsOf(error: unknown): SdkError {
  const outer = (error ?? {}) as SdkError;
  return typeof outer.error === 'object' && outer.error !== null ? outer.error : outer;
}
