import { v2 as cloudinary } from 'cloudinary';
import type { MediaKind } from '../contracts/index.js';
import type { DirectUpload, StoredFile } from './media-storage.js';
import { checkedKey } from './storage-key.js';

/** An account, as the SDK names its parts. */
export interface CloudinaryAccount {
  cloud_name: string;
  api_key: string;
  api_secret: string;
  /** Without a slash at its end. */
  upload_prefix: string;
}

type ResourceType = 'image' | 'video' | 'raw';

/** Cloudinary keeps audio among the videos, and any other file unread. */
export const RESOURCE_TYPES: Record<MediaKind, ResourceType> = {
  IMAGE: 'image',
  VIDEO: 'video',
  AUDIO: 'video',
  VOICE_MESSAGE: 'video',
  DOCUMENT: 'raw',
};
/** What Cloudinary accepts in a signed upload, as it names formats. Documents have no format: completeUpload checks them, as all files. */
const ALLOWED_FORMATS: Record<ResourceType, string | undefined> = {
  image: 'jpg,png,gif,webp,avif',
  video: 'mp4,mov,webm,mp3,m4a,aac,ogg,wav,flac',
  raw: undefined,
};
/** Only with a signature of ours does Cloudinary deliver such a file. */
export const DELIVERY_TYPE = 'authenticated';
/** For this time after its timestamp, Cloudinary accepts a signature. */
const SIGNATURE_SECONDS = 3600;

/**
 * The signature of a direct upload covers the folder of the owner, the name, the accepted formats and the expiry, and refuses a second file of
 * this name. Cloudinary has no parameter for the size of a file: it stores what the account allows, and tells of it at `notificationUrl`; what is too
 * large is deleted then, or when the upload is completed.
 */
export function signedUpload(
  account: CloudinaryAccount,
  { key, kind }: StoredFile,
  expiresAt: Date,
  notificationUrl?: string,
): DirectUpload {
  const resourceType = RESOURCE_TYPES[kind];
  // The signature ends with the ticket: Cloudinary reckons from the timestamp.
  const timestamp = Math.floor(expiresAt.getTime() / 1000) - SIGNATURE_SECONDS;
  const allowedFormats = ALLOWED_FORMATS[resourceType];
  const signed: Record<string, string> = {
    ...(allowedFormats ? { allowed_formats: allowedFormats } : {}),
    ...(notificationUrl === undefined ? {} : { notification_url: notificationUrl }),
    overwrite: 'false',
    public_id: checkedKey(key),
    timestamp: String(timestamp),
    type: DELIVERY_TYPE,
  };
  const { cloud_name, api_key, api_secret, upload_prefix } = account;
  const signature = cloudinary.utils.api_sign_request(signed, api_secret);
  return {
    url: `${upload_prefix}/v1_1/${encodeURIComponent(cloud_name)}/${resourceType}/upload`,
    method: 'POST',
    fields: { ...signed, api_key, signature },
  };
}

/** Where Cloudinary delivers the file. The URL does not expire, so only this service has it. */
export function signedDeliveryUrl(account: CloudinaryAccount, { key, kind }: StoredFile, deliveryUrl: string): string {
  const { cloud_name, api_secret } = account;
  const url = cloudinary.utils.url(checkedKey(key), {
    cloud_name,
    api_secret,
    resource_type: RESOURCE_TYPES[kind],
    type: DELIVERY_TYPE,
    sign_url: true,
    long_url_signature: true,
    secure: true,
    analytics: false,
  });
  return deliveryUrl.replace(/\/+$/, '') + new URL(url).pathname;
}
