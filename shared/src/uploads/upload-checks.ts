import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AppError } from '../errors/index.js';
import {
  checkContent,
  checkStatedType,
  fileTooLarge,
  fileTooShort,
  type ImageType,
  type inspectMedia,
  isMediaType,
  processImage,
  StoredContent,
  THUMBNAIL_TYPE,
  UNKNOWN_FACTS,
  withExtension,
} from '../media/index.js';
import { receivedFile, THUMBNAILS, type Upload, variantFile, type Variant } from './upload.js';
import type { UploadScans } from './upload-scans.js';
import type { UploadSettings } from './upload-settings.js';
import type { CheckedFile, UploadInCheck } from './upload-store.js';
import { checksBusy, notReceived } from './uploads.errors.js';

/** Reads containers, a few at a time. */
export type Inspect = typeof inspectMedia;

/** The time of a check that must be left when it begins: longer than the storage takes to move a file. */
const LEAST_CHECK_MS = 30_000;

/** An image is read once, decoded and encoded again, and stored under keys that no upload of a client leads to. */
export async function checkImage({ config, folder, storage }: UploadSettings, scans: UploadScans, upload: Upload): Promise<CheckedFile> {
  const type = checkStatedType(upload, config.kinds.limitsOf(upload.kind).types) as ImageType;
  const received = receivedFile(folder, upload);
  const size = await storage.sizeOf(received);
  checkSize(size, upload);
  // No more than the size, although a direct upload may replace the file meanwhile.
  const content = await buffer(await storage.read(received, { start: 0, end: size - 1 }));
  await scans.check(upload, {
    open: async () => Readable.from([content]),
    keepAs: (file) => storage.write(file, Readable.from([content]), { sizeBytes: size, mimeType: 'application/octet-stream' }),
  });
  const image = await processImage(content, type, config.maxPixels);
  const write = (variant: Variant, bytes: Buffer, mimeType: string) =>
    storage.write(variantFile(folder, upload, variant), Readable.from([bytes]), { sizeBytes: bytes.length, mimeType });
  await write('original', image.content, image.mimeType);
  for (const size of THUMBNAILS) await write(size, image.thumbnails[size], THUMBNAIL_TYPE);
  const { mimeType, width, height } = image;
  const storedBytes = THUMBNAILS.reduce((sum, size) => sum + image.thumbnails[size].length, image.content.length);
  const fileName = mimeType === upload.mimeType ? upload.fileName : withExtension(upload.fileName, mimeType);
  return { mimeType, fileName, sizeBytes: image.content.length, storedBytes, width, height, durationSeconds: null, waveform: null };
}

/**
 * Any other file is delivered as it is. So it is moved first, to a key that no upload of a client leads to, and checked there, in parts. Only
 * the request that `markReady` accepts makes it readable, so what another one moves there later is not delivered.
 */
export async function checkFile(
  { config, folder, storage }: UploadSettings,
  scans: UploadScans,
  inspect: Inspect,
  upload: UploadInCheck,
): Promise<CheckedFile> {
  if (upload.checkingUntil.getTime() - Date.now() < LEAST_CHECK_MS) throw checksBusy();
  const mimeType = checkStatedType(upload, config.kinds.limitsOf(upload.kind).types);
  const stored = variantFile(folder, upload, 'original');
  await storage.move(receivedFile(folder, upload), stored.key).catch(ifMissing);
  const sizeBytes = await storage.sizeOf(stored);
  checkSize(sizeBytes, upload);
  await scans.check(upload, {
    open: () => storage.read(stored, { start: 0, end: sizeBytes - 1 }),
    keepAs: (file) => storage.move(stored, file.key),
  });
  const content = new StoredContent(storage, stored, sizeBytes);
  await checkContent(content, mimeType);
  const facts = isMediaType(mimeType) ? await inspect(content, mimeType, upload.kind) : UNKNOWN_FACTS;
  const { fileName } = upload;
  return { mimeType, fileName, sizeBytes, storedBytes: sizeBytes, ...facts };
}

function checkSize(sizeBytes: number | null, upload: Upload): asserts sizeBytes is number {
  if (sizeBytes === null) throw notReceived();
  if (sizeBytes > upload.sizeBytes) throw fileTooLarge(upload.sizeBytes);
  if (sizeBytes < upload.sizeBytes) throw fileTooShort(upload.sizeBytes, sizeBytes);
}

/** A check that ended without a result has moved it before. If not, the file has not arrived, as its size says. */
function ifMissing(error: unknown): void {
  if (!(error instanceof AppError) || error.code !== 'file/not-found') throw error;
}
