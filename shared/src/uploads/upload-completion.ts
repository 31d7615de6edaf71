import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FairQueue } from '../async/index.js';
import { AppError } from '../errors/index.js';
import { inspectMedia } from '../media/index.js';
import { type Log, LOGGER } from '../observability/index.js';
import { deleteFiles, deleteReceivedFiles, removeUploads } from './upload-removal.js';
import { filesOf, type Upload } from './upload.js';
import { checkFile, checkImage, type Inspect } from './upload-checks.js';
import { UploadCleanup } from './upload-cleanup.js';
import { UploadScans } from './upload-scans.js';
import { UploadSettings } from './upload-settings.js';
import { beginCheck, type CheckedFile, endCheck, findUpload, isInCheck, markReady, type UploadInCheck } from './upload-store.js';
import { beingChecked, checksBusy, uploadNotFound } from './uploads.errors.js';

const MAX_WAITING = 100;
const MAX_WAITING_PER_OWNER = 10;
/** Files other than images that a process checks at a time: these wait for the storage more than for a core. */
const FILE_CHECKS = 4;

/**
 * Step 3 of an upload: what arrived is checked and made usable. Images are decoded by few threads, and files of other kinds are read by few
 * checks, in turn for each user, so that one user delays others by one file at most.
 */
@Injectable()
export class UploadCompletion {
  /** Images, and the containers of videos and sound: what takes a core and much memory, so both are never done at the same time. */
  readonly #decoding: FairQueue;
  readonly #files: FairQueue;

  constructor(
    @Inject(UploadSettings) private readonly settings: UploadSettings,
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(UploadScans) private readonly scans: UploadScans,
    @Inject(UploadCleanup) private readonly cleanup: UploadCleanup,
    @Inject(LOGGER) private readonly logger: Log,
  ) {
    const limits = { maxWaiting: MAX_WAITING, maxWaitingPerKey: MAX_WAITING_PER_OWNER, full: checksBusy };
    this.#decoding = new FairQueue({ ...limits, concurrency: settings.config.imageWorkers });
    this.#files = new FairQueue({ ...limits, concurrency: FILE_CHECKS });
  }

  /** The checked upload. A repeated call returns it again. A file that is refused is deleted, and its ticket is used up. */
  async complete(ownerId: string, uploadId: string): Promise<Upload> {
    const upload = await beginCheck(this.dataSource, uploadId, ownerId);
    if (!upload) return this.#completedBefore(ownerId, uploadId);
    try {
      const file = await this.#check(upload);
      return await this.#finish(upload, file);
    } catch (error) {
      await this.#giveUp(upload, error);
      throw error;
    }
  }

  #check(upload: UploadInCheck): Promise<CheckedFile> {
    if (upload.kind === 'IMAGE') return this.#decoding.run(upload.ownerId, () => checkImage(this.settings, this.scans, upload));
    const inspect: Inspect = (...file) => this.#decoding.run(upload.ownerId, () => inspectMedia(...file));
    return this.#files.run(upload.ownerId, () => checkFile(this.settings, this.scans, inspect, upload));
  }

  async #completedBefore(ownerId: string, uploadId: string): Promise<Upload> {
    const upload = await findUpload(this.dataSource, uploadId);
    if (!upload || upload.ownerId !== ownerId) throw uploadNotFound();
    if (upload.state === 'open') throw beingChecked();
    return upload;
  }

  async #finish(upload: UploadInCheck, file: CheckedFile): Promise<Upload> {
    const { folder } = this.settings;
    const ready = await this.dataSource.transaction(async (manager) => {
      const marked = await markReady(manager, upload, file);
      // The original with its metadata, such as the place where a picture was taken.
      if (marked) await deleteReceivedFiles(manager, folder, [upload]);
      return marked;
    });
    this.cleanup.wake();
    if (ready) return ready;
    const current = await findUpload(this.dataSource, upload.id);
    if (current?.state === 'open') throw beingChecked();
    if (current) return current;
    await deleteFiles(this.dataSource, filesOf(folder, upload));
    this.cleanup.wake();
    throw uploadNotFound();
  }

  /** A refused file is deleted; after an outside fault, the client may complete the upload again. */
  async #giveUp(upload: UploadInCheck, error: unknown): Promise<void> {
    const isRefused = error instanceof AppError && ['invalid', 'too-large'].includes(error.kind) && error.code !== 'upload/not-received';
    try {
      if (!isRefused) return await endCheck(this.dataSource, upload);
      await this.dataSource.transaction(async (manager) => {
        if (await isInCheck(manager, upload)) await removeUploads(manager, this.settings.folder, [upload.id]);
      });
      this.cleanup.wake();
    } catch (cause) {
      // The check ends by itself after its time, and the cleanup job removes the upload.
      this.logger.warn({ error: cause, uploadId: upload.id }, 'an upload that failed could not be given up');
    }
  }
}
