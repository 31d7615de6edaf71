import { join } from 'node:path';
import type { UploadPurpose } from '../contracts/index.js';
import type { FileUrls, MediaStorage } from '../media/index.js';
import type { UploadsConfig } from './uploads.config.js';

/** What the parts of the uploads of one service share. */
export class UploadSettings {
  /** The folder of the service in the storage, and the name of its files in URLs. */
  readonly folder: string;
  /** The purposes for which this service accepts uploads. */
  readonly purposes: readonly UploadPurpose[];
  readonly config: UploadsConfig;
  readonly storage: MediaStorage;
  readonly urls: FileUrls;
  /**
   * What a client needs to read a file. With `signed URL`, the URLs of the files have a signature, and SignedFilesController delivers them. With `token`, they
   * have none: a controller of the service checks the user at every reading.
   */
  readonly readWith: 'signed URL' | 'token';

  constructor(parts: Omit<UploadSettings, 'formsFolder' | 'notificationUrl'>) {
    this.folder = parts.folder;
    this.purposes = parts.purposes;
    this.config = parts.config;
    this.storage = parts.storage;
    this.urls = parts.urls;
    this.readWith = parts.readWith;
  }

  /** Where Cloudinary tells of uploads; undefined if it does not reach the gateway. */
  get notificationUrl(): string | undefined {
    const { publicUrl, storage } = this.config;
    const gateway = storage.cloudinary.notificationUrl ?? (publicUrl.startsWith('https:') ? publicUrl : undefined);
    return gateway && this.urls.notificationUrl(gateway.replace(/\/+$/, ''));
  }

  /** Where the file of a form is while it is received. Not in memory, as the folders for temporary files of containers are. */
  get formsFolder(): string {
    return join(this.config.storage.directory, this.folder, 'forms');
  }
}
