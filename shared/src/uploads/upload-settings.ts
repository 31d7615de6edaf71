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

  constructor(parts: Omit<UploadSettings, never>) {
    this.folder = parts.folder;
    this.purposes = parts.purposes;
    this.config = parts.config;
    this.storage = parts.storage;
    this.urls = parts.urls;
  }
}
