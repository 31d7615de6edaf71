import { Inject, Injectable } from '@nestjs/common';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DataSource } from 'typeorm';
import { FairQueue } from '../async/index.js';
import { AppError } from '../errors/index.js';
import { checkImageType, withExtension, fileTooLarge, fileTooShort, processImage, THUMBNAIL_TYPE } from '../media/index.js';
import { type Log, LOGGER } from '../observability/index.js';
import { deleteFiles, removeUploads } from './upload-removal.js';
import { filesOf, receivedFile, THUMBNAILS, type Upload, variantFile, type Variant } from './upload.js';
import { UploadCleanup } from './upload-cleanup.js';
import { UploadSettings } from './upload-settings.js';
import { beginCheck, type CheckedFile, endCheck, findUpload, markReady } from './upload-store.js';
import { beingChecked, imagesBusy, notReceived, uploadNotFound } from './uploads.errors.js';

const MAX_WAITING = 100;
const MAX_WAITING_PER_OWNER = 10;

/**
 * Step 3 of an upload: what arrived is checked and made usable. Images are decoded by few threads in turn for each user, so that one user
 * delays others by one image at most.
 */
@Injectable()
export class UploadCompletion {
  readonly #images: FairQueue;

  constructor(
    @Inject(UploadSettings) private readonly settings: UploadSettings,
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(UploadCleanup) private readonly cleanup: UploadCleanup,
    @Inject(LOGGER) private readonly logger: Log,
  ) {
    const limits = { concurrency: settings.config.imageWorkers, maxWaiting: MAX_WAITING, maxWaitingPerKey: MAX_WAITING_PER_OWNER };
    this.#images = new FairQueue({ ...limits, full: imagesBusy });
  }

  /** The checked upload. A repeated call returns it again. A file that is refused is deleted, and its ticket is used up. */
  async complete(ownerId: string, uploadId: string): Promise<Upload> {
    const upload = await beginCheck(this.dataSource, uploadId, ownerId);
    if (!upload) return this.#completedBefore(ownerId, uploadId);
    try {
      const file = await this.#images.run(ownerId, () => this.#check(upload));
      return await this.#finish(upload, file);
    } catch (error) {
      await this.#giveUp(upload, error);
      throw error;
    }
  }

  async #completedBefore(ownerId: string, uploadId: string): Promise<Upload> {
    const upload = await findUpload(this.dataSource, uploadId);
    if (!upload || upload.ownerId !== ownerId) throw uploadNotFound();
    if (upload.state === 'open') throw beingChecked();
    return upload;
  }

  async #check(upload: Upload): Promise<CheckedFile> {
    const { config, folder, storage } = this.settings;
    const received = receivedFile(folder, upload);
    const size = await storage.sizeOf(received);
    if (size === null) throw notReceived();
    if (size > upload.sizeBytes) throw fileTooLarge(upload.sizeBytes);
    if (size < upload.sizeBytes) throw fileTooShort(upload.sizeBytes, size);
    checkImageType(upload.mimeType, upload.fileName);
    // No more than the size, although a direct upload may replace the file meanwhile.
    const content = await buffer(await storage.read(received, { start: 0, end: size - 1 }));
    const image = await processImage(content, upload.mimeType, config.maxPixels);
    const write = (variant: Variant, bytes: Buffer, mimeType: string) =>
      storage.write(variantFile(folder, upload, variant), Readable.from([bytes]), { sizeBytes: bytes.length, mimeType });
    await write('original', image.content, image.mimeType);
    for (const size of THUMBNAILS) await write(size, image.thumbnails[size], THUMBNAIL_TYPE);
    const { mimeType, width, height } = image;
    const storedBytes = THUMBNAILS.reduce((sum, size) => sum + image.thumbnails[size].length, image.content.length);
    const fileName = mimeType === upload.mimeType ? upload.fileName : withExtension(upload.fileName, mimeType);
    return { mimeType, fileName, sizeBytes: image.content.length, storedBytes, width, height, durationSeconds: null };
  }

  async #finish(upload: Upload, file: CheckedFile): Promise<Upload> {
    const { folder } = this.settings;
    const ready = await this.dataSource.transaction(async (manager) => {
      const marked = await markReady(manager, upload.id, file);
      // The original with its metadata, such as the place where a picture was taken.
      if (marked) await deleteFiles(manager, [receivedFile(folder, upload)]);
      return marked;
    });
    this.cleanup.wake();
    if (ready) return ready;
    const current = await findUpload(this.dataSource, upload.id);
    if (current) return current;
    await deleteFiles(this.dataSource, filesOf(folder, upload));
    this.cleanup.wake();
    throw uploadNotFound();
  }

  /** A refused file is deleted; after an outside fault, the client may complete the upload again. */
  async #giveUp(upload: Upload, error: unknown): Promise<void> {
    const isRefused = error instanceof AppError && ['invalid', 'too-large'].includes(error.kind) && error.code !== 'upload/not-received';
    try {
      if (!isRefused) return await endCheck(this.dataSource, upload.id);
      await this.dataSource.transaction((manager) => removeUploads(manager, this.settings.folder, [upload.id]));
      this.cleanup.wake();
    } catch (cause) {
      // The check ends by itself after its time, and the cleanup job removes the upload.
      this.logger.warn({ error: cause, uploadId: upload.id }, 'an upload that failed could not be given up');
    }
  }
}
