import { Env, Section, type ConfigWithChecks } from '../config/index.js';
import { CloudinaryConfig } from './cloudinary.config.js';
import { S3Config } from './s3.config.js';

/** Where files are kept: at Cloudinary if there are credentials, in S3 if there is a bucket, otherwise on disk. */
export class MediaStorageConfig implements ConfigWithChecks {
  @Env({
    name: 'FILES_DIR',
    type: 'string',
    default: '.data/files',
    description:
      'Directory for files if they are neither at Cloudinary nor in S3; each service has a folder of its own in it. All instances of a service must share it',
  })
  directory: string;

  @Env({
    name: 'FILES_DIRECT_UPLOADS',
    type: 'boolean',
    default: true,
    description: 'Whether clients send files to Cloudinary or S3 themselves; false: through the gateway, as with files on disk',
  })
  directUploads: boolean;

  @Section(CloudinaryConfig)
  cloudinary: CloudinaryConfig;

  @Section(S3Config)
  s3: S3Config;

  validate(): string[] {
    return this.cloudinary.cloudName !== undefined && this.s3.bucket !== undefined
      ? ['CLOUDINARY_CLOUD_NAME and S3_BUCKET exclude each other: files have one storage']
      : [];
  }
}
