import { HOTP, Secret, TOTP } from 'otpauth';

/*
 * Time-based one-time passwords (RFC 6238) with the parameters that every authenticator app supports: SHA-1, six digits, 30 seconds.
 */

/** 160 bits, as RFC 4226 recommends. */
const SECRET_BYTES = 20;
const PARAMETERS = { algorithm: 'SHA1', digits: 6, period: 30 };
/** Checked first: `TOTP.validate` throws for six characters of more than one byte. */
const CODE = /^[0-9]{6}$/;

export function newTotpSecret(): Buffer {
  return Buffer.from(new Secret({ size: SECRET_BYTES }).bytes);
}

/** RFC 4648, without padding. */
export function toBase32(bytes: Buffer): string {
  return secretOf(bytes).base32;
}

/** The number of the 30-second step that contains this time. */
export function stepAt(timeMs: number): number {
  return TOTP.counter({ period: PARAMETERS.period, timestamp: timeMs });
}

export function codeOfStep(secret: Buffer, step: number): string {
  return HOTP.generate({ secret: secretOf(secret), counter: step, algorithm: PARAMETERS.algorithm, digits: PARAMETERS.digits });
}

/**
 * The step of this code: the one of `timeMs` or at most `toleratedSteps` before or after it, and newer than the last used one. Null if the code
 * is wrong or was used.
 */
export function stepOfCode(
  secret: Buffer,
  code: string,
  { timeMs, lastUsedStep, toleratedSteps }: { timeMs: number; lastUsedStep: number; toleratedSteps: number },
): number | null {
  if (!CODE.test(code)) return null;
  const delta = TOTP.validate({ ...PARAMETERS, secret: secretOf(secret), token: code, timestamp: timeMs, window: toleratedSteps });
  if (delta === null) return null;
  const step = stepAt(timeMs) + delta;
  return step > lastUsedStep ? step : null;
}

/** The content of the QR code for authenticator apps. */
export function otpauthUrlOf(secret: Buffer, { issuer, account }: { issuer: string; account: string }): string {
  return new TOTP({ ...PARAMETERS, secret: secretOf(secret), issuer, label: account }).toString();
}

/** A copy: a Buffer may be a part of a larger ArrayBuffer. */
function secretOf(bytes: Buffer): Secret {
  return new Secret({ buffer: Uint8Array.from(bytes).buffer });
}
