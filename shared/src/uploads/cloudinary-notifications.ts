import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MediaKind } from '../contracts/index.js';
import { AppError } from '../errors/index.js';
import { isFromCloudinary, type NotificationHeaders, notifiedUpload, type NotifiedUpload, ownerAndFileOf } from '../media/index.js';
import { type Log, LOGGER } from '../observability/index.js';
import { UploadCleanup } from './upload-cleanup.js';
import { deleteFiles, removeUploads } from './upload-removal.js';
import { receivedFile } from './upload.js';
import { UploadSettings } from './upload-settings.js';
import { findUpload } from './upload-store.js';

const KINDS: Record<NotifiedUpload['resourceType'], MediaKind> = { image: 'IMAGE', video: 'VIDEO', raw: 'DOCUMENT' };

/**
 * Cloudinary tells of each file that a client has sent to it. It has no limit for the size of a signed upload, so a file that is larger than its
 * ticket says is deleted at once, with its ticket; so is one whose ticket was used or is gone. Any other file waits for `completeUpload`. What a
 * notification causes depends on the upload as it is now: repeating it, in whatever order, changes nothing more.
 */
@Injectable()
export class CloudinaryNotifications {
  constructor(
    @Inject(UploadSettings) private readonly settings: UploadSettings,
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(UploadCleanup) private readonly cleanup: UploadCleanup,
    @Inject(LOGGER) private readonly logger: Log,
  ) {}

  /** `body` as it arrived. FORBIDDEN if it is not from Cloudinary, or too old. */
  async receive(body: Buffer, headers: NotificationHeaders): Promise<void> {
    const { apiSecret } = this.settings.config.storage.cloudinary;
    if (apiSecret === undefined || !isFromCloudinary(body, headers, apiSecret))
      throw new AppError('forbidden', 'cloudinary/bad-signature', 'The signature of this notification is wrong, or too old.');
    const notified = notifiedUpload(body);
    const ids = notified && ownerAndFileOf(this.settings.folder, notified.publicId, 'received');
    if (!notified || !ids) return;
    const { ownerId, fileId: uploadId } = ids;
    const upload = await findUpload(this.dataSource, uploadId);
    if (upload?.state === 'open' && notified.bytes <= upload.sizeBytes) return;
    this.logger.info({ uploadId, bytes: notified.bytes, state: upload?.state ?? null }, 'a file that no ticket allows is deleted');
    if (upload?.state === 'open') await this.dataSource.transaction((manager) => removeUploads(manager, this.settings.folder, [uploadId]));
    else {
      const kind = upload?.kind ?? KINDS[notified.resourceType];
      await deleteFiles(this.dataSource, [receivedFile(this.settings.folder, { id: uploadId, ownerId, kind })]);
    }
    this.cleanup.wake();
  }
}
