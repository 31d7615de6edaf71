import { randomBytes } from 'node:crypto';
import { hashOf } from '../secrets/one-time-secrets.js';
import { toBase32 } from './totp.js';

export const RECOVERY_CODES = 10;
/** 120 bits: too many to be guessed, so a plain hash is enough and tries need no slowing. */
const CODE_BYTES = 15;
const LENGTH = 24;

/** `XXXXXX-XXXXXX-XXXXXX-XXXXXX`, letters A–Z and digits 2–7. */
export function newRecoveryCode(): string {
  return toBase32(randomBytes(CODE_BYTES)).match(/.{6}/g)!.join('-');
}

/** What is stored of a code. Null: this cannot be one. Case, white space and dashes are as the person likes. */
export function hashOfRecoveryCode(text: string): Buffer | null {
  const code = text.replace(/[\s-]/g, '').toUpperCase();
  if (code.length !== LENGTH) return null;
  return hashOf(code);
}
