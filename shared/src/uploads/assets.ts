import { Inject, Injectable } from '@nestjs/common';
import type { MediaAsset, UploadPurpose } from '../contracts/index.js';
import type { SqlRunner } from '../database/index.js';
import { removeUploads } from './upload-removal.js';
import type { Upload, Variant } from './upload.js';
import { UploadSettings } from './upload-settings.js';
import { findUpload, findUploads, markAttached } from './upload-store.js';
import { notCompleted, uploadNotFound, wrongPurpose } from './uploads.errors.js';

/** The files that a service uses: it attaches a completed upload to something of its own, and releases it later, each in its own transaction. */
@Injectable()
export class Assets {
  constructor(@Inject(UploadSettings) private readonly settings: UploadSettings) {}

  /** Throws unless this is a completed upload of the user for the purpose that is not used yet. */
  async attach(runner: SqlRunner, ownerId: string, uploadId: string, purpose: UploadPurpose): Promise<void> {
    const upload = await findUpload(runner, uploadId);
    if (!upload || upload.ownerId !== ownerId) throw uploadNotFound();
    if (upload.purpose !== purpose) throw wrongPurpose();
    if (upload.state === 'open') throw notCompleted();
    if (!(await markAttached(runner, uploadId, ownerId))) throw uploadNotFound();
  }

  /** The files are not used any more: they are deleted after the commit. */
  release(runner: SqlRunner, uploadIds: string[]): Promise<void> {
    return removeUploads(runner, this.settings.folder, uploadIds);
  }

  /** Deletes all files of a user that deleted the account. Call `recordDeletedUser` before, in the same transaction. */
  async releaseAllOf(runner: SqlRunner, ownerId: string): Promise<void> {
    const uploads = (await runner.query('select id from uploads where owner_id = $1', [ownerId])) as { id: string }[];
    await removeUploads(
      runner,
      this.settings.folder,
      uploads.map(({ id }) => id),
    );
    await runner.query('delete from upload_usage where owner_id = $1', [ownerId]);
  }

  /** The files with URLs for a client that may see them, by id. */
  async find(runner: SqlRunner, uploadIds: string[]): Promise<Map<string, MediaAsset>> {
    const uploads = await findUploads(runner, uploadIds);
    return new Map(uploads.map((upload) => [upload.id, this.describe(upload)]));
  }

  describe(upload: Upload): MediaAsset {
    const { urls, folder, readWith } = this.settings;
    const urlOf = (variant: Variant) => (readWith === 'token' ? urls.plainUrl(upload.id, variant) : urls.readUrl(upload.id, variant));
    const { id, kind, fileName, mimeType, sizeBytes, width, height, durationSeconds, waveform, createdAt } = upload;
    return {
      id,
      publicId: `${folder}/${id}`,
      url: urlOf('original'),
      type: kind,
      fileName,
      mimeType,
      sizeBytes,
      width,
      height,
      durationSeconds,
      waveform,
      thumbnailUrl: kind === 'IMAGE' ? urlOf('medium') : null,
      createdAt: createdAt.toISOString(),
    };
  }
}
