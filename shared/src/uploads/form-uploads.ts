import { Inject, Injectable } from '@nestjs/common';
import { createReadStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { DataSource } from 'typeorm';
import type { MediaKind, UploadPurpose } from '../contracts/index.js';
import { newId } from '../database/index.js';
import { AppError } from '../errors/index.js';
import { isFileName, typeInForm } from '../media/index.js';
import { type FormFile, withFormFile } from './form-file.js';
import { Transfers } from './transfers.js';
import { UploadCompletion } from './upload-completion.js';
import { UploadReceiver } from './upload-receiver.js';
import type { Upload } from './upload.js';
import { UploadSettings } from './upload-settings.js';
import { findUpload } from './upload-store.js';
import { UploadTickets } from './upload-tickets.js';
import { uploadNotFound } from './uploads.errors.js';

/** What the file of a form is, and what it is for. */
export interface FormFileUse {
  purpose: UploadPurpose;
  kind: MediaKind;
}

/** The three steps of an upload in one request: a form with a file, as browsers send it. The same limits and checks apply. */
@Injectable()
export class FormUploads {
  constructor(
    @Inject(UploadSettings) private readonly settings: UploadSettings,
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(Transfers) private readonly transfers: Transfers,
    @Inject(UploadTickets) private readonly tickets: UploadTickets,
    @Inject(UploadReceiver) private readonly receiver: UploadReceiver,
    @Inject(UploadCompletion) private readonly completion: UploadCompletion,
  ) {}

  /** A completed upload, which the calling code attaches. */
  async store(ownerId: string, use: FormFileUse, request: IncomingMessage): Promise<Upload> {
    const { maxBytes } = this.settings.config.kinds.limitsOf(use.kind);
    const uploadId = await this.transfers.run(newId(), ownerId, (signal) =>
      withFormFile(request, { maxBytes, formsFolder: this.settings.formsFolder, signal }, (file) =>
        this.#store(ownerId, use, file, signal),
      ),
    );
    return this.completion.complete(ownerId, uploadId);
  }

  async #store(ownerId: string, { purpose, kind }: FormFileUse, file: FormFile, signal: AbortSignal): Promise<string> {
    const { fileName, sizeBytes, path } = file;
    const mimeType = typeInForm(file.mimeType, fileName, this.settings.config.kinds.limitsOf(kind).types);
    if (!isFileName(fileName)) throw new AppError('invalid', 'file/name', 'The name of the file is not allowed.');
    if (sizeBytes === 0) throw new AppError('invalid', 'file/incomplete', 'The file is empty.');
    const { uploadId } = await this.tickets.create(ownerId, { purpose, kind, fileName, mimeType, sizeBytes }, { direct: false });
    const upload = await findUpload(this.dataSource, uploadId);
    if (!upload) throw uploadNotFound();
    await this.receiver.store(upload, createReadStream(path), signal);
    return uploadId;
  }
}
