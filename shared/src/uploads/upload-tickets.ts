import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findDeletedUsers } from '../consumer/index.js';
import type { CreateUploadRequest, UploadTicket } from '../contracts/index.js';
import { newId } from '../database/index.js';
import { AppError } from '../errors/index.js';
import { checkStatedType, fileTooLarge, type FileTypeName } from '../media/index.js';
import { PURPOSE_KINDS } from './purpose-kinds.js';
import { reserve } from './upload-quota.js';
import { receivedFile } from './upload.js';
import { UploadSettings } from './upload-settings.js';

/** Of every upload, whatever its type: the storage sees nothing of the client. */
const UPLOAD_CONTENT_TYPE = 'application/octet-stream';

/** Step 1 of an upload: a ticket that says where and how the client sends the file. */
@Injectable()
export class UploadTickets {
  constructor(
    @Inject(UploadSettings) private readonly settings: UploadSettings,
    @Inject(DataSource) private readonly dataSource: DataSource,
  ) {}

  /** The ticket may be used until it expires, also again after a transfer that failed. `direct: false`: the client sends the file to this service. */
  async create(ownerId: string, request: CreateUploadRequest, { direct = true } = {}): Promise<UploadTicket> {
    const mimeType = this.#check(request);
    const { config, folder, storage, urls } = this.settings;
    const { fileName, purpose, kind, sizeBytes } = request;
    const id = newId();
    const createdAt = new Date();
    const expiresAt = new Date(createdAt.getTime() + config.ticketSeconds * 1000);
    await this.dataSource.transaction(async (manager) => {
      if ((await findDeletedUsers(manager, [ownerId])).size > 0)
        throw new AppError('not-found', 'user/not-found', 'There is no such user.');
      await reserve(manager, ownerId, sizeBytes, config);
      await manager.query(
        `insert into uploads (id, owner_id, purpose, kind, file_name, mime_type, size_bytes, reserved_bytes, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)`,
        [id, ownerId, purpose, kind, fileName, mimeType, sizeBytes, createdAt, expiresAt],
      );
    });
    const ticket = { uploadId: id, expiresAt: expiresAt.toISOString() };
    const file = receivedFile(folder, { id, ownerId, kind });
    const upload =
      direct && config.storage.directUploads
        ? await storage.createDirectUpload(file, { sizeBytes, mimeType, expiresAt, notificationUrl: this.settings.notificationUrl })
        : null;
    if (upload) return { ...ticket, ...upload, headers: {} };
    return { ...ticket, url: urls.uploadUrl(id, expiresAt), method: 'PUT', headers: { 'content-type': UPLOAD_CONTENT_TYPE }, fields: {} };
  }

  /** What can be known before the file is there. The type, by its name in the table of types. */
  #check({ purpose, kind, fileName, mimeType, sizeBytes }: CreateUploadRequest): FileTypeName {
    if (!this.settings.purposes.includes(purpose))
      throw new AppError('not-configured', 'upload/purpose', `Files for ${purpose} cannot be uploaded here.`);
    if (!PURPOSE_KINDS[purpose].includes(kind))
      throw new AppError('invalid', 'file/wrong-type', `A file for ${purpose} must be of the kind ${PURPOSE_KINDS[purpose].join(' or ')}.`);
    const { types, maxBytes } = this.settings.config.kinds.limitsOf(kind);
    const type = checkStatedType({ kind, mimeType, fileName }, types);
    if (sizeBytes > maxBytes) throw fileTooLarge(maxBytes);
    return type;
  }
}
