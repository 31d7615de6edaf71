import { createHash, timingSafeEqual } from 'node:crypto';

/** Of a notification: the headers X-Cld-Timestamp (Unix time in seconds) and X-Cld-Signature (hexadecimal). */
export interface NotificationHeaders {
  timestamp: string;
  signature: string;
}

/** Cloudinary sends a notification again for some time when it was not accepted; its SDKs accept one of two hours. */
const MAX_AGE_SECONDS = 7200;
const MAX_CLOCK_DIFFERENCE_SECONDS = 300;
/** An account signs with SHA-1, or with SHA-256 if it was set so. The length of the signature says which. */
const ALGORITHMS: Record<number, string> = { 40: 'sha1', 64: 'sha256' };

/**
 * Whether Cloudinary has sent this body at this time: the signature is the digest of the body as it arrived, the timestamp and the secret of the account
 * (https://cloudinary.com/documentation/notification_signatures).
 */
export function isFromCloudinary(
  body: Buffer,
  { timestamp, signature }: NotificationHeaders,
  apiSecret: string,
  now = Date.now(),
): boolean {
  const algorithm = ALGORITHMS[signature.length];
  if (algorithm === undefined || !/^[0-9a-f]+$/.test(signature) || !/^\d{1,12}$/.test(timestamp)) return false;
  const ageSeconds = now / 1000 - Number(timestamp);
  if (ageSeconds > MAX_AGE_SECONDS || ageSeconds < -MAX_CLOCK_DIFFERENCE_SECONDS) return false;
  const expected = createHash(algorithm).update(body).update(timestamp).update(apiSecret).digest();
  return timingSafeEqual(Buffer.from(signature, 'hex'), expected);
}

/** An upload of which a notification tells. */
export interface NotifiedUpload {
  publicId: string;
  resourceType: 'image' | 'video' | 'raw';
  bytes: number;
}

/** The upload of a notification; null if it tells of something else, or of a file that is not delivered with signatures, as ours are. */
export function notifiedUpload(body: Buffer): NotifiedUpload | null {
  let notification: Record<string, unknown>;
  try {
    notification = JSON.parse(body.toString('utf8')) ?? {};
  } catch {
    return null;
  }
  const { notification_type, public_id, resource_type, type, bytes } = notification;
  if (notification_type !== 'upload' || type !== 'authenticated' || typeof public_id !== 'string' || typeof bytes !== 'number') return null;
  if (resource_type !== 'image' && resource_type !== 'video' && resource_type !== 'raw') return null;
  return { publicId: public_id, resourceType: resource_type, bytes };
}
