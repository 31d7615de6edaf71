import { Env, type ConfigWithChecks } from '../config/index.js';

/** A bucket of Amazon S3, or of a server with the same protocol. */
export class S3Config implements ConfigWithChecks {
  @Env({ name: 'S3_BUCKET', type: 'string', optional: true, description: 'Bucket for files; empty: files are not in S3' })
  bucket?: string;

  @Env({ name: 'S3_REGION', type: 'string', default: 'us-east-1', description: 'Region of the bucket' })
  region: string;

  @Env({
    name: 'S3_ENDPOINT',
    type: 'url',
    optional: true,
    description: 'URL of a server with the protocol of S3, such as MinIO; clients upload to it. Empty: Amazon S3',
  })
  endpoint?: string;

  @Env({
    name: 'S3_PATH_STYLE',
    type: 'boolean',
    optional: true,
    description: 'Whether URLs have the bucket in the path, not in the name of the host; empty: yes, if S3_ENDPOINT is set',
  })
  pathStyle?: boolean;

  @Env({
    name: 'S3_ACCESS_KEY_ID',
    type: 'string',
    optional: true,
    description:
      'Access key that may put, get and delete the objects of the bucket; empty: the credentials that the AWS SDK finds, such as the role of the machine',
  })
  accessKeyId?: string;

  @Env({ name: 'S3_SECRET_ACCESS_KEY', type: 'secret', optional: true, description: 'Secret of S3_ACCESS_KEY_ID' })
  secretAccessKey?: string;

  validate(): string[] {
    return (this.accessKeyId === undefined) === (this.secretAccessKey === undefined)
      ? []
      : ['S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together'];
  }
}
