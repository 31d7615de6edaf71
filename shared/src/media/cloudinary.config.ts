import { Env, type ConfigWithChecks } from '../config/index.js';

/** An account of Cloudinary. */
export class CloudinaryConfig implements ConfigWithChecks {
  @Env({
    name: 'CLOUDINARY_CLOUD_NAME',
    type: 'string',
    optional: true,
    description: 'Cloud name of a Cloudinary account; empty: files are not at Cloudinary',
  })
  cloudName?: string;

  @Env({ name: 'CLOUDINARY_API_KEY', type: 'string', optional: true, description: 'API key of the account' })
  apiKey?: string;

  @Env({ name: 'CLOUDINARY_API_SECRET', type: 'secret', optional: true, description: 'API secret of the account' })
  apiSecret?: string;

  @Env({
    name: 'CLOUDINARY_UPLOAD_PREFIX',
    type: 'url',
    default: 'https://api.cloudinary.com',
    description: 'URL of the API of Cloudinary, such as https://api-eu.cloudinary.com for an account in Europe; clients upload to it',
  })
  uploadPrefix: string;

  @Env({
    name: 'CLOUDINARY_DELIVERY_URL',
    type: 'url',
    default: 'https://res.cloudinary.com',
    description: 'URL from which Cloudinary delivers the files of the account',
  })
  deliveryUrl: string;

  @Env({
    name: 'CLOUDINARY_NOTIFICATION_URL',
    type: 'url',
    optional: true,
    description:
      'Address at which Cloudinary reaches the gateway, to tell of files that clients have sent: scheme and host only. Empty: PUBLIC_URL if it is https, otherwise Cloudinary tells of none, and files that are too large are deleted later',
  })
  notificationUrl?: string;

  validate(): string[] {
    const set = [this.cloudName, this.apiKey, this.apiSecret].filter((value) => value !== undefined);
    return set.length === 0 || set.length === 3
      ? []
      : ['CLOUDINARY_CLOUD_NAME, CLOUDINARY_API_KEY and CLOUDINARY_API_SECRET must be set together'];
  }
}
