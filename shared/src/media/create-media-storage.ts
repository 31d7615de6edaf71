import { join } from 'node:path';
import type { Log } from '../observability/index.js';
import { DiskStorage } from './disk-storage.js';
import type { MediaStorage } from './media-storage.js';
import type { MediaStorageConfig } from './media-storage.config.js';

/**
 * The storage that the configuration names, and a log line that says which. `folder`: that of the service on disk. The SDKs of the
 * providers are loaded only if they are used.
 */
export async function createMediaStorage(config: MediaStorageConfig, folder: string, logger: Log): Promise<MediaStorage> {
  const { cloudinary, s3, directory } = config;
  if (cloudinary.cloudName !== undefined) {
    const { CloudinaryStorage } = await import('./cloudinary-storage.js');
    logger.info({ cloudName: cloudinary.cloudName }, 'files are at Cloudinary');
    return new CloudinaryStorage(cloudinary);
  }
  if (s3.bucket !== undefined) {
    const { S3Storage } = await import('./s3-storage.js');
    logger.info({ bucket: s3.bucket, endpoint: s3.endpoint }, 'files are in S3');
    return new S3Storage(s3);
  }
  const path = join(directory, folder);
  logger.info({ directory: path }, 'files are on disk: there are neither CLOUDINARY_ credentials nor S3_BUCKET');
  return new DiskStorage(path);
}
