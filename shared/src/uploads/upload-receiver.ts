import { Inject, Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { DataSource } from 'typeorm';
import { fileTooLarge, fileTooShort, type SignedQuery } from '../media/index.js';
import { Transfers } from './transfers.js';
import { deleteFiles } from './upload-removal.js';
import { receivedFile, type Upload } from './upload.js';
import { UploadCleanup } from './upload-cleanup.js';
import { UploadSettings } from './upload-settings.js';
import { findUpload } from './upload-store.js';
import { alreadyCompleted, lengthMissing, ticketExpired, uploadNotFound } from './uploads.errors.js';

/**
 * Step 2 of an upload, for files that pass through the gateway. The bytes go from the connection to the storage, as fast as the storage takes
 * them, so a transfer needs little memory. A transfer that is too slow, too long or too short, or breaks off, leaves nothing behind.
 */
@Injectable()
export class UploadReceiver {
  constructor(
    @Inject(UploadSettings) private readonly settings: UploadSettings,
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(UploadCleanup) private readonly cleanup: UploadCleanup,
    @Inject(Transfers) private readonly transfers: Transfers,
  ) {}

  /** `contentLength`: of the header. Resolves when the file is stored. */
  async receive(uploadId: string, query: SignedQuery, body: Readable, contentLength: string | undefined): Promise<void> {
    this.settings.urls.verify('upload', uploadId, query);
    const upload = await findUpload(this.dataSource, uploadId);
    if (!upload) throw uploadNotFound();
    if (upload.state !== 'open') throw alreadyCompleted();
    if (upload.expiresAt.getTime() <= Date.now()) throw ticketExpired();
    if (contentLength === undefined) throw lengthMissing();
    const length = Number(contentLength);
    if (length > upload.sizeBytes) throw fileTooLarge(upload.sizeBytes);
    if (length !== upload.sizeBytes) throw fileTooShort(upload.sizeBytes, length);
    await this.transfers.run(upload.id, upload.ownerId, (signal) => this.store(upload, body, signal));
  }

  /** Stores the bytes of an open upload. */
  async store(upload: Upload, body: Readable, signal: AbortSignal): Promise<void> {
    const file = receivedFile(this.settings.folder, upload);
    await this.settings.storage.write(file, body, upload, signal);
    // The upload may have been removed or completed meanwhile; nothing refers to these bytes then.
    const current = await findUpload(this.dataSource, upload.id);
    if (current?.state === 'open') return;
    await deleteFiles(this.dataSource, [file]);
    this.cleanup.wake();
    throw current ? alreadyCompleted() : uploadNotFound();
  }
}
