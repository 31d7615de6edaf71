import { createHash, createHmac, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** 256 random bits, 43 characters. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** The form in which a secret is stored. It is random, so one round is enough. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Nonce and verifier of an attempt are derived from its state, so the database alone cannot finish a sign-in. */
export function derivedFrom(state: string, purpose: 'nonce' | 'code-verifier', key: Buffer): string {
  return createHmac('sha256', key).update(`${purpose}:${state}`).digest('base64url');
}
