import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { toBase32 } from './base32.js';

/*
 * Time-based one-time passwords (RFC 6238) as every authenticator app has them: SHA-1, six digits, a new code each 30 seconds.
 */

const STEP_SECONDS = 30;
const DIGITS = 6;
/** 160 bits, as RFC 4226 recommends. */
const SECRET_BYTES = 20;

export function newTotpSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** The 30 seconds that a moment belongs to. */
export function stepAt(timeMs: number): number {
  return Math.floor(timeMs / 1000 / STEP_SECONDS);
}

export function codeOfStep(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const offset = digest.at(-1)! & 15;
  const number = (digest.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** DIGITS;
  return String(number).padStart(DIGITS, '0');
}

/**
 * The step whose code this is: that of `timeMs` or at most `toleratedSteps` away from it, and newer than the last one that was used. Null:
 * the code is wrong or spent.
 */
export function stepOfCode(
  secret: Buffer,
  code: string,
  { timeMs, lastUsedStep, toleratedSteps }: { timeMs: number; lastUsedStep: number; toleratedSteps: number },
): number | null {
  const now = stepAt(timeMs);
  let found: number | null = null;
  // Every step is looked at, so that the time does not tell which it was.
  for (let step = now - toleratedSteps; step <= now + toleratedSteps; step += 1) {
    if (isSame(codeOfStep(secret, step), code) && step > lastUsedStep) found = step;
  }
  return found;
}

/** What an authenticator app reads from a QR code: https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export function otpauthUrlOf(secret: Buffer, { issuer, account }: { issuer: string; account: string }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  // Not URLSearchParams: the apps take its + for a plus sign.
  return `otpauth://totp/${label}?secret=${toBase32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_SECONDS}`;
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
