import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../errors/index.js';
import { detachedBody } from '../http/index.js';
import { createOwnFolder, fileTooLarge, storageFault } from '../media/index.js';

/** The file of a multipart form, in a temporary file of this process. */
export interface FormFile {
  path: string;
  sizeBytes: number;
  /** As the client states it. */
  fileName: string;
  mimeType: string;
}

/**
 * Receives the one file of a form (multipart/form-data, RFC 7578), and passes it to the job. A form does not say how large its file is, and
 * the storage must know that first, so the file is kept in `formsFolder` until the job has ended; then it is deleted.
 */
export async function withFormFile<T>(
  request: IncomingMessage,
  { maxBytes, formsFolder, signal }: { maxBytes: number; formsFolder: string; signal: AbortSignal },
  job: (file: FormFile) => Promise<T>,
): Promise<T> {
  await createOwnFolder(formsFolder).catch(rejectAsFault);
  const folder = await mkdtemp(join(formsFolder, 'form-')).catch(rejectAsFault);
  try {
    return await job(await receive(request, join(folder, 'file'), maxBytes, signal));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function receive(request: IncomingMessage, path: string, maxBytes: number, signal: AbortSignal): Promise<FormFile> {
  let stored: Promise<FormFile> | undefined;
  const form = parserOf(request, maxBytes);
  const failed = new AbortController();
  form.on('file', (_field: string, stream: Readable & { truncated?: boolean }, fileName: string, _encoding: string, mimeType: string) => {
    const sink = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    stored = pipeline(stream, sink, { signal }).then(() => {
      if (stream.truncated) throw fileTooLarge(maxBytes);
      return { path, sizeBytes: sink.bytesWritten, fileName, mimeType };
    });
    stored.catch((error: unknown) => failed.abort(error));
  });
  try {
    await pipeline(detachedBody(request), form, { signal: AbortSignal.any([signal, failed.signal]) });
  } catch (cause) {
    await stored?.catch(() => undefined);
    if (failed.signal.aborted) throw failed.signal.reason;
    if (signal.aborted) throw signal.reason;
    throw badForm(cause);
  }
  if (!stored) throw badForm();
  return await stored;
}

function parserOf(request: IncomingMessage, maxBytes: number): BusboyInstance {
  try {
    const limits = { files: 1, fields: 0, parts: 1, headerPairs: 10, fileSize: maxBytes };
    return new Busboy({ headers: request.headers as BusboyHeaders, limits });
  } catch (cause) {
    throw badForm(cause);
  }
}

function rejectAsFault(error: unknown): never {
  throw storageFault(error);
}

const badForm = (cause?: unknown) =>
  new AppError('invalid', 'upload/bad-form', 'The body must be a form (multipart/form-data) with one file.', { cause });
