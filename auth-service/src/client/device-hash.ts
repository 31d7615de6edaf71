import { createHash } from 'node:crypto';
import type { ClientDetails } from './client-details.js';

/** Tells devices apart by user agent and device id together; where they are used from makes no difference. */
export function deviceHashOf({ userAgent, deviceId }: ClientDetails): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([userAgent, deviceId]))
    .digest();
}
