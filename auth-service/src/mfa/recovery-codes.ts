import { randomBytes } from 'node:crypto';
import { canonicalCode } from '@chat/shared/http';
import { hashOf } from '../secrets/one-time-secrets.js';
import { toBase32 } from './totp.js';

export const RECOVERY_CODES = 10;
/** 120 bits: too many to guess, so a plain hash is enough, and attempts need no throttle. */
const CODE_BYTES = 15;
const LENGTH = 24;

/** `XXXXXX-XXXXXX-XXXXXX-XXXXXX`, letters A–Z and digits 2–7. */
export function newRecoveryCode(): string {
  return toBase32(randomBytes(CODE_BYTES)).match(/.{6}/g)!.join('-');
}

/** The stored form of a recovery code, however it is spelled; null for a text that cannot be one. */
export function hashOfRecoveryCode(text: string): Buffer | null {
  const code = canonicalCode(text);
  return code?.length === LENGTH ? hashOf(code) : null;
}
